//! A customer seen with its partner's key, and files of the same orders.

use bss_sandbox::OrderEntry;
use desk::{Account, ImportAsk, ImportFile, Way};
use desk_store::{Access, FROM_FILE, Store, Unlock};

use crate::connections::Office;
use crate::support::{ANCHOR, at};

/// The partner's key tells neither instances nor periods of an order; a file that does takes its place, whichever comes first.
#[tokio::test(flavor = "multi_thread")]
async fn imported_orders_stand_before_what_a_partners_key_shows() {
    let mut seen = Vec::new();
    for file_first in [false, true] {
        let office = Office::open().await;
        let uid = office.info(3).uid;
        let account = Account { partner: true, ..office.account(3, 1) };
        let customer = office.desk().connect_by(&account, &Way::Partner { uid: uid.clone() }).expect("connected");
        let books = office.sandbox.control().ledger().account(&uid).expect("the account").clone();
        let bought = |order: &&OrderEntry| order.order_type == "New" && order.paid;
        let order = books.orders.iter().find(bought).expect("a purchase");
        let part = &order.parts[0];
        let text = format!(
            "BillingCycle,RecordID,Item,ProductCode,InstanceID,PaymentTime,PretaxGrossAmount,PretaxAmount,UsageStartTime,UsageEndTime\n\
             2026-06,{},SubscriptionOrder,ecs,{},{},{},{},{},{}\n",
            order.order_id,
            part.instances[0],
            order.created_at.to_rfc3339(),
            part.list,
            part.cash,
            part.start.to_rfc3339(),
            part.end.to_rfc3339()
        );
        let file = ImportFile { name: "bill.csv".to_owned(), bytes: text.into_bytes(), dated: at(ANCHOR) };
        let take = || office.desk().import_file(&file, &ImportAsk::new(&customer)).expect("taken");
        if !file_first {
            office.synced(&customer).await;
            assert_eq!(office.resources(&customer).len(), 0);
        }
        let taken = take();
        assert_eq!((taken.counts.new, taken.counts.by_api, taken.refused.len()), (1, 0, 0), "{:?}", taken.refused);
        office.synced(&customer).await;
        office.synced(&customer).await;
        assert_eq!(take().counts.same, 1);

        let store = Store::open(office.dir.path(), &Unlock::Nothing, Access::ReadOnly).expect("a reader");
        let heads = store.read(|r| r.orders().list(&customer)).expect("orders");
        assert_eq!(heads.len(), books.orders.len() + books.refund_orders.len());
        let of_file: Vec<_> = heads.into_iter().filter(|head| head.source == FROM_FILE).collect();
        let parts = store.read(|r| r.order_parts().of_order(&customer, &order.order_id)).expect("parts");
        assert_eq!((of_file.len(), of_file[0].id.as_str()), (1, order.order_id.as_str()), "file first: {file_first}");
        let resources: Vec<String> = office.resources(&customer).into_iter().map(|row| row.resource).collect();
        assert_eq!(resources, [part.instances[0].clone()]);
        seen.push((of_file, parts));
    }
    assert_eq!(seen[0], seen[1]);
}
