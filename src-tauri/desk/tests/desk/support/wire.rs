//! A listener between the desk and the sandbox. It writes down every call as it stands on the wire, and may hold one for ever:
//! what the desk really sends, and what it had journaled by then, is seen here and not guessed from effects.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One call as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub operation: String,
    /// The business parameters.
    pub query: BTreeMap<String, String>,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Forward,
    /// Goes on when the wire is told to let go.
    Hold,
    /// Neither an answer nor an end: the process is about to die here.
    Hang,
}

type Hook = Box<dyn FnMut(&Call) -> Then + Send>;

#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    hook: Option<Hook>,
}

#[derive(Clone)]
pub struct Wire {
    pub address: String,
    seen: Arc<Mutex<Seen>>,
    let_go: tokio::sync::watch::Sender<bool>,
}

impl Wire {
    /// Listens in front of `upstream` (`http://HOST:PORT`).
    pub async fn before(upstream: &str) -> Self {
        let upstream = upstream.strip_prefix("http://").expect("a plain address").to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let (let_go, held) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, seen, held) = (upstream.clone(), Arc::clone(&shared), held.clone());
                tokio::spawn(async move { pass_on(client, &upstream, &seen, held).await });
            }
        });
        Self { address, seen, let_go }
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.seen.lock().expect("no test panics in a hook").calls.clone()
    }

    /// The calls of one operation.
    pub fn of(&self, operation: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.operation == operation).collect()
    }

    /// Asks `hook` about every call from now on, before it goes on.
    pub fn on_call(&self, hook: impl FnMut(&Call) -> Then + Send + 'static) {
        self.seen.lock().expect("no test panics in a hook").hook = Some(Box::new(hook));
    }

    /// Lets the calls go that are held, and those that will be.
    pub fn let_go(&self) {
        self.let_go.send_replace(true);
    }

    pub fn forward_all(&self) {
        self.seen.lock().expect("no test panics in a hook").hook = None;
    }
}

async fn pass_on(client: TcpStream, upstream: &str, seen: &Mutex<Seen>, mut held: tokio::sync::watch::Receiver<bool>) {
    let Ok(upstream) = TcpStream::connect(upstream).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_upstream, mut to_upstream) = upstream.into_split();
    let back = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_upstream, &mut to_client).await;
    });
    while let Some(head) = read_head(&mut from_client).await {
        let then = judge(&call_of(&head), seen);
        if then == Then::Hold && held.wait_for(|let_go| *let_go).await.is_err() {
            break;
        }
        match then {
            Then::Forward | Then::Hold => {
                if to_upstream.write_all(&head).await.is_err() {
                    break;
                }
            }
            Then::Hang => std::future::pending().await,
        }
    }
    back.abort();
}

fn judge(call: &Call, seen: &Mutex<Seen>) -> Then {
    let mut seen = seen.lock().expect("no test panics in a hook");
    seen.calls.push(call.clone());
    seen.hook.as_mut().map_or(Then::Forward, |hook| hook(call))
}

/// One request. The desk sends everything in the query and an empty body.
pub async fn read_head(from: &mut (impl AsyncReadExt + Unpin)) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await.ok()?);
    }
    Some(head)
}

pub fn call_of(head: &[u8]) -> Call {
    let text = String::from_utf8_lossy(head);
    let header = |name: &str| {
        text.lines().find_map(|line| {
            line.split_once(':')
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        })
    };
    let target = text.split_whitespace().nth(1).unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    Call {
        operation: header("x-acs-action").unwrap_or_default(),
        query: bss_openapi::sign::query::decode(query).into_iter().collect(),
    }
}
