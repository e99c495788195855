//! HMAC-SHA1 over the parameters (`SignatureVersion` 1.0): what legacy clients send. Verified by the sandbox; our own client
//! never signs this way.

use super::{VerifyError, query};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The only method of this kind that is supported.
pub const ALGORITHM: &str = "HMAC-SHA1";

/// `METHOD&%2F&` and the encoded canonical query of every parameter but `Signature`.
pub fn string_to_sign(method: &str, parameters: &[(String, String)]) -> String {
    let signed: Vec<_> = parameters.iter().filter(|(name, _)| name != "Signature").cloned().collect();
    format!("{method}&%2F&{}", query::encode(&query::canonical(&signed)))
}

/// Base64 of the HMAC-SHA1 under the secret followed by `&`.
pub fn signature(string_to_sign: &str, secret: &str) -> String {
    STANDARD.encode(mac(string_to_sign, secret).finalize().into_bytes())
}

/// Checks the `Signature` among decoded parameters (query and form body together).
pub fn verify(method: &str, parameters: &[(String, String)], secret: &str) -> Result<(), VerifyError> {
    let find = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let given = find("Signature").ok_or(VerifyError::Unsigned)?;
    match find("SignatureMethod") {
        Some(ALGORITHM) => {}
        other => return Err(VerifyError::Method(other.unwrap_or("(none)").to_owned())),
    }
    let string_to_sign = string_to_sign(method, parameters);
    let matches = STANDARD.decode(given).is_ok_and(|given| mac(&string_to_sign, secret).verify_slice(&given).is_ok());
    if matches { Ok(()) } else { Err(VerifyError::Mismatch { string_to_sign }) }
}

fn mac(text: &str, secret: &str) -> Hmac<Sha1> {
    let key = format!("{secret}&");
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("an HMAC key may have any length");
    mac.chain_update(text.as_bytes())
}
