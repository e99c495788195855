//! Both signatures against vectors computed by the official SDK and two that are printed in the documents.

#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use bss_openapi::sign::{VerifyError, query, rpc, v3};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("sign-vectors.json")).unwrap()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_else(|| panic!("{} has no {key}", vector["name"]))
}

fn pairs(object: &Value) -> Vec<(String, String)> {
    let pair = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
    object.as_object().unwrap().iter().map(pair).collect()
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn v3_vectors() {
    let file = vectors();
    let (key_id, secret) = (text(&file, "access_key_id"), text(&file, "access_key_secret"));
    let all = file["v3"].as_array().unwrap();
    assert_eq!(all.len(), 6);
    for vector in all {
        let name = text(vector, "name");
        let canonical_query = query::canonical(&pairs(&vector["query"]));
        assert_eq!(canonical_query, text(vector, "canonical_query"), "{name}");
        let body_sha256 = v3::body_sha256(text(vector, "body").as_bytes());
        assert_eq!(body_sha256, text(vector, "hashed_payload"), "{name}");
        let headers = pairs(&vector["signed_headers_map"]);
        let headers = borrowed(&headers);
        assert_eq!(v3::signed_headers(&headers), text(vector, "signed_headers"), "{name}");
        let signable = v3::Signable {
            method: text(vector, "method"),
            path: text(vector, "path"),
            canonical_query: &canonical_query,
            headers: &headers,
            body_sha256: &body_sha256,
        };
        let canonical_request = v3::canonical_request(&signable);
        assert_eq!(canonical_request, text(vector, "canonical_request"), "{name}");
        let string_to_sign = v3::string_to_sign(&canonical_request);
        assert_eq!(string_to_sign, text(vector, "string_to_sign"), "{name}");
        assert_eq!(v3::signature(&string_to_sign, secret), text(vector, "signature"), "{name}");
        assert_eq!(v3::authorization(&signable, key_id, secret), text(vector, "authorization"), "{name}");
    }
}

#[test]
fn header_names_are_lowered_and_values_trimmed_before_signing() {
    let signed = |headers: &[(&str, &str)]| {
        let query = "";
        let request = v3::Signable { method: "POST", path: "/", canonical_query: query, headers, body_sha256: "h" };
        v3::canonical_request(&request)
    };
    let expected = "POST\n/\n\na:1\nb:2 3\n\na;b\nh";
    assert_eq!(signed(&[("a", "1"), ("b", "2 3")]), expected);
    assert_eq!(signed(&[("B", " 2 3 "), ("A", "1\t")]), expected);
}

#[test]
fn rpc_vectors() {
    let file = vectors();
    let secret = text(&file, "access_key_secret");
    let all = file["rpc_hmac_sha1"].as_array().unwrap();
    assert_eq!(all.len(), 3);
    for vector in all {
        let name = text(vector, "name");
        let mut parameters = pairs(&vector["query_params"]);
        assert_eq!(query::canonical(&parameters), text(vector, "canonical_query"), "{name}");
        let string_to_sign = rpc::string_to_sign(text(vector, "method"), &parameters);
        assert_eq!(string_to_sign, text(vector, "string_to_sign"), "{name}");
        let signature = rpc::signature(&string_to_sign, secret);
        assert_eq!(signature, text(vector, "signature"), "{name}");
        assert_eq!(query::encode(&signature), text(vector, "signature_urlencoded"), "{name}");

        parameters.push(("Signature".into(), signature));
        assert_eq!(rpc::verify(text(vector, "method"), &parameters, secret), Ok(()), "{name}");
        assert!(rpc::verify(text(vector, "method"), &parameters, "other").is_err(), "{name}");
        parameters.push(("PageNum".into(), "2".into()));
        assert!(rpc::verify(text(vector, "method"), &parameters, secret).is_err(), "{name}");
    }
}

#[test]
fn published_vectors() {
    let file = vectors();
    let all = file["published_reference_vectors"].as_array().unwrap();
    assert_eq!(all.len(), 2);

    let run_instances = &all[0];
    let headers = pairs(&run_instances["signed_headers_map"]);
    let signable = v3::Signable {
        method: "POST",
        path: "/",
        canonical_query: &query::canonical(&pairs(&run_instances["query"])),
        headers: &borrowed(&headers),
        body_sha256: v3::EMPTY_BODY_SHA256,
    };
    let string_to_sign = v3::string_to_sign(&v3::canonical_request(&signable));
    let signature = v3::signature(&string_to_sign, text(run_instances, "access_key_secret"));
    assert_eq!(signature, text(run_instances, "signature"));

    let describe_regions = &all[1];
    let string_to_sign = rpc::string_to_sign("GET", &pairs(&describe_regions["params"]));
    let signature = rpc::signature(&string_to_sign, text(describe_regions, "access_key_secret"));
    assert_eq!(signature, text(describe_regions, "signature"));
}

#[test]
fn a_legacy_signature_needs_its_method() {
    let parameters =
        |method: &str| vec![("Signature".into(), "AA==".into()), ("SignatureMethod".into(), method.into())];
    assert_eq!(rpc::verify("POST", &[], "s"), Err(VerifyError::Unsigned));
    assert_eq!(rpc::verify("POST", &parameters("HMAC-SHA256"), "s"), Err(VerifyError::Method("HMAC-SHA256".into())));
    assert_eq!(rpc::verify("POST", &parameters("HMAC-SHA1"), "s").unwrap_err().api_code(), "SignatureDoesNotMatch");
}

/// A request of the awkward vector as a server receives it: headers in wire case, more of them than were signed.
struct Received {
    raw_query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    secret: &'static str,
}

impl Received {
    fn awkward() -> Self {
        let file = vectors();
        let vector =
            file["v3"].as_array().unwrap().iter().find(|v| v["name"] == "v3-refund-instance-empty-and-unicode");
        let vector = vector.unwrap();
        let mut headers = pairs(&vector["signed_headers_map"]);
        headers.push(("Authorization".into(), text(vector, "authorization").into()));
        headers.push(("Content-Length".into(), "0".into()));
        headers.push(("user-agent".into(), "anything".into()));
        Self { raw_query: text(vector, "canonical_query").into(), headers, body: Vec::new(), secret: "testsecret" }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    fn authorization(self, change: impl Fn(&str) -> String) -> Self {
        let (_, value) = self.headers.iter().find(|(key, _)| key == "Authorization").cloned().unwrap();
        self.header("Authorization", &change(&value))
    }

    fn verify(&self) -> Result<(), VerifyError> {
        v3::verify("POST", "/", &self.raw_query, &borrowed(&self.headers), &self.body, self.secret)
    }
}

/// The ways that SDKs write the same parameters: `InstanceId` is `i-bp1 *~'()测试/+&=%`.
#[test]
fn the_wire_query_is_not_the_signed_one() {
    let cjk = "%E6%B5%8B%E8%AF%95";
    let rest = "&ProductCode=ecs&ProductType=";
    let head = "ClientToken=793F021C-B589-1225-82A9-99232AEBE494&ImmediatelyRelease=1&InstanceId=";
    let spellings = [
        format!("{head}i-bp1+%2A~%27%28%29{cjk}%2F%2B%26%3D%25{rest}"),
        format!("{head}i-bp1%20*~'(){cjk}%2F%2B%26%3D%25{rest}"),
        format!("{head}i-bp1%20%2a%7e'()测试/%2b%26%3d%25{rest}"),
        // Any order; an empty value may lose its `=`.
        format!("ProductType&ProductCode=ecs&{head}i-bp1+*~%27(){cjk}/%2B%26%3D%25"),
    ];
    for raw_query in spellings {
        let received = Received { raw_query: raw_query.clone(), ..Received::awkward() };
        assert_eq!(received.verify(), Ok(()), "{raw_query}");
    }
    // A plus that stands for itself must be escaped: unescaped it is a blank, another instance.
    let other = format!("{head}i-bp1%20*~'(){cjk}%2F+%26%3D%25{rest}");
    assert!(Received { raw_query: other, ..Received::awkward() }.verify().is_err());
}

#[test]
fn every_signed_part_is_guarded() {
    let mismatch = |result: Result<(), VerifyError>| matches!(result, Err(VerifyError::Mismatch { .. }));
    assert_eq!(Received::awkward().verify(), Ok(()));
    assert!(mismatch(Received { secret: "testsecreT", ..Received::awkward() }.verify()));
    assert!(mismatch(Received { raw_query: String::new(), ..Received::awkward() }.verify()));
    for (name, value) in [
        ("host", "business.aliyuncs.com"),
        ("x-acs-action", "QueryOrders"),
        ("x-acs-version", "2023-09-30"),
        ("x-acs-date", "2026-11-01T02:03:05Z"),
        ("x-acs-signature-nonce", "2"),
    ] {
        assert!(mismatch(Received::awkward().header(name, value).verify()), "{name}");
        let missing = Received::awkward().without(name).verify();
        assert_eq!(missing, Err(VerifyError::NotSent(name.into())), "{name}");
        let unsigned = Received::awkward()
            .authorization(|text| text.replace(&format!("{name};"), "").replace(&format!(";{name}"), ""));
        assert_eq!(
            unsigned.verify(),
            Err(VerifyError::NotSigned(match name {
                "host" => "host",
                "x-acs-action" => "x-acs-action",
                "x-acs-version" => "x-acs-version",
                "x-acs-date" => "x-acs-date",
                _ => "x-acs-signature-nonce",
            })),
            "{name}"
        );
    }
    assert_eq!(Received { body: b"a=b".to_vec(), ..Received::awkward() }.verify(), Err(VerifyError::Payload));
    let other_body = Received { body: b"a=b".to_vec(), ..Received::awkward() };
    let hash = v3::body_sha256(b"a=b");
    assert!(mismatch(other_body.header("x-acs-content-sha256", &hash).verify()));
    // Unsigned headers may change on the way; blanks around values do not count.
    assert_eq!(
        Received::awkward().header("user-agent", "another").header("x-acs-version", " 2017-12-14 ").verify(),
        Ok(())
    );
}

#[test]
fn a_broken_authorization_says_what_is_missing() {
    let cases: [(&str, VerifyError, &str); 5] = [
        ("", VerifyError::Method(String::new()), "InvalidSignatureMethod"),
        (
            "ACS3-HMAC-SM3 Credential=a,SignedHeaders=b,Signature=c",
            VerifyError::Method("ACS3-HMAC-SM3".into()),
            "InvalidSignatureMethod",
        ),
        (
            "ACS3-HMAC-SHA256 SignedHeaders=host,Signature=00",
            VerifyError::Incomplete("Credential"),
            "IncompleteSignature",
        ),
        (
            "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=00",
            VerifyError::Incomplete("SignedHeaders"),
            "IncompleteSignature",
        ),
        (
            "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
            VerifyError::Incomplete("Signature"),
            "IncompleteSignature",
        ),
    ];
    for (header, error, code) in cases {
        let result = Received::awkward().header("Authorization", header).verify();
        assert_eq!(result, Err(error.clone()), "{header}");
        assert_eq!(error.api_code(), code, "{header}");
    }
    let absent = Received::awkward().without("Authorization").verify();
    assert_eq!(absent, Err(VerifyError::Unsigned));
    assert_eq!(VerifyError::Unsigned.api_code(), "IncompleteSignature");
    let not_hex = Received::awkward().authorization(|text| format!("{}zz", &text[..text.len() - 2])).verify();
    assert_eq!(not_hex.unwrap_err().api_code(), "SignatureDoesNotMatch");
    let parsed =
        v3::Authorization::parse("ACS3-HMAC-SHA256 Credential=LTAI, SignedHeaders=Host;x-acs-date, Signature=ab")
            .unwrap();
    assert_eq!(parsed.key_id, "LTAI");
    assert_eq!(parsed.signed_headers, ["host", "x-acs-date"]);
}
