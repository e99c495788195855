//! Where the cloud does not do what its pages say: knobs that make the real refund differ from the predicted one, in a known
//! way. The ledger names the knob of each difference.

use std::path::Path;

use refund_rules::case::Method;
use serde::{Deserialize, Serialize};

use crate::faults::ScriptError;

/// The knobs. Everything off is what the pages say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reality {
    /// What a day of use is.
    pub days: DayCount,
    /// How an amount is rounded to the minor unit.
    pub rounding: Rounding,
    /// What happens to the tax; none: orders have no tax.
    pub tax: Option<Tax>,
    /// Money arrives so many days later than the pages say.
    pub late_days: u16,
    /// All money goes there, however it was paid.
    pub destination: Option<Method>,
    /// A channel that money cannot be returned to.
    pub failed_channel: Option<FailedChannel>,
    /// What is put together when several orders give something back.
    pub merge: Merge,
}

/// What a day of use is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// 24 hours from the start, a begun day counts whole.
    #[default]
    Elapsed,
    /// A date in UTC+8, the first and the last count whole.
    Calendar,
}

/// How an amount is rounded to the minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Half away from zero.
    #[default]
    HalfUp,
    /// What is below the minor unit is kept.
    Down,
}

/// What happens to the tax of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Of an order's cash, paid besides it; 1 to 100.
    pub percent: u32,
    pub on_refund: TaxOnRefund,
}

/// What happens to the tax when an order's cash comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxOnRefund {
    /// It comes back besides, in proportion to the cash that does.
    Returned,
    /// As much as the tax on the amount is kept of it.
    Withheld,
}

/// A channel that money cannot be returned to: it ends in the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedChannel {
    /// The payment method; none: every one but the balance.
    #[serde(default)]
    pub method: Option<Method>,
    /// So many days after it would have arrived.
    #[serde(default)]
    pub after_days: u16,
}

/// What is put together when several orders give something back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// Each order has its own refund order and its own money.
    #[default]
    None,
    /// One refund order for all, with a sub-order for each.
    RefundOrder,
    /// Refund orders of their own, but the money arrives under the first one's number.
    Transaction,
}

/// A knob of [`Reality`], or the fault, that made a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Knob {
    Days,
    Rounding,
    Tax,
    LateDays,
    Destination,
    FailedChannel,
    Merge,
    /// The fault of the same name.
    AmountChanged,
}

/// One difference between what the pages say and what is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    pub knob: Knob,
    /// Before this knob: an amount, an instant, places of money, or numbers of orders.
    pub expected: String,
    /// After it.
    pub actual: String,
}

impl Reality {
    /// Reads a file; its name says whether it is JSON or TOML.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        crate::faults::from_file::<Self>(path)?.checked()
    }

    /// Reads a JSON text.
    pub fn from_json(text: &str) -> Result<Self, ScriptError> {
        crate::faults::from_json::<Self>(text)?.checked()
    }

    /// Reads a TOML text.
    pub fn from_toml(text: &str) -> Result<Self, ScriptError> {
        crate::faults::from_toml::<Self>(text)?.checked()
    }

    /// Refuses what cannot be.
    pub fn checked(self) -> Result<Self, ScriptError> {
        let wrong = |place: &str, why: String| Err(ScriptError::Content { place: place.to_owned(), why });
        if let Some(tax) = self.tax.filter(|tax| !(1..=100).contains(&tax.percent)) {
            return wrong("tax.percent", format!("{} is out of range; give 1 to 100", tax.percent));
        }
        if self.failed_channel.is_some_and(|failed| failed.method == Some(Method::Balance)) {
            return wrong("failed_channel.method", "the balance cannot fail; name another method".to_owned());
        }
        Ok(self)
    }
}
