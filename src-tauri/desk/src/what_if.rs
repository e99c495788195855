//! "What if on …": the same resources judged for another instant, as the facts stand now. From the cache alone; nothing of it is
//! kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use refund_rules::Curve;
use refund_rules::case::{Action, Ask, Case};
use refund_rules::quote::RefundType;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::answers::questions;
use crate::error::DeskError;
use crate::facts::{Chain, CustomerFacts};
use crate::home::Desk;
use crate::listing::ListedKey;
use crate::quote_book::{bad_facts, with_orders};
use crate::views::{Money, Question, ResourceQuery};

/// Resources judged between two looks at whether to go on.
const PORTION: usize = 200;

/// What one resource would give back then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct WhatIfRow {
    pub customer: String,
    pub resource: String,
    /// `None`: no quote can be made.
    pub refund_type: Option<RefundType>,
    pub refund: Option<Decimal>,
    pub refund_max: Option<Decimal>,
    pub eligible: bool,
    pub currency: Option<String>,
}

/// What everything of a filter would give back then, beside now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct WhatIfTotals {
    pub at: DateTime<Utc>,
    /// Resources looked at; fewer than the filter lets through when it was stopped.
    pub judged: u32,
    /// Of them, those of which no quote can be made.
    pub not_judged: u32,
    /// What is certain to come back of what can be unsubscribed, per currency.
    pub now: Vec<Money>,
    pub then: Vec<Money>,
    /// Resources that give back more, and less, than now.
    pub more: u32,
    pub less: u32,
}

impl Desk {
    /// What some resources would give back at `at`. Errors: `in_the_past`, `unknown_customer`.
    pub fn what_if(&self, keys: &[ListedKey], at: DateTime<Utc>) -> Result<Vec<WhatIfRow>, DeskError> {
        self.check_ahead(at)?;
        let mut by_customer: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for key in keys {
            by_customer.entry(&key.customer).or_default().push(key.resource.clone());
        }
        let mut rows = Vec::new();
        for (customer, resources) in by_customer {
            let connection = self.connection(customer)?;
            self.store.read(|r| {
                let facts = CustomerFacts::read(r, connection)?;
                facts.each_case(r, &resources, &ask_at(at), |chain, case| {
                    rows.push(self.judged_then(&facts, &chain, &case));
                    Ok(())
                })
            })?;
        }
        Ok(rows)
    }

    /// The sums of a filter at `at` and now. `go_on` sees how many of how many were judged; `false` stops there. Errors:
    /// `in_the_past`.
    pub fn what_if_totals(
        &self,
        query: &ResourceQuery,
        at: DateTime<Utc>,
        go_on: &(dyn Fn(u32, u32) -> bool + Sync),
    ) -> Result<WhatIfTotals, DeskError> {
        self.check_ahead(at)?;
        let by_customer = self.keys_by_customer(query)?;
        let total = count(by_customer.values().map(Vec::len).sum());
        let mut sums = Sums::default();
        'all: for (customer, resources) in &by_customer {
            for portion in resources.chunks(PORTION) {
                if !go_on(sums.judged, total) {
                    break 'all;
                }
                self.add_portion(customer, portion, at, &mut sums)?;
            }
        }
        go_on(sums.judged, total);
        Ok(sums.told(at))
    }

    /// What a resource gives back over the time until `until`. Errors: `unknown_resource`, those of the rules.
    pub fn curve(&self, customer: &str, resource: &str, until: DateTime<Utc>) -> Result<Curve, DeskError> {
        let ask = ask_at(self.now());
        let case = self.judge(customer, resource, ask)?.case;
        refund_rules::curve(&case, self.policies, until).map_err(bad_facts)
    }

    /// What the cloud does not tell about a resource, as questions; no request is begun. Errors: `unknown_resource`.
    pub fn questions(&self, customer: &str, resource: &str) -> Result<Vec<Question>, DeskError> {
        let ask = ask_at(self.now());
        let judged = self.judge(customer, resource, ask)?;
        Ok(questions(&judged.quote, &judged.case, self.language()?))
    }

    fn add_portion(
        &self,
        customer: &str,
        portion: &[String],
        at: DateTime<Utc>,
        sums: &mut Sums,
    ) -> Result<(), DeskError> {
        let connection = self.connection(customer)?;
        self.store.read(|r| {
            let facts = CustomerFacts::read(r, connection)?;
            let kept: BTreeMap<String, (String, Decimal)> = r
                .quotes()
                .among(customer, portion)?
                .into_iter()
                .filter(|kept| kept.eligible)
                .filter_map(|kept| Some((kept.resource, (kept.currency?, kept.refund?))))
                .collect();
            facts.each_case(r, portion, &ask_at(at), |chain, case| {
                let row = self.judged_then(&facts, &chain, &case);
                sums.add(kept.get(&row.resource).cloned(), &row);
                Ok(())
            })
        })
    }

    fn judged_then(&self, facts: &CustomerFacts, chain: &Chain, case: &Case) -> WhatIfRow {
        let judged =
            with_orders(chain, case).and_then(|()| refund_rules::verdict(case, self.policies).map_err(bad_facts));
        let verdict = judged.ok();
        WhatIfRow {
            customer: facts.connection.id.clone(),
            resource: case.resource.id.clone(),
            refund_type: verdict.as_ref().map(|quote| quote.refund_type),
            refund: verdict.as_ref().map(|quote| quote.refund),
            refund_max: verdict.as_ref().map(|quote| quote.refund_max),
            eligible: verdict.as_ref().is_some_and(|quote| quote.eligible),
            currency: verdict.as_ref().and_then(|quote| quote.currency.clone()),
        }
    }

    fn check_ahead(&self, at: DateTime<Utc>) -> Result<(), DeskError> {
        if at >= self.now() {
            return Ok(());
        }
        Err(DeskError::new(
            "in_the_past",
            format!("{} has passed", crate::day::shown(at)),
            "choose a day from today on: what is past is in the history",
        )
        .at("at"))
    }
}

fn ask_at(at: DateTime<Utc>) -> Ask {
    Ask { at, action: Action::Unsubscribe, expires: None, daily_list: None }
}

#[derive(Default)]
struct Sums {
    judged: u32,
    not_judged: u32,
    more: u32,
    less: u32,
    now: BTreeMap<String, Decimal>,
    then: BTreeMap<String, Decimal>,
}

impl Sums {
    fn add(&mut self, now: Option<(String, Decimal)>, row: &WhatIfRow) {
        self.judged += 1;
        self.not_judged += u32::from(row.refund_type.is_none());
        let then = row.refund.filter(|_| row.eligible).zip(row.currency.clone());
        let before = now.as_ref().map_or(Decimal::ZERO, |(_, amount)| *amount);
        let after = then.as_ref().map_or(Decimal::ZERO, |(amount, _)| *amount);
        self.more += u32::from(after > before);
        self.less += u32::from(after < before);
        if let Some((currency, amount)) = now {
            *self.now.entry(currency).or_default() += amount;
        }
        if let Some((amount, currency)) = then {
            *self.then.entry(currency).or_default() += amount;
        }
    }

    fn told(self, at: DateTime<Utc>) -> WhatIfTotals {
        let sums = |sums: BTreeMap<String, Decimal>| {
            sums.into_iter().map(|(currency, amount)| Money { amount, currency }).collect()
        };
        WhatIfTotals {
            at,
            judged: self.judged,
            not_judged: self.not_judged,
            now: sums(self.now),
            then: sums(self.then),
            more: self.more,
            less: self.less,
        }
    }
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}
