//! Sums over quotes: per currency, per destination, and the refunds that the payment channels see.

use std::collections::{BTreeMap, BTreeSet};

use refund_rules::quote::{Destination, Param, Quote, Step};
use rust_decimal::Decimal;

use super::count;
use super::view::PlannedTotal;

/// Quotes added up per currency; those without one currency have no amount.
pub(super) fn totals<'q>(quotes: impl IntoIterator<Item = &'q Quote>) -> Vec<PlannedTotal> {
    let mut by_currency: BTreeMap<&str, Vec<&Quote>> = BTreeMap::new();
    for quote in quotes {
        if let Some(currency) = &quote.currency {
            by_currency.entry(currency).or_default().push(quote);
        }
    }
    let total = |(currency, quotes): (&str, Vec<&Quote>)| PlannedTotal {
        currency: currency.to_owned(),
        resources: count(quotes.len()),
        refund: quotes.iter().map(|quote| quote.refund).sum(),
        refund_max: quotes.iter().map(|quote| quote.refund_max).sum(),
        destinations: destinations(quotes),
    };
    by_currency.into_iter().map(total).collect()
}

/// Quotes of one currency added up per destination, in the alphabetical order of `to`; the earliest end of a window stands for
/// all.
pub(super) fn destinations<'q>(quotes: impl IntoIterator<Item = &'q Quote>) -> Vec<Destination> {
    let mut places: BTreeMap<&str, Destination> = BTreeMap::new();
    for part in quotes.into_iter().flat_map(|quote| &quote.destinations) {
        let place = places.entry(&part.to).or_insert_with(|| Destination {
            to: part.to.clone(),
            amount: Decimal::ZERO,
            until: None,
        });
        place.amount += part.amount;
        place.until = [place.until, part.until].into_iter().flatten().min();
    }
    places.into_values().collect()
}

/// Refunds that the payment channels see when these are carried out within two minutes: those of one order to one place are
/// merged, whichever resources they are for (refund-rules section 12). The quotes are of one customer.
pub(crate) fn channel_refunds<'q>(quotes: impl IntoIterator<Item = &'q Quote>) -> u32 {
    let mut seen = BTreeSet::new();
    for line in quotes.into_iter().flat_map(|quote| &quote.lines) {
        // Several sub-orders of one order are one order to the channel.
        let order = line.order.split_once('/').map_or(line.order.as_str(), |(order, _)| order);
        seen.extend(line.steps.iter().filter_map(place).map(|place| (order, place)));
    }
    count(seen.len())
}

/// The place that a step sends money to.
fn place(step: &Step) -> Option<&str> {
    match step.id.as_str() {
        "destination.source" | "destination.source_until" | "destination.source_not_guaranteed" => {
            match step.params.get("method") {
                Some(Param::Text(method)) => Some(method),
                _ => None,
            }
        }
        "destination.balance" | "destination.invoiced" | "destination.window_closed" => Some("balance"),
        "destination.unknown" => Some("unknown"),
        _ => None,
    }
}
