//! What must not matter: the way instants are written, the order of orders, rules that are not in force, and whether renewals
//! are cancelled first.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta};
use proptest::prelude::*;
use refund_rules::case::{Action, Case, Order, OrderStatus, OrderType};
use refund_rules::policy::{BUILT_IN_CALENDARS, BUILT_IN_PACKS};
use refund_rules::quote::{Line, Param, Params};
use refund_rules::{BadInput, Policies, Quote, curve, parse_case, quote};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::generated::{cases, drawn, orders};

fn answer(case: &Case) -> Result<Quote, BadInput> {
    quote(case, Policies::built_in())
}

fn bytes(answer: Result<Quote, BadInput>) -> String {
    serde_json::to_string(&answer.map(Quote::seal)).expect("an answer is JSON")
}

/// Keys of a case document whose values are instants.
const INSTANTS: &[&str] = &["at", "created_at", "end", "expires", "joined_at", "left_at", "paid_at", "start"];

/// Writes every instant with an offset of its own, the same moment each.
fn rewrite(document: &mut Value, offsets: &mut dyn Iterator<Item = i32>) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, offsets)),
        Value::Object(map) => {
            for (key, value) in map {
                if let (true, Value::String(text)) = (INSTANTS.contains(&key.as_str()), &mut *value) {
                    let quarters = offsets.next().expect("offsets without end");
                    let offset = FixedOffset::east_opt(quarters * 900).expect("less than a day");
                    let moment = DateTime::parse_from_rfc3339(text).expect("an instant");
                    *text = moment.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, false);
                } else {
                    rewrite(value, offsets);
                }
            }
        }
        _ => {}
    }
}

/// An answer without anything that follows the document's order of orders: lines by order, lists of ids sorted.
fn unordered(answer: Result<Quote, BadInput>) -> Result<(BTreeMap<String, Line>, Quote), BadInput> {
    let mut quote = answer?;
    let lines = std::mem::take(&mut quote.lines).into_iter().map(|line| (line.order.clone(), line)).collect();
    let sort = |params: &mut Params| {
        params.values_mut().for_each(|value| {
            if let Param::List(items) = value {
                items.sort_unstable();
            }
        });
    };
    for blocker in &mut quote.blockers {
        sort(&mut blocker.params);
        // Of several orders in another currency, the first one's is named.
        blocker.params.remove("order_currency");
    }
    for why in &mut quote.why_not {
        sort(&mut why.params);
        // Of several orders that started, the first is named.
        why.params.remove("order");
    }
    quote.consequences.iter_mut().for_each(|consequence| sort(&mut consequence.params));
    quote.forfeits.sort_unstable();
    quote.readings.sort_unstable();
    // Paths in the document.
    quote.unknowns = vec![quote.unknowns.len().to_string()];
    Ok((lines, quote))
}

/// Rows that were in force before any generated case or will be after all of them, in most tables of a pack.
const PAST_AND_FUTURE: &str = r#"
[[coefficient]]
id = "past.coefficient"
products = ["rds", "swas", "unheard_of", "oss"]
until = "2019-01-01T00:00:00+08:00"
source = "rules"
section = "none"
coefficient = "9"
what_ifs = true

[[coefficient]]
id = "future.coefficient"
products = ["rds", "swas", "unheard_of", "oss"]
from = "2100-01-01T00:00:00+08:00"
source = "rules"
section = "none"
coefficient = "9"
what_ifs = true

[[plan_window]]
id = "past.plan_window"
products = ["rds", "oss", "unheard_of"]
until = "2019-01-01T00:00:00+08:00"
source = "rules"
section = "none"
days = 900

[[no_reason]]
id = "future.no_reason"
products = ["unheard_of", "cfw", "kms"]
from = "2100-01-01T00:00:00+08:00"
source = "rules"
section = "none"
days = 900
once_a_year = false

[[product]]
id = "past.product"
products = ["waf", "ens", "unheard_of", "swas"]
until = "2019-01-01T00:00:00+08:00"
source = "rules"
section = "none"
refused = "never"
deleted_at_once = true

[[product]]
id = "future.product"
products = ["waf", "ens", "unheard_of", "swas"]
from = "2100-01-01T00:00:00+08:00"
source = "rules"
section = "none"
channel = "ticket"

[[destination]]
id = "past.destination"
until = "2019-01-01T00:00:00+08:00"
clock = "paid"
source = "rules"
section = "none"
method = "credit"
back_to = "source"

[[destination]]
id = "future.destination"
from = "2100-01-01T00:00:00+08:00"
clock = "paid"
source = "rules"
section = "none"
method = "bank_transfer"
back_to = "source"

[[processing]]
id = "future.processing"
products = ["ecs", "rds", "swas", "unheard_of"]
from = "2100-01-01T00:00:00+08:00"
source = "rules"
section = "none"
business_days = 60
limit_business_days = 90

[[kept_data]]
id = "past.kept_data"
products = ["ecs", "rds", "swas", "unheard_of"]
until = "2019-01-01T00:00:00+08:00"
source = "rules"
section = "none"
configuration_days = 90
"#;

/// The packs that ship, with rules that are never in force while a generated case lasts.
fn with_rules_not_in_force() -> &'static Policies {
    static POLICIES: OnceLock<Policies> = OnceLock::new();
    POLICIES.get_or_init(|| {
        let texts: Vec<_> =
            BUILT_IN_PACKS.iter().map(|(file, text)| (*file, format!("{text}\n{PAST_AND_FUTURE}"))).collect();
        let packs: Vec<_> = texts.iter().map(|(file, text)| (*file, text.as_str())).collect();
        Policies::parse(&packs, BUILT_IN_CALENDARS).expect("the longer packs load")
    })
}

prop_compose! {
    /// A case whose earliest order is a purchase, with one or two renewals that have not begun.
    fn renewed()(
        mut case in cases(),
        mut renewals in prop::collection::vec(orders(7), 1..3),
        wait in 1_i64..90_000_000,
    ) -> Case {
        let at = case.ask.at;
        case.ask = refund_rules::case::Ask { at, action: Action::Unsubscribe, expires: None, daily_list: None };
        let earliest = case.orders.iter().map(|order| order.paid_at).min().expect("an order").min(at);
        let purchase = &mut case.orders[0];
        (purchase.order_type, purchase.status) = (OrderType::New, OrderStatus::Paid);
        purchase.paid_at = earliest - TimeDelta::seconds(1);
        let mut start = at + TimeDelta::seconds(wait);
        for (i, renewal) in renewals.iter_mut().enumerate() {
            let period = renewal.end - renewal.start;
            *renewal = Order {
                id: format!("renewal-{i}"), order_type: OrderType::Renew, status: OrderStatus::Paid, paid_at: at,
                start, end: start + period, ..renewal.clone()
            };
            start = renewal.end;
        }
        case.orders.extend(renewals);
        case
    }
}

fn is_pending_renewal(order: &Order, at: DateTime<chrono::Utc>) -> bool {
    matches!(order.order_type, OrderType::Renew | OrderType::CompensatoryRenew)
        && order.status == OrderStatus::Paid
        && order.paid_at <= at
        && order.start > at
}

proptest! {
    #![proptest_config(drawn(400))]

    #[test]
    fn the_offset_of_instants_does_not_matter(case in cases(), quarters in prop::collection::vec(-48_i32..=56, 1..20)) {
        let mut document = serde_json::to_value(&case).expect("JSON");
        let plain = document.to_string();
        rewrite(&mut document, &mut quarters.iter().copied().cycle());
        let read = parse_case(&document.to_string()).expect("the rewritten case reads");
        prop_assert_eq!(&read, &case);
        prop_assert_eq!(bytes(answer(&read)), bytes(answer(&parse_case(&plain).expect("the case reads"))));
    }

    #[test]
    fn the_order_of_orders_does_not_matter(
        (case, turned) in cases().prop_flat_map(|case| {
            let orders = Just(case.orders.clone()).prop_shuffle();
            (Just(case), orders).prop_map(|(case, orders)| (case.clone(), Case { orders, ..case }))
        })
    ) {
        prop_assert_eq!(unordered(answer(&case)), unordered(answer(&turned)));
    }

    #[test]
    fn a_rule_that_is_not_in_force_changes_nothing(case in cases(), days in 0_i64..900) {
        let policies = with_rules_not_in_force();
        prop_assert_eq!(bytes(quote(&case, policies)), bytes(answer(&case)));
        let until = case.ask.at + TimeDelta::days(days);
        prop_assert_eq!(curve(&case, policies, until), curve(&case, Policies::built_in(), until));
    }

    /// Cancelling every renewal that has not begun, and then the resource, gives what the resource gives at once.
    #[test]
    fn renewals_first_gives_the_same_total(case in renewed()) {
        let at = case.ask.at;
        let expires = case.orders.iter().filter(|order| is_pending_renewal(order, at)).map(|order| order.start).min();
        let mut renewals = case.clone();
        renewals.ask.action = Action::CancelRenewals;
        renewals.ask.expires = expires;
        let mut rest = case.clone();
        rest.orders.iter_mut().filter(|order| is_pending_renewal(order, at)).for_each(|order| order.status = OrderStatus::Refunded);

        let at_once = answer(&case).expect("a quote");
        let first = answer(&renewals).expect("the first pending renewal's start can be chosen");
        let then = answer(&rest).expect("a quote");
        let sum = |one: Option<Decimal>, other: Option<Decimal>| one.zip(other).map(|(one, other)| one + other);
        if at_once.would_be.is_some() {
            prop_assert_eq!(sum(first.would_be, then.would_be), at_once.would_be);
            prop_assert_eq!(sum(first.would_be_max, then.would_be_max), at_once.would_be_max);
        }
        if first.eligible && then.eligible {
            prop_assert!(at_once.eligible, "{:?}", at_once.blockers);
            prop_assert_eq!(first.refund + then.refund, at_once.refund);
        }
    }
}
