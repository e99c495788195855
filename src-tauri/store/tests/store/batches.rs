//! Batches as they are kept.

use desk_store::{BatchRow, StoreError};

use crate::{amount, tables};

pub fn batch(customer: &str, id: &str, confirmed: u32) -> BatchRow {
    BatchRow {
        id: id.to_owned(),
        customer: customer.to_owned(),
        action: "unsubscribe".to_owned(),
        channel: "api".to_owned(),
        currency: "USD".to_owned(),
        total: amount("10.50"),
        total_max: amount("12.00"),
        reason: "the project ends".to_owned(),
        authorisation: Some("T-1".to_owned()),
        items: tables::json(r#"[{"request":"r-1"}]"#),
        confirmed_at: tables::day(confirmed),
        entry_seq: i64::from(confirmed),
    }
}

#[test]
fn batches_are_kept_newest_first() {
    let (_dir, store) = tables::home();
    let rows = [batch("c1", "a", 1), batch("c2", "b", 2), batch("c1", "c", 3)];
    let kept = rows.clone();
    store.write(move |tx| kept.iter().try_for_each(|row| tx.batches().put(row))).unwrap();
    let ids = |rows: Vec<BatchRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    store
        .read(|r| {
            assert_eq!(r.batches().get("b")?.as_ref(), Some(&rows[1]));
            assert_eq!(r.batches().get("z")?, None);
            assert_eq!(ids(r.batches().list()?), ["c", "b", "a"]);
            assert_eq!(ids(r.batches().of_customer("c1")?), ["c", "a"]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let again = BatchRow { total: amount("11"), authorisation: None, ..rows[0].clone() };
    let put = again.clone();
    store.write(move |tx| tx.batches().put(&put)).unwrap();
    assert_eq!(store.read(|r| r.batches().get("a")).unwrap(), Some(again));
}
