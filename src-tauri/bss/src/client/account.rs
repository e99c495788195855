//! Who calls, and where.

use crate::error::{BssError, Failure, Kind};
use crate::wire::Service;
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;

/// The China site.
pub const CHINA_ENDPOINT: &str = "https://business.aliyuncs.com";

/// The international site, Japan included.
pub const INTERNATIONAL_ENDPOINT: &str = "https://business.ap-southeast-1.aliyuncs.com";

/// A shorter secret is a sandbox's invention (the cloud's have 30 letters), and single letters stand in every text.
const SHORTEST_SECRET: usize = 8;

/// A customer's access to the API. Secret and token are wiped from memory with it.
#[derive(Clone)]
pub struct Account {
    /// The billing API's, such as [`CHINA_ENDPOINT`]; other APIs are found from it. Plain `http` is accepted for loopback addresses only.
    pub endpoint: String,
    pub key_id: String,
    pub key_secret: SecretString,
    /// With a temporary (STS) key.
    pub security_token: Option<SecretString>,
}

impl fmt::Debug for Account {
    /// Shows who, never the secret or the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Account")
            .field("endpoint", &self.endpoint)
            .field("key_id", &self.key_id)
            .field("key_secret", &"(hidden)")
            .field("security_token", &self.security_token.as_ref().map(|_| "(hidden)"))
            .finish()
    }
}

impl Account {
    /// Replaces the secret and the token wherever they occur, for texts that came from outside (a gateway may quote what it
    /// tried to verify).
    pub(crate) fn redact(&self, text: &str) -> String {
        let hidden = [Some(&self.key_secret), self.security_token.as_ref()];
        hidden
            .into_iter()
            .flatten()
            .map(|secret| secret.expose_secret())
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .fold(text.to_owned(), |text, secret| text.replace(secret, "(hidden)"))
    }

    pub(crate) fn check_key(&self) -> Result<(), BssError> {
        let header_safe = |text: &str| !text.trim().is_empty() && HeaderValue::from_str(text).is_ok();
        if !header_safe(&self.key_id) {
            return Err(setup("key_id", "the AccessKey id is empty or has characters that no id has"));
        }
        if self.key_secret.expose_secret().trim().is_empty() {
            return Err(setup("key_secret", "the AccessKey secret is empty"));
        }
        if self.security_token.as_ref().is_some_and(|token| !header_safe(token.expose_secret())) {
            return Err(setup("security_token", "the security token is empty or has characters that no token has"));
        }
        Ok(())
    }
}

/// An endpoint that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Scheme, host and port; no path.
    pub origin: String,
    /// As it stands in the `host` header: with the port unless it is the scheme's own.
    pub host: String,
    pub loopback: bool,
    /// Plain `http`, which only loopback may have.
    pub plain: bool,
}

impl Endpoint {
    pub(crate) fn read(text: &str) -> Result<Self, BssError> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let refused = || setup("endpoint", "the endpoint is not an address like https://business.aliyuncs.com");
        let url = Url::parse(&full).map_err(|_| refused())?;
        let name = url.host_str().filter(|name| !name.is_empty()).ok_or_else(refused)?.to_owned();
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(refused());
        }
        let loopback = is_loopback(&name);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(setup("endpoint", "the endpoint must begin with https:// unless it is on this computer"));
            }
            _ => return Err(refused()),
        }
        let host = url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
        let plain = url.scheme() == "http";
        Ok(Self { origin: format!("{}://{host}", url.scheme()), host, loopback, plain })
    }

    /// Where another API of the same site listens: the billing API's host with its first label replaced. On loopback one address
    /// serves all, told apart by `x-acs-version`.
    pub(crate) fn of_service(&self, service: Service) -> Result<Self, BssError> {
        if self.loopback || service == Service::Billing {
            return Ok(self.clone());
        }
        let site = self.host.strip_prefix(Service::Billing.host_label()).filter(|rest| rest.starts_with('.'));
        let site = site.ok_or_else(|| {
            let message = "roles and partners' orders need one of Alibaba Cloud's own addresses, business.<site>";
            setup("endpoint", message)
        })?;
        let host = format!("{}{site}", service.host_label());
        Ok(Self { origin: format!("https://{host}"), host, ..self.clone() })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn setup(setting: &'static str, message: &str) -> BssError {
    Failure::new(Kind::Setup, setting, message).into()
}
