//! The gateway in front of the operations: who calls, is the request fresh, is the signature right, was it seen before.
//! All of it by the cloud's wall clock, never by the business clock.

use std::collections::{HashMap, VecDeque};

use bss_openapi::sign::{VerifyError, rpc, v3};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::access;
use crate::state::{State, held};
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

    /// Name of the operation, from where the signature covers it.
    pub fn action(&self) -> Option<&str> {
        self.signed("x-acs-action", "Action")
    }

    fn version(&self) -> Option<&str> {
        self.signed("x-acs-version", "Version")
    }

    /// A header with V3 signatures, a parameter with the older ones; clients of those may send the header too, unsigned.
    fn signed(&self, header: &str, param: &str) -> Option<&str> {
        let by_header = self.header("authorization").is_some();
        if by_header { self.header(header).or_else(|| self.param(param)) } else { self.param(param) }
    }

    /// With a temporary key.
    fn security_token(&self) -> Option<&str> {
        self.header("x-acs-security-token").or_else(|| self.param("SecurityToken"))
    }
}

/// Nonces of requests that would still be fresh. A request may be dated up to [`FRESH`] ahead, so its nonce is kept twice as
/// long.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    seen: HashMap<u128, DateTime<Utc>>,
    /// In the order in which they came, so that each is forgotten once and none is looked at in between.
    order: VecDeque<(DateTime<Utc>, u128)>,
}

impl Nonces {
    /// Whether the nonce is new for this key; it is not from now on.
    fn is_new(&mut self, key_id: &str, nonce: &str, now: DateTime<Utc>) -> bool {
        let is_past = |seen: DateTime<Utc>| seen + FRESH + FRESH <= now;
        while let Some((seen, mark)) = self.order.front().copied().filter(|(seen, _)| is_past(*seen)) {
            self.order.pop_front();
            // One that came again since is kept until its own time.
            if self.seen.get(&mark) == Some(&seen) {
                self.seen.remove(&mark);
            }
        }
        let mark = mark(key_id, nonce);
        if self.seen.get(&mark).is_some_and(|seen| !is_past(*seen)) {
            return false;
        }
        self.seen.insert(mark, now);
        self.order.push_back((now, mark));
        true
    }
}

/// Half of a hash of key and nonce: short to keep, however long they are.
fn mark(key_id: &str, nonce: &str) -> u128 {
    let hash = Sha256::new().chain_update(key_id).chain_update([0]).chain_update(nonce).finalize();
    hash.iter().take(16).fold(0, |mark, byte| (mark << 8) | u128::from(*byte))
}

/// Lets a request in: gives the place of the calling account.
pub(crate) fn admit(state: &State, knock: &Knock<'_>) -> Result<usize, Failure> {
    let action = knock.action().filter(|action| OPERATIONS.contains(action)).unwrap_or_default();
    if knock.version() != wire::version_of(action) {
        return Err(Failure::not_found(
            "InvalidApi.NotFound",
            "Specified api is not found, please check your url and method.",
        ));
    }
    let signed = if knock.header("authorization").is_some() { by_header(knock)? } else { by_query(knock)? };
    let opened = access::open(state, &signed.key_id)?;
    check_date(signed.date, state.wall())?;
    let verified = if signed.by_header {
        v3::verify(knock.method, knock.path, knock.raw_query, knock.headers, knock.body, &opened.secret)
    } else {
        rpc::verify(knock.method, knock.params, &opened.secret)
    };
    verified.map_err(unverified)?;
    access::check_token(state, &signed.key_id, knock.security_token())?;
    let wall = state.wall();
    if !held(&state.nonces).is_new(&signed.key_id, signed.nonce, wall) {
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
