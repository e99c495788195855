//! A sandbox and clients of it, with a clock that stands still until a test moves it.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub mod knock;
pub mod raw;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bss_openapi::wire::{
    GetOrderDetailRequest, ImmediatelyRelease, InquiryPriceRefundInstanceRequest, InstanceRow, OrderDetailRow,
    OrderRow, QueryAccountTransactionsRequest, QueryAvailableInstancesRequest, QueryOrdersRequest,
    QueryResourcePackageInstancesRequest, RefundInstanceRequest, TransactionRow,
};
use bss_openapi::{Account, Ambient, BssError, Client, Paged};
use bss_sandbox::{AccountInfo, AccountLedger, Config, ResourceEntry, Sandbox, WallClock};
use chrono::{DateTime, TimeDelta, Utc};

/// Friday, 2026-11-20, 18:00 in UTC+8.
pub const ANCHOR: &str = "2026-11-20T10:00:00Z";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Wall clock, nonces and waiting of a test.
#[derive(Default)]
pub struct TestClock {
    /// Milliseconds after [`ANCHOR`].
    moved_ms: AtomicI64,
    nonces: AtomicU64,
}

impl TestClock {
    pub fn pass(&self, time: TimeDelta) {
        self.moved_ms.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn time(&self) -> DateTime<Utc> {
        at(ANCHOR) + TimeDelta::milliseconds(self.moved_ms.load(Ordering::SeqCst))
    }
}

impl WallClock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.time()
    }
}

impl Ambient for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.time()
    }

    fn nonce(&self) -> String {
        format!("{:032x}", self.nonces.fetch_add(1, Ordering::SeqCst))
    }

    /// Waiting takes no time here.
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

pub fn config() -> Config {
    Config::new(7, at(ANCHOR), "testid", "testsecret")
}

pub struct Running {
    pub sandbox: Sandbox,
    pub clock: Arc<TestClock>,
}

impl Running {
    pub async fn start() -> Self {
        Self::start_with(config()).await
    }

    pub async fn start_with(config: Config) -> Self {
        let clock = Arc::new(TestClock::default());
        Self::start_on(config, clock).await
    }

    pub async fn start_on(config: Config, clock: Arc<TestClock>) -> Self {
        let sandbox = bss_sandbox::start(config, clock.clone(), 0).await.expect("the sandbox starts");
        Self { sandbox, clock }
    }

    /// 0: China, 1: international, and so on in turn.
    pub fn info(&self, place: usize) -> AccountInfo {
        self.sandbox.accounts()[place].clone()
    }

    pub fn client(&self, place: usize) -> Client {
        self.client_with(place, |account| account)
    }

    pub fn client_with(&self, place: usize, change: impl FnOnce(Account) -> Account) -> Client {
        let info = self.info(place);
        let account = Account {
            endpoint: info.endpoint,
            key_id: info.key_id,
            key_secret: info.key_secret.into(),
            security_token: None,
        };
        Client::new(change(account), self.clock.clone()).expect("a client")
    }

    pub fn books(&self, place: usize) -> AccountLedger {
        let uid = self.info(place).uid;
        self.sandbox.control().ledger().account(&uid).expect("the account").clone()
    }

    /// The first resource for which `fits` holds.
    pub fn find(&self, place: usize, fits: impl Fn(&AccountLedger, &ResourceEntry) -> bool) -> ResourceEntry {
        let books = self.books(place);
        books.resources.iter().find(|resource| fits(&books, resource)).expect("the scene is there").clone()
    }
}

/// All rows of all pages.
pub async fn all<R: Paged>(client: &Client, request: R) -> Vec<R::Row> {
    let mut pages = client.pages(request);
    let mut rows = Vec::new();
    while let Some(page) = pages.next_page().await.expect("a page") {
        rows.extend(page.rows);
    }
    rows
}

/// Every order of the account, whenever created.
pub async fn orders(client: &Client) -> Vec<OrderRow> {
    all(client, QueryOrdersRequest::new(at("2020-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z"))).await
}

pub async fn detail(client: &Client, order: &str) -> Vec<OrderDetailRow> {
    client.get_order_detail(&GetOrderDetailRequest::new(order)).await.expect("a detail").data.order_list.order
}

pub async fn instances(client: &Client) -> Vec<InstanceRow> {
    all(client, QueryAvailableInstancesRequest::default()).await
}

pub async fn plans(client: &Client) -> Vec<bss_openapi::wire::PlanRow> {
    all(client, QueryResourcePackageInstancesRequest::default()).await
}

pub async fn transactions_of(client: &Client, record: &str) -> Vec<TransactionRow> {
    let window = QueryAccountTransactionsRequest::new(at("2020-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z"));
    all(client, QueryAccountTransactionsRequest { record_id: Some(record.to_owned()), ..window }).await
}

pub fn refund_request(resource: &ResourceEntry, token: &str) -> RefundInstanceRequest {
    RefundInstanceRequest {
        instance_id: resource.id.clone(),
        product_code: resource.product.clone(),
        product_type: String::new(),
        client_token: token.to_owned(),
        immediately_release: ImmediatelyRelease::AtOnce,
    }
}

pub fn inquiry(resource: &ResourceEntry, token: &str) -> InquiryPriceRefundInstanceRequest {
    InquiryPriceRefundInstanceRequest {
        instance_id: resource.id.clone(),
        product_code: resource.product.clone(),
        product_type: String::new(),
        client_token: token.to_owned(),
    }
}

/// The documented code of a refusal.
pub fn code(error: &BssError) -> String {
    error.service_code().unwrap_or_default().to_owned()
}
