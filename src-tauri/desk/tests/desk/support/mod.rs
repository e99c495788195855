//! A test's home: a desk, a sandbox behind a recording wire, and a clock that all of them share.

pub mod cloud;

mod clock;
mod wire;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bss_sandbox::{AccountLedger, Config, Control, Fault, FaultOrder, ResourceEntry, Sandbox};
use chrono::{DateTime, TimeDelta, Utc};
use desk::views::{
    Ask, Decision, FactAnswer, HistoryQuery, QuoteView, RefundRow, RequestView, ResourceQuery, ResourceRow,
    ResourceSort, ResourceTab, Review, SyncReport,
};
use desk::{Access, Account, Desk, ImportAsk, ImportFile, ImportReport, ImportedCustomer, Unlock};
use desk_store::{Entry, QuoteSummary, Store};
use refund_rules::case::{Action, Kind, ResourceStatus, Site};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

pub use clock::{ANCHOR, Clock, at};
pub use cloud::Cloud;
pub use wire::{Then, Wire};

pub fn d(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Places of the sandbox's two customers.
pub const CHINA: usize = 0;
pub const INTERNATIONAL: usize = 1;

/// An open home with one customer and a clock.
pub struct Seat {
    pub dir: tempfile::TempDir,
    pub clock: Arc<Clock>,
    customer: String,
    open: Option<Desk>,
}

impl Seat {
    pub fn new(clock: Arc<Clock>, account: &Account) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let desk = Desk::open_sandbox(dir.path(), clock.clone()).expect("a home");
        let customer = desk.connect(account).expect("a customer");
        Self { dir, clock, customer, open: Some(desk) }
    }

    /// A home whose one customer is known from files alone.
    pub fn imported(site: Site) -> Self {
        let (dir, clock) = (tempfile::tempdir().expect("a folder"), Arc::new(Clock::default()));
        let desk = Desk::open_sandbox(dir.path(), clock.clone()).expect("a home");
        let customer = desk.add_imported(&imported_customer(site)).expect("a customer");
        Self { dir, clock, customer, open: Some(desk) }
    }

    /// Takes a file of the fixtures.
    pub fn take(&self, fixture: &str) -> ImportReport {
        self.desk().import(&fixture_path(fixture), &ImportAsk::new(self.uid())).expect("taken")
    }

    /// Takes a file with this text, dated an hour ago.
    pub fn take_text(&self, text: &str) -> ImportReport {
        self.desk().import_file(&self.file(text.as_bytes()), &ImportAsk::new(self.uid())).expect("taken")
    }

    pub fn file(&self, bytes: &[u8]) -> ImportFile {
        ImportFile {
            name: "orders.csv".to_owned(),
            bytes: bytes.to_vec(),
            dated: self.clock.time() - TimeDelta::hours(1),
        }
    }

    pub fn desk(&self) -> &Desk {
        self.open.as_ref().expect("the home is open")
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The customer's id.
    pub fn uid(&self) -> &str {
        &self.customer
    }

    /// Closes the home, as the end of the process does.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// Opens the home again.
    pub fn open(&mut self) {
        self.open = Some(
            Desk::open(self.path(), Unlock::Nothing, Access::ReadWrite, self.clock.clone()).expect("the home opens"),
        );
    }

    pub fn reopen(&mut self) {
        self.close();
        self.open();
    }

    /// Closes the home, throws the cache away and opens it again.
    pub fn lose_cache(&mut self) {
        self.close();
        Store::discard_cache(self.path()).expect("the cache goes");
        self.open();
    }

    /// A sync that must succeed.
    pub async fn sync(&self) -> SyncReport {
        let mut reports = self.desk().sync(Some(self.uid()), &|_| {}).await.expect("a sync");
        let report = reports.pop().expect("one customer, one report");
        assert_eq!(report.problem, None);
        report
    }

    pub fn pass(&self, time: TimeDelta) {
        self.clock.pass(time);
    }

    pub fn ask(&self, resource: &str) -> Ask {
        Ask {
            customer: self.uid().to_owned(),
            resource: resource.to_owned(),
            action: Action::Unsubscribe,
            expires: None,
        }
    }

    /// Asks for cancelling the renewals from this Updated Expiration Time on.
    pub fn ask_renewals(&self, resource: &str, expires: DateTime<Utc>) -> Ask {
        Ask { action: Action::CancelRenewals, expires: Some(expires), ..self.ask(resource) }
    }

    /// A review with every required question answered as usual.
    pub fn reviewed(&self, ask: &Ask) -> Review {
        let review = self.desk().review(ask).expect("a review");
        let answers = usual_answers(&review);
        if answers.is_empty() { review } else { self.desk().settle(&review.request.id, &answers).expect("settled") }
    }

    /// A confirmed request.
    pub fn confirmed(&self, ask: &Ask, channel: Channel) -> RequestView {
        let review = self.reviewed(ask);
        self.desk().confirm(&review.request.id, &decision(&review, channel)).expect("confirmed")
    }

    /// A request that was handed over to the console, which shows what was predicted.
    pub fn handed_over(&self, ask: &Ask) -> RequestView {
        let request = self.confirmed(ask, Channel::Console);
        self.desk().hand_over(&request.id, &request.predicted.to_string()).expect("handed over")
    }

    /// The request as it stands.
    pub fn request(&self, id: &str) -> RequestView {
        self.desk().request(id).expect("the request")
    }

    pub fn resources(&self) -> Vec<ResourceRow> {
        self.desk().resources(&everything()).expect("a page").rows
    }

    /// A resource's quote now.
    pub fn quote(&self, resource: &str) -> QuoteView {
        self.desk().quote(self.uid(), resource, None).expect("a quote")
    }

    pub fn history(&self) -> Vec<RefundRow> {
        let query = HistoryQuery { customer: None, text: String::new(), from: None, to: None, offset: 0, limit: 500 };
        self.desk().history(&query).expect("a page").rows
    }

    /// The history's row of a refund order.
    pub fn refund(&self, refund_order: &str) -> RefundRow {
        self.history()
            .into_iter()
            .find(|row| row.refund_order == refund_order)
            .expect("the refund order is in the history")
    }

    /// Entries of the whole journal.
    pub fn journal_length(&self) -> u32 {
        self.desk().status().expect("a status").journal_entries
    }
}

/// A seat at the sandbox, behind a recording wire.
pub struct Home {
    seat: Seat,
    pub account: Account,
    pub sandbox: Sandbox,
    pub wire: Wire,
}

impl Deref for Home {
    type Target = Seat;
    fn deref(&self) -> &Seat {
        &self.seat
    }
}

impl DerefMut for Home {
    fn deref_mut(&mut self) -> &mut Seat {
        &mut self.seat
    }
}

impl Home {
    /// A sandbox home with one of the sandbox's customers, not synced yet.
    pub async fn with(place: usize) -> Self {
        let clock = Arc::new(Clock::default());
        let config = Config { customers: 2, ..Config::new(7, at(ANCHOR), "testid", "testsecret") };
        let sandbox = bss_sandbox::start(config, clock.clone(), 0).await.expect("the sandbox starts");
        let wire = Wire::before(&sandbox.address()).await;
        let info = sandbox.accounts()[place].clone();
        let account = Account {
            uid: info.uid,
            name: info.name,
            site: info.site,
            currency: info.currency,
            partner: false,
            endpoint: wire.address.clone(),
            key_id: info.key_id,
            key_secret: info.key_secret.into(),
        };
        Self { seat: Seat::new(clock, &account), account, sandbox, wire }
    }

    /// The same, synced.
    pub async fn synced(place: usize) -> Self {
        let home = Self::with(place).await;
        home.sync().await;
        home
    }

    pub fn control(&self) -> Control {
        self.sandbox.control()
    }

    /// Everything the sandbox knows of the customer.
    pub fn books(&self) -> AccountLedger {
        self.control().ledger().account(self.uid()).expect("the account").clone()
    }

    /// The first resource for which `fits` holds.
    pub fn find(&self, fits: impl Fn(&AccountLedger, &ResourceEntry) -> bool) -> ResourceEntry {
        let books = self.books();
        books.resources.iter().find(|resource| fits(&books, resource)).expect("the scene is there").clone()
    }

    /// An ecs at list price with at least two renewals that have not taken effect: its quote is exact.
    pub fn renewed(&self) -> ResourceEntry {
        self.find(|books, resource| resource.status == ResourceStatus::Normal && pending(books, resource).len() >= 2)
    }

    /// A running redis that nobody gave back.
    pub fn redis(&self) -> ResourceEntry {
        self.find(|_, resource| resource.product == "redisa" && resource.status == ResourceStatus::Normal)
    }

    /// A resource plan that can be unsubscribed.
    pub fn plan(&self) -> ResourceRow {
        let rows = self.resources();
        rows.into_iter()
            .find(|row| row.kind == Kind::ResourcePlan && row.blockers.is_empty() && row.exact)
            .expect("the scene is there")
    }

    /// A confirmed unsubscription by the API.
    pub fn confirmed_by_api(&self, resource: &ResourceEntry) -> RequestView {
        self.confirmed(&self.ask(&resource.id), Channel::Api)
    }

    pub fn fault(&self, operation: &str, fault: Fault) {
        self.faults(operation, 1, fault);
    }

    pub fn faults(&self, operation: &str, times: u32, fault: Fault) {
        self.control().order_fault(FaultOrder { operation: Some(operation.to_owned()), times, fault });
    }

    /// Refund orders that the cloud made for a resource since the anchor.
    pub fn refunds_made(&self, resource: &str) -> Vec<bss_sandbox::RefundEntry> {
        self.books()
            .refund_orders
            .into_iter()
            .filter(|refund| refund.instance == resource && refund.created_at >= at(ANCHOR))
            .collect()
    }
}

/// A seat at a cloud whose words a test wrote down: an international customer in USD.
pub struct Told {
    seat: Seat,
    pub cloud: Cloud,
}

impl Deref for Told {
    type Target = Seat;
    fn deref(&self) -> &Seat {
        &self.seat
    }
}

impl DerefMut for Told {
    fn deref_mut(&mut self) -> &mut Seat {
        &mut self.seat
    }
}

impl Told {
    /// The same, so much before or after the anchor.
    pub async fn at(time: TimeDelta, account: cloud::Account) -> Self {
        let cloud = Cloud::start(account).await;
        let seat = told_seat(&cloud.address);
        seat.pass(time);
        let told = Self { seat, cloud };
        told.sync().await;
        told
    }

    /// Connected to this account and synced.
    pub async fn of(account: cloud::Account) -> Self {
        let cloud = Cloud::start(account).await;
        let told = Self { seat: told_seat(&cloud.address), cloud };
        told.sync().await;
        told
    }
}

pub fn imported_customer(site: Site) -> ImportedCustomer {
    ImportedCustomer {
        uid: "5000000000000001".to_owned(),
        name: "Filed".to_owned(),
        site,
        currency: if site == Site::China { "CNY" } else { "USD" }.to_owned(),
        partner: false,
    }
}

pub fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name)
}

/// A seat at a told cloud that listens at `address`, not synced yet.
pub fn told_seat(address: &str) -> Seat {
    let customer = Account {
        uid: "5000000000000001".to_owned(),
        name: "Told".to_owned(),
        site: Site::International,
        currency: "USD".to_owned(),
        partner: false,
        endpoint: address.to_owned(),
        key_id: "testid".to_owned(),
        key_secret: "testsecret".into(),
    };
    Seat::new(Arc::new(Clock::default()), &customer)
}

/// Everything that a sync keeps of a customer, and the quotes made of it, as text.
pub fn cache_of(seat: &Seat) -> Vec<String> {
    let store = Store::open(seat.path(), &Unlock::Nothing, Access::ReadOnly).expect("a reader");
    let customer = seat.uid();
    let mut rows: Vec<String> = store
        .read(|r| {
            let mut rows = Vec::new();
            rows.extend(r.resources().list(customer)?.iter().map(|row| format!("{row:?}")));
            for order in r.orders().list(customer)? {
                rows.push(format!("{order:?}"));
                rows.extend(r.order_parts().of_order(customer, &order.id)?.iter().map(|row| format!("{row:?}")));
                rows.extend(r.transactions().of_record(customer, &order.id)?.iter().map(|row| format!("{row:?}")));
            }
            rows.extend(r.refunds().list(customer)?.iter().map(|row| format!("{row:?}")));
            // When a quote was made first depends on which syncs there were; what it says does not.
            let quotes = r.quotes().of_customer(customer)?.into_iter();
            rows.extend(quotes.map(|row| format!("{:?}", QuoteSummary { made_at: DateTime::UNIX_EPOCH, ..row })));
            Ok::<_, desk_store::StoreError>(rows)
        })
        .expect("the rows");
    rows.sort();
    rows
}

/// Journal entries of a subject, read past the desk by a second reader of the home.
pub fn entries(dir: &Path, subject: &str) -> Vec<Entry> {
    let store = Store::open(dir, &Unlock::Nothing, Access::ReadOnly).expect("a reader");
    store.read(|r| r.journal().of_subject(subject)).expect("entries")
}

pub fn kinds(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.kind.as_str()).collect()
}

/// Ids of the paid renewals (not compensations) that start after the anchor, by their start.
pub fn pending(books: &AccountLedger, resource: &ResourceEntry) -> Vec<String> {
    let mut renewals: Vec<_> = books
        .orders
        .iter()
        .filter(|order| order.paid && order.order_type == "Renew")
        .filter(|order| order.parts[0].instances.contains(&resource.id) && order.parts[0].start > at(ANCHOR))
        .collect();
    renewals.sort_by_key(|order| order.parts[0].start);
    renewals.into_iter().map(|order| order.order_id.clone()).collect()
}

pub fn usual_answers(review: &Review) -> Vec<FactAnswer> {
    let required = review.questions.iter().filter(|question| question.required);
    required
        .map(|question| FactAnswer {
            path: question.path.clone(),
            value: question.usual.clone().expect("required questions have a usual answer"),
            source: "checked at the console".to_owned(),
        })
        .collect()
}

/// A decision that lacks nothing.
pub fn decision(review: &Review, channel: Channel) -> Decision {
    Decision {
        channel,
        amount_read: true,
        data_backed_up: true,
        reason: "the project ends".to_owned(),
        amount_typed: review.type_amount.clone(),
        quote_sha256: review.quote.quote.sha256.clone().expect("a sealed quote"),
        authorisation: None,
    }
}

pub fn everything() -> ResourceQuery {
    ResourceQuery {
        customer: None,
        tab: ResourceTab::All,
        refund_type: None,
        product: None,
        text: String::new(),
        ordered_from: None,
        ordered_to: None,
        sort: ResourceSort::Resource,
        descending: false,
        offset: 0,
        limit: 500,
    }
}
