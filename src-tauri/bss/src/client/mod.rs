//! The client: one method an operation, each signed, paced, bounded in size and time.

mod account;
mod ambient;
mod answer;
mod exchange;
mod keys;
mod pace;
mod pages;

pub use account::{Account, CHINA_ENDPOINT, INTERNATIONAL_ENDPOINT};
pub use ambient::Ambient;
pub use answer::read_answer;
pub use exchange::{BODY_LIMIT, CONNECT_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT};
pub use keys::{RENEW_BEFORE, Role};
pub use pace::Pace;
pub use pages::{Page, Paged, Pager};

use crate::error::{BssError, Failure, Kind};
use crate::wire;
use crate::wire::Request;
use chrono::{DateTime, TimeDelta, Utc};
use exchange::Exchange;
use keys::Keys;
use pace::Gates;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a throttled reading call is sent in all. Acting calls are sent once.
pub const MAX_ATTEMPTS: u32 = 5;

/// The first wait after throttling; doubles each time up to [`BACKOFF_CAP`].
const BACKOFF_BASE: Duration = Duration::from_millis(500);
const BACKOFF_CAP: Duration = Duration::from_secs(8);

/// A longer `x-acs-retry-after` than this is told to the caller instead of being slept through.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(60);

/// What came back, and with it what the desk needs to judge clocks and to quote the call in a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply<T> {
    pub data: T,
    pub meta: ReplyMeta,
}

/// About a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyMeta {
    pub request_id: Option<String>,
    /// The reply's `Date` header, second precision.
    pub server_date: Option<DateTime<Utc>>,
    /// Our clock when the reply had arrived.
    pub received_at: DateTime<Utc>,
}

impl ReplyMeta {
    /// How far the API's clock is ahead of ours (negative: behind); includes up to a second of rounding and the way back.
    pub fn clock_skew(&self) -> Option<TimeDelta> {
        self.server_date.map(|date| date - self.received_at)
    }
}

/// A temporary key of a role. `Debug` shows neither its secret nor its token.
#[derive(Debug, Clone, PartialEq)]
pub struct TemporaryKey {
    pub key_id: String,
    pub key_secret: wire::SecretText,
    pub security_token: wire::SecretText,
    /// By the API's clock; from here on the key opens nothing.
    pub expires_at: DateTime<Utc>,
    pub meta: ReplyMeta,
}

/// A customer's account at the API. Cheap to clone; clones share the connection and the pace.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    keys: Keys,
    ambient: Arc<dyn Ambient>,
    exchange: Exchange,
    gates: Gates,
    /// From the newest answer that had a date.
    clock: Mutex<Option<ClockSeen>>,
}

/// How far the API's clock was from ours when it last answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSeen {
    /// Our clock when the answer had arrived.
    pub at: DateTime<Utc>,
    /// How far the API's clock is ahead of ours (negative: behind); includes up to a second of rounding and the way back.
    pub skew: TimeDelta,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("keys", &self.0.keys).finish_non_exhaustive()
    }
}

impl Client {
    /// A client at half of the documented rates, since the customer's own programs share them.
    pub fn new(account: Account, ambient: Arc<dyn Ambient>) -> Result<Self, BssError> {
        Self::with_pace(account, ambient, Pace::default())
    }

    /// A client at a chosen pace. Nothing is sent yet.
    pub fn with_pace(account: Account, ambient: Arc<dyn Ambient>, pace: Pace) -> Result<Self, BssError> {
        let exchange = Exchange::new(&account)?;
        Ok(Self::over(Keys::Lasting(Arc::new(account)), ambient, exchange, pace))
    }

    /// A client that acts in another account by a role there. The role's key is asked for with the first call and renewed
    /// before it ends; the pace is the other account's own. Nothing is sent yet.
    pub fn by_role(role: Role, endpoint: &str, ambient: Arc<dyn Ambient>, pace: Pace) -> Result<Self, BssError> {
        let exchange = Exchange::at(endpoint)?;
        Ok(Self::over(Keys::of_role(role, endpoint.to_owned()), ambient, exchange, pace))
    }

    fn over(keys: Keys, ambient: Arc<dyn Ambient>, exchange: Exchange, pace: Pace) -> Self {
        Self(Arc::new(Inner { keys, ambient, exchange, gates: Gates::new(pace), clock: Mutex::default() }))
    }

    /// The newest sight of the API's clock, of answers and refusals alike.
    pub fn clock_seen(&self) -> Option<ClockSeen> {
        *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One page of orders. [`Client::pages`] reads them all.
    pub async fn query_orders(&self, request: &wire::QueryOrdersRequest) -> Result<Page<wire::OrderRow>, BssError> {
        self.page(request).await
    }

    /// The sub-orders of an order.
    pub async fn get_order_detail(
        &self,
        request: &wire::GetOrderDetailRequest,
    ) -> Result<Reply<wire::OrderDetailData>, BssError> {
        self.call(request).await
    }

    /// One page of instances. [`Client::pages`] reads them all.
    pub async fn query_available_instances(
        &self,
        request: &wire::QueryAvailableInstancesRequest,
    ) -> Result<Page<wire::InstanceRow>, BssError> {
        self.page(request).await
    }

    /// One page of resource plans. [`Client::pages`] reads them all.
    pub async fn query_resource_package_instances(
        &self,
        request: &wire::QueryResourcePackageInstancesRequest,
    ) -> Result<Page<wire::PlanRow>, BssError> {
        self.page(request).await
    }

    /// One page of transactions. [`Client::pages`] reads them all.
    pub async fn query_account_transactions(
        &self,
        request: &wire::QueryAccountTransactionsRequest,
    ) -> Result<Page<wire::TransactionRow>, BssError> {
        self.page(request).await
    }

    /// The balance; also the cheapest call to test a connection with.
    pub async fn query_account_balance(&self) -> Result<Reply<wire::BalanceData>, BssError> {
        self.call(&wire::QueryAccountBalanceRequest {}).await
    }

    /// One page of financial relations. [`Client::pages`] reads them all.
    pub async fn query_relation_list(
        &self,
        request: &wire::QueryRelationListRequest,
    ) -> Result<Page<wire::RelationRow>, BssError> {
        self.page(request).await
    }

    /// One page of the orders of a partner's customers. [`Client::pages`] reads them all.
    pub async fn get_customer_orders(
        &self,
        request: &wire::GetCustomerOrdersRequest,
    ) -> Result<Page<wire::CustomerOrderRow>, BssError> {
        self.page(request).await
    }

    /// A temporary key of a role. An answer that lacks any part of the key is an error.
    pub async fn assume_role(&self, request: &wire::AssumeRoleRequest) -> Result<TemporaryKey, BssError> {
        let Reply { data, meta } = self.call(request).await?;
        let wire::AssumedCredentials { access_key_id, access_key_secret, security_token, expiration, .. } =
            data.credentials;
        let lacking = |member| missing(wire::AssumeRoleRequest::ACTION, member, &meta, false);
        Ok(TemporaryKey {
            key_id: access_key_id.ok_or_else(|| lacking("AccessKeyId"))?,
            key_secret: access_key_secret.ok_or_else(|| lacking("AccessKeySecret"))?,
            security_token: security_token.ok_or_else(|| lacking("SecurityToken"))?,
            expires_at: expiration.ok_or_else(|| lacking("Expiration"))?,
            meta,
        })
    }

    /// What a refund would give now. An answer without an amount is an error: it must not pass for zero.
    pub async fn inquiry_price_refund_instance(
        &self,
        request: &wire::InquiryPriceRefundInstanceRequest,
    ) -> Result<Reply<wire::InquiryData>, BssError> {
        let reply = self.call(request).await?;
        if reply.data.refund_amount.is_none() {
            return Err(missing(wire::InquiryPriceRefundInstanceRequest::ACTION, "RefundAmount", &reply.meta, false));
        }
        Ok(reply)
    }

    /// Releases and refunds a resource: sent once, exactly as given, never repeated here. `Ok` means accepted, that is, a
    /// refund order id above 0; on `Err` ask [`BssError::may_have_acted`].
    pub async fn refund_instance(
        &self,
        request: &wire::RefundInstanceRequest,
    ) -> Result<Reply<wire::RefundData>, BssError> {
        let reply = self.call(request).await?;
        if reply.data.order_id.is_none_or(|id| id <= 0) {
            return Err(missing(wire::RefundInstanceRequest::ACTION, "OrderId", &reply.meta, true));
        }
        Ok(reply)
    }

    /// Reads page after page, from the request's own page on (so that a broken-off reading resumes).
    pub fn pages<R: Paged>(&self, request: R) -> Pager<'_, R> {
        Pager::new(self, request)
    }

    /// Any operation: waits for its turn, sends, and repeats a throttled reading call.
    pub(crate) async fn call<R: Request>(&self, request: &R) -> Result<Reply<R::Data>, BssError> {
        let (mut attempt, mut renewed) = (1, false);
        loop {
            let account = self.0.keys.account(self.0.ambient.as_ref()).await?;
            self.wait_for_turn(R::ACTION).await;
            let answered = self.0.exchange.send(&account, self.0.ambient.as_ref(), request).await;
            self.see_clock(&answered);
            let error = match answered {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            // A role's key that ended all the same is renewed once. An acting call is not sent again here, whatever the reason.
            if keys::says_ended(&error) && self.0.keys.forget(&account).await && !R::ACTS && !renewed {
                renewed = true;
                continue;
            }
            let wait = match error.kind() {
                Kind::Throttled { retry_after } if !R::ACTS && attempt < MAX_ATTEMPTS => {
                    self.backoff(attempt, retry_after)
                }
                _ => None,
            };
            let Some(wait) = wait else { return Err(error) };
            self.0.ambient.sleep(wait).await;
            attempt += 1;
        }
    }

    fn see_clock<T>(&self, answered: &Result<Reply<T>, BssError>) {
        let (date, at) = match answered {
            Ok(reply) => (reply.meta.server_date, reply.meta.received_at),
            Err(error) => (error.server_date(), self.0.ambient.now()),
        };
        if let Some(date) = date {
            let seen = ClockSeen { at, skew: date - at };
            *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        }
    }

    async fn wait_for_turn(&self, action: &'static str) {
        let wait = self.0.gates.reserve(action, self.0.ambient.now());
        if !wait.is_zero() {
            self.0.ambient.sleep(wait).await;
        }
    }

    /// How long to wait before the next attempt; `None` when the API asks for more patience than a call should have. The jitter
    /// comes from a fresh nonce, so that desks that were throttled together do not return together.
    fn backoff(&self, attempt: u32, retry_after: Option<Duration>) -> Option<Duration> {
        let asked = retry_after.unwrap_or_default();
        if asked > RETRY_AFTER_CAP {
            return None;
        }
        let half = (BACKOFF_BASE * 2u32.pow(attempt - 1)).min(BACKOFF_CAP) / 2;
        let digest = Sha256::digest(self.0.ambient.nonce().as_bytes());
        let draw = u32::from(u16::from_be_bytes([digest[0], digest[1]]));
        Some(asked.max(half) + half * draw / u32::from(u16::MAX))
    }
}

fn missing(operation: &'static str, member: &str, meta: &ReplyMeta, may_have_acted: bool) -> BssError {
    Failure {
        request_id: meta.request_id.clone(),
        server_date: meta.server_date,
        http_status: Some(200),
        may_have_acted,
        ..Failure::new(Kind::Malformed, operation, format!("the answer says success but carries no {member}"))
    }
    .into()
}
