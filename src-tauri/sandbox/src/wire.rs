//! The operations of the billing API: parameters in, `Data` out, in the types that the client uses too.

mod agency;
mod instances;
mod money;
mod orders;
mod refunds;
mod relations;

use std::ops::Deref;

use bss_openapi::wire::{Envelope, ParameterError, Record, Refusal as NotSuccess, Request, Service};
use chrono::{DateTime, TimeDelta, Utc};

use crate::access;
use crate::config::SandboxError;
use crate::state::State;
use crate::world::act::Act;
use crate::world::refusal::{Refusal, Shape};

/// Decoded parameters of a request, query and form body together.
pub type Params = Vec<(String, String)>;

/// Operations that the sandbox answers.
pub const OPERATIONS: &[&str] = &[
    "QueryOrders",
    "GetOrderDetail",
    "QueryAvailableInstances",
    "QueryResourcePackageInstances",
    "QueryAccountTransactions",
    "QueryAccountBalance",
    "InquiryPriceRefundInstance",
    "RefundInstance",
    "QueryRelationList",
    "GetCustomerOrders",
    "AssumeRole",
];

/// The API that an operation belongs to.
fn service_of(action: &str) -> Service {
    match action {
        "GetCustomerOrders" => Service::Agency,
        "AssumeRole" => Service::Sts,
        _ => Service::Billing,
    }
}

/// The version that an operation is called with; none for no operation.
pub(crate) fn version_of(action: &str) -> Option<&'static str> {
    OPERATIONS.contains(&action).then(|| service_of(action).version())
}

/// Whether an operation is of the billing API.
pub(crate) fn is_billing(action: &str) -> bool {
    service_of(action) == Service::Billing
}

/// A failure as the API tells it.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The gateway's error body with this HTTP status.
    Status { status: u16, code: String, message: String },
    /// HTTP 200 with `Success: false`; `data` is the JSON text of `Data`.
    NotSuccess { code: String, message: String, data: String },
}

impl Failure {
    /// HTTP 400 with the gateway's error body.
    pub fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::Status { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// HTTP 404 with the gateway's error body.
    pub fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::Status { status: 404, code: code.to_owned(), message: message.into() }
    }

    /// A refusal of a refund or inquiry; `data` is what stands in `Data` where the shape has one.
    fn refused(refusal: &Refusal, data: &impl Record) -> Self {
        let (code, shape) = refusal.api();
        let message = refusal.to_string();
        match shape {
            Shape::Status400 => Self::bad_request(code, message),
            Shape::Status500 => Self::Status { status: 500, code: code.to_owned(), message },
            Shape::NotSuccess => Self::NotSuccess { code: code.to_owned(), message, data: json(data) },
        }
    }

    /// The body to send under `request_id`.
    pub fn body(&self, request_id: &str, host: &str) -> String {
        match self {
            Self::Status { code, message, .. } => {
                let error = bss_openapi::wire::GatewayError {
                    request_id: Some(request_id.to_owned()),
                    host_id: Some(host.to_owned()),
                    code: Some(code.clone()),
                    message: Some(message.clone()),
                    recommend: Some(format!(
                        "https://error-center.aliyun.com/status/search?Keyword={code}&source=PopGw"
                    )),
                    ..Default::default()
                };
                json(&error)
            }
            Self::NotSuccess { code, message, data } => json(&NotSuccess {
                request_id: Some(request_id.to_owned()),
                success: Some(false),
                code: Some(code.clone()),
                message: Some(message.clone()),
                extra: [("Data".to_owned(), data.clone())].into(),
            }),
        }
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        if let Self::Status { status, .. } = self { *status } else { 200 }
    }
}

impl From<ParameterError> for Failure {
    fn from(error: ParameterError) -> Self {
        Self::bad_request(error.api_code(), error.to_string())
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::Status { status: 500, code: "InternalError".to_owned(), message: error.to_string() }
    }
}

/// Who calls, when, and what goes wrong inside the call.
pub(crate) struct Caller {
    /// Place of the account in the world.
    pub account: usize,
    /// Business clock.
    pub now: DateTime<Utc>,
    pub paging: Paging,
    /// Amounts are so many per cent of what they would be.
    pub amount_percent: u32,
}

/// Which rows a page after the first has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// Those that follow the page before.
    Straight,
    /// Those of the page before.
    Repeated,
    /// So many new rows came in at the top since the page before; negative: so many are gone.
    Shifted(i32),
}

/// The rows of a page: how many stand before it, how many it takes at most, and by how much the list has grown.
#[derive(Debug, Clone, Copy)]
struct Window {
    skip: usize,
    take: usize,
    grown: i64,
}

impl Window {
    /// Count of all rows, as the page tells it.
    fn total(&self, rows: usize) -> u32 {
        let total = i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(self.grown).max(0);
        u32::try_from(total).unwrap_or(u32::MAX)
    }

    /// Place behind the last row of the page.
    fn end(&self) -> usize {
        self.skip.saturating_add(self.take)
    }

    /// Whether the row at this place of the whole list is on the page.
    fn holds(&self, nth: usize) -> bool {
        nth >= self.skip && nth - self.skip < self.take
    }
}

impl Caller {
    /// The rows of a page of a list that gives at most `max` of them at once.
    fn window(&self, page_num: u32, page_size: u32, max: u32) -> Result<Window, Failure> {
        if page_num == 0 || page_size == 0 || page_size > max {
            return Err(Failure::bad_request(
                "InvalidParameter",
                format!("PageNum begins with 1 and PageSize is from 1 to {max}."),
            ));
        }
        let take = page_size as usize;
        let before = |pages: u32| (pages as usize).saturating_mul(take);
        let straight = Window { skip: before(page_num - 1), take, grown: 0 };
        Ok(match self.paging {
            Paging::Repeated if page_num > 1 => Window { skip: before(page_num - 2), ..straight },
            Paging::Shifted(rows) if page_num > 1 => {
                let rows = rows as isize;
                Window { skip: straight.skip.saturating_add_signed(-rows), grown: rows as i64, ..straight }
            }
            _ => straight,
        })
    }
}

/// The state while a call is answered: shared with other readers, or alone for what changes it.
pub(crate) enum Hold<'a> {
    Reading(&'a State),
    Acting(&'a mut State),
}

impl Deref for Hold<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        match self {
            Self::Reading(state) => state,
            Self::Acting(state) => state,
        }
    }
}

impl Hold<'_> {
    /// Keeps an act and lets it take effect.
    fn record(&mut self, act: Act) -> Result<(), SandboxError> {
        match self {
            Self::Acting(state) => state.record(act),
            Self::Reading(_) => unreachable!("calls that may act have the state alone, see `may_act`"),
        }
    }
}

/// Whether a call may change what the sandbox holds.
pub(crate) fn may_act(action: &str, params: &Params) -> bool {
    match action {
        "RefundInstance" => true,
        // Its answer is remembered for its token.
        "InquiryPriceRefundInstance" => params.iter().any(|(name, value)| name == "ClientToken" && !value.is_empty()),
        _ => false,
    }
}

/// Answers an operation; the body of a success as JSON text.
pub(crate) fn answer(
    state: &mut Hold<'_>,
    caller: &Caller,
    action: &str,
    mut params: Params,
    request_id: &str,
) -> Result<String, Failure> {
    check_owner(state, caller, &params)?;
    match action {
        "QueryOrders" => {
            default_window(&mut params, caller.now, TimeDelta::hours(1));
            read(&params, |request| orders::list(state, caller, &request)).map(|data| success(request_id, data))
        }
        "GetOrderDetail" => {
            read(&params, |request| orders::detail(state, caller, &request)).map(|data| success(request_id, data))
        }
        "QueryAvailableInstances" => {
            read(&params, |request| instances::list(state, caller, &request)).map(|data| success(request_id, data))
        }
        "QueryResourcePackageInstances" => read(&params, |request| instances::plans(state, caller, &request))
            .map(|data| plans_success(request_id, data)),
        "QueryAccountTransactions" => {
            default_window(&mut params, caller.now, TimeDelta::days(30));
            read(&params, |request| money::transactions(state, caller, &request)).map(|data| success(request_id, data))
        }
        "QueryAccountBalance" => {
            read(&params, |request| money::balance(state, caller, &request)).map(|data| code_200(request_id, data))
        }
        "InquiryPriceRefundInstance" => {
            read(&params, |request| refunds::inquire(state, caller, &request)).map(|data| code_200(request_id, data))
        }
        "RefundInstance" => {
            read(&params, |request| refunds::refund(state, caller, &request)).map(|data| success(request_id, data))
        }
        "QueryRelationList" => {
            read(&params, |request| relations::list(state, caller, &request)).map(|data| success(request_id, data))
        }
        "GetCustomerOrders" => {
            read(&params, |request| agency::orders(state, caller, &request)).map(|data| whole(request_id, data, true))
        }
        "AssumeRole" => read(&params, |request| access::assume(state, &request, request_id))
            .map(|data| whole(request_id, data, false)),
        _ => Err(Failure::not_found("InvalidApi.NotFound", format!("Specified api is not found: {action}."))),
    }
}

fn read<R: Request>(params: &Params, run: impl FnOnce(R) -> Result<R::Data, Failure>) -> Result<R::Data, Failure> {
    run(R::from_params(params)?)
}

fn success<D: Record>(request_id: &str, data: D) -> String {
    json(&Envelope::new(request_id, data))
}

/// A reply of the other APIs: the data is the body, beside the members of an envelope or with the request id alone.
fn whole<D: Record>(request_id: &str, data: D, enveloped: bool) -> String {
    let mut body = json(&data);
    let envelope = if enveloped { r#","Success":true,"Code":"200","Message":"success","Msg":"success""# } else { "" };
    body.insert_str(1, &format!(r#""RequestId":"{request_id}"{envelope},"#));
    body
}

/// Some operations say `200` where others say `Success`.
fn code_200<D: Record>(request_id: &str, data: D) -> String {
    let mut envelope = Envelope::new(request_id, data);
    "200".clone_into(&mut envelope.code);
    "success".clone_into(&mut envelope.message);
    json(&envelope)
}

/// The plan list repeats its counts at the top, there as numbers.
fn plans_success(request_id: &str, data: bss_openapi::wire::PlansData) -> String {
    let count = |count: Option<bss_openapi::wire::TextCount>| count.map_or(0, |count| count.0).to_string();
    let extra = [
        ("Page".to_owned(), count(data.page_num)),
        ("PageSize".to_owned(), count(data.page_size)),
        ("Total".to_owned(), count(data.total_count)),
    ];
    let mut envelope = Envelope::new(request_id, data);
    envelope.extra.extend(extra);
    json(&envelope)
}

fn json(body: &impl serde::Serialize) -> String {
    serde_json::to_string(body).expect("wire types always serialize")
}

/// An owner other than the caller is refused; these accounts are no resellers.
fn check_owner(state: &State, caller: &Caller, params: &Params) -> Result<(), Failure> {
    let uid = &state.world.accounts[caller.account].uid;
    match params.iter().find(|(name, value)| name == "OwnerId" && !value.is_empty()) {
        Some((_, owner)) if owner != uid => {
            Err(Failure::bad_request("InvalidOwner", "The specified owner doesn't belong to caller."))
        }
        _ => Ok(()),
    }
}

/// Left out, the window is the last hour (orders) or month (transactions) of the business clock.
fn default_window(params: &mut Params, now: DateTime<Utc>, back: TimeDelta) {
    for (name, at) in [("CreateTimeStart", now - back), ("CreateTimeEnd", now)] {
        params.retain(|(key, value)| key != name || !value.trim().is_empty());
        if !params.iter().any(|(key, _)| key == name) {
            params.push((name.to_owned(), bss_openapi::wire::write_time(&at)));
        }
    }
}

/// Rows of one page and the count of all; a page past the end is empty.
fn page<T>(caller: &Caller, rows: Vec<T>, page_num: u32, page_size: u32, max: u32) -> Result<(u32, Vec<T>), Failure> {
    let window = caller.window(page_num, page_size, max)?;
    let total = window.total(rows.len());
    Ok((total, rows.into_iter().skip(window.skip).take(window.take).collect()))
}

/// Whether a value passes a filter; a filter that is not given passes all.
fn fits<T: PartialEq>(asked: &Option<T>, given: &Option<T>) -> bool {
    asked.is_none() || asked == given
}

/// What the API calls its host.
fn host_name(state: &State, caller: &Caller) -> Option<String> {
    let china = state.world.accounts[caller.account].site == refund_rules::case::Site::China;
    Some(if china { "cn" } else { "intl" }.to_owned())
}
