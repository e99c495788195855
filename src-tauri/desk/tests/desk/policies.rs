//! What another policy pack would change for the open quotes of a home.

use refund_rules::policy::BUILT_IN_PACKS;
use refund_rules::quote::RefundType;
use refund_rules::{Policies, Site};

use crate::support::cloud::{Account, Order, instance};
use crate::support::{Told, cache_of, d};

/// The built-in pack of a site with one text in place of another.
fn with(site: Site, old: &str, new: &str) -> Policies {
    let (file, text) = BUILT_IN_PACKS.iter().find(|(file, _)| file.starts_with(site.word())).expect("a pack");
    assert_eq!(text.matches(old).count(), 1, "{old}");
    Policies::built_in().with_pack(file, &text.replacen(old, new, 1)).expect("the pack loads").1
}

/// Two servers at 1.00 a day, on 2026-11-20T10:00Z; servers count 1.5 times before day 30.
///
/// ```text
///          used      coefficient    consumed    back       with 1.6 before day 30
/// i-new    20 days   1.5            30.00       335.00     365 - 20 x 1.6 = 333.00
/// i-old   173 days   1             173.00       192.00     192.00
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn another_pack_is_tried_on_the_open_quotes_and_nothing_is_kept() {
    let purchase = |id, resource, start, end| Order::new(id, "New", start).part(&[resource], start, end, "365.00");
    let (old, new) =
        (("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z"), ("2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z"));
    let told = Told::of(Account {
        instances: vec![instance("i-new", new.0, new.1), instance("i-old", old.0, old.1)],
        orders: vec![purchase("11", "i-old", old.0, old.1), purchase("12", "i-new", new.0, new.1)],
        ..Account::default()
    })
    .await;
    let (kept, journal) = (cache_of(&told), told.journal_length());

    let dearer = with(
        Site::International,
        "coefficient = \"1.5\"\nbelow_day = 30\nwhat_ifs = true",
        "coefficient = \"1.6\"\nbelow_day = 30\nwhat_ifs = true",
    );
    let effect = told.desk().policy_effect(&dearer, Site::International).expect("an effect");
    assert_eq!((effect.judged, effect.not_judged), (2, 0));
    let [changed] = effect.changed.as_slice() else { panic!("one quote changes: {effect:?}") };
    assert_eq!(
        (changed.customer.as_str(), changed.resource.as_str(), changed.product.as_str()),
        (told.uid(), "i-new", "ecs")
    );
    assert_eq!((changed.before.refund, changed.after.refund), (d("335.00"), d("333.00")));
    assert_eq!((changed.before.refund_type, changed.after.refund_type), (RefundType::Partial, RefundType::Partial));
    assert!(
        changed.keys.iter().any(|key| key == "refund") && changed.keys.iter().all(|key| key != "policy"),
        "{:?}",
        changed.keys
    );

    // The same rules under another version change no quote, and a pack of the other site meets no customer of it.
    let renamed = with(Site::International, "version = \"2026-05-22\"", "version = \"2026-05-23\"");
    assert!(told.desk().policy_effect(&renamed, Site::International).expect("an effect").changed.is_empty());
    let china = with(Site::China, "version = \"2026-05-22\"", "version = \"2026-05-23\"");
    assert_eq!(told.desk().policy_effect(&china, Site::China).expect("an effect").judged, 0);

    assert_eq!((cache_of(&told), told.journal_length()), (kept, journal));
    assert_eq!(told.quote("i-new").quote.refund, d("335.00"));
}
