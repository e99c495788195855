//! What a key opens: its account, only some operations if it is restricted, and only for a time if it is a role's.
//!
//! Every account has the role `RefundDesk`, which any key of the sandbox may assume. Temporary keys end by the wall clock; they
//! are not in the state file, so a restart ends them too.

use std::collections::{BTreeSet, HashMap};
use std::sync::{MutexGuard, PoisonError};

use bss_openapi::sign::v3::body_sha256;
use bss_openapi::wire::{
    AssumeRoleData, AssumeRoleRequest, AssumedCredentials, AssumedRoleUser, MIN_SESSION_SECONDS, SecretText,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::state::State;
use crate::wire::{Failure, is_billing};

/// The role that every account has.
pub const ROLE: &str = "RefundDesk";

/// The longest session that any role may be given, in seconds.
const MAX_SESSION_SECONDS: u32 = 43_200;

/// Restrictions and temporary keys.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// Key id -> the only operations that it may call.
    allowed: HashMap<String, BTreeSet<String>>,
    temporary: HashMap<String, Temporary>,
}

struct Temporary {
    account: usize,
    secret: String,
    token: String,
    expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Temporary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Temporary").field("account", &self.account).field("expires_at", &self.expires_at).finish()
    }
}

/// An account and the secret that its signature must be made with.
pub(crate) struct Opened {
    pub account: usize,
    pub secret: String,
}

/// The account of a key and the key's secret. Whether the key opens now is asked by [`check_token`] once the signature holds.
pub(crate) fn open(state: &State, key_id: &str) -> Result<Opened, Failure> {
    if let Some(account) = state.account_of_key(key_id) {
        return Ok(Opened { account, secret: state.secret().to_owned() });
    }
    let key = held(state).temporary.get(key_id).map(|key| Opened { account: key.account, secret: key.secret.clone() });
    key.ok_or_else(|| Failure::not_found("InvalidAccessKeyId.NotFound", "Specified access key is not found."))
}

/// A temporary key opens with its own token until it ends, a lasting one without any.
pub(crate) fn check_token(state: &State, key_id: &str, token: Option<&str>) -> Result<(), Failure> {
    match (held(state).temporary.get(key_id), token) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Failure::bad_request("MissingSecurityToken", "SecurityToken is required for this key.")),
        (Some(key), Some(token)) if token == key.token && state.wall() < key.expires_at => Ok(()),
        (Some(key), Some(token)) if token == key.token => {
            Err(bad_token("Expired", "Specified SecurityToken is expired."))
        }
        _ => Err(bad_token("Malformed", "Specified SecurityToken is malformed.")),
    }
}

fn bad_token(what: &str, message: &str) -> Failure {
    Failure::bad_request(&format!("InvalidSecurityToken.{what}"), message)
}

/// Whether the key may call the operation. A role may what its account's own key may.
pub(crate) fn check(state: &State, key_id: &str, account: usize, action: &str) -> Result<(), Failure> {
    let own = state.key_of(account);
    let access = held(state);
    let denied =
        [key_id, own.as_str()].iter().filter_map(|key| access.allowed.get(*key)).any(|only| !only.contains(action));
    match (denied, is_billing(action)) {
        (false, _) => Ok(()),
        (true, true) => Err(Failure::bad_request("NotAuthorized", "This API is not authorized for caller.")),
        (true, false) => Err(Failure::Status {
            status: 403,
            code: "NoPermission".to_owned(),
            message: "You are not authorized to do this action. You should be authorized by RAM.".to_owned(),
        }),
    }
}

/// Restricts a key to these operations; `None` lets it call all of them again.
pub(crate) fn restrict(state: &State, key_id: &str, actions: Option<BTreeSet<String>>) {
    let mut access = held(state);
    match actions {
        Some(actions) => access.allowed.insert(key_id.to_owned(), actions),
        None => access.allowed.remove(key_id),
    };
}

/// `AssumeRole`: a new temporary key of the role's account.
pub(crate) fn assume(state: &State, request: &AssumeRoleRequest, request_id: &str) -> Result<AssumeRoleData, Failure> {
    let invalid = |name: &str, why: String| Failure::bad_request(&format!("InvalidParameter.{name}"), why);
    if !(MIN_SESSION_SECONDS..=MAX_SESSION_SECONDS).contains(&request.duration_seconds) {
        let why = format!("The parameter DurationSeconds must be from {MIN_SESSION_SECONDS} to {MAX_SESSION_SECONDS}.");
        return Err(invalid("DurationSeconds", why));
    }
    if !is_session_name(&request.role_session_name) {
        return Err(invalid("RoleSessionName", "The parameter RoleSessionName is wrongly formed.".to_owned()));
    }
    let (uid, role) = read_arn(&request.role_arn)
        .ok_or_else(|| invalid("RoleArn", "The parameter RoleArn is wrongly formed.".to_owned()))?;
    let account = state.world.accounts.iter().position(|account| account.uid == uid).filter(|_| role == ROLE);
    let account = account.ok_or_else(|| Failure::not_found("EntityNotExist.Role", "The role not exists."))?;

    // Request ids never repeat, so neither do keys; nobody without the secret of the sandbox can work one out.
    let drawn = |what: &str| body_sha256(format!("{what}\n{request_id}\n{}", state.secret()).as_bytes());
    let key_id = format!("STS.{}", &drawn("id")[..24]);
    let expires_at = state.wall() + TimeDelta::seconds(i64::from(request.duration_seconds));
    let key = Temporary { account, secret: drawn("secret"), token: drawn("token"), expires_at };
    let data = AssumeRoleData {
        credentials: AssumedCredentials {
            access_key_id: Some(key_id.clone()),
            access_key_secret: Some(SecretText(key.secret.clone())),
            security_token: Some(SecretText(key.token.clone())),
            expiration: Some(expires_at),
            ..Default::default()
        },
        assumed_role_user: AssumedRoleUser {
            arn: Some(format!("{}/{}", request.role_arn, request.role_session_name)),
            assumed_role_id: Some(format!("3{uid}:{}", request.role_session_name)),
            ..Default::default()
        },
        ..Default::default()
    };
    held(state).temporary.insert(key_id, key);
    Ok(data)
}

/// `acs:ram::<uid>:role/<name>`
fn read_arn(arn: &str) -> Option<(&str, &str)> {
    arn.strip_prefix("acs:ram::")?.split_once(":role/").filter(|(uid, role)| !uid.is_empty() && !role.is_empty())
}

fn is_session_name(name: &str) -> bool {
    (2..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte))
}

/// A thread that panicked while it held the lock leaves what is behind it as it was between two changes.
fn held(state: &State) -> MutexGuard<'_, Access> {
    state.access.lock().unwrap_or_else(PoisonError::into_inner)
}
