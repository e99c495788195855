//! A company's network: a proxy in the environment, and traffic that its own certificate authority signs.
//!
//! Each case runs this test program again as a child with the environment it needs, because a running process must not change
//! its own. The child calls the real address through a proxy on loopback that leads every tunnel to a TLS server on loopback.

use crate::support::*;
use bss_openapi::wire::AssumeRoleRequest;
use bss_openapi::{Account, BssError, CHINA_ENDPOINT, Client, Kind, Pace};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const CHILD: &str = "BSS_COMPANY_TEST_CHILD";
const HOSTS: [&str; 3] = ["business.aliyuncs.com", "sts.aliyuncs.com", "agency.aliyuncs.com"];

/// Runs the test of this name again, with the environment; gives what it printed.
fn as_child(test: &str, environment: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(CHILD, "1");
    for name in
        ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"]
    {
        child.env_remove(name);
    }
    child.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR").envs(environment.iter().copied());
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// What a company's certificate authority signs for the hosts; its own certificate is written to the file.
fn company_certificates(ca_file: &Path) -> ServerConfig {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(ca_file, ca.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(HOSTS.map(str::to_owned)).unwrap().signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder().with_no_client_auth().with_single_cert(vec![server.der().clone()], key).unwrap()
}

/// The proxy with the TLS server behind it; keeps the first line of every request to the proxy.
struct CompanyProxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl CompanyProxy {
    async fn start(tls: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, acceptor) = (Arc::clone(&asked), TlsAcceptor::from(Arc::new(tls)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, acceptor.clone(), Arc::clone(&log)));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn tunnel(stream: TcpStream, acceptor: TlsAcceptor, log: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    log.lock().unwrap().push(line.trim().to_owned());
    while line.trim() != "" {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    let mut inside = acceptor.accept(stream).await.ok()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(inside.read_u8().await.ok()?);
    }
    let body = r#"{"Success":true,"Code":"200","Data":{"Currency":"CNY"},"Credentials":{"AccessKeyId":"k","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-11-20T15:49:01Z"}}"#;
    let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    inside.write_all(reply.as_bytes()).await.ok()?;
    inside.shutdown().await.ok()
}

fn real() -> Client {
    Client::with_pace(
        Account { endpoint: CHINA_ENDPOINT.into(), ..account(CHINA_ENDPOINT) },
        World::new(),
        Pace::Unlimited,
    )
    .unwrap()
}

async fn assume(client: &Client) -> Result<(), BssError> {
    let request = AssumeRoleRequest {
        role_arn: "acs:ram::1:role/r".into(),
        role_session_name: "desk".into(),
        duration_seconds: 900,
        external_id: None,
    };
    client.assume_role(&request).await.map(drop)
}

/// With the authority among the system's, the call goes through the proxy and through the company's inspection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_systems_proxy_and_certificates_are_honoured() {
    if is_child() {
        let client = real();
        let balance = client.query_account_balance().await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(balance.data.currency.as_deref(), Some("CNY"));
        return assume(&client).await.unwrap_or_else(|error| panic!("{error}"));
    }
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("company.pem");
    let proxy = CompanyProxy::start(company_certificates(&ca)).await;
    let name = "company::the_systems_proxy_and_certificates_are_honoured";
    as_child(name, &[("HTTPS_PROXY", &proxy.address), ("SSL_CERT_FILE", ca.to_str().unwrap())]);
    assert_eq!(proxy.asked(), ["CONNECT business.aliyuncs.com:443 HTTP/1.1", "CONNECT sts.aliyuncs.com:443 HTTP/1.1"]);
}

/// Without it, whoever answers in the API's place is found out before a signature is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_the_system_does_not_trust_is_refused() {
    if is_child() {
        let error = real().query_account_balance().await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_acted()), (Kind::Transport, false));
        assert!(error.message().contains("certificate"), "{error}");
        assert!(error.next().contains("certificate"), "{}", error.next());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let proxy = CompanyProxy::start(company_certificates(&folder.path().join("company.pem"))).await;
    let other = folder.path().join("other.pem");
    company_certificates(&other);
    let name = "company::an_authority_that_the_system_does_not_trust_is_refused";
    as_child(name, &[("HTTPS_PROXY", &proxy.address), ("SSL_CERT_FILE", other.to_str().unwrap())]);
    assert_eq!(proxy.asked(), ["CONNECT business.aliyuncs.com:443 HTTP/1.1"]);
}
