//! With which key a call is signed: a lasting one, or a role's that is renewed before it ends.

use super::account::Account;
use super::ambient::Ambient;
use super::{Client, TemporaryKey};
use crate::error::{BssError, Kind};
use crate::wire::AssumeRoleRequest;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A role's key is renewed so long before it ends, so that no call under way outlives it. At most a third of its life.
pub const RENEW_BEFORE: TimeDelta = TimeDelta::minutes(5);

/// A role in a customer's account, and who assumes it.
#[derive(Debug, Clone)]
pub struct Role {
    /// A client with the lasting key. Its clones may assume roles for many customers.
    pub assumed_by: Client,
    pub request: AssumeRoleRequest,
}

/// Where the keys of a client come from.
pub(crate) enum Keys {
    Lasting(Arc<Account>),
    Role(RoleKeys),
}

/// The key of a role, while it lasts.
pub(crate) struct RoleKeys {
    role: Role,
    endpoint: String,
    /// Held while it is renewed, so that it is renewed once and the others wait for it.
    current: Mutex<Option<Session>>,
}

struct Session {
    account: Arc<Account>,
    /// By our clock. One that is set back makes it come late; the API's refusal then tells, see [`Keys::forget`].
    ends_at: DateTime<Utc>,
    renew_at: DateTime<Utc>,
}

impl Keys {
    pub(crate) fn of_role(role: Role, endpoint: String) -> Self {
        Self::Role(RoleKeys { role, endpoint, current: Mutex::default() })
    }

    /// The account to sign the next call for.
    pub(crate) async fn account(&self, ambient: &dyn Ambient) -> Result<Arc<Account>, BssError> {
        match self {
            Self::Lasting(account) => Ok(Arc::clone(account)),
            Self::Role(keys) => keys.account(ambient).await,
        }
    }

    /// Forgets a key that the API says has ended. True when a new one can be had.
    pub(crate) async fn forget(&self, refused: &Account) -> bool {
        let Self::Role(keys) = self else { return false };
        let mut current = keys.current.lock().await;
        // Another call may have renewed it since.
        if current.as_ref().is_some_and(|session| session.account.key_id == refused.key_id) {
            *current = None;
        }
        true
    }
}

impl RoleKeys {
    async fn account(&self, ambient: &dyn Ambient) -> Result<Arc<Account>, BssError> {
        let mut current = self.current.lock().await;
        if let Some(session) = current.as_ref().filter(|session| ambient.now() < session.renew_at) {
            return Ok(Arc::clone(&session.account));
        }
        let assumed = self.role.assumed_by.assume_role(&self.role.request);
        // Boxed, since the client that assumes the role could by its type be one of a role itself.
        match Box::pin(assumed).await {
            Ok(key) => {
                let session = self.session(key);
                let account = Arc::clone(&session.account);
                *current = Some(session);
                Ok(account)
            }
            // The old one still opens; the next call tries again.
            Err(error) if error.is_transient() => match current.as_ref() {
                Some(session) if ambient.now() < session.ends_at => Ok(Arc::clone(&session.account)),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn session(&self, key: TemporaryKey) -> Session {
        // The key ends by the API's clock; ours may be another.
        let life = key.expires_at - key.meta.server_date.unwrap_or(key.meta.received_at);
        let margin = RENEW_BEFORE.min(life / 3);
        let ends_at = key.meta.received_at + life;
        let account = Account {
            endpoint: self.endpoint.clone(),
            key_id: key.key_id,
            key_secret: key.key_secret.0.into(),
            security_token: Some(key.security_token.0.into()),
        };
        Session { account: Arc::new(account), ends_at, renew_at: ends_at - margin }
    }
}

/// Whether an error says that the temporary key itself has ended.
pub(crate) fn says_ended(error: &BssError) -> bool {
    error.kind() == Kind::Credentials && error.service_code().is_some_and(|code| code.contains("SecurityToken"))
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lasting(account) => account.fmt(formatter),
            Self::Role(keys) => keys.role.fmt(formatter),
        }
    }
}
