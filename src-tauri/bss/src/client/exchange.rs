//! One signed request and its answer over HTTP.

use super::account::{Account, Endpoint};
use super::ambient::Ambient;
use super::answer::Answer;
use super::{Reply, ReplyMeta};
use crate::error::{BssError, Failure, Kind};
use crate::sign::{query, v3};
use crate::wire::{self, Method, Request};
use chrono::{DateTime, Utc};
use reqwest::{Response, header::HeaderMap};
use secrecy::ExposeSecret as _;
use std::time::Duration;

/// An answer larger than this is given up on: a page of 300 rows is far below a tenth of it.
pub const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The official SDKs' own.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Without a byte for so long the answer is given up on. Three times the SDKs', since large pages of orders are known to be slow.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// However steadily the bytes come, an exchange ends here.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(120);

const USER_AGENT: &str = concat!("bss-openapi/", env!("CARGO_PKG_VERSION"));

/// The HTTP side of an account.
pub(crate) struct Exchange {
    endpoint: Endpoint,
    /// Reading calls keep their connections.
    reading: reqwest::Client,
    /// Acting calls open a fresh one each: a kept connection that the other side closes just then leaves it unknown whether the
    /// request arrived, while a connection that cannot be opened proves that it did not.
    acting: reqwest::Client,
}

impl Exchange {
    pub(crate) fn new(account: &Account) -> Result<Self, BssError> {
        account.check_key()?;
        Self::at(&account.endpoint)
    }

    /// For accounts whose keys come later.
    pub(crate) fn at(endpoint: &str) -> Result<Self, BssError> {
        let endpoint = Endpoint::read(endpoint)?;
        let reading = http_client(&endpoint, true)?;
        let acting = http_client(&endpoint, false)?;
        Ok(Self { endpoint, reading, acting })
    }

    /// Sends the request once.
    pub(crate) async fn send<R: Request>(
        &self,
        account: &Account,
        ambient: &dyn Ambient,
        request: &R,
    ) -> Result<Reply<R::Data>, BssError> {
        let outgoing = self.outgoing::<R>(account, ambient, request)?;
        let response = outgoing.send().await.map_err(|error| broken::<R>(account, &error, None))?;
        let mut answer = Answer {
            operation: R::ACTION,
            acts: R::ACTS,
            whole: R::SERVICE.answers_whole(),
            status: response.status().as_u16(),
            server_date: server_date(response.headers()),
            retry_after: retry_after(response.headers()),
            body: Vec::new(),
        };
        answer.body = read_body::<R>(account, response).await?;
        let (data, request_id) = answer.read::<R::Data>(account)?;
        let meta = ReplyMeta { request_id, server_date: answer.server_date, received_at: ambient.now() };
        Ok(Reply { data, meta })
    }

    fn outgoing<R: Request>(
        &self,
        account: &Account,
        ambient: &dyn Ambient,
        request: &R,
    ) -> Result<reqwest::RequestBuilder, BssError> {
        let endpoint = self.endpoint.of_service(R::SERVICE)?;
        let canonical_query = query::canonical(&request.to_params());
        let headers = signed_headers::<R>(&endpoint, account, ambient);
        let borrowed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signable = v3::Signable {
            method: R::METHOD.as_str(),
            path: "/",
            canonical_query: &canonical_query,
            headers: &borrowed,
            body_sha256: v3::EMPTY_BODY_SHA256,
        };
        let authorization = v3::authorization(&signable, &account.key_id, account.key_secret.expose_secret());
        // The canonical form is also a valid wire form, so exactly what was signed travels.
        let separator = if canonical_query.is_empty() { "" } else { "?" };
        let url = format!("{}/{separator}{canonical_query}", endpoint.origin);
        let http = if R::ACTS { &self.acting } else { &self.reading };
        let outgoing = match R::METHOD {
            Method::Get => http.get(url),
            // An empty body would go without a length, which some proxies refuse for a POST.
            Method::Post => http.post(url).header("content-length", "0").body(Vec::new()),
        };
        let outgoing = outgoing.header("authorization", authorization).header("accept", "application/json");
        Ok(headers.iter().fold(outgoing, |outgoing, (name, value)| outgoing.header(*name, value)))
    }
}

/// What the documents ask to be signed at least: `host` and all `x-acs-*`. Headers that a proxy may rewrite stay unsigned.
fn signed_headers<R: Request>(
    endpoint: &Endpoint,
    account: &Account,
    ambient: &dyn Ambient,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("host", endpoint.host.clone()),
        ("x-acs-action", R::ACTION.to_owned()),
        ("x-acs-version", R::SERVICE.version().to_owned()),
        ("x-acs-date", wire::write_time(&ambient.now())),
        ("x-acs-signature-nonce", ambient.nonce()),
        ("x-acs-content-sha256", v3::EMPTY_BODY_SHA256.to_owned()),
    ];
    if let Some(token) = &account.security_token {
        headers.push(("x-acs-accesskey-id", account.key_id.clone()));
        headers.push(("x-acs-security-token", token.expose_secret().to_owned()));
    }
    headers
}

fn http_client(endpoint: &Endpoint, keep_connections: bool) -> Result<reqwest::Client, BssError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .http1_only()
        // A signature fits one host and path: following a redirect could only fail, or carry the token elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        // Whether a request may be repeated is decided above this layer, by operation.
        .retry(reqwest::retry::never());
    if endpoint.loopback {
        // A company proxy cannot reach this computer's loopback.
        builder = builder.no_proxy();
    }
    if endpoint.plain {
        // No TLS is spoken, so the system's certificates need not be read (nor exist: a bare machine runs the sandbox too).
        builder = builder.tls_certs_only([]);
    }
    if !keep_connections {
        builder = builder.pool_max_idle_per_host(0);
    }
    builder.build().map_err(|error| {
        Failure::new(Kind::Setup, "endpoint", format!("no HTTP client can be made: {}", chain(&error))).into()
    })
}

async fn read_body<R: Request>(account: &Account, mut response: Response) -> Result<Vec<u8>, BssError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken::<R>(account, &error, Some(status)))? {
        if body.len() + chunk.len() > BODY_LIMIT {
            let message = format!("the answer is larger than {} MiB", BODY_LIMIT / 1024 / 1024);
            let failure = Failure::new(Kind::Malformed, R::ACTION, message);
            return Err(Failure { http_status: Some(status), may_have_acted: R::ACTS, ..failure }.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that could not be made or broke. Only when it was never made is it certain that nothing happened.
fn broken<R: Request>(account: &Account, error: &reqwest::Error, http_status: Option<u16>) -> BssError {
    let never_left = error.is_connect() || error.is_builder();
    let (kind, what) = match (error.is_timeout(), never_left) {
        (true, true) => (Kind::Timeout, "no connection in time"),
        (true, false) => (Kind::Timeout, "no answer in time"),
        (false, true) => (Kind::Transport, "no connection"),
        (false, false) => (Kind::Transport, "the connection broke"),
    };
    let message = account.redact(&format!("{what}: {}", chain(error)));
    Failure { http_status, may_have_acted: R::ACTS && !never_left, ..Failure::new(kind, R::ACTION, message) }.into()
}

/// The causes of an error, outermost first; the outermost of reqwest only repeats the address, which is left out.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    if causes.is_empty() { "no cause given".to_owned() } else { causes.join(": ") }
}

fn server_date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get("date")?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

/// `x-acs-retry-after`, in milliseconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("x-acs-retry-after")?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_millis)
}
