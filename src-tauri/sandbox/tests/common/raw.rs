//! A request byte by byte, as some client writes it: what a library would tidy up on the way is kept.

use bss_openapi::sign::{query, v3};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Running;

/// Sends a head (its lines without the last blank one) and a body; gives the status and the document that came back.
pub async fn send(running: &Running, head: &[String], body: &[u8]) -> (u16, Value) {
    let answer = exchange(running, head, body).await.expect("an answer");
    let status = answer.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let (_, document) = answer.split_once("\r\n\r\n").expect("a body");
    (status, serde_json::from_str(document).unwrap_or_else(|why| panic!("{why}: {answer}")))
}

/// Sends the same and gives all that comes back until the connection is closed, or how it broke.
pub async fn exchange(running: &Running, head: &[String], body: &[u8]) -> std::io::Result<String> {
    let address = running.sandbox.address();
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).await.expect("a connection");
    let mut request = head.join("\r\n").into_bytes();
    request.extend(b"\r\nConnection: close\r\n\r\n");
    request.extend(body);
    stream.write_all(&request).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// A request with a V3 signature, and the ways in which what is sent may differ from the plainest form.
pub struct V3<'a> {
    pub action: &'a str,
    /// What is signed, decoded.
    pub params: Vec<(String, String)>,
    /// As it goes over the wire; none: the canonical query.
    pub wire_query: Option<String>,
    /// As it is signed and sent.
    pub host: String,
    pub form: Option<&'a str>,
    /// Whether the form goes in chunks, without a length.
    pub chunked: bool,
    /// Signed too.
    pub more: Vec<(&'a str, &'a str)>,
    pub date: &'a str,
    pub nonce: &'a str,
}

impl<'a> V3<'a> {
    pub fn new(running: &Running, action: &'a str, nonce: &'a str) -> Self {
        Self {
            action,
            params: Vec::new(),
            wire_query: None,
            host: running.sandbox.address().trim_start_matches("http://").to_owned(),
            form: None,
            chunked: false,
            more: Vec::new(),
            date: super::ANCHOR,
            nonce,
        }
    }

    pub async fn send(&self, running: &Running) -> (u16, Value) {
        let (head, body) = self.bytes();
        send(running, &head, &body).await
    }

    /// Lines of the head, and the body as it is sent.
    pub fn bytes(&self) -> (Vec<String>, Vec<u8>) {
        let body = self.form.unwrap_or_default().as_bytes();
        let hash = v3::body_sha256(body);
        let canonical_query = query::canonical(&self.params);
        let mut headers = vec![
            ("host", self.host.as_str()),
            ("x-acs-action", self.action),
            ("x-acs-version", bss_openapi::wire::VERSION),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-content-sha256", &hash),
        ];
        if self.form.is_some() {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        headers.extend(&self.more);
        let signable = v3::Signable {
            method: "POST",
            path: "/",
            canonical_query: &canonical_query,
            headers: &headers,
            body_sha256: &hash,
        };
        let authorization = v3::authorization(&signable, "testid", "testsecret");
        let wire_query = self.wire_query.as_deref().unwrap_or(&canonical_query);
        let mut head = vec![format!("POST /?{wire_query} HTTP/1.1")];
        head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        head.push(format!("Authorization: {authorization}"));
        if !self.chunked {
            head.push(format!("Content-Length: {}", body.len()));
            return (head, body.to_vec());
        }
        head.push("Transfer-Encoding: chunked".to_owned());
        let mut chunks = Vec::new();
        for chunk in body.chunks(7) {
            chunks.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            chunks.extend(chunk);
            chunks.extend(b"\r\n");
        }
        chunks.extend(b"0\r\n\r\n");
        (head, chunks)
    }
}
