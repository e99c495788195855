use std::collections::{BTreeMap, BTreeSet};

use refund_rules::case::{ResourceStatus, Variant};
use refund_rules::quote::{Channel, LineState, Method, RefundType};
use refund_rules::vocabulary::{BLOCKERS, CHANGES, CONDITIONS, CONSEQUENCES, STEPS, UNKNOWN_FACTS};
use refund_rules::{Policies, Site, parse_case, quote};

use super::messages::{Messages, places};
use super::{Language, tell};

fn keys(language: Language, table: &str) -> BTreeSet<String> {
    Messages::of(language).tables[table].keys().cloned().collect()
}

fn ids(messages: &[(&str, &[&str])]) -> BTreeSet<String> {
    messages.iter().map(|(id, _)| (*id).to_owned()).collect()
}

#[test]
fn every_language_has_the_same_sentences_with_the_same_places() {
    let shape = |language| -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
        let tables = &Messages::of(language).tables;
        let sentences =
            |table: &BTreeMap<String, String>| table.iter().map(|(id, s)| (id.clone(), places(s))).collect();
        tables.iter().map(|(name, table)| (name.clone(), sentences(table))).collect()
    };
    assert_eq!(shape(Language::English), shape(Language::Chinese));
    for table in Messages::of(Language::Chinese).tables.values() {
        assert!(table.values().all(|sentence| !sentence.trim().is_empty()));
    }
}

#[test]
fn every_id_the_engine_can_emit_has_a_sentence_and_no_sentence_is_without_one() {
    assert_eq!(keys(Language::English, "step"), ids(STEPS));
    assert_eq!(keys(Language::English, "blocker"), ids(BLOCKERS));
    assert_eq!(keys(Language::English, "condition"), ids(CONDITIONS));
    assert_eq!(keys(Language::English, "consequence"), ids(CONSEQUENCES));
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(keys(Language::English, "change"), owned(CHANGES));
    assert_eq!(keys(Language::English, "unknown"), owned(UNKNOWN_FACTS));
    let mut names = ids(BLOCKERS);
    names.insert("not_a_candidate".to_owned());
    assert_eq!(keys(Language::English, "blocker_name"), names);
    let readings = [Site::China, Site::International].into_iter().flat_map(|site| Policies::built_in().rules(site));
    let readings: BTreeSet<_> = readings.filter(|rule| rule.reading).map(|rule| rule.id.clone()).collect();
    assert_eq!(keys(Language::English, "reading"), readings);
}

#[test]
fn every_word_has_a_name() {
    let words = keys(Language::English, "word");
    let expected = RefundType::ALL
        .iter()
        .map(|w| format!("refund_type.{w}"))
        .chain(Method::ALL.iter().map(|w| format!("method.{w}")))
        .chain(LineState::ALL.iter().map(|w| format!("state.{w}")))
        .chain(ResourceStatus::ALL.iter().map(|w| format!("status.{w}")))
        .chain(Variant::ALL.iter().map(|w| format!("variant.{w}")))
        .chain(Channel::ALL.iter().map(|w| format!("channel.{w}")))
        .chain(["eligible", "nothing", "method.unknown"].map(str::to_owned));
    assert_eq!(words, expected.collect());
}

/// A place that no parameter fills would be told as "none".
#[test]
fn every_place_is_filled_by_a_parameter_of_its_message() {
    let added = |table: &str| -> &[&str] {
        match table {
            "step" => &["consumed", "currency"],
            "condition" => &["refund_type", "currency"],
            _ => &["currency"],
        }
    };
    for (table, messages) in
        [("step", STEPS), ("blocker", BLOCKERS), ("condition", CONDITIONS), ("consequence", CONSEQUENCES)]
    {
        for (id, params) in messages {
            let sentence = Messages::of(Language::English).get(table, id);
            for place in places(sentence) {
                let known = params.contains(&place.as_str()) || added(table).contains(&place.as_str());
                assert!(known, "{table}.{id} has no parameter {place}");
            }
        }
    }
}

/// An order is named by its id, never by its place in a document; and no sentence shows a path.
#[test]
fn unknown_facts_name_their_order() {
    let mut case = parse_case(EXAMPLE).unwrap();
    case.resource.renew_status = None;
    case.resource.paid_marketplace_image = Some(false);
    let mut later = case.orders[0].clone();
    later.id = "210000000000009".to_owned();
    (later.payments, later.invoiced, later.discounts) = (None, None, None);
    later.promotion = serde_json::from_str(r#"{"name": "spring", "refundable": null}"#).unwrap();
    case.orders.push(later);
    let quote = quote(&case, Policies::built_in()).unwrap();
    let unknowns = |language| -> Vec<String> {
        tell(&quote, &case, Policies::built_in(), language).unknowns.into_iter().map(|sentence| sentence.text).collect()
    };
    let english = unknowns(Language::English);
    assert_eq!(
        english,
        [
            "Whether automatic renewal is on is unknown.",
            "How order 210000000000009 was paid is unknown.",
            "Whether an invoice was issued for order 210000000000009 is unknown.",
            "Whether the promotion of order 210000000000009 allows refunds is unknown.",
            "The discount by the time used is unknown for order 210000000000009; where it matters, the amount is a range until it is entered.",
        ]
    );
    let chinese = unknowns(Language::Chinese);
    assert_eq!(chinese[1], "订单 210000000000009 的支付方式未知。");
    assert!(english.iter().chain(&chinese).all(|text| !text.contains("orders[") && !text.contains("resource.")));
}

const EXAMPLE: &str = include_str!("../../../rules/cases/destinations-worked-example.json");

#[test]
fn the_worked_example_reads_as_the_ledger_does() {
    let case = parse_case(EXAMPLE).unwrap();
    let quote = quote(&case, Policies::built_in()).unwrap();
    let told = tell(&quote, &case, Policies::built_in(), Language::English);
    assert_eq!(told.headline, "563.01 USD comes back (Partial refund). This holds until 2026-05-20 12:00 UTC+8.");
    assert_eq!(told.lines[0].title, "Order 210000000000001, in effect: 563.01 USD");
    let steps: Vec<_> = told.lines[0].steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        steps,
        [
            "List 1,200.00 x 139 of 365 days x discount 1 x coefficient 1 = 456.99 consumed.",
            "Paid 1,020.00 - consumed 456.98630137 = 563.01369863.",
            "551.97 goes back to the bank card until 2026-05-31 12:00 UTC+8 (150 days from payment); after that to the account balance.",
            "11.04 goes to the account balance (paid with the account balance).",
        ]
    );
    assert_eq!(told.lines[0].steps[0].source.as_deref(), Some("Unsubscription rules, Consumed amount (2026-05-22)"));
    assert_eq!(told.next_changes[0].text, "After 2026-05-20 12:00 UTC+8: 563.01 becomes 559.73 USD.");
    let chinese = tell(&quote, &case, Policies::built_in(), Language::Chinese);
    assert_eq!(
        chinese.lines[0].steps[0].text,
        "原价 1,200.00 × 已用 139 天 / 共 365 天 × 折扣 1 × 系数 1 = 已消费 456.99。"
    );
}

/// The desk's own sentences: each id that the code says has its words, and no words are without an id.
#[test]
fn every_sentence_of_plans_and_requests_has_words() {
    let own: &[(&str, &[&str])] = &[
        ("left_out", &["blocked", "chance_taken", "duplicate", "not_quoted", "quota_exceeded", "request_open"]),
        ("singly", &["by_partner", "by_ticket", "full_refund", "release_for_nothing"]),
        ("chance", &["ecs_quota", "ecs_quota_unknown", "no_reason"]),
        ("channel_note", &["api_off", "api_refused", "for_nothing", "other_channel", "plans", "renewals"]),
        ("warning", &["automatic_renewal_on", "nothing_comes_back", "renewal_returned"]),
        (
            "step_by_hand",
            &[
                "choose",
                "choose_batch",
                "choose_renewal",
                "choose_renewals",
                "compare",
                "for_nothing",
                "open",
                "partner",
                "search_plans",
                "search_regular",
                "search_renewals",
                "set_expiration",
                "tick_both",
                "tick_one",
                "ticket",
            ],
        ),
        ("difference", &["amount", "day", "destination", "merging", "unexplained"]),
        ("difference_of", &["amount", "day", "destination", "merging"]),
        (
            "changed_reading",
            &[
                "acted_later",
                "calendar_days",
                "coupon_returned",
                "no_coefficient",
                "no_discount",
                "rounded_down",
                "tax_returned",
                "tax_withheld",
            ],
        ),
        (
            "explanation",
            &[
                "acted_later",
                "calendar_days",
                "calendar_unknown",
                "coupon_returned",
                "day_less",
                "day_more",
                "failed_channel",
                "invoiced",
                "later_within_the_limit",
                "made_later",
                "merged",
                "no_coefficient",
                "no_discount",
                "payments_unknown",
                "rounded_down",
                "tax_returned",
                "tax_withheld",
                "two_together",
                "window_closed",
            ],
        ),
        (
            "letter",
            &[
                "kept_configuration",
                "kept_logs",
                "kept_no_longer",
                "kept_unknown",
                "kept_until",
                "overdue",
                "renewals",
                "unsubscribe",
                "urgent",
            ],
        ),
    ];
    for (table, said) in own {
        let said: BTreeSet<String> = said.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(keys(Language::English, table), said, "{table}");
    }
}
