//! How a JSON object becomes a struct and back, and a struct a query: the lenient reading that all wire types share.
//!
//! Objects are read member by member from the members' own text (`RawValue`), not through serde's buffered values, because those
//! turn every number into a binary float before anybody could ask for its digits.

use super::{Method, Service};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Members that the type does not know: name -> JSON text.
pub type Extra = BTreeMap<String, String>;

/// What could not be read, and where (`OrderList.Order[3].PretaxAmount`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Problem {
    pub place: String,
    pub reason: String,
}

impl Problem {
    pub(crate) fn here(reason: impl Into<String>) -> Self {
        Self { place: String::new(), reason: reason.into() }
    }

    fn within(mut self, outer: &str) -> Self {
        let joint = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = format!("{outer}{joint}{}", self.place);
        self
    }
}

/// A request parameter that is missing or cannot be read, as a server finds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    #[error("The input parameter {0} that is mandatory for processing this request is not supplied.")]
    Missing(&'static str),
    #[error("The specified parameter {name} is not valid: {reason}.")]
    Invalid { name: &'static str, reason: String },
}

impl ParameterError {
    /// The API's error code, sent with HTTP status 400.
    pub fn api_code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "MissingParameter",
            Self::Invalid { .. } => "InvalidParameter",
        }
    }
}

/// A JSON object of the wire.
pub trait Record: Default + Serialize + Send {
    fn read_record(raw: &RawValue) -> Result<Self, Problem>;
}

/// One operation: its name, its parameters and what it answers with.
pub trait Request: Sized + Send + Sync {
    /// The value of `x-acs-action`.
    const ACTION: &'static str;
    /// Whether the operation changes anything; such a request is never repeated by the client.
    const ACTS: bool;
    /// The API that the operation belongs to.
    const SERVICE: Service;
    /// How it travels; parameters are in the query either way.
    const METHOD: Method;
    /// What a successful reply holds, see [`Service::answers_whole`].
    type Data: Record;
    /// The business parameters; optional ones that are not set are left out, required ones are sent even when empty.
    fn to_params(&self) -> Vec<(String, String)>;
    /// Reads the parameters as a server does: unknown ones are ignored, documented defaults are filled in.
    fn from_params(params: &[(String, String)]) -> Result<Self, ParameterError>;
}

/// A plain value: text on the wire, except that `BARE` ones are written as JSON numbers or booleans.
pub(crate) trait Scalar: Sized {
    const BARE: bool = false;
    fn parse(text: &str) -> Result<Self, String>;
    fn text(&self) -> String;
}

/// A member of an object.
pub(crate) trait Member: Sized {
    /// What absent, null or blank stands for; `None` when the member is required.
    fn absent() -> Option<Self>;
    fn read(raw: &RawValue) -> Result<Self, Problem>;
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// A member of an array.
pub(crate) trait Element: Serialize + Sized {
    fn read_element(raw: &RawValue) -> Result<Self, Problem>;
}

/// A request parameter.
pub(crate) trait Parameter: Sized {
    fn read_param(text: Option<&str>) -> Result<Option<Self>, String>;
    fn write_param(&self) -> Option<String>;

    /// Finds itself among the parameters; `default` is used when it is missing.
    fn find(params: &[(String, String)], name: &str, default: Option<&str>) -> Result<Option<Self>, String> {
        Self::read_param(params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).or(default))
    }

    /// Adds itself to the parameters.
    fn append(&self, name: &str, params: &mut Vec<(String, String)>) {
        params.extend(self.write_param().map(|text| (name.to_owned(), text)));
    }
}

impl Scalar for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn text(&self) -> String {
        self.clone()
    }
}

impl Scalar for Decimal {
    fn parse(text: &str) -> Result<Self, String> {
        super::read_amount(text).map_err(|error| error.to_string())
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Scalar for DateTime<Utc> {
    fn parse(text: &str) -> Result<Self, String> {
        super::read_time(text).ok_or_else(|| format!("`{text}` is not a time like 2026-01-31T08:00:00Z"))
    }
    fn text(&self) -> String {
        super::write_time(self)
    }
}

macro_rules! bare_scalars {
    ($($type:ty, $what:literal;)*) => {$(
        impl Scalar for $type {
            const BARE: bool = true;
            fn parse(text: &str) -> Result<Self, String> {
                // One SDK writes `True`.
                text.to_ascii_lowercase().parse().map_err(|_| format!("`{text}` is not {}", $what))
            }
            fn text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

bare_scalars! {
    u32, "a whole number from 0 to 4294967295";
    i64, "a whole number";
    bool, "true or false";
}

/// The text of a plain value, `None` for null and for blank text.
fn plain_text(raw: &RawValue) -> Result<Option<Cow<'_, str>>, Problem> {
    let json = raw.get();
    let text = match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<InPlace<'_>>(json).map_err(|error| Problem::here(error.to_string()))?.0,
        Some(b'{' | b'[') => return Err(Problem::here("a plain value is expected here, not an object or a list")),
        _ if json == "null" => return Ok(None),
        _ => Cow::Borrowed(json),
    };
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    Ok((!text.is_empty()).then_some(text))
}

fn write_scalar<T: Scalar, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    if T::BARE {
        RawValue::from_string(value.text()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    } else {
        serializer.serialize_str(&value.text())
    }
}

impl<T: Scalar> Member for T {
    fn absent() -> Option<Self> {
        None
    }
    fn read(raw: &RawValue) -> Result<Self, Problem> {
        let text = plain_text(raw)?.ok_or_else(|| Problem::here("a value is required"))?;
        T::parse(&text).map_err(Problem::here)
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_scalar(self, serializer)
    }
}

impl<T: Scalar> Member for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn read(raw: &RawValue) -> Result<Self, Problem> {
        plain_text(raw)?.map(|text| T::parse(&text).map_err(Problem::here)).transpose()
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => write_scalar(value, serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl<T: Element> Member for Vec<T> {
    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
    fn read(raw: &RawValue) -> Result<Self, Problem> {
        if matches!(raw.get(), "null" | "\"\"") {
            return Ok(Vec::new());
        }
        let items: Vec<&RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| Problem::here("a list is expected here"))?;
        let read = |(index, item): (usize, &&RawValue)| {
            T::read_element(item).map_err(|problem| problem.within(&format!("[{index}]")))
        };
        items.iter().enumerate().map(read).collect()
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl Element for String {
    fn read_element(raw: &RawValue) -> Result<Self, Problem> {
        Ok(plain_text(raw)?.unwrap_or_default().into_owned())
    }
}

/// A map of short texts, such as `ExtendInfos`; a value that is not text is kept as its JSON text. The whole map may itself
/// arrive as a JSON text.
impl Member for BTreeMap<String, String> {
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn read(raw: &RawValue) -> Result<Self, Problem> {
        let unwrapped = match raw.get().as_bytes().first() {
            Some(b'"') => plain_text(raw)?.unwrap_or(Cow::Borrowed("{}")),
            _ => Cow::Borrowed(raw.get()),
        };
        let members: Option<BTreeMap<String, &RawValue>> =
            serde_json::from_str(&unwrapped).map_err(|_| Problem::here("an object is expected here"))?;
        let text = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
        Ok(members.unwrap_or_default().into_iter().map(|(name, raw)| (name, text(raw))).collect())
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl<T: Scalar> Parameter for T {
    fn read_param(text: Option<&str>) -> Result<Option<Self>, String> {
        text.map(|text| T::parse(text.trim())).transpose()
    }
    fn write_param(&self) -> Option<String> {
        Some(self.text())
    }
}

impl<T: Scalar> Parameter for Option<T> {
    fn read_param(text: Option<&str>) -> Result<Option<Self>, String> {
        let given = text.map(str::trim).filter(|text| !text.is_empty());
        given.map(T::parse).transpose().map(Some)
    }
    fn write_param(&self) -> Option<String> {
        self.as_ref().map(T::text)
    }
}

/// A comma list.
impl Parameter for Vec<String> {
    fn read_param(text: Option<&str>) -> Result<Option<Self>, String> {
        let parts = text.unwrap_or_default().split(',').map(str::trim);
        Ok(Some(parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()))
    }
    fn write_param(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.join(","))
    }
}

/// A list that travels as one parameter an item: `Name.1`, `Name.2` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct NumberedList<T>(pub Vec<T>);

impl<T> Default for NumberedList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Scalar> Parameter for NumberedList<T> {
    fn read_param(_: Option<&str>) -> Result<Option<Self>, String> {
        Ok(Some(Self(Vec::new())))
    }
    fn write_param(&self) -> Option<String> {
        None
    }
    fn find(params: &[(String, String)], name: &str, _: Option<&str>) -> Result<Option<Self>, String> {
        let number = |key: &str| key.strip_prefix(name)?.strip_prefix('.')?.parse::<u32>().ok();
        let mut items: Vec<_> = params.iter().filter_map(|(key, value)| Some((number(key)?, value.trim()))).collect();
        items.sort_by_key(|(number, _)| *number);
        let given = items.into_iter().filter(|(_, text)| !text.is_empty());
        given.map(|(_, text)| T::parse(text)).collect::<Result<_, _>>().map(|list| Some(Self(list)))
    }
    fn append(&self, name: &str, params: &mut Vec<(String, String)>) {
        params.extend((1..).zip(&self.0).map(|(number, item)| (format!("{name}.{number}"), item.text())));
    }
}

/// The members of an object that is being read, in the order of its text; what is left at the end is `extra`. A sync reads a
/// hundred thousand of them, so nothing is copied that stays where it is.
pub(crate) struct Members<'a>(Vec<(InPlace<'a>, &'a RawValue)>);

/// A text where it stands; one with escapes is a copy.
#[derive(Deserialize)]
struct InPlace<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Members<'a> {
    pub(crate) fn of(raw: &'a RawValue) -> Result<Self, Problem> {
        serde_json::Deserializer::from_str(raw.get())
            .deserialize_map(InOrder)
            .map(Self)
            .map_err(|_| Problem::here("an object is expected here"))
    }

    pub(crate) fn take<T: Member>(&mut self, name: &str) -> Result<T, Problem> {
        let raw = self.remove(name).filter(|raw| raw.get() != "null");
        match (raw, T::absent()) {
            (Some(raw), _) => T::read(raw).map_err(|problem| problem.within(name)),
            (None, Some(absent)) => Ok(absent),
            (None, None) => Err(Problem::here("a value is required").within(name)),
        }
    }

    pub(crate) fn rest(self) -> Extra {
        self.0.into_iter().map(|(name, raw)| (name.0.into_owned(), raw.get().to_owned())).collect()
    }

    /// Exact name first; documents and API generations differ in case (`Code`/`code`, `InstanceIDs`/`InstanceIds`). Of a name that
    /// stands twice the last value counts.
    fn remove(&mut self, name: &str) -> Option<&'a RawValue> {
        let exact = self.0.iter().rposition(|(key, _)| key.0 == name);
        let place = exact.or_else(|| self.0.iter().rposition(|(key, _)| key.0.eq_ignore_ascii_case(name)))?;
        let (found, raw) = self.0.remove(place);
        self.0.retain(|(key, _)| key.0 != found.0);
        Some(raw)
    }
}

/// Reads an object's members as they come.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(InPlace<'de>, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(32);
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// Serializes a member through [`Member::write`].
pub(crate) struct Written<'a, T>(pub(crate) &'a T);

impl<T: Member> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// Looks a parameter up as a server does.
pub(crate) fn parameter<T: Parameter>(
    params: &[(String, String)],
    name: &'static str,
    default: Option<&str>,
) -> Result<T, ParameterError> {
    match T::find(params, name, default) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(ParameterError::Missing(name)),
        Err(reason) => Err(ParameterError::Invalid { name, reason }),
    }
}

/// Declares an object of the wire: `field: Type = "WireName"`.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $wire:literal),* $(,)?
    }) => {
        $crate::wire::record::record! {
            $(#[$meta])*
            #[derive(Debug)]
            secret struct $name {
                $($(#[$field_meta])* $field : $type = $wire,)*
            }
        }
    };
    // Holds secrets: has no derived `Debug`, so that its module must write one.
    ($(#[$meta:meta])* secret struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $wire:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Members that this type does not know.
            pub extra: $crate::wire::Extra,
        }

        impl $crate::wire::Record for $name {
            fn read_record(raw: &serde_json::value::RawValue) -> Result<Self, $crate::wire::Problem> {
                let mut members = $crate::wire::record::Members::of(raw)?;
                Ok(Self { $($field: members.take($wire)?,)* extra: members.rest() })
            }
        }

        impl $crate::wire::record::Member for $name {
            fn absent() -> Option<Self> {
                Some(Self::default())
            }
            fn read(raw: &serde_json::value::RawValue) -> Result<Self, $crate::wire::Problem> {
                <Self as $crate::wire::Record>::read_record(raw)
            }
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(self, serializer)
            }
        }

        impl $crate::wire::record::Element for $name {
            fn read_element(raw: &serde_json::value::RawValue) -> Result<Self, $crate::wire::Problem> {
                <Self as $crate::wire::Record>::read_record(raw)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::{Error, SerializeMap};
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry($wire, &$crate::wire::record::Written(&self.$field))?;)*
                for (name, json) in &self.extra {
                    let raw = serde_json::value::RawValue::from_string(json.clone()).map_err(S::Error::custom)?;
                    map.serialize_entry(name, &raw)?;
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
                <Self as $crate::wire::Record>::read_record(&raw).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Declares an operation's request: `field: Type = "WireName"`, with `or "default"` where the API documents a default. The word
/// `acts` after the operation's name marks the ones that change something; `at Service Method` those outside the billing API.
macro_rules! request {
    ($(#[$meta:meta])* $action:literal at $service:ident $method:ident -> $($rest:tt)*) => {
        $crate::wire::record::request! { @ $(#[$meta])* $action (false) $service $method -> $($rest)* }
    };
    ($(#[$meta:meta])* $action:literal acts -> $($rest:tt)*) => {
        $crate::wire::record::request! { @ $(#[$meta])* $action (true) Billing Post -> $($rest)* }
    };
    ($(#[$meta:meta])* $action:literal -> $($rest:tt)*) => {
        $crate::wire::record::request! { @ $(#[$meta])* $action (false) Billing Post -> $($rest)* }
    };
    (@ $(#[$meta:meta])* $action:literal ($acts:literal) $service:ident $method:ident -> $data:ty; pub struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $wire:literal $(or $default:literal)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[$field_meta])* #[serde(rename = $wire)] pub $field: $type,)*
        }

        impl $crate::wire::Request for $name {
            const ACTION: &'static str = $action;
            const ACTS: bool = $acts;
            const SERVICE: $crate::wire::Service = $crate::wire::Service::$service;
            const METHOD: $crate::wire::Method = $crate::wire::Method::$method;
            type Data = $data;

            fn to_params(&self) -> Vec<(String, String)> {
                #[allow(unused_mut, reason = "an operation may have no parameters")]
                let mut params = Vec::new();
                $($crate::wire::record::Parameter::append(&self.$field, $wire, &mut params);)*
                params
            }

            fn from_params(
                #[allow(unused_variables, reason = "an operation may have no parameters")] params: &[(String, String)],
            ) -> Result<Self, $crate::wire::ParameterError> {
                Ok(Self { $($field: $crate::wire::record::parameter(
                    params, $wire, [$($default)?].first().copied())?,)* })
            }
        }
    };
}

pub(crate) use {record, request};
