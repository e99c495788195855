//! A scripted server on loopback that answers byte for byte as told, and a world whose time and nonces are fixed.

use bss_openapi::sign::v3;
use bss_openapi::{Account, Ambient, Client, Pace};
use chrono::{DateTime, TimeDelta, Utc};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const KEY_ID: &str = "testid";
pub const SECRET: &str = "s3cr3t-Value/+=";
pub const TOKEN: &str = "CAIS-session-token==";

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Act {
    Answer(Answer),
    /// Promises more bytes than it sends, then closes.
    CutOff(Answer),
    /// Begins an answer without a length and goes on for ever, a piece of this many bytes after each pause.
    Endless {
        piece: usize,
        pause: Duration,
    },
    /// Closes without a byte.
    Drop,
    /// Keeps the connection open and says nothing.
    Silence,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into() }
}

pub fn ok(body: impl Into<Vec<u8>>) -> Act {
    Act::Answer(answer(200, body))
}

pub fn data(data: &str) -> Act {
    ok(format!(r#"{{"RequestId":"R-1","Success":true,"Code":"Success","Message":"Successful!","Data":{data}}}"#))
}

pub fn throttled() -> Act {
    let body = r#"{"RequestId":"R-2","Message":"Request was denied due to user flow control.","HostId":"h","Code":"Throttling.User"}"#;
    Act::Answer(answer(400, body))
}

impl Act {
    pub fn header(self, name: &str, value: &str) -> Self {
        let Self::Answer(mut answer) = self else { panic!("only whole answers have headers") };
        answer.headers.push((name.into(), value.into()));
        Self::Answer(answer)
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl Received {
    pub fn raw_query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn verify(&self, secret: &str) -> Result<(), bss_openapi::sign::VerifyError> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        v3::verify(&self.method, "/", self.raw_query(), &headers, b"", secret)
    }
}

/// Answers the n-th request with the n-th act, and with the last one ever after.
pub struct Server {
    pub endpoint: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Closes each connection after its answer.
    pub async fn start(script: Vec<Act>) -> Self {
        Self::listen(script, false).await
    }

    /// Keeps connections open, so that a client may use them again.
    pub async fn start_keeping_connections(script: Vec<Act>) -> Self {
        Self::listen(script, true).await
    }

    async fn listen(script: Vec<Act>, keep: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, count) = (received.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, script.clone(), log.clone(), keep));
            }
        });
        Self { endpoint, received, connections }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        self.client_in(&World::new())
    }

    pub fn client_in(&self, world: &Arc<World>) -> Client {
        Client::with_pace(account(&self.endpoint), world.clone(), Pace::Unlimited).unwrap()
    }
}

async fn serve(mut stream: TcpStream, script: Vec<Act>, log: Arc<Mutex<Vec<Received>>>, keep: bool) {
    while let Some(head) = read_head(&mut stream).await {
        let act = {
            let mut log = log.lock().unwrap();
            log.push(parse(&head));
            script[(log.len() - 1).min(script.len() - 1)].clone()
        };
        match act {
            Act::Answer(answer) => write(&mut stream, &answer, 0, keep).await,
            Act::CutOff(answer) => write(&mut stream, &answer, 1000, false).await,
            Act::Endless { piece, pause } => return go_on(&mut stream, piece, pause).await,
            Act::Drop => return,
            Act::Silence => std::future::pending().await,
        }
        if !keep {
            return;
        }
    }
}

async fn go_on(stream: &mut TcpStream, piece: usize, pause: Duration) {
    let head = "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let piece = format!("{piece:x}\r\n{}\r\n", "x".repeat(piece));
    let _ = stream.write_all(head.as_bytes()).await;
    while stream.write_all(piece.as_bytes()).await.is_ok() {
        tokio::time::sleep(pause).await;
    }
}

/// The head of the next request, which never has a body; `None` when the client has closed.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn write(stream: &mut TcpStream, answer: &Answer, missing: usize, keep: bool) {
    let extra: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = answer.body.len() + missing;
    let connection = if keep { "keep-alive" } else { "close" };
    let head =
        format!("HTTP/1.1 {} X\r\ncontent-length: {length}\r\nconnection: {connection}\r\n{extra}\r\n", answer.status);
    // A client that gives up early closes the connection: not the server's failure.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&answer.body).await;
    if !keep {
        let _ = stream.shutdown().await;
    }
}

fn parse(head: &str) -> Received {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    Received { method, target, headers: lines.filter_map(header).collect() }
}

pub fn account(endpoint: &str) -> Account {
    Account { endpoint: endpoint.into(), key_id: KEY_ID.into(), key_secret: SECRET.into(), security_token: None }
}

/// A clock that moves only by sleeping, nonces that count, and a record of every sleep.
pub struct World {
    state: Mutex<(DateTime<Utc>, u64, Vec<Duration>)>,
}

impl World {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(("2026-11-20T14:49:01Z".parse().unwrap(), 0, Vec::new())) })
    }

    /// Lets time pass; backwards too, as when a clock is set.
    pub fn pass(&self, by: TimeDelta) {
        self.state.lock().unwrap().0 += by;
    }

    pub fn slept(&self) -> Vec<Duration> {
        self.state.lock().unwrap().2.clone()
    }
}

impl Ambient for World {
    fn now(&self) -> DateTime<Utc> {
        self.state.lock().unwrap().0
    }

    fn nonce(&self) -> String {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        format!("{:032x}", state.1)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut state = self.state.lock().unwrap();
        state.0 += TimeDelta::from_std(duration).unwrap();
        state.2.push(duration);
        Box::pin(std::future::ready(()))
    }
}
