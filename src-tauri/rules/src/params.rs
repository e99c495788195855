//! Parameters of messages: names and values.

use std::fmt;

use arrayvec::ArrayString;
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::decimal_text;

/// A parameter of a message: a number of things, or a text (amounts, instants and ids are texts).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(untagged)]
pub enum Param {
    Number(i32),
    Flag(bool),
    #[cfg_attr(feature = "bindings", specta(type = String))]
    Text(CompactString),
    List(Vec<String>),
}

/// Parameters of a message by name; in documents an object with its names in order. Few as they are, a plain list serves them
/// better than a tree.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(CompactString, Param)>);

/// `params! { "list" => order.list, "used_days" => days }`
macro_rules! params {
    ($($name:literal => $value:expr),* $(,)?) => {
        $crate::params::Params::of_distinct(vec![
            $((compact_str::CompactString::const_new($name), $crate::params::Param::from($value))),*
        ])
    };
}
pub(crate) use params;

impl Params {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// No two may have one name.
    pub(crate) fn of_distinct(params: Vec<(CompactString, Param)>) -> Self {
        Self(params)
    }

    pub fn get(&self, name: &str) -> Option<&Param> {
        self.place(name).map(|place| &self.0[place].1)
    }

    /// Adds a parameter, or replaces the one of this name.
    pub fn insert(&mut self, name: impl Into<CompactString>, value: Param) {
        let name = name.into();
        match self.place(&name) {
            Some(place) => self.0[place].1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds all of the others; one of the same name replaces ours.
    pub fn extend(&mut self, others: Self) {
        for (name, value) in others.0 {
            self.insert(name, value);
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) -> Option<Param> {
        self.place(name).map(|place| self.0.remove(place).1)
    }

    /// In the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Param)> {
        let mut sorted: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value)).collect();
        sorted.sort_unstable_by_key(|(name, _)| *name);
        sorted.into_iter()
    }

    /// The values, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Param> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(own, _)| own == name)
    }
}

impl PartialEq for Params {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl<K: Into<CompactString>, const N: usize> From<[(K, Param); N]> for Params {
    fn from(params: [(K, Param); N]) -> Self {
        let mut all = Self(Vec::with_capacity(N));
        for (name, value) in params {
            all.insert(name, value);
        }
        all
    }
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByName;
        impl<'de> Visitor<'de> for ByName {
            type Value = Params;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of parameters")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
                let mut params = Params::new();
                while let Some((name, value)) = map.next_entry::<CompactString, Param>()? {
                    params.insert(name, value);
                }
                Ok(params)
            }
        }
        deserializer.deserialize_map(ByName)
    }
}

/// RFC 3339 in UTC with as many digits of a second as there are, as everywhere in a quote.
pub(crate) fn instant_text(instant: DateTime<Utc>) -> CompactString {
    let (date, time) = (instant.naive_utc().date(), instant.naive_utc().time());
    let plain = time.nanosecond() == 0;
    let Some(year) = u32::try_from(date.year()).ok().filter(|year| plain && (1_000..=9_999).contains(year)) else {
        return instant.to_rfc3339_opts(SecondsFormat::AutoSi, true).into();
    };
    // Whole seconds of years with four digits, as nearly all are: put together of pairs of digits, the general way takes ten
    // times as long.
    let mut text = ArrayString::<20>::new();
    for (number, sign) in [
        (year / 100, ""),
        (year % 100, "-"),
        (date.month(), "-"),
        (date.day(), "T"),
        (time.hour(), ":"),
        (time.minute(), ":"),
        (time.second(), "Z"),
    ] {
        text.push_str(two_digits(number));
        text.push_str(sign);
    }
    text.as_str().into()
}

/// "00" to "99"; of a larger number the last two.
fn two_digits(number: u32) -> &'static str {
    const PAIRS: &str = "0001020304050607080910111213141516171819\
        2021222324252627282930313233343536373839\
        4041424344454647484950515253545556575859\
        6061626364656667686970717273747576777879\
        8081828384858687888990919293949596979899";
    let place = 2 * (number % 100) as usize;
    &PAIRS[place..place + 2]
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<CompactString> for Param {
    fn from(text: CompactString) -> Self {
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
        Self::Text(date.to_string().into())
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
        i32::try_from(number).map_or_else(|_| Self::Text(number.to_string().into()), Self::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_its_library_writes_it() {
        for text in [
            "2026-05-20T04:00:00Z",
            "2026-12-31T23:59:59Z",
            "0999-01-01T00:00:00Z",
            "1000-01-01T00:00:00Z",
            "9999-10-09T08:07:06Z",
            "2026-05-20T04:00:00.5Z",
            "2026-05-20T04:00:00.000000001Z",
        ] {
            let instant: DateTime<Utc> = text.parse().unwrap();
            assert_eq!(instant_text(instant), instant.to_rfc3339_opts(SecondsFormat::AutoSi, true), "{text}");
        }
        let later = DateTime::<Utc>::MAX_UTC;
        assert_eq!(instant_text(later), later.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }

    #[test]
    fn parameters_are_kept_by_name_and_the_last_of_a_name_holds() {
        let mut params = Params::from([("b", Param::Number(1)), ("a", Param::from("x")), ("b", Param::Number(2))]);
        assert_eq!(serde_json::to_string(&params).unwrap(), r#"{"a":"x","b":2}"#);
        params.extend(params! { "c" => 3_u32, "a" => "y" });
        assert_eq!(params.get("a"), Some(&Param::from("y")));
        assert_eq!(params.get("d"), None);
        let read: Params = serde_json::from_str(r#"{"c":3,"a":"z","b":2,"a":"y"}"#).unwrap();
        assert_eq!(read, params);
    }
}
