//! Why money went elsewhere, and whether it was put together.

use std::collections::BTreeMap;

use desk_store::RefundRow;
use refund_rules::quote::{Line, Method, Param, Quote};
use rust_decimal::Decimal;

use super::{Aspect, Difference, Explanation, Look, money};
use crate::recorded::by_place;
use crate::tell;
use crate::views::RequestState;

/// Destination of money whose payments are not known.
const UNKNOWN: &str = "unknown";

/// Steps that send money to where it was paid from.
const TO_THE_SOURCE: [&str; 3] =
    ["destination.source", "destination.source_until", "destination.source_not_guaranteed"];

impl Look<'_> {
    /// Told once all of the money is there: until then a place may only be late.
    pub(super) fn places(&self) -> Option<Difference> {
        if self.record.state != RequestState::Refunded {
            return None;
        }
        let (told, came) = (told(self.quote()), by_place(&self.record.parts));
        // An amount that differs is a difference of its own; here only what moved between places counts.
        let total = |places: &BTreeMap<String, Decimal>| places.values().sum::<Decimal>();
        let slack = (total(&told) - total(&came)).abs();
        let missing: Vec<(&String, Decimal)> = told
            .iter()
            .map(|(to, amount)| (to, amount - came.get(to).copied().unwrap_or_default()))
            .filter(|(_, lacks)| *lacks > slack)
            .collect();
        let strange = came.keys().any(|to| !told.contains_key(to));
        if missing.is_empty() && !strange {
            return None;
        }
        let why = self.why_elsewhere(&missing, &told, &came);
        let refunds: Vec<&RefundRow> = self.refunds.iter().collect();
        let lines: Vec<&Line> = self.quote().lines.iter().collect();
        Some(self.difference(Aspect::Destination, &refunds, &lines, (shown(&told), shown(&came)), why))
    }

    fn why_elsewhere(
        &self,
        missing: &[(&String, Decimal)],
        told: &BTreeMap<String, Decimal>,
        came: &BTreeMap<String, Decimal>,
    ) -> Vec<Explanation> {
        if told.contains_key(UNKNOWN) {
            let params = tell::params([("to", shown(came).into())]);
            return vec![self.explanation("payments_unknown", Some("payments.unknown"), params)];
        }
        let balance = Method::Balance.word();
        let only_to_balance = came.keys().all(|to| to == balance || told.contains_key(to));
        if !only_to_balance || missing.iter().any(|(to, _)| *to == balance) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let same_places = |quote: &Quote| {
            let places = self::told(quote);
            places.keys().eq(came.keys())
        };
        let last = self.record.parts.iter().map(|part| part.at).max();
        let later = self.ask_again(|case| case.ask.at = last.unwrap_or(case.ask.at));
        if later.is_some_and(|quote| same_places(&quote)) {
            found.extend(missing.iter().map(|(to, amount)| self.to_balance("window_closed", to, *amount)));
        }
        let invoiced = self.ask_again(|case| case.orders.iter_mut().for_each(|order| order.invoiced = Some(true)));
        if invoiced.is_some_and(|quote| same_places(&quote)) {
            found.extend(missing.iter().map(|(to, amount)| self.to_balance("invoiced", to, *amount)));
        }
        found.extend(missing.iter().map(|(to, amount)| self.to_balance("failed_channel", to, *amount)));
        found
    }

    fn to_balance(&self, code: &str, from: &str, amount: Decimal) -> Explanation {
        let steps = self.quote().lines.iter().flat_map(|line| &line.steps);
        let sends = |step: &&refund_rules::quote::Step| {
            let method = step.params.get("method");
            TO_THE_SOURCE.contains(&step.id.as_str())
                && matches!(method, Some(Param::Text(method)) if method.as_str() == from)
        };
        let rule = steps.filter(sends).map(|step| step.rule.to_string()).next();
        let params = tell::params([("method", from.into()), ("amount", amount.to_string().into())]);
        self.explanation(code, rule.as_deref(), params)
    }

    /// Fewer refund orders than lines that give something back, or money under the number of another refund order.
    pub(super) fn merging(&self) -> Option<Difference> {
        if self.record.state != RequestState::Refunded {
            return None;
        }
        // What was carried out later gives nothing for what had ended or was used up by then: that is not merged.
        let made_at = self.refunds.iter().map(|refund| refund.created_at).min();
        let then = self.ask_again(|case| case.ask.at = made_at.map_or(case.ask.at, |at| at.max(case.ask.at)));
        let gave = |order: &str| {
            then.as_ref().is_none_or(|then| then.lines.iter().any(|l| l.order == order && !l.refund_max.is_zero()))
        };
        let pays = |line: &&Line| !line.refund_max.is_zero() && gave(&line.order);
        let paying: Vec<&Line> = self.quote().lines.iter().filter(pays).collect();
        let refunds: Vec<&RefundRow> = self.refunds.iter().collect();
        if refunds.len() >= paying.len() {
            return None;
        }
        let params = tell::params([
            ("orders", Param::List(paying.iter().map(|line| line.order.clone()).collect())),
            ("amount", money(refunds.iter().map(|refund| refund.amount).sum())),
        ]);
        let why = vec![self.explanation("merged", Some("batch.merged_refunds"), params)];
        let sides = (paying.len().to_string(), refunds.len().to_string());
        Some(self.difference(Aspect::Merging, &refunds, &paying, sides, why))
    }
}

/// Where a quote sends the money.
fn told(quote: &Quote) -> BTreeMap<String, Decimal> {
    let mut places = BTreeMap::new();
    for destination in &quote.destinations {
        *places.entry(destination.to.to_string()).or_insert(Decimal::ZERO) += destination.amount;
    }
    places
}

fn shown(places: &BTreeMap<String, Decimal>) -> String {
    places.iter().map(|(to, amount)| format!("{to} {amount}")).collect::<Vec<_>>().join(", ")
}
