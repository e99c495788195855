//! The connection to a customer's account: whose key it is, what it may do, and how far the clocks are apart.
//!
//! [`probe`] tries each reading call once and says what is missing, [`permissions`] is the list of what is needed, [`clients`]
//! keeps one client a customer, [`health`] remembers what calls told of the connection itself, [`share`] says how fast to call.

pub(crate) mod clients;
pub(crate) mod health;
mod listed;
pub(crate) mod permissions;
mod probe;
mod share;

use bss_openapi::wire::{AssumeRoleRequest, DEFAULT_SESSION_SECONDS};
use desk_store::ConnectionRow;
use serde_json::json;

use crate::error::DeskError;
use crate::home::{Account, Desk};
use crate::projection::Note;

pub use health::{ClockVerdict, ConnectionHealth};
pub use listed::ConnectionRowView;
pub use permissions::{Feature, least_privilege_policy, role_trust_policy};
pub(crate) use probe::AGENCY_OFFSET;
pub use probe::{ConnectionTest, Credentials, FeatureState, FeatureTest, test_connection};

/// The desk's name in the account's audit trail when it acts by a role.
const SESSION_NAME: &str = "refund-desk";

/// Whose key a connection has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The customer's own.
    Key,
    /// The manager's, who assumes a role in the customer's account with it.
    Role {
        /// `acs:ram::<the customer's uid>:role/<name>`
        arn: String,
        /// What the role's owner demands of who assumes it.
        external_id: Option<String>,
    },
    /// The partner's that the customer buys through: it shows orders only.
    Partner {
        /// The customer's, since the key tells only the partner's.
        uid: String,
    },
}

impl Way {
    /// As it is kept.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Role { .. } => "role",
            Self::Partner { .. } => "partner",
        }
    }

    /// The way of a kept connection.
    pub(crate) fn of(row: &ConnectionRow) -> Result<Self, DeskError> {
        match (row.way.as_str(), &row.role_arn) {
            ("key", _) => Ok(Self::Key),
            ("partner", _) => Ok(Self::Partner { uid: row.uid.clone() }),
            ("role", Some(arn)) => Ok(Self::Role { arn: arn.clone(), external_id: row.external_id.clone() }),
            _ => Err(DeskError::new(
                "connection_damaged",
                format!("the connection of customer `{}` does not say whose key it has", row.id),
                "connect the customer again",
            )
            .at(format!("customer {}", row.id))),
        }
    }

    /// The account in which the role is.
    pub fn role_uid(&self) -> Option<&str> {
        let Self::Role { arn, .. } = self else { return None };
        read_arn(arn)
    }
}

/// The uid of `acs:ram::<uid>:role/<name>`.
fn read_arn(arn: &str) -> Option<&str> {
    let (uid, name) = arn.strip_prefix("acs:ram::")?.split_once(":role/")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte);
    let good = !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_digit());
    (good && !name.is_empty() && name.bytes().all(plain)).then_some(uid)
}

fn assume(arn: &str, external_id: Option<&str>) -> AssumeRoleRequest {
    AssumeRoleRequest {
        role_arn: arn.to_owned(),
        role_session_name: SESSION_NAME.to_owned(),
        duration_seconds: DEFAULT_SESSION_SECONDS,
        external_id: external_id.map(str::to_owned),
    }
}

impl Desk {
    /// Connects a customer by its own key, or brings the address and credentials of a connected one up to date. Answers the
    /// customer's id, which is its uid. Errors: `bad_account`, `mixed_home`, `account_differs`.
    pub fn connect(&self, account: &Account) -> Result<String, DeskError> {
        self.connect_by(account, &Way::Key)
    }

    /// The same with another's key.
    pub fn connect_by(&self, account: &Account, way: &Way) -> Result<String, DeskError> {
        check_way(account, way)?;
        let (old, mut row) = self.connection_row(account)?;
        row.way = way.word().to_owned();
        if let Way::Role { arn, external_id } = way {
            row.role_arn = Some(arn.clone());
            row.external_id.clone_from(external_id);
        }
        let id = row.id.clone();
        let body = json!({"uid": row.uid, "site": row.site, "currency": row.currency, "partner": row.partner});
        self.write(move |tx, scribe| {
            if old.is_none() {
                scribe.enter(tx, Note { kind: "customer_added", customer: Some(&row.id), subject: None, body })?;
            }
            Ok(tx.connections().put(&row)?)
        })?;
        Ok(id)
    }
}

fn check_way(account: &Account, way: &Way) -> Result<(), DeskError> {
    let refused =
        |place: &str, why: String| DeskError::new("bad_account", why, "correct it and connect again").at(place);
    match way {
        Way::Key => Ok(()),
        Way::Partner { uid } if *uid != account.uid => {
            Err(refused("uid", format!("the partner's customer is {uid}, not {}", account.uid)))
        }
        Way::Partner { .. } if !account.partner => {
            Err(refused("partner", "a customer seen with a partner's key buys through the partner".to_owned()))
        }
        Way::Partner { .. } => Ok(()),
        Way::Role { arn, .. } => match read_arn(arn) {
            Some(uid) if uid == account.uid => Ok(()),
            Some(uid) => Err(refused("role_arn", format!("the role is in account {uid}, not {}", account.uid))),
            None => Err(refused("role_arn", "a role is written acs:ram::<uid>:role/<name>".to_owned())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_names_its_account() {
        for (arn, uid) in [
            ("acs:ram::1234567890123456:role/RefundDesk", Some("1234567890123456")),
            ("acs:ram::1:role/a.b-c_d@e", Some("1")),
            ("acs:ram:::role/RefundDesk", None),
            ("acs:ram::x1:role/RefundDesk", None),
            ("acs:ram::1:role/", None),
            ("acs:ram::1:role/a b", None),
            ("acs:ram::1:user/a", None),
            ("RefundDesk", None),
        ] {
            assert_eq!(read_arn(arn), uid, "{arn}");
        }
    }
}
