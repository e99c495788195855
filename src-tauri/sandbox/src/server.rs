//! The listener on loopback: reads a request, hands it to the gate and the operations or to the control door, writes the answer.

mod body;

use std::error::Error;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::config::{Config, SandboxError, WallClock};
use crate::control::Control;
use crate::faults::{Fault, Met};
use crate::gate::{self, Knock};
use crate::state::{AccountInfo, State, held};
use crate::wire::{self, Caller, Failure, Hold, Paging, Params};
use crate::world::Door;
use crate::{door, wire::OPERATIONS};
use body::Sent;
use refund_rules::case::Action;

/// Largest request body that is read.
const MAX_BODY_BYTES: usize = 1 << 20;
/// A client must have sent its headers by then.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// Open connections may finish this long when the sandbox stops.
const STOP_TIME: Duration = Duration::from_secs(3);

/// State shared by all connections.
#[derive(Clone)]
pub(crate) struct Shared(Arc<RwLock<State>>);

impl Shared {
    /// The state, shared with other readers. A thread that panicked while it held the lock leaves it as it was between two acts.
    pub fn read(&self) -> RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state alone, to change it.
    pub fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
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
    let shared = Shared(Arc::new(RwLock::new(state)));
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
        self.shared.read().account_infos(&self.address)
    }

    /// The business clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.read().now()
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
                    // Answers are written whole; waiting for more would only delay them.
                    let _ = stream.set_nodelay(true);
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
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        _ = stopped.changed() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    // A connection that broke by itself ends here; there is nobody to tell.
    let as_ordered = ended.is_err_and(|error| error.source().is_some_and(|source| source.is::<Dropped>()));
    if as_ordered {
        // Closed at once and with what is under way thrown away: the other side sees a reset.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// The connection is to be reset without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was reset as ordered")]
struct Dropped;

/// What is sent back.
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    pub retry_after_ms: Option<u64>,
    content_type: &'static str,
    breaks_off: bool,
}

const JSON: &str = "application/json;charset=utf-8";
const HTML: &str = "text/html;charset=utf-8";

impl Answer {
    pub fn new(status: u16, body: String) -> Self {
        Self { status, body, retry_after_ms: None, content_type: JSON, breaks_off: false }
    }
}

async fn answer(shared: Shared, address: Arc<str>, request: Request<Incoming>) -> Result<Response<Sent>, Dropped> {
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
    let (request_id, entered) = {
        let state = shared.read();
        (state.next_request_id(), enter(&state, knock))
    };
    let refused = |failure: &Failure| Answer::new(failure.status(), failure.body(&request_id, host));
    let Entered { account, action, met } = match entered {
        Ok(entered) => entered,
        Err(Refused::Failure(failure)) => return Ok(refused(&failure)),
        Err(Refused::TooMany { wait_ms }) => return Ok(throttled(&request_id, host, wait_ms)),
    };
    if met.late_ms > 0 {
        tokio::time::sleep(Duration::from_millis(met.late_ms)).await;
    }
    match met.fault {
        Some(Fault::DropBefore) => return Err(Dropped),
        Some(Fault::ServerError) => return Ok(server_error(&request_id, host)),
        Some(Fault::Unavailable) => return Ok(unavailable(&request_id, host)),
        Some(Fault::Html { status }) => return Ok(proxy_page(status)),
        Some(Fault::Throttled { retry_after_ms }) => return Ok(throttled(&request_id, host, retry_after_ms)),
        _ => {}
    }
    let outcome = outcome(shared, account, action, knock.params, met.fault, &request_id);
    match met.fault {
        Some(Fault::DropAfter) => Err(Dropped),
        Some(Fault::ServerErrorAfter) => Ok(server_error(&request_id, host)),
        Some(Fault::UnavailableAfter) => Ok(unavailable(&request_id, host)),
        Some(Fault::HtmlAfter { status }) => Ok(proxy_page(status)),
        fault => {
            let answer = outcome.map_or_else(|failure| refused(&failure), |body| Answer::new(200, body));
            Ok(Answer { breaks_off: fault == Some(Fault::Truncated), ..answer })
        }
    }
}

/// A call that was let in.
struct Entered {
    account: usize,
    action: &'static str,
    met: Met,
}

/// Why a call was not let in.
enum Refused {
    Failure(Failure),
    TooMany { wait_ms: u64 },
}

/// Past the gate, within the limits, and what the call meets on its way.
fn enter(state: &State, knock: &Knock<'_>) -> Result<Entered, Refused> {
    if knock.path != "/" || !matches!(knock.method, "GET" | "POST") {
        let why = "Specified api is not found; call / with GET or POST.";
        return Err(Refused::Failure(Failure::not_found("InvalidApi.NotFound", why)));
    }
    let account = gate::admit(state, knock).map_err(Refused::Failure)?;
    let action = OPERATIONS.iter().find(|name| knock.action() == Some(name)).expect("the gate lets known ones in");
    if let Some(wait) = held(&state.throttle).refuse(account, action, state.wall()) {
        return Err(Refused::TooMany { wait_ms: u64::try_from(wait.num_milliseconds()).unwrap_or(0).max(1) });
    }
    let (uid, key_id) = state.names_of(account);
    let met = held(&state.faults).meet(action, [uid, &key_id]);
    Ok(Entered { account, action, met })
}

/// What the operation answers, with the faults that are inside it.
fn outcome(
    shared: &Shared,
    account: usize,
    action: &str,
    params: &Params,
    fault: Option<Fault>,
    request_id: &str,
) -> Result<String, Failure> {
    let caller = |state: &State| Caller {
        account,
        now: state.now(),
        paging: match fault {
            Some(Fault::PageRepeated) => Paging::Repeated,
            Some(Fault::PageShifted { rows }) => Paging::Shifted(rows),
            _ => Paging::Straight,
        },
        amount_percent: if let Some(Fault::AmountChanged { amount_percent }) = fault { amount_percent } else { 100 },
    };
    let released = fault == Some(Fault::ReleasedMeanwhile);
    if !released && !wire::may_act(action, params) {
        let state = shared.read();
        return wire::answer(&mut Hold::Reading(&state), &caller(&state), action, params.clone(), request_id);
    }
    let mut state = shared.write();
    if released {
        release(&mut state, account, params);
    }
    let caller = caller(&state);
    wire::answer(&mut Hold::Acting(&mut state), &caller, action, params.clone(), request_id)
}

/// Somebody unsubscribes the instance that the call is about. What the console refuses stays.
fn release(state: &mut State, account: usize, params: &Params) {
    let uid = state.world.accounts[account].uid.clone();
    let named = |wanted: &str| params.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    if let Some(instance) = named("InstanceId").or_else(|| named("InstanceIDs")) {
        let _ = state.act_as_person(Door::Console, &uid, &instance, Action::Unsubscribe, None);
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

fn unavailable(request_id: &str, host: &str) -> Answer {
    let failure = Failure::Status {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "The request has failed due to a temporary failure of the server.".to_owned(),
    };
    Answer::new(503, failure.body(request_id, host))
}

/// What a proxy says in the cloud's place.
fn proxy_page(status: u16) -> Answer {
    let body = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         <hr><center>proxy</center>\r\n</body>\r\n</html>\r\n"
    );
    Answer { content_type: HTML, ..Answer::new(status, body) }
}

fn throttled(request_id: &str, host: &str, retry_after_ms: u64) -> Answer {
    let failure = Failure::bad_request("Throttling.User", "Request was denied due to user flow control.");
    let retry_after_ms = (retry_after_ms > 0).then_some(retry_after_ms);
    Answer { retry_after_ms, ..Answer::new(400, failure.body(request_id, host)) }
}

fn response(shared: &Shared, answer: Answer) -> Response<Sent> {
    let date = shared.read().wall().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", answer.content_type)
        .header("cache-control", "no-store")
        .header("date", date);
    if let Some(ms) = answer.retry_after_ms {
        response = response.header("x-acs-retry-after", ms);
    }
    let body = if answer.breaks_off { Sent::half(answer.body) } else { Sent::whole(answer.body) };
    response.body(body).expect("status and headers are valid ones")
}
