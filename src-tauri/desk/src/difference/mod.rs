//! Where reality differs from a quote, and why: amount, destination and day. A difference is explained only by asking the rules
//! again with one fact or one reading changed; what no such change gives stays unexplained and is flagged.

mod amount;
mod day;
mod place;
mod readings;

use desk_store::RefundRow;
use refund_rules::quote::{Line, Param, Params, Quote};
use refund_rules::{Case, Policies};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::requests::Record;
use crate::tell::{self, Language};

/// What of a quote came out otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    Amount,
    Destination,
    Day,
    /// The number of refund orders, or of movements of money.
    Merging,
}

impl Aspect {
    const fn word(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Destination => "destination",
            Self::Day => "day",
            Self::Merging => "merging",
        }
    }
}

/// One difference between a quote and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Difference {
    pub of: Aspect,
    pub refund_orders: Vec<String>,
    /// Lines of the quote that it concerns.
    pub orders: Vec<String>,
    pub predicted: String,
    pub actual: String,
    /// Every change of one fact or reading that gives just this; several may. Empty: nothing explains it.
    pub explanations: Vec<Explanation>,
    pub text: String,
}

/// One fact or reading that, had it been otherwise, gives what came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Explanation {
    /// Stable code.
    pub code: String,
    /// The rule or reading of the policy pack that it touches.
    pub rule: Option<String>,
    /// The numbers put in.
    #[cfg_attr(feature = "bindings", specta(type = std::collections::BTreeMap<String, Param>))]
    pub params: Params,
    pub text: String,
}

/// A request with what came of it, and the rules to ask again.
pub(crate) struct Look<'a> {
    pub record: &'a Record,
    /// Its refund orders, oldest first.
    pub refunds: &'a [RefundRow],
    /// The facts of the quote; `None` where they are lost: then no amount can be explained.
    pub facts: Option<&'a Case>,
    pub policies: &'a Policies,
    pub language: Language,
}

impl Look<'_> {
    /// Every difference, amounts first.
    pub fn differences(&self) -> Vec<Difference> {
        if self.refunds.is_empty() {
            return Vec::new();
        }
        let mut found = self.amounts();
        found.extend(self.merging());
        found.extend(self.places());
        found.extend(self.days());
        found
    }

    fn quote(&self) -> &Quote {
        self.record.quote()
    }

    /// The rules' answer to facts that are changed a little.
    fn ask_again(&self, change: impl FnOnce(&mut Case)) -> Option<Quote> {
        let mut case = self.facts?.clone();
        change(&mut case);
        refund_rules::quote(&case, self.policies).ok()
    }

    fn difference(
        &self,
        of: Aspect,
        refunds: &[&RefundRow],
        lines: &[&Line],
        sides: (String, String),
        explanations: Vec<Explanation>,
    ) -> Difference {
        let refund_orders: Vec<String> = refunds.iter().map(|refund| refund.refund_order.clone()).collect();
        let (predicted, actual) = sides;
        let id = if explanations.is_empty() { "unexplained" } else { of.word() };
        let params = tell::params([
            ("what", tell::say(self.language, "difference_of", of.word(), &Params::new()).into()),
            ("refund_orders", Param::List(refund_orders.clone())),
            ("predicted", predicted.as_str().into()),
            ("actual", actual.as_str().into()),
        ]);
        Difference {
            of,
            refund_orders,
            orders: lines.iter().map(|line| line.order.clone()).collect(),
            text: tell::say(self.language, "difference", id, &params),
            predicted,
            actual,
            explanations,
        }
    }

    fn explanation(&self, code: &str, rule: Option<&str>, params: Params) -> Explanation {
        Explanation {
            code: code.to_owned(),
            rule: rule.map(str::to_owned),
            text: tell::say(self.language, "explanation", code, &params),
            params,
        }
    }
}

/// The lines of a quote that a refund order is for.
pub(crate) fn lines_of<'q>(quote: &'q Quote, refund: &RefundRow) -> Vec<&'q Line> {
    quote.lines.iter().filter(|line| refund.related.iter().any(|order| is_of(line, order))).collect()
}

/// A line names its order, or the sub-order of it: `ORDER/SUBORDER`.
pub(crate) fn is_of(line: &Line, order: &str) -> bool {
    line.order == order || line.order.split_once('/').is_some_and(|(head, _)| head == order)
}

/// The step that consumed of a line, where it was used by time.
fn consumed_step(line: &Line) -> Option<&refund_rules::quote::Step> {
    line.steps.iter().find(|step| step.id.starts_with("consumed."))
}

fn money(amount: Decimal) -> Param {
    tell::amount(amount).into()
}
