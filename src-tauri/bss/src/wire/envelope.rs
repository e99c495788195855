//! What surrounds the data: the operation's envelope and the gateway's error body.

use super::record::{Extra, Record, record};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

/// A successful reply as a server writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope<D> {
    pub request_id: String,
    /// `Success`, or `200` where the operation's sample shows that.
    pub code: String,
    pub message: String,
    pub data: D,
    /// Further top-level members: name -> JSON text.
    pub extra: Extra,
}

impl<D> Envelope<D> {
    pub fn new(request_id: impl Into<String>, data: D) -> Self {
        Self {
            request_id: request_id.into(),
            code: "Success".into(),
            message: "Successful!".into(),
            data,
            extra: Extra::new(),
        }
    }
}

impl<D: Record> Serialize for Envelope<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("RequestId", &self.request_id)?;
        map.serialize_entry("Success", &true)?;
        map.serialize_entry("Code", &self.code)?;
        map.serialize_entry("Message", &self.message)?;
        map.serialize_entry("Data", &self.data)?;
        for (name, json) in &self.extra {
            let raw = RawValue::from_string(json.clone()).map_err(serde::ser::Error::custom)?;
            map.serialize_entry(name, &raw)?;
        }
        map.end()
    }
}

record! {
    /// A refusal inside HTTP 200: `Success` is false. A refused `RefundInstance` still carries data with order id 0, in
    /// `extra` under `Data`.
    pub struct Refusal {
        request_id: Option<String> = "RequestId",
        success: Option<bool> = "Success",
        code: Option<String> = "Code",
        message: Option<String> = "Message",
    }
}

record! {
    /// The gateway's error body, with HTTP 4xx or 5xx: no `Success`, no `Data`.
    pub struct GatewayError {
        request_id: Option<String> = "RequestId",
        host_id: Option<String> = "HostId",
        code: Option<String> = "Code",
        message: Option<String> = "Message",
        recommend: Option<String> = "Recommend",
    }
}
