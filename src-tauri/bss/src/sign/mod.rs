//! Signatures of the API's RPC-style requests: V3 (`ACS3-HMAC-SHA256` in the `Authorization` header), which every current
//! client uses, and the older HMAC-SHA1 query signature, which is only verified.

pub mod query;
pub mod rpc;
pub mod v3;

/// Why a request's signature does not hold. [`VerifyError::api_code`] is the code that the API's gateway answers with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the request carries no signature")]
    Unsigned,
    #[error("the signature method {0} is not supported; use ACS3-HMAC-SHA256 or HMAC-SHA1")]
    Method(String),
    #[error("the Authorization header lacks {0}")]
    Incomplete(&'static str),
    #[error("the header {0} must be part of SignedHeaders")]
    NotSigned(&'static str),
    #[error("SignedHeaders names {0}, which was not sent")]
    NotSent(String),
    #[error("x-acs-content-sha256 is not the hash of the body")]
    Payload,
    #[error("Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}")]
    Mismatch { string_to_sign: String },
}

impl VerifyError {
    /// The gateway's error code, always sent with HTTP status 400.
    pub fn api_code(&self) -> &'static str {
        match self {
            Self::Method(_) => "InvalidSignatureMethod",
            Self::Unsigned | Self::Incomplete(_) | Self::NotSigned(_) | Self::NotSent(_) => "IncompleteSignature",
            Self::Payload | Self::Mismatch { .. } => "SignatureDoesNotMatch",
        }
    }
}
