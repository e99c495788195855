//! `ACS3-HMAC-SHA256`: the signature in the `Authorization` header.
//!
//! The canonical request lists method, path, sorted query, the signed headers and the body's hash; its own hash is signed with
//! the secret as it is (no derived key). Clients differ in which headers they sign, so a verifier goes by `SignedHeaders`.

use super::{VerifyError, query};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The name of the method, as it opens the `Authorization` header and the string to sign.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The hash of an empty body.
pub const EMPTY_BODY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Headers that every signature must cover: without them a captured signature would fit another call, host or time.
const MUST_BE_SIGNED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"];

/// A request as its signature sees it.
#[derive(Debug, Clone, Copy)]
pub struct Signable<'a> {
    pub method: &'a str,
    /// Always `/` for this API.
    pub path: &'a str,
    /// From [`query::canonical`] or [`query::canonical_from_wire`].
    pub canonical_query: &'a str,
    /// The headers to sign, names in any case and order.
    pub headers: &'a [(&'a str, &'a str)],
    /// Lower-case hex SHA-256 of the body.
    pub body_sha256: &'a str,
}

/// Lower-case hex SHA-256 of a body, the value of `x-acs-content-sha256`.
pub fn body_sha256(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The names of the signed headers, lower case, sorted, joined by `;`.
pub fn signed_headers(headers: &[(&str, &str)]) -> String {
    let names: Vec<String> = sorted(headers).into_iter().map(|(name, _)| name).collect();
    names.join(";")
}

/// The text whose hash is signed. Every header line ends with a line feed, hence the blank line before the signed names.
pub fn canonical_request(request: &Signable<'_>) -> String {
    let header_lines: String =
        sorted(request.headers).iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    format!(
        "{}\n{}\n{}\n{header_lines}\n{}\n{}",
        request.method,
        request.path,
        request.canonical_query,
        signed_headers(request.headers),
        request.body_sha256
    )
}

/// The method's name and the hash of the canonical request.
pub fn string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", body_sha256(canonical_request.as_bytes()))
}

/// Lower-case hex HMAC-SHA256 of the string to sign.
pub fn signature(string_to_sign: &str, secret: &str) -> String {
    hex::encode(mac(string_to_sign, secret).finalize().into_bytes())
}

/// The value of the `Authorization` header; every header of `request` is signed.
pub fn authorization(request: &Signable<'_>, key_id: &str, secret: &str) -> String {
    let signature = signature(&string_to_sign(&canonical_request(request)), secret);
    format!("{ALGORITHM} Credential={key_id},SignedHeaders={},Signature={signature}", signed_headers(request.headers))
}

/// The parts of an `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    pub key_id: String,
    /// As listed, lower case.
    pub signed_headers: Vec<String>,
    /// Lower-case hex.
    pub signature: String,
}

impl Authorization {
    /// Reads `ACS3-HMAC-SHA256 Credential=..,SignedHeaders=..,Signature=..`; blanks after the commas are tolerated.
    pub fn parse(header: &str) -> Result<Self, VerifyError> {
        let (method, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if method != ALGORITHM {
            return Err(VerifyError::Method(method.to_owned()));
        }
        let part = |name: &'static str| {
            rest.split(',')
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(key, value)| *key == name && !value.is_empty())
                .map(|(_, value)| value.to_owned())
                .ok_or(VerifyError::Incomplete(name))
        };
        Ok(Self {
            key_id: part("Credential")?,
            signed_headers: part("SignedHeaders")?.split(';').map(str::to_ascii_lowercase).collect(),
            signature: part("Signature")?,
        })
    }
}

/// Checks the signature of a request as it arrived. `headers` are all headers received (names in any case), `raw_query` is the
/// undecoded text after `?`, `body` the de-chunked body. Whether the date is fresh and the nonce new is the caller's to check.
pub fn verify(
    method: &str,
    path: &str,
    raw_query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    secret: &str,
) -> Result<(), VerifyError> {
    let authorization = Authorization::parse(find(headers, "authorization").ok_or(VerifyError::Unsigned)?)?;
    for name in MUST_BE_SIGNED {
        if !authorization.signed_headers.iter().any(|signed| signed == name) {
            return Err(VerifyError::NotSigned(name));
        }
    }
    let signed = authorization
        .signed_headers
        .iter()
        .map(|name| match find(headers, name) {
            Some(value) => Ok((name.as_str(), value)),
            None => Err(VerifyError::NotSent(name.clone())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let hash = body_sha256(body);
    if find(headers, "x-acs-content-sha256") != Some(hash.as_str()) {
        return Err(VerifyError::Payload);
    }
    let canonical_query = query::canonical_from_wire(raw_query);
    let request = Signable { method, path, canonical_query: &canonical_query, headers: &signed, body_sha256: &hash };
    let string_to_sign = string_to_sign(&canonical_request(&request));
    // Compared in constant time by the MAC itself.
    let matches = hex::decode(&authorization.signature)
        .is_ok_and(|given| mac(&string_to_sign, secret).verify_slice(&given).is_ok());
    if matches { Ok(()) } else { Err(VerifyError::Mismatch { string_to_sign }) }
}

fn mac(text: &str, secret: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("an HMAC key may have any length");
    mac.chain_update(text.as_bytes())
}

fn sorted(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut lines: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    lines.sort();
    lines
}

fn find<'a>(headers: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
