//! The listener on loopback: reads a request, hands it to the gate and the operations or to the control door, writes the answer.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::config::{Config, SandboxError, WallClock};
use crate::control::Control;
use crate::faults::Fault;
use crate::gate::{self, Knock};
use crate::state::{AccountInfo, State};
use crate::wire::{self, Caller, Failure, Params};
use crate::{door, wire::OPERATIONS};

/// Largest request body that is read.
const MAX_BODY_BYTES: usize = 1 << 20;
/// A client must have sent its headers by then.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// Open connections may finish this long when the sandbox stops.
const STOP_TIME: Duration = Duration::from_secs(3);

/// State shared by all connections.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// The state. A thread that panicked while it held the lock leaves it as it was between two acts.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running sandbox. It stops when this is dropped.
pub struct Sandbox {
    address: String,
    shared: Shared,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts a sandbox on 127.0.0.1. `port` 0 takes a free one. Must be called inside a tokio runtime.
pub async fn start(config: Config, wall: Arc<dyn WallClock>, port: u16) -> Result<Sandbox, SandboxError> {
    let state = State::open(config, wall)?;
    let failed = |source| SandboxError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = format!("http://{}", listener.local_addr().map_err(failed)?);
    let shared = Shared(Arc::new(Mutex::new(state)));
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(serve(listener, shared.clone(), Arc::from(address.as_str()), stopped));
    Ok(Sandbox { address, shared, stop, task })
}

impl Sandbox {
    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Accounts with their keys.
    pub fn accounts(&self) -> Vec<AccountInfo> {
        self.shared.lock().account_infos(&self.address)
    }

    /// The business clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.lock().now()
    }

    /// The control door as a typed handle.
    pub fn control(&self) -> Control {
        Control::new(self.shared.clone())
    }

    /// Stops listening, lets open requests finish, and releases the state file.
    pub async fn stop(self) {
        // Fails only when the server has ended already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

async fn serve(listener: TcpListener, shared: Shared, address: Arc<str>, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, shared.clone(), address.clone(), stopped.clone()));
                }
                // Out of file handles, for example: give the others time to close.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    let all_closed = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(STOP_TIME, all_closed).await;
}

async fn connection(stream: TcpStream, shared: Shared, address: Arc<str>, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(move |request| answer(shared.clone(), address.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // A broken connection, and one that was broken on purpose, end here; there is nobody to tell.
    let finished = tokio::select! {
        _ = connection.as_mut() => true,
        _ = stopped.changed() => false,
    };
    if !finished {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was dropped as ordered")]
struct Dropped;

impl From<Infallible> for Dropped {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What is sent back.
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    pub retry_after_ms: Option<u64>,
}

impl Answer {
    pub fn new(status: u16, body: String) -> Self {
        Self { status, body, retry_after_ms: None }
    }
}

async fn answer(
    shared: Shared,
    address: Arc<str>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let headers: Vec<(&str, &str)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
        .collect();
    let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else {
        let failure = Failure::bad_request("InvalidParameter", "The body could not be read or is too large.");
        return Ok(response(&shared, Answer::new(413, failure.body("", &address))));
    };
    let body = body.to_bytes();
    let path = parts.uri.path();
    let answer = if path.starts_with(door::PREFIX) {
        door::answer(&shared, &address, &parts.method, path, &headers, &body)
    } else {
        let knock = Knock {
            method: parts.method.as_str(),
            path,
            raw_query: parts.uri.query().unwrap_or_default(),
            headers: &headers,
            body: &body,
            params: &params(&parts.method, parts.uri.query(), &headers, &body),
        };
        operation(&shared, &knock).await?
    };
    Ok(response(&shared, answer))
}

/// Query and form body together.
fn params(method: &Method, query: Option<&str>, headers: &[(&str, &str)], body: &[u8]) -> Params {
    let mut params = bss_openapi::sign::query::decode(query.unwrap_or_default());
    let is_form = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && value.starts_with("application/x-www-form-urlencoded")
    });
    if is_form && method == Method::POST {
        params.extend(bss_openapi::sign::query::decode(&String::from_utf8_lossy(body)));
    }
    params
}

async fn operation(shared: &Shared, knock: &Knock<'_>) -> Result<Answer, Dropped> {
    let host = knock.headers.iter().find(|(name, _)| *name == "host").map_or("127.0.0.1", |(_, value)| value);
    let (request_id, admitted) = {
        let mut state = shared.lock();
        let is_call = knock.path == "/" && matches!(knock.method, "GET" | "POST");
        let unknown =
            || Failure::not_found("InvalidApi.NotFound", "Specified api is not found; call / with GET or POST.");
        let admitted = if is_call { gate::admit(&mut state, knock) } else { Err(unknown()) };
        (state.next_request_id(), admitted)
    };
    let account = match admitted {
        Ok(account) => account,
        Err(failure) => return Ok(Answer::new(failure.status(), failure.body(&request_id, host))),
    };
    let action = OPERATIONS.iter().find(|name| knock.action() == Some(name)).expect("the gate lets known ones in");
    let fault = shared.lock().faults.take(action);
    if let Some(Fault::Latency { ms }) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    match fault {
        Some(Fault::DropBefore) => return Err(Dropped),
        Some(Fault::ServerError) => return Ok(server_error(&request_id, host)),
        Some(Fault::Throttled { retry_after_ms }) => return Ok(throttled(&request_id, host, retry_after_ms)),
        _ => {}
    }
    let outcome = {
        let mut state = shared.lock();
        let caller = Caller { account, now: state.now() };
        wire::answer(&mut state, &caller, action, knock.params.clone(), &request_id)
    };
    match fault {
        Some(Fault::DropAfter) => Err(Dropped),
        Some(Fault::ServerErrorAfter) => Ok(server_error(&request_id, host)),
        _ => Ok(match outcome {
            Ok(body) => Answer::new(200, body),
            Err(failure) => Answer::new(failure.status(), failure.body(&request_id, host)),
        }),
    }
}

fn server_error(request_id: &str, host: &str) -> Answer {
    let failure = Failure::Status {
        status: 500,
        code: "InternalError".to_owned(),
        message: "The request processing has failed due to some unknown error.".to_owned(),
    };
    Answer::new(500, failure.body(request_id, host))
}

fn throttled(request_id: &str, host: &str, retry_after_ms: u64) -> Answer {
    let failure = Failure::bad_request("Throttling.User", "Request was denied due to user flow control.");
    let retry_after_ms = (retry_after_ms > 0).then_some(retry_after_ms);
    Answer { retry_after_ms, ..Answer::new(400, failure.body(request_id, host)) }
}

fn response(shared: &Shared, answer: Answer) -> Response<Full<Bytes>> {
    let date = shared.lock().wall().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", "application/json;charset=utf-8")
        .header("cache-control", "no-store")
        .header("date", date);
    if let Some(ms) = answer.retry_after_ms {
        response = response.header("x-acs-retry-after", ms);
    }
    response.body(Full::new(Bytes::from(answer.body))).expect("status and headers are valid ones")
}
