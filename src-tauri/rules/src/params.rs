//! How values are written into messages' parameters.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

use crate::money::decimal_text;
use crate::quote::Param;

/// `params! { "list" => order.list, "used_days" => days }`
macro_rules! params {
    ($($name:literal => $value:expr),* $(,)?) => {
        $crate::quote::Params::from([$(($name.to_owned(), $crate::quote::Param::from($value))),*])
    };
}
pub(crate) use params;

/// RFC 3339 in UTC with as many digits of a second as there are, as everywhere in a quote.
pub(crate) fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Decimal> for Param {
    fn from(amount: Decimal) -> Self {
        Self::Text(decimal_text(amount))
    }
}

impl From<DateTime<Utc>> for Param {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Text(instant_text(instant))
    }
}

impl From<NaiveDate> for Param {
    fn from(date: NaiveDate) -> Self {
        Self::Text(date.to_string())
    }
}

impl From<Vec<String>> for Param {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl From<u32> for Param {
    fn from(number: u32) -> Self {
        Self::from(i64::from(number))
    }
}

impl From<i64> for Param {
    /// Numbers of things fit 32 bits; a larger one is written as a text, never cut.
    fn from(number: i64) -> Self {
        i32::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
    }
}
