//! Tables of selections: what goes into which batch, what goes singly, what is left out.
//!
//! The resources are ecs of the international site unless said: bought for a year at list price on 2026-01-01, paid from the
//! balance, asked on 2026-04-11 12:00 UTC+8. Day 101 of 365 is begun, so cash C gives back C - C x 101 / 365, and each further day
//! takes C / 365 (the 1.5 of the first 30 days is over).

use chrono::{DateTime, Utc};
use refund_rules::case::{Action, Kind};
use refund_rules::{Policies, Site, parse_case, quote};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::planner::{Selected, plan};
use super::*;
use crate::tell::Language;
use crate::views::{Ask, Problem};

const CHINA: &str = "5000000000000002";
const INTERNATIONAL: &str = "5000000000000001";

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A case document, changed by `change`.
fn case(id: &str, cash: &str, change: impl Fn(&mut Value)) -> Value {
    let mut case = json!({
        "customer": {"uid": INTERNATIONAL, "site": "international", "currency": "USD"},
        "resource": {"id": id, "product": "ecs", "kind": "instance", "billing": "subscription", "status": "normal",
            "renew_status": "manual"},
        "orders": [{"id": format!("2{id}"), "type": "new", "status": "paid", "currency": "USD",
            "created_at": "2026-01-01T00:00:00+08:00", "paid_at": "2026-01-01T00:00:00+08:00",
            "start": "2026-01-01T00:00:00+08:00", "end": "2027-01-01T00:00:00+08:00", "list": cash, "cash": cash,
            "payments": [{"method": "balance", "amount": cash}], "discounts": []}],
        "ask": {"at": "2026-04-11T12:00:00+08:00", "action": "unsubscribe"},
    });
    change(&mut case);
    case
}

fn nothing(_: &mut Value) {}

/// On the China site, bought two days before: inside the window of the full refund without reason.
fn china(case: &mut Value) {
    case["customer"] = json!({"uid": CHINA, "site": "china", "currency": "CNY"});
    case["orders"][0]["currency"] = json!("CNY");
}

fn fresh(case: &mut Value) {
    china(case);
    for key in ["created_at", "paid_at", "start"] {
        case["orders"][0][key] = json!("2026-04-09T12:00:00+08:00");
    }
    case["orders"][0]["end"] = json!("2027-04-09T12:00:00+08:00");
}

/// A renewal that has not taken effect, and the ask to cancel it.
fn renewal(case: &mut Value) {
    let mut pending = case["orders"][0].clone();
    pending["id"] = json!(format!("3{}", case["resource"]["id"].as_str().unwrap()));
    pending["type"] = json!("renew");
    pending["start"] = case["orders"][0]["end"].clone();
    pending["end"] = json!("2028-01-01T00:00:00+08:00");
    case["ask"] = json!({"at": "2026-04-11T12:00:00+08:00", "action": "cancel_renewals", "expires": pending["start"]});
    case["orders"].as_array_mut().unwrap().push(pending);
}

fn selected(document: &Value) -> Selected {
    let case = parse_case(&document.to_string()).unwrap();
    let quote = quote(&case, Policies::built_in()).unwrap();
    Selected {
        ask: Ask {
            customer: case.customer.uid.clone(),
            resource: case.resource.id.clone(),
            action: case.ask.action,
            expires: case.ask.expires,
        },
        customer_name: format!("customer {}", case.customer.uid),
        judged: Ok((case, quote)),
        open: None,
    }
}

fn planned(selection: &[Selected]) -> BatchPlan {
    plan(selection, Policies::built_in(), Language::English, "2026-04-11T04:00:00Z".parse::<DateTime<Utc>>().unwrap())
}

/// Batches as (customer, action, kind, ids), what goes singly and what is left out as (id, code).
type Shape<'a> = (Vec<(&'a str, Action, Kind, Vec<&'a str>)>, Vec<(&'a str, &'a str)>, Vec<(&'a str, &'a str)>);

fn shape(plan: &BatchPlan) -> Shape<'_> {
    assert!(plan.batches.iter().all(|batch| (1..=BATCH_MAX).contains(&batch.items.len())), "a valid size");
    (
        plan.batches
            .iter()
            .map(|b| {
                let ids = b.items.iter().map(|item| item.resource.as_str()).collect();
                (b.customer.as_str(), b.action, b.kind, ids)
            })
            .collect(),
        plan.singly.iter().map(|s| (s.resource.as_str(), s.code.as_str())).collect(),
        plan.left_out.iter().map(|l| (l.resource.as_str(), l.code.as_str())).collect(),
    )
}

#[test]
fn the_limit_is_the_packs() {
    for site in [Site::China, Site::International] {
        let rule = Policies::built_in().rule(site, "batch.limit").expect("the rule is in the pack");
        assert_eq!(rule.params["limit"].as_integer(), i64::try_from(BATCH_MAX).ok(), "{site}");
    }
}

/// What stands in which place.
#[test]
fn a_selection_is_sorted_into_batches_singles_and_the_rest() {
    use Action::{CancelRenewals, Unsubscribe};
    use Kind::{Instance, ResourcePlan};
    let of = |cases: &[Value]| cases.iter().map(selected).collect::<Vec<_>>();
    let product = |product: &'static str| move |case: &mut Value| case["resource"]["product"] = json!(product);
    let usage = |used: &'static str| {
        move |case: &mut Value| {
            case["resource"]["kind"] = json!("resource_plan");
            case["resource"]["product"] = json!("cdn");
            case["resource"]["usage"] = json!({"total": "500", "used": used, "unit": "GB", "resets": false});
        }
    };
    let ended = |case: &mut Value| case["orders"][0]["list"] = json!("99999");
    let mut gone = of(&[case("gone", "365", nothing)]);
    gone[0].judged = Err(Problem {
        code: "orders_unknown".to_owned(),
        message: "no order is known".to_owned(),
        place: None,
        next: "sync".to_owned(),
    });
    let mut open = of(&[case("open", "365", nothing)]);
    open[0].open = Some("r-1".to_owned());
    let table: Vec<(&str, Vec<Selected>, Shape<'_>)> = vec![
        ("nothing selected", vec![], (vec![], vec![], vec![])),
        (
            "instances, a plan and a renewal: three lists of the console",
            of(&[
                case("a", "365", nothing),
                case("b", "730", nothing),
                case("p", "3650", usage("120")),
                case("r", "1460", renewal),
            ]),
            (
                vec![
                    (INTERNATIONAL, Unsubscribe, Instance, vec!["b", "a"]),
                    // Its quota is what it loses by, and no day takes that.
                    (INTERNATIONAL, Unsubscribe, ResourcePlan, vec!["p"]),
                    (INTERNATIONAL, CancelRenewals, Instance, vec!["r"]),
                ],
                vec![],
                vec![],
            ),
        ),
        (
            "full refunds go singly: an unused plan, an unused certificate",
            of(&[
                case("p", "365", usage("0")),
                case("c", "365", |case| {
                    product("cas")(case);
                    case["resource"]["variant"] = json!("unused");
                    case["ask"]["at"] = json!("2026-01-03T12:00:00+08:00");
                }),
            ]),
            (vec![], vec![("c", "full_refund"), ("p", "full_refund")], vec![]),
        ),
        (
            "a used certificate is refused",
            of(&[case("c", "365", product("cas"))]),
            (vec![], vec![], vec![("c", "blocked")]),
        ),
        (
            "by ticket and through the partner",
            of(&[case("t", "365", product("rds")), case("q", "730", |case| case["customer"]["partner"] = json!(true))]),
            (vec![], vec![("q", "by_partner"), ("t", "by_ticket")], vec![]),
        ),
        (
            "released for nothing, never in a batch",
            of(&[case("z", "365", ended), case("a", "365", nothing)]),
            (vec![(INTERNATIONAL, Unsubscribe, Instance, vec!["a"])], vec![("z", "release_for_nothing")], vec![]),
        ),
        (
            "refused by a blocker",
            of(&[case("s", "365", |case| case["resource"]["security_risk"] = json!(true))]),
            (vec![], vec![], vec![("s", "blocked")]),
        ),
        (
            "named twice",
            of(&[case("a", "365", nothing), case("a", "365", nothing), case("a", "365", renewal)]),
            (
                vec![(INTERNATIONAL, Unsubscribe, Instance, vec!["a"])],
                vec![],
                vec![("a", "duplicate"), ("a", "duplicate")],
            ),
        ),
        ("without a quote", gone, (vec![], vec![], vec![("gone", "not_quoted")])),
        ("a request under way", open, (vec![], vec![], vec![("open", "request_open")])),
        (
            "two customers, two currencies, the same id",
            of(&[case("a", "365", nothing), case("a", "36500", china)]),
            (
                vec![(CHINA, Unsubscribe, Instance, vec!["a"]), (INTERNATIONAL, Unsubscribe, Instance, vec!["a"])],
                vec![],
                vec![],
            ),
        ),
    ];
    for (case, selection, expected) in table {
        let plan = planned(&selection);
        assert_eq!(shape(&plan), expected, "{case}");
        let said = plan.left_out.iter().map(|l| &l.sentence).chain(plan.singly.iter().map(|s| &s.sentence));
        for sentence in said {
            assert!(sentence.contains(' ') && !sentence.contains('{'), "{case}: {sentence}");
        }
    }
}

/// 73 of 1 to 73 hundred: cash 100 n loses 100 n / 365 next, so the 50 dearest go first.
#[test]
fn seventy_three_make_fifty_and_twenty_three() {
    let selection: Vec<_> =
        (1..=73).map(|n| selected(&case(&format!("i-{n:02}"), &format!("{}00", n), nothing))).collect();
    let plan = planned(&selection);
    assert_eq!(plan.selected, 73);
    let sizes: Vec<_> = plan.batches.iter().map(|batch| (batch.number, batch.items.len())).collect();
    assert_eq!(sizes, [(1, 50), (2, 23)]);
    let ids: Vec<_> = plan.batches.iter().flat_map(|b| &b.items).map(|item| item.resource.clone()).collect();
    assert_eq!(ids, (1..=73).rev().map(|n| format!("i-{n:02}")).collect::<Vec<_>>());
    assert_eq!(plan.batches[1].search.matches(',').count(), 22);
    assert!(plan.batches[1].search.starts_with("i-23,i-22,"));
    let sum: Decimal = plan.batches.iter().map(|batch| batch.refund).sum();
    assert_eq!((plan.totals.len(), plan.totals[0].refund, plan.totals[0].resources), (1, sum, 73));
}

/// 365: 365 - 365 x 101 / 365 = 264 comes back, the next day takes 1. 3650: 2640, and 10. The renewal of 1460 loses all of it,
/// but only when it takes effect next year.
#[test]
fn what_is_lost_first_stands_first() {
    let plan = planned(&[
        selected(&case("small", "365", nothing)),
        selected(&case("large", "3650", nothing)),
        selected(&case("renewal", "1460", renewal)),
    ]);
    let batches: Vec<_> =
        plan.batches.iter().map(|b| (b.action, b.refund, b.at_risk, b.items[0].resource.as_str())).collect();
    assert_eq!(
        batches,
        [
            (Action::Unsubscribe, d("2904.00"), d("11.00"), "large"),
            (Action::CancelRenewals, d("1460.00"), d("1460.00"), "renewal")
        ]
    );
}

/// The list price of the purchase was so high that nothing is left of it; the renewal of 1460 next year is whole, and falls by
/// 1460 / 365 x 1.5 = 6 on its first day. That is more than the 1 of tomorrow, and later.
#[test]
fn tomorrow_is_more_urgent_than_next_year() {
    let later = |case: &mut Value| {
        renewal(case);
        case["orders"][0]["list"] = json!("99999");
        case["ask"] = json!({"at": "2026-04-11T12:00:00+08:00", "action": "unsubscribe"});
    };
    let plan = planned(&[selected(&case("later", "1460", later)), selected(&case("tomorrow", "365", nothing))]);
    let items: Vec<_> =
        plan.batches[0].items.iter().map(|item| (item.resource.as_str(), item.refund, item.at_risk)).collect();
    assert_eq!(items, [("tomorrow", d("264.00"), d("1.00")), ("later", d("1460.00"), d("6.00"))]);
}

/// Bank card and balance, one order for two instances: the channel sees one refund to the card and one to the balance.
#[test]
fn refunds_of_one_order_to_one_place_are_one_channel_refund() {
    let of_one_order = |id: &str, sub: &str| {
        case(id, "1000", |case| {
            case["orders"][0]["id"] = json!(format!("210/{sub}"));
            case["orders"][0]["payments"] =
                json!([{"method": "bank_card", "amount": "900"}, {"method": "balance", "amount": "100"}]);
        })
    };
    let alone = case("other", "1000", nothing);
    for (case, documents, expected) in [
        ("one instance", vec![of_one_order("a", "1")], 2),
        ("two of one order", vec![of_one_order("a", "1"), of_one_order("b", "2")], 2),
        ("one of another order besides", vec![of_one_order("a", "1"), of_one_order("b", "2"), alone.clone()], 3),
    ] {
        let selection: Vec<_> = documents.iter().map(selected).collect();
        if let [one] = selection.as_slice() {
            let quote = &one.judged.as_ref().unwrap().1;
            assert_eq!(quote.channel_refunds, expected, "{case}: as the quote itself counts");
        }
        let plan = planned(&selection);
        assert_eq!(plan.batches[0].channel_refunds, expected, "{case}");
        let places: Decimal = plan.batches[0].destinations.iter().map(|place| place.amount).sum();
        assert_eq!(places, plan.batches[0].refund, "{case}: every cent has a place");
    }
}

/// Three of the ECS group inside the window, quoted with the year's one chance each: 1000 + 500 + 200. Two days of 365 are used, so
/// without it 1000 gives 994.52 and the chance gains 5.48; 500 gives 497.26 and it gains 2.74; 200 gains 1.10. A redis is of another group.
#[test]
fn the_years_one_chance_is_counted_once() {
    let redis = |case: &mut Value| {
        fresh(case);
        case["resource"]["product"] = json!("redisa");
    };
    let plan = planned(&[
        selected(&case("little", "200", fresh)),
        selected(&case("most", "1000", fresh)),
        selected(&case("middle", "500", fresh)),
        selected(&case("redis", "300", redis)),
    ]);
    let expected: Shape<'_> = (
        vec![],
        vec![("most", "full_refund"), ("redis", "full_refund")],
        vec![("middle", "chance_taken"), ("little", "chance_taken")],
    );
    assert_eq!(shape(&plan), expected);
    assert_eq!(plan.singly_totals[0].refund, d("1300.00"));
    let told: Vec<_> =
        plan.chances.iter().map(|c| (c.left, c.wanted, c.given_to.clone(), c.not_given.clone())).collect();
    assert_eq!(told[0], (Some(1), 3, vec!["most".to_owned()], vec!["middle".to_owned(), "little".to_owned()]));
    assert_eq!((told[1].1, told[1].2.clone()), (1, vec!["redis".to_owned()]));
    assert_eq!(plan.left_out[0].details, ["most"]);
    assert!(plan.left_out[0].sentence.contains("497.26"), "what it gives then: {}", plan.left_out[0].sentence);
}

#[test]
fn the_ecs_quota_is_counted_over_the_selection() {
    for (left, batched, left_out) in [(Some(0), 0, 0), (Some(1), 1, 2), (Some(3), 3, 0), (Some(9), 3, 0), (None, 3, 0)]
    {
        let quota = |case: &mut Value| case["customer"]["ecs_quota_left"] = json!(left);
        let plan = planned(&[
            selected(&case("a", "100", quota)),
            selected(&case("b", "300", quota)),
            selected(&case("c", "200", quota)),
        ]);
        let batched_ids: Vec<_> = plan.batches.iter().flat_map(|b| &b.items).map(|i| i.resource.as_str()).collect();
        assert_eq!(batched_ids.len(), batched, "{left:?}");
        assert_eq!(plan.left_out.iter().filter(|l| l.code == "quota_exceeded").count(), left_out, "{left:?}");
        if left == Some(1) {
            assert_eq!(batched_ids, ["b"], "the largest amount has it");
        }
        if left == Some(0) {
            assert!(plan.left_out.iter().all(|l| l.code == "blocked"), "each quote says so itself");
        } else {
            assert_eq!((plan.chances[0].left, plan.chances[0].wanted), (left, 3), "{left:?}");
        }
    }
}

/// The coefficient of the first 30 days ends: the amount rises, and what is at risk is the fall after it.
///   day 30: 365 - 365 x 29 x 1.5 / 365 = 321.50 on day 29; 335 on day 30; 334 on day 31
#[test]
fn a_rise_is_no_risk() {
    let early = |case: &mut Value| case["ask"]["at"] = json!("2026-01-29T12:00:00+08:00");
    let plan = planned(&[selected(&case("i", "365", early))]);
    let item = &plan.batches[0].items[0];
    assert_eq!((item.refund, item.at_risk), (d("321.50"), d("1.00")));
    assert_eq!(item.loses_at, Some("2026-01-30T16:00:00Z".parse().unwrap()));
}

#[test]
fn the_same_selection_gives_the_same_plan_whatever_its_order() {
    let mut selection: Vec<_> = (1..=9).map(|n| case(&format!("i-{n}"), "365", nothing)).collect();
    selection.push(case("r", "100", renewal));
    selection.push(case("c", "100", fresh));
    let forward: Vec<_> = selection.iter().map(selected).collect();
    let backward: Vec<_> = selection.iter().rev().map(selected).collect();
    assert_eq!(planned(&forward), planned(&backward));
}
