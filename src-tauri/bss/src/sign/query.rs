//! The two ways a query is written: as it travels (form style, where `+` is a blank and clients differ in what they escape)
//! and as it is signed (every byte but the unreserved ones escaped, sorted by name).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// All but `A-Z a-z 0-9 - _ . ~`, RFC 3986's unreserved set.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes text for a signature: UTF-8, upper-case hex, a blank is `%20`.
pub fn encode(text: &str) -> String {
    encode_bytes(text.as_bytes())
}

/// The canonical query of parameters that are already decoded: sorted by name in byte order, an empty value keeps `name=`.
pub fn canonical(parameters: &[(String, String)]) -> String {
    let bytes =
        parameters.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes())).collect();
    join_sorted(bytes)
}

/// The canonical query of a query as it arrived: decoded form-style, then encoded again, because the wire query is not the one
/// that was signed (one SDK writes a blank as `+` and `*` as `%2A`, another `%20` and leaves `*()!'` as they are).
pub fn canonical_from_wire(raw_query: &str) -> String {
    join_sorted(decode_bytes(raw_query))
}

/// Decodes a query or a form body into names and values, in the order of the wire.
pub fn decode(raw_query: &str) -> Vec<(String, String)> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    decode_bytes(raw_query).into_iter().map(|(name, value)| (text(name), text(value))).collect()
}

fn encode_bytes(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

fn decode_bytes(raw_query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let part = |text: &str| percent_decode(text.replace('+', " ").as_bytes()).collect::<Vec<u8>>();
    raw_query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (part(name), part(value))
        })
        .collect()
}

fn join_sorted(mut parameters: Vec<(Vec<u8>, Vec<u8>)>) -> String {
    parameters.sort();
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode_bytes(name), encode_bytes(value))).collect();
    pairs.join("&")
}
