//! A test's home: a desk, a sandbox behind a recording wire, and a clock that all of them share.

mod clock;
mod wire;

use std::path::Path;
use std::sync::Arc;

use bss_sandbox::{AccountInfo, AccountLedger, Config, Control, Fault, FaultOrder, ResourceEntry, Sandbox};
use chrono::TimeDelta;
use desk::views::{Ask, Decision, FactAnswer, HistoryQuery, RefundRow, RequestView, ResourceQuery, ResourceRow, ResourceSort, ResourceTab, Review, SyncReport};
use desk::{Access, Account, Desk, Unlock};
use desk_store::{Entry, Store};
use refund_rules::case::{Action, Kind, ResourceStatus};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

pub use clock::{ANCHOR, Clock, at};
pub use wire::{Then, Wire};

pub fn d(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Places of the sandbox's two customers.
pub const CHINA: usize = 0;
pub const INTERNATIONAL: usize = 1;

pub struct Home {
    pub dir: tempfile::TempDir,
    pub clock: Arc<Clock>,
    pub sandbox: Sandbox,
    pub wire: Wire,
    /// The customer that is connected; its id is its uid.
    pub account: AccountInfo,
    open: Option<Desk>,
}

impl Home {
    /// A sandbox home with one of the sandbox's customers, not synced yet.
    pub async fn with(place: usize) -> Self {
        let clock = Arc::new(Clock::default());
        let config = Config { customers: 2, ..Config::new(7, at(ANCHOR), "testid", "testsecret") };
        let sandbox = bss_sandbox::start(config, clock.clone(), 0).await.expect("the sandbox starts");
        let wire = Wire::before(&sandbox.address()).await;
        let account = sandbox.accounts()[place].clone();
        let dir = tempfile::tempdir().expect("a folder");
        let desk = Desk::open_sandbox(dir.path(), clock.clone()).expect("a home");
        desk.connect(&Account {
            uid: account.uid.clone(),
            name: account.name.clone(),
            site: account.site,
            currency: account.currency.clone(),
            partner: false,
            endpoint: wire.address.clone(),
            key_id: account.key_id.clone(),
            key_secret: account.key_secret.clone(),
        })
        .expect("a customer");
        Self { dir, clock, sandbox, wire, account, open: Some(desk) }
    }

    /// The same, synced.
    pub async fn synced(place: usize) -> Self {
        let home = Self::with(place).await;
        home.sync().await;
        home
    }

    pub fn desk(&self) -> &Desk {
        self.open.as_ref().expect("the home is open")
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn uid(&self) -> &str {
        &self.account.uid
    }

    pub fn control(&self) -> Control {
        self.sandbox.control()
    }

    /// Closes the home, as the end of the process does.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// Opens the home again.
    pub fn open(&mut self) {
        self.open = Some(Desk::open(self.path(), Unlock::Nothing, Access::ReadWrite, self.clock.clone()).expect("the home opens"));
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

    /// A resource plan that can be unsubscribed.
    pub fn plan(&self) -> ResourceRow {
        let rows = self.resources();
        rows.into_iter().find(|row| row.kind == Kind::ResourcePlan && row.blockers.is_empty() && row.exact).expect("the scene is there")
    }

    pub fn ask(&self, resource: &str) -> Ask {
        Ask { customer: self.uid().to_owned(), resource: resource.to_owned(), action: Action::Unsubscribe, expires: None }
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

    /// A confirmed unsubscription by the API.
    pub fn confirmed_by_api(&self, resource: &ResourceEntry) -> RequestView {
        self.confirmed(&self.ask(&resource.id), Channel::Api)
    }

    pub fn fault(&self, operation: &str, fault: Fault) {
        self.control().order_fault(FaultOrder { operation: Some(operation.to_owned()), times: 1, fault });
    }

    /// The request as it stands.
    pub fn request(&self, id: &str) -> RequestView {
        self.desk().request(id).expect("the request")
    }

    pub fn resources(&self) -> Vec<ResourceRow> {
        self.desk().resources(&everything()).expect("a page").rows
    }

    pub fn history(&self) -> Vec<RefundRow> {
        let query = HistoryQuery { customer: None, text: String::new(), from: None, to: None, offset: 0, limit: 500 };
        self.desk().history(&query).expect("a page").rows
    }

    /// Every journal entry of a subject, oldest first.
    pub fn entries(&self, subject: &str) -> Vec<Entry> {
        entries(self.path(), subject)
    }

    /// Refund orders that the cloud made for a resource since the anchor.
    pub fn refunds_made(&self, resource: &str) -> Vec<bss_sandbox::RefundEntry> {
        self.books().refund_orders.into_iter().filter(|refund| refund.instance == resource && refund.created_at >= at(ANCHOR)).collect()
    }
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
