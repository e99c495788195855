//! The tables of a pack and what the engine asks of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::Rule;
use crate::case::{Kind, Method, Resource, Site, Variant};
use crate::quote::Channel;
use crate::read::money;

/// All rules of one site.
#[derive(Debug, Clone)]
pub struct Pack {
    pub(crate) site: Site,
    pub(crate) version: String,
    /// Every rule of every table, by id.
    pub(crate) rules: BTreeMap<String, Rule>,
    pub(crate) dates: Vec<DateTime<Utc>>,
    /// Ids of those that are readings, in order.
    pub(crate) readings: Vec<String>,
    pub(crate) coefficients: Vec<Row<Coefficient>>,
    pub(crate) plan_windows: Vec<Row<PlanWindow>>,
    pub(crate) no_reason: Vec<Row<NoReason>>,
    pub(crate) groups: Vec<Row<Group>>,
    pub(crate) products: Vec<Row<ProductRow>>,
    pub(crate) destinations: Vec<Row<DestinationRow>>,
    pub(crate) invoiced: Vec<Row<Invoiced>>,
    pub(crate) processing: Vec<Row<Processing>>,
    pub(crate) bank_days: Vec<Row<BankDays>>,
    pub(crate) kept_data: Vec<Row<KeptData>>,
}

/// A rule and its parameters in the shape that its table has.
#[derive(Debug, Clone)]
pub(crate) struct Row<P> {
    pub rule: Rule,
    pub set: P,
}

/// Multiplies the value consumed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coefficient {
    #[serde(deserialize_with = "money")]
    pub coefficient: Decimal,
    /// Applies while the order's used days are below this; without it, always.
    pub below_day: Option<u32>,
    /// Applies to downgrades and conversions too.
    #[serde(default)]
    pub what_ifs: bool,
}

/// How long an unused plan gives everything back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanWindow {
    /// Days from payment; without it, until the last order is finished.
    pub days: Option<u32>,
    /// The rule reaches accounts little by little.
    #[serde(default)]
    pub gradual: bool,
}

/// Full refund without reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoReason {
    /// Days from payment.
    pub days: u32,
    /// One per customer, product group and calendar year (UTC+8).
    pub once_a_year: bool,
}

/// Products that share one yearly chance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {}

/// What the product table says beyond the general rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProductRow {
    pub kind: Option<Kind>,
    pub variant: Option<Variant>,
    pub refused: Option<Refusal>,
    pub channel: Option<Channel>,
    /// A plan of which something was used cannot be unsubscribed.
    #[serde(default)]
    pub used_plan_refused: bool,
    /// A partly refunded plan whose quota resets cannot be unsubscribed.
    #[serde(default)]
    pub resetting_plan_refused: bool,
    /// A partly refunded plan is counted by days without a discount, whatever the quota.
    #[serde(default)]
    pub plan_by_days: bool,
    /// Full refund within these days of the earliest order, nothing after.
    pub certificate_days: Option<u32>,
    /// The variants that get it.
    #[serde(default)]
    pub certificate_variants: Vec<Variant>,
    /// The account has a number of unsubscriptions of it, which can be used up.
    #[serde(default)]
    pub unsubscription_quota: bool,
    /// A renewal cannot be cancelled alone.
    #[serde(default)]
    pub renewal_alone_refused: bool,
    /// Released and its data deleted the moment it is unsubscribed.
    #[serde(default)]
    pub deleted_at_once: bool,
}

/// Why a product never gives a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusal {
    Never,
    PayAsYouGo,
}

/// Where money paid with a method goes back to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationRow {
    /// Without it: every method that no other row names.
    pub method: Option<Method>,
    pub back_to: BackTo,
    /// Days from payment in which the source is open; without it, always.
    pub days: Option<u32>,
    #[serde(default)]
    pub not_guaranteed: bool,
    /// Another page names these days instead.
    pub elsewhere_days: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BackTo {
    Source,
    Balance,
}

/// An order with an invoice goes to the balance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invoiced {
    pub marketplace_too: bool,
}

/// How long a refund takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Processing {
    pub business_days: u32,
    pub limit_business_days: u32,
}

/// What a payment channel takes on top.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BankDays {
    pub method: Method,
    pub at_least: u32,
    pub at_most: u32,
}

/// Data that outlives the resource for a while.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptData {
    pub configuration_days: u32,
}

/// An order of ids in which most are told apart by their length alone.
fn by_length(one: &str, other: &str) -> std::cmp::Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// The row in force at `at` that names the product, else the one for all products.
fn narrowest<'a, P>(rows: &'a [Row<P>], product: &str, at: DateTime<Utc>) -> Option<&'a Row<P>> {
    let in_force = || rows.iter().filter(move |row| row.rule.in_force(at));
    in_force().find(|row| row.rule.names(product)).or_else(|| in_force().find(|row| row.rule.covers(product)))
}

impl Pack {
    /// Coefficient for an order with this many used days, and the row that sets it.
    pub(crate) fn coefficient(
        &self,
        product: &str,
        used_days: i64,
        what_if: bool,
        at: DateTime<Utc>,
    ) -> &Row<Coefficient> {
        let applies = |row: &&Row<Coefficient>| {
            row.rule.in_force(at)
                && (!what_if || row.set.what_ifs)
                && row.set.below_day.is_none_or(|day| used_days < i64::from(day))
        };
        let rows = || self.coefficients.iter().filter(applies);
        rows()
            .find(|row| row.rule.names(product))
            .or_else(|| rows().find(|row| row.rule.covers(product)))
            .expect("loading refuses a pack without a coefficient for every product and instant")
    }

    pub(crate) fn plan_window(&self, product: &str, at: DateTime<Utc>) -> &Row<PlanWindow> {
        narrowest(&self.plan_windows, product, at).expect("loading refuses a pack with a gap between plan windows")
    }

    pub(crate) fn no_reason(&self, product: &str, at: DateTime<Utc>) -> Option<&Row<NoReason>> {
        narrowest(&self.no_reason, product, at)
    }

    /// The products that share a chance with this one; itself if none do.
    pub(crate) fn same_group(&self, one: &str, other: &str, at: DateTime<Utc>) -> bool {
        one == other
            || self.groups.iter().any(|row| row.rule.in_force(at) && row.rule.names(one) && row.rule.names(other))
    }

    /// Every row of the product table that speaks about the resource.
    pub(crate) fn product_rows(&self, resource: &Resource, at: DateTime<Utc>) -> Vec<&Row<ProductRow>> {
        self.products
            .iter()
            .filter(|row| {
                row.rule.in_force(at)
                    && row.rule.covers(&resource.product)
                    && row.set.kind.is_none_or(|kind| kind == resource.kind)
                    && row.set.variant.is_none_or(|variant| Some(variant) == resource.variant)
            })
            .collect()
    }

    /// Whether any published list of the site names the product at an instant.
    pub(crate) fn lists(&self, product: &str, kind: Kind, at: DateTime<Utc>) -> bool {
        let names = |rule: &Rule| rule.in_force(at) && rule.names(product);
        let kind_of_all = |row: &&Row<ProductRow>| row.set.kind == Some(kind) && row.rule.in_force(at);
        self.products.iter().any(|row| names(&row.rule))
            || self.products.iter().filter(kind_of_all).any(|row| row.rule.covers(product))
            || self.no_reason.iter().any(|row| names(&row.rule))
            || self.coefficients.iter().any(|row| names(&row.rule))
    }

    /// Where money paid with a method at an instant goes back to.
    pub(crate) fn destination(
        &self,
        method: Method,
        paid_at: DateTime<Utc>,
        asked: DateTime<Utc>,
    ) -> &Row<DestinationRow> {
        let in_force = || {
            self.destinations.iter().filter(move |row| {
                row.rule.in_force(match row.rule.clock {
                    super::Clock::Asked => asked,
                    super::Clock::Paid => paid_at,
                })
            })
        };
        in_force()
            .find(|row| row.set.method == Some(method))
            .or_else(|| in_force().find(|row| row.set.method.is_none()))
            .expect("loading refuses a pack without a destination for every method")
    }

    pub(crate) fn invoiced(&self, product: &str, at: DateTime<Utc>) -> Option<&Row<Invoiced>> {
        narrowest(&self.invoiced, product, at)
    }

    pub(crate) fn processing(&self, product: &str, at: DateTime<Utc>) -> &Row<Processing> {
        narrowest(&self.processing, product, at).expect("loading refuses a pack with a gap in processing times")
    }

    pub(crate) fn bank_days(&self, method: Method, at: DateTime<Utc>) -> Option<&Row<BankDays>> {
        self.bank_days.iter().find(|row| row.set.method == method && row.rule.in_force(at))
    }

    pub(crate) fn kept_data(&self, product: &str, at: DateTime<Utc>) -> Option<&Row<KeptData>> {
        narrowest(&self.kept_data, product, at)
    }

    /// Instants of the asked clock at which any rule comes into force or ends, in order.
    pub(crate) fn dates(&self) -> &[DateTime<Utc>] {
        &self.dates
    }

    /// Whether the rule is a reading: the pages are silent or disagree, and it is the choice.
    pub(crate) fn is_reading(&self, rule: &str) -> bool {
        self.readings.binary_search_by(|reading| by_length(reading, rule)).is_ok()
    }

    /// Keeps every rule, and with them what is asked of all of them at once.
    pub(crate) fn keep_rules(&mut self, rules: BTreeMap<String, Rule>) {
        let asked = rules.values().filter(|rule| rule.clock == super::Clock::Asked);
        self.dates = asked.flat_map(|rule| [rule.from, rule.until]).flatten().collect();
        self.dates.sort_unstable();
        self.dates.dedup();
        self.readings = rules.values().filter(|rule| rule.reading).map(|rule| rule.id.clone()).collect();
        self.readings.sort_unstable_by(|one, other| by_length(one, other));
        self.rules = rules;
    }
}
