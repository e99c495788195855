//! What another policy pack would change: every open quote judged with both packs. Nothing of it is kept.

use chrono::{DateTime, Utc};
use refund_rules::case::{Action, Ask, Case};
use refund_rules::quote::{Quote, RefundType};
use refund_rules::{Policies, Site};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::DeskError;
use crate::facts::CustomerFacts;
use crate::home::Desk;

/// What another policy pack would change for the open quotes of a home.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct PolicyEffect {
    pub at: DateTime<Utc>,
    /// Quotes compared.
    pub judged: u32,
    /// Resources of which no quote can be made, with either pack.
    pub not_judged: u32,
    /// Quotes that would say something else.
    pub changed: Vec<ChangedQuote>,
}

/// One quote that another policy pack would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ChangedQuote {
    pub customer: String,
    pub customer_name: String,
    pub resource: String,
    pub product: String,
    pub currency: Option<String>,
    pub before: Priced,
    pub after: Priced,
    /// Keys of the quote that differ: with `next_changes` alone, only a later amount does.
    pub keys: Vec<String>,
}

/// What a quote gives back, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Priced {
    pub refund_type: RefundType,
    pub refund: Decimal,
    pub refund_max: Decimal,
}

/// Keys of a quote that say which pack it was made with, not what it says.
const MADE_WITH: &[&str] = &["policy", "sha256"];

impl Desk {
    /// The quotes for unsubscribing now, of all live resources of a site, that other policies would change.
    pub fn policy_effect(&self, policies: &Policies, site: Site) -> Result<PolicyEffect, DeskError> {
        let at = self.now();
        let mut effect = PolicyEffect { at, judged: 0, not_judged: 0, changed: Vec::new() };
        for connection in self.store.read(|r| r.connections().list())? {
            self.store.read(|r| {
                let facts = CustomerFacts::read(r, connection)?;
                if facts.site() != site {
                    return Ok::<_, DeskError>(());
                }
                let ask = Ask { at, action: Action::Unsubscribe, expires: None, daily_list: None };
                facts.each_live_case(r, &ask, |case| self.compare(&facts, &case, policies, &mut effect))?;
                Ok(())
            })?;
        }
        Ok(effect)
    }

    fn compare(
        &self,
        facts: &CustomerFacts,
        case: &Case,
        policies: &Policies,
        effect: &mut PolicyEffect,
    ) -> Result<(), DeskError> {
        // Facts that no quote can be made of are the same with every pack.
        let (Ok(before), Ok(after)) = (refund_rules::quote(case, self.policies), refund_rules::quote(case, policies))
        else {
            effect.not_judged += 1;
            return Ok(());
        };
        effect.judged += 1;
        let keys = differing(&before, &after)?;
        if !keys.is_empty() {
            effect.changed.push(ChangedQuote {
                customer: facts.connection.id.clone(),
                customer_name: facts.connection.name.clone(),
                resource: case.resource.id.clone(),
                product: case.resource.product.clone(),
                currency: before.currency.clone(),
                before: priced(&before),
                after: priced(&after),
                keys,
            });
        }
        Ok(())
    }
}

fn priced(quote: &Quote) -> Priced {
    Priced { refund_type: quote.refund_type, refund: quote.refund, refund_max: quote.refund_max }
}

/// The keys of two quotes that say something else.
fn differing(before: &Quote, after: &Quote) -> Result<Vec<String>, DeskError> {
    let document = |quote: &Quote| match serde_json::to_value(quote) {
        Ok(Value::Object(document)) => Ok(document),
        _ => Err(DeskError::new(
            "quote_unwritable",
            "a quote is no JSON document",
            "report this: it is a fault of the desk",
        )),
    };
    let (before, after) = (document(before)?, document(after)?);
    let says = |key: &&String| !MADE_WITH.contains(&key.as_str());
    Ok(before.keys().filter(says).filter(|key| before.get(*key) != after.get(*key)).cloned().collect())
}
