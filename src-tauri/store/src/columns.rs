//! How values stand in columns: decimals as text, instants as milliseconds, documents as JSON text.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::StoreError;

/// JSON text as it was given, byte for byte: a quote's hash and the cloud's own number texts survive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Takes text over after checking that it is JSON.
    pub fn parse(text: impl Into<String>) -> Result<Self, StoreError> {
        let text = text.into();
        serde_json::from_str::<IgnoredAny>(&text).map_err(refused)?;
        Ok(Self(text))
    }

    /// The JSON text of a plain value.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, StoreError> {
        serde_json::to_string(value).map(Self).map_err(refused)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the document as a plain value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.0)
            .map_err(|why| StoreError::ValueUnreadable { place: "a stored document".to_owned(), why: why.to_string() })
    }
}

fn refused(why: serde_json::Error) -> StoreError {
    StoreError::ValueRefused { place: "a document to store".to_owned(), why: why.to_string() }
}

/// A type with one form in a column.
pub(crate) trait Column: Sized {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self>;
    fn write(&self) -> ToSqlOutput<'_>;
}

impl Column for String {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(str::to_owned)
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Text(self.as_bytes()))
    }
}

impl Column for bool {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_i64()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Integer(i64::from(*self)))
    }
}

impl Column for i64 {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64()
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Integer(*self))
    }
}

impl Column for u32 {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let wide = value.as_i64()?;
        u32::try_from(wide).map_err(|_| FromSqlError::OutOfRange(wide))
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Integer(i64::from(*self)))
    }
}

impl Column for Decimal {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Decimal::from_str_exact(value.as_str()?).map_err(FromSqlError::other)
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Text(self.to_string()))
    }
}

impl Column for DateTime<Utc> {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        DateTime::from_timestamp_millis(millis).ok_or(FromSqlError::OutOfRange(millis))
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Integer(self.timestamp_millis()))
    }
}

impl Column for Json {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|text| Self(text.to_owned()))
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_bytes()))
    }
}

/// A list of codes or ids, as a JSON array.
impl Column for Vec<String> {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map_err(FromSqlError::other)
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Value::Text(serde_json::Value::from(self.as_slice()).to_string()))
    }
}

impl<T: Column> Column for Option<T> {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }
    fn write(&self) -> ToSqlOutput<'_> {
        match self {
            Some(value) => value.write(),
            None => ToSqlOutput::Owned(Value::Null),
        }
    }
}
