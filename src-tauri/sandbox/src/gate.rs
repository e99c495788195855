//! The gateway in front of the operations: who calls, is the request fresh, is the signature right, was it seen before.
//! All of it by the wall clock, never by the business clock.

use std::collections::BTreeMap;

use bss_openapi::sign::{VerifyError, rpc, v3};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::access;
use crate::state::State;
use crate::wire::{self, Failure, OPERATIONS, Params};

/// A request whose date is further away than this is refused (error table of the API).
const FRESH: TimeDelta = TimeDelta::minutes(15);

/// A request as the gate sees it.
pub(crate) struct Knock<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub raw_query: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
    /// Query and form body, decoded.
    pub params: &'a Params,
}

impl Knock<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Name of the operation: a header with V3 signatures, a parameter with the older ones.
    pub fn action(&self) -> Option<&str> {
        self.header("x-acs-action").or_else(|| self.param("Action"))
    }

    fn version(&self) -> Option<&str> {
        self.header("x-acs-version").or_else(|| self.param("Version"))
    }

    /// With a temporary key.
    fn security_token(&self) -> Option<&str> {
        self.header("x-acs-security-token").or_else(|| self.param("SecurityToken"))
    }
}

/// Nonces of requests that would still be fresh.
#[derive(Debug, Default)]
pub(crate) struct Nonces(BTreeMap<(String, String), DateTime<Utc>>);

impl Nonces {
    /// Whether the nonce is new for this key; it is not from now on.
    fn is_new(&mut self, key_id: &str, nonce: &str, now: DateTime<Utc>) -> bool {
        // A request may be dated up to FRESH ahead, so its nonce is kept twice as long.
        self.0.retain(|_, seen| *seen + FRESH + FRESH > now);
        self.0.insert((key_id.to_owned(), nonce.to_owned()), now).is_none()
    }
}

/// Lets a request in: gives the place of the calling account.
pub(crate) fn admit(state: &mut State, knock: &Knock<'_>) -> Result<usize, Failure> {
    let action = knock.action().filter(|action| OPERATIONS.contains(action)).unwrap_or_default();
    if knock.version() != wire::version_of(action) {
        return Err(Failure::not_found(
            "InvalidApi.NotFound",
            "Specified api is not found, please check your url and method.",
        ));
    }
    let signed = if knock.header("authorization").is_some() { by_header(knock)? } else { by_query(knock)? };
    let opened = access::open(state, &signed.key_id, knock.security_token())?;
    check_date(signed.date, state.wall())?;
    let verified = if signed.by_header {
        v3::verify(knock.method, knock.path, knock.raw_query, knock.headers, knock.body, &opened.secret)
    } else {
        rpc::verify(knock.method, knock.params, &opened.secret)
    };
    verified.map_err(unverified)?;
    let wall = state.wall();
    if !state.nonces.is_new(&signed.key_id, signed.nonce, wall) {
        return Err(Failure::bad_request("SignatureNonceUsed", "Specified signature nonce was used already."));
    }
    access::check(state, &signed.key_id, opened.account, action)?;
    Ok(opened.account)
}

/// What a signature says of itself before it is checked.
struct Signed<'a> {
    key_id: String,
    date: &'a str,
    nonce: &'a str,
    by_header: bool,
}

fn by_header<'a>(knock: &'a Knock<'_>) -> Result<Signed<'a>, Failure> {
    let authorization =
        v3::Authorization::parse(knock.header("authorization").unwrap_or_default()).map_err(unverified)?;
    let required = |name: &'static str| {
        knock.header(name).filter(|value| !value.is_empty()).ok_or_else(|| unverified(VerifyError::NotSigned(name)))
    };
    Ok(Signed {
        key_id: authorization.key_id,
        date: required("x-acs-date")?,
        nonce: required("x-acs-signature-nonce")?,
        by_header: true,
    })
}

fn by_query<'a>(knock: &'a Knock<'_>) -> Result<Signed<'a>, Failure> {
    if knock.param("Signature").is_none() {
        return Err(unverified(VerifyError::Unsigned));
    }
    let required = |name: &'static str| {
        let missing = || Failure::bad_request("MissingParameter", format!("{name} is mandatory for this action."));
        knock.param(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    };
    Ok(Signed {
        key_id: required("AccessKeyId")?.to_owned(),
        date: required("Timestamp")?,
        nonce: required("SignatureNonce")?,
        by_header: false,
    })
}

fn unverified(error: VerifyError) -> Failure {
    Failure::bad_request(error.api_code(), error.to_string())
}

fn check_date(date: &str, now: DateTime<Utc>) -> Result<(), Failure> {
    let date = NaiveDateTime::parse_from_str(date, "%Y-%m-%dT%H:%M:%SZ")
        .map_err(|_| {
            Failure::bad_request("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
        })?
        .and_utc();
    if (date - now).abs() > FRESH {
        return Err(Failure::bad_request("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    }
    Ok(())
}
