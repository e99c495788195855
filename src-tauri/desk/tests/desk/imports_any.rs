//! Anything at all as a file: it is taken whole or not at all, and never ends the process.

use std::sync::OnceLock;

use desk::{ImportAsk, ImportKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use refund_rules::case::Site;

use crate::support::{Seat, cache_of, fixture_path};

const FILES: [&str; 6] = [
    "orders-en.csv",
    "orders-zh-gb18030.csv",
    "orders-faults.csv",
    "orders-tab-quoted-newline.csv",
    "bill-old.csv",
    "bill-v2-en.csv",
];

fn fixtures() -> &'static Vec<Vec<u8>> {
    static BYTES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    BYTES.get_or_init(|| FILES.map(|file| std::fs::read(fixture_path(file)).expect("a fixture")).to_vec())
}

/// A fixture with a few bytes put in the place of others.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop_oneof![any::<u8>(), select(b",;\t\"\r\n=(-.0".to_vec())];
    (any::<Index>(), vec((any::<Index>(), bytes), 1..8)).prop_map(|(file, changes)| {
        let mut bytes = fixtures()[file.index(FILES.len())].clone();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

/// Takes it and holds what must hold of any file.
fn check(bytes: &[u8], kind: Option<ImportKind>) -> Result<(), TestCaseError> {
    let mut seat = Seat::imported(Site::International);
    let ask = ImportAsk { kind, ..ImportAsk::new(seat.uid()) };
    let file = seat.file(bytes);
    let seen = seat.desk().import_file(&file, &ImportAsk { dry_run: true, ..ask.clone() });
    prop_assert_eq!((seat.journal_length(), cache_of(&seat).len()), (1, 0), "a preview keeps nothing");
    let taken = match seat.desk().import_file(&file, &ask) {
        Ok(taken) => taken,
        Err(refused) => {
            prop_assert!(!refused.code().is_empty() && !refused.next().is_empty());
            prop_assert_eq!((seat.journal_length(), cache_of(&seat).len()), (1, 0), "{}", refused);
            return Ok(());
        }
    };
    let counts = taken.counts;
    prop_assert_eq!(seen.map(|seen| seen.counts), Ok(counts));
    prop_assert_eq!(
        counts.new + counts.changed + counts.same + counts.by_api + counts.ignored + counts.refused,
        counts.rows
    );
    prop_assert_eq!(seat.journal_length(), 1 + u32::from(counts.new > 0));
    let cache = cache_of(&seat);
    prop_assert_eq!(cache.is_empty(), counts.new == 0);
    seat.lose_cache();
    prop_assert_eq!(cache_of(&seat), cache);
    Ok(())
}

proptest! {
    // Each case makes a home and opens it twice. The same cases in every run: the same tree passes or fails wherever it is tested.
    #![proptest_config(ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400), bill in any::<bool>()) {
        check(&bytes, bill.then_some(ImportKind::Bill))?;
    }

    #[test]
    fn any_cells_under_good_headers(cells in vec(vec("\\PC{0,12}", 8), 0..6)) {
        let mut text = "Order ID,Product Code,Instance ID,Order Type,Order Status,Created At,List Price,Payable Amount\n".to_owned();
        for row in cells {
            text += &(row.join(",") + "\n");
        }
        check(text.as_bytes(), None)?;
    }

    #[test]
    fn a_damaged_file(bytes in damaged()) {
        check(&bytes, None)?;
    }
}
