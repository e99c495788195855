//! Requests as no client of ours would send them, and knocks at the control door.

use bss_openapi::sign::{query, v3};
use bss_openapi::wire::VERSION;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

use super::{ANCHOR, Running};

/// A request that can be bent before it is sent.
#[derive(Clone)]
pub struct Call {
    pub method: &'static str,
    pub action: &'static str,
    pub version: &'static str,
    pub date: String,
    pub nonce: String,
    pub key_id: &'static str,
    pub secret: &'static str,
    pub params: Vec<(String, String)>,
    /// As it goes over the wire; none: the canonical one.
    pub wire_query: Option<&'static str>,
}

impl Call {
    pub fn new(action: &'static str, nonce: &str) -> Self {
        Self {
            method: "POST",
            action,
            version: VERSION,
            date: ANCHOR.to_owned(),
            nonce: nonce.to_owned(),
            key_id: "testid",
            secret: "testsecret",
            params: Vec::new(),
            wire_query: None,
        }
    }

    pub fn request(&self, running: &Running) -> RequestBuilder {
        self.request_by(&http(), running)
    }

    pub fn request_by(&self, http: &Client, running: &Running) -> RequestBuilder {
        let address = running.sandbox.address();
        let host = address.trim_start_matches("http://").to_owned();
        let canonical = query::canonical(&self.params);
        let headers = [
            ("host", host.as_str()),
            ("x-acs-action", self.action),
            ("x-acs-version", self.version),
            ("x-acs-date", &self.date),
            ("x-acs-signature-nonce", &self.nonce),
            ("x-acs-content-sha256", v3::EMPTY_BODY_SHA256),
        ];
        let signable = v3::Signable {
            method: self.method,
            path: "/",
            canonical_query: &canonical,
            headers: &headers,
            body_sha256: v3::EMPTY_BODY_SHA256,
        };
        let authorization = v3::authorization(&signable, self.key_id, self.secret);
        let url = format!("{address}/?{}", self.wire_query.unwrap_or(&canonical));
        let mut request = http.request(self.method.parse().expect("a method"), url);
        for (name, value) in &headers[1..] {
            request = request.header(*name, *value);
        }
        request.header("Authorization", authorization)
    }
}

pub fn http() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

pub async fn told(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).expect("JSON"))
}

pub async fn status_and_code(running: &Running, call: Call) -> (u16, String) {
    let (status, body) = told(call.request(running).send().await.expect("an answer")).await;
    (status, body["Code"].as_str().expect("a code").to_owned())
}

/// The control door over HTTP.
pub struct Door<'a>(pub &'a Running);

impl Door<'_> {
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let url = format!("{}/_sandbox/{path}", self.0.sandbox.address());
        let request = http().request(method.parse().expect("a method"), url).header("x-sandbox-control", "1");
        told(request.body(body.to_owned()).send().await.expect("an answer")).await
    }
}
