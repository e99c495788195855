//! `AssumeRole` of the Security Token Service: a temporary key of a role in another account.
//!
//! The reply is all secret but the key's id and its end, so nothing here has a derived `Debug`.

use super::record::{Scalar, record, request};
use chrono::{DateTime, Utc};
use std::fmt;

/// The shortest life of a temporary key, in seconds; the role's own maximum is from 3,600 to 43,200.
pub const MIN_SESSION_SECONDS: u32 = 900;

/// The longest life that every role allows, and the API's default.
pub const DEFAULT_SESSION_SECONDS: u32 = 3_600;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

impl Scalar for SecretText {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
    fn text(&self) -> String {
        self.0.clone()
    }
}

request! {
    /// Asks for a temporary key of a role. Changes nothing, so it may be repeated.
    "AssumeRole" at Sts Post -> AssumeRoleData;
    pub struct AssumeRoleRequest {
        /// `acs:ram::<account id>:role/<name>`
        role_arn: String = "RoleArn",
        /// Who uses the role, for the account's audit trail: 2 to 64 of `A-Za-z0-9.@-_`.
        role_session_name: String = "RoleSessionName",
        duration_seconds: u32 = "DurationSeconds" or "3600",
        /// What the role's owner demands of the caller, if anything.
        external_id: Option<String> = "ExternalId",
    }
}

record! {
    /// The reply; no envelope is around it.
    secret struct AssumeRoleData {
        credentials: AssumedCredentials = "Credentials",
        assumed_role_user: AssumedRoleUser = "AssumedRoleUser",
    }
}

record! {
    /// A temporary key.
    secret struct AssumedCredentials {
        access_key_id: Option<String> = "AccessKeyId",
        access_key_secret: Option<SecretText> = "AccessKeySecret",
        security_token: Option<SecretText> = "SecurityToken",
        /// From here on the key opens nothing.
        expiration: Option<DateTime<Utc>> = "Expiration",
    }
}

record! {
    /// Whom the account's audit trail will name.
    pub struct AssumedRoleUser {
        arn: Option<String> = "Arn",
        assumed_role_id: Option<String> = "AssumedRoleId",
    }
}

impl fmt::Debug for AssumeRoleData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AssumeRoleData")
            .field("credentials", &self.credentials)
            .field("assumed_role_user", &self.assumed_role_user)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AssumedCredentials {
    /// Whose and until when; a member that is not known may be a secret too, so none is shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AssumedCredentials")
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}
