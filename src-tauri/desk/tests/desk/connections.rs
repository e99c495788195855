//! Connections: what a key may, whose key it is, how far the clocks are apart, and what relations do to the amounts.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use bss_sandbox::{AccountInfo, Config, Fault, FaultOrder, Sandbox};
use chrono::{DateTime, TimeDelta, Utc};
use desk::views::{HistoryQuery, ResourceRow, SyncReport};
use desk::{
    Access, Account, Ambient, ClockVerdict, ConnectionTest, Credentials, Desk, DeskError, Feature, FeatureState,
    Unlock, Way, test_connection,
};
use refund_rules::case::Action;
use refund_rules::quote::Channel;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::cloud::{Account as Told, Order, instance, payment};
use crate::support::{ANCHOR, Clock, Seat, Wire, at, decision, everything, told_seat};

/// A machine whose clock is set wrong by so many seconds.
pub struct Machine {
    clock: Arc<Clock>,
    ahead: AtomicI64,
}

impl Ambient for Machine {
    fn wall(&self) -> DateTime<Utc> {
        self.clock.wall() + TimeDelta::seconds(self.ahead.load(Ordering::SeqCst))
    }

    fn random(&self, bytes: &mut [u8]) {
        self.clock.random(bytes);
    }
}

/// A manager's desk before a sandbox of four customers, with a recording wire between.
pub struct Office {
    pub dir: tempfile::TempDir,
    machine: Arc<Machine>,
    pub sandbox: Sandbox,
    wire: Wire,
    desk: Option<Desk>,
}

impl Office {
    pub async fn open() -> Self {
        let clock = Arc::new(Clock::default());
        let config = Config::new(7, at(ANCHOR), "testid", "testsecret");
        let sandbox = bss_sandbox::start(config, clock.clone(), 0).await.expect("the sandbox starts");
        let wire = Wire::before(&sandbox.address()).await;
        let dir = tempfile::tempdir().expect("a folder");
        let machine = Arc::new(Machine { clock, ahead: AtomicI64::new(0) });
        let desk = Desk::open_sandbox(dir.path(), machine.clone()).expect("a home");
        Self { dir, machine, sandbox, wire, desk: Some(desk) }
    }

    pub fn desk(&self) -> &Desk {
        self.desk.as_ref().expect("the home is open")
    }

    fn reopen(&mut self) {
        self.desk = None;
        let opened = Desk::open(self.dir.path(), Unlock::Nothing, Access::ReadWrite, self.machine.clone());
        self.desk = Some(opened.expect("the home opens"));
    }

    pub fn info(&self, place: usize) -> AccountInfo {
        self.sandbox.accounts()[place].clone()
    }

    /// The customer at this place with the key of the account at another.
    pub fn account(&self, place: usize, key_of: usize) -> Account {
        let (info, key) = (self.info(place), self.info(key_of));
        Account {
            uid: info.uid,
            name: info.name,
            site: info.site,
            currency: info.currency,
            partner: false,
            endpoint: self.wire.address.clone(),
            key_id: key.key_id,
            key_secret: key.key_secret.as_str().into(),
        }
    }

    fn credentials(&self, place: usize, way: Way) -> Credentials {
        let info = self.info(place);
        Credentials::new(&self.wire.address, &info.key_id, &info.key_secret.as_str().into(), way)
    }

    fn role(&self, place: usize) -> Way {
        Way::Role { arn: format!("acs:ram::{}:role/{}", self.info(place).uid, bss_sandbox::ROLE), external_id: None }
    }

    async fn test(&self, credentials: &Credentials) -> Result<ConnectionTest, DeskError> {
        test_connection(self.machine.clone(), credentials, self.desk().now()).await
    }

    async fn sync(&self, customer: &str) -> SyncReport {
        self.desk().sync(Some(customer), &|_| {}).await.expect("a sync").pop().expect("one customer, one report")
    }

    pub async fn synced(&self, customer: &str) {
        assert_eq!(self.sync(customer).await.problem, None);
    }

    fn operations(&self) -> Vec<String> {
        self.wire.calls().into_iter().map(|call| call.operation).collect()
    }

    fn called(&self, operation: &str) -> usize {
        self.operations().iter().filter(|called| *called == operation).count()
    }

    pub fn resources(&self, customer: &str) -> Vec<ResourceRow> {
        let rows = self.desk().resources(&everything()).expect("a page").rows;
        rows.into_iter().filter(|row| row.customer == customer).collect()
    }
}

/// What a test says, as `feature: state`.
fn states(test: &ConnectionTest) -> Vec<(Feature, FeatureState)> {
    test.features.iter().map(|feature| (feature.feature, feature.state)).collect()
}

const OF_A_KEY: [Feature; 8] = [
    Feature::Balance,
    Feature::Resources,
    Feature::Plans,
    Feature::Orders,
    Feature::Details,
    Feature::Transactions,
    Feature::Relations,
    Feature::Inquiry,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_test_calls_each_reading_operation_once_and_never_acts() {
    let office = Office::open().await;
    let info = office.info(1);
    let test = office.test(&office.credentials(1, Way::Key)).await.expect("a test");
    assert_eq!(states(&test), OF_A_KEY.map(|feature| (feature, FeatureState::Allowed)));
    assert_eq!((test.uid, test.currency, test.site), (Some(info.uid), Some(info.currency), Some(info.site)));
    assert_eq!((test.endpoint, test.switched), (office.wire.address.clone(), false));
    assert_eq!((test.clock, test.clock_skew_seconds), (ClockVerdict::Fine, Some(0)));

    let (calls, distinct) = (office.operations(), office.operations().into_iter().collect::<BTreeSet<_>>());
    assert_eq!((calls.len(), distinct.len()), (8, 8), "{calls:?}");
    assert!(!distinct.contains("RefundInstance"));
    assert!(office.sandbox.control().ledger().acts.iter().all(|act| !format!("{act:?}").contains("Refunded")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_names_what_ram_must_grant() {
    let office = Office::open().await;
    let key_id = office.info(1).key_id;
    // Each feature alone taken away, then all of them.
    for denied in OF_A_KEY {
        let operation = operation_of(denied);
        let others: Vec<&str> = OF_A_KEY.map(operation_of).into_iter().filter(|other| *other != operation).collect();
        office.sandbox.control().restrict(&key_id, Some(&others));
        let test = office.test(&office.credentials(1, Way::Key)).await.expect("a test");
        let found = test.features.iter().find(|feature| feature.feature == denied).expect("it is told");
        assert_eq!((found.state, found.operation), (FeatureState::Denied, operation));
        assert!(test.policy.contains(found.ram_action), "{}", test.policy);
        assert!(!found.without.is_empty());
        assert_eq!(found.problem.as_ref().map(|problem| problem.code.as_str()), Some("bss_not_authorized"));
        // What needs an answer of the denied one is not tried, the others are allowed.
        for other in test.features.iter().filter(|feature| feature.feature != denied) {
            let skipped = match denied {
                Feature::Resources => matches!(other.feature, Feature::Relations | Feature::Inquiry),
                Feature::Orders => other.feature == Feature::Details,
                _ => false,
            };
            let expected = if skipped { FeatureState::Skipped } else { FeatureState::Allowed };
            assert_eq!(other.state, expected, "{denied:?} denied, {:?}", other.feature);
        }
    }
    office.sandbox.control().restrict(&key_id, Some(&[]));
    let test = office.test(&office.credentials(1, Way::Key)).await.expect("a test");
    assert!(test.features.iter().all(|f| matches!(f.state, FeatureState::Denied | FeatureState::Skipped)), "{test:?}");
    assert_eq!((test.uid, test.currency), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_that_fails_does_not_hide_the_others() {
    let office = Office::open().await;
    for fault in [Fault::DropBefore, Fault::ServerError] {
        let order = FaultOrder { operation: Some("QueryOrders".to_owned()), times: 1, fault };
        office.sandbox.control().order_fault(order);
        let test = office.test(&office.credentials(1, Way::Key)).await.expect("a test");
        for feature in &test.features {
            let expected = match feature.feature {
                Feature::Orders => FeatureState::Failed,
                Feature::Details => FeatureState::Skipped,
                _ => FeatureState::Allowed,
            };
            assert_eq!(feature.state, expected, "{fault:?}: {:?}", feature.feature);
        }
    }
    // When nobody answers at all there is nothing to report on.
    let nobody = Credentials { endpoint: "http://127.0.0.1:1".into(), ..office.credentials(1, Way::Key) };
    assert_eq!(office.test(&nobody).await.expect_err("nobody").code(), "bss_transport");
}

fn operation_of(feature: Feature) -> &'static str {
    match feature {
        Feature::Balance => "QueryAccountBalance",
        Feature::Resources => "QueryAvailableInstances",
        Feature::Plans => "QueryResourcePackageInstances",
        Feature::Orders => "QueryOrders",
        Feature::Details => "GetOrderDetail",
        Feature::Transactions => "QueryAccountTransactions",
        Feature::Relations => "QueryRelationList",
        Feature::Inquiry => "InquiryPriceRefundInstance",
        Feature::AssumeRole => "AssumeRole",
        Feature::PartnerOrders => "GetCustomerOrders",
    }
}

/// A site that takes no account: its address and how often it was called.
async fn wrong_site() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { break };
                head.push(byte);
            }
            count.fetch_add(1, Ordering::SeqCst);
            let body = r#"{"RequestId":"R","HostId":"h","Code":"NotApplicable","Message":"Please check whether the caller site matches the API domain regionId."}"#;
            let reply = format!("HTTP/1.1 400 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    (address, calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_is_pinned_by_trying_the_other_one_once() {
    let office = Office::open().await;
    let (wrong, calls) = wrong_site().await;
    let there = Credentials {
        endpoint: wrong.clone(),
        other_endpoint: Some(office.wire.address.clone()),
        ..office.credentials(1, Way::Key)
    };
    let test = office.test(&there).await.expect("the other site answers");
    assert_eq!((test.endpoint, test.switched), (office.wire.address.clone(), true));
    assert_eq!(test.features.len(), OF_A_KEY.len());
    assert_eq!(calls.load(Ordering::SeqCst), 1, "one refusal is enough");

    // Neither site takes it, or none other is known: an error, and no third attempt.
    for other in [Some(wrong.clone()), None] {
        calls.store(0, Ordering::SeqCst);
        let neither =
            Credentials { endpoint: wrong.clone(), other_endpoint: other.clone(), ..office.credentials(1, Way::Key) };
        assert_eq!(office.test(&neither).await.expect_err("refused").code(), "bss_wrong_site");
        assert_eq!(calls.load(Ordering::SeqCst), 1 + usize::from(other.is_some()));
    }
    // A wrong key is not the site's fault: the other site is not asked.
    let asked = office.operations().len();
    let bad =
        Credentials { key_secret: "wrong".into(), other_endpoint: Some(wrong), ..office.credentials(1, Way::Key) };
    calls.store(0, Ordering::SeqCst);
    assert_eq!(office.test(&bad).await.expect_err("refused").code(), "bss_credentials");
    assert_eq!((office.operations().len() - asked, calls.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn both_sites_know_each_other() {
    let other = |endpoint: &str| Credentials::new(endpoint, "k", &"s".into(), Way::Key).other_endpoint;
    assert_eq!(other(desk::CHINA_ENDPOINT).as_deref(), Some(desk::INTERNATIONAL_ENDPOINT));
    assert_eq!(other("business.ap-southeast-1.aliyuncs.com").as_deref(), Some(desk::CHINA_ENDPOINT));
    assert_eq!(other("http://127.0.0.1:1"), None);
    assert!(!format!("{:?}", Credentials::new("e", "id", &"s3cret".into(), Way::Key)).contains("s3cret"));
}

/// An acting call goes to the pinned site alone.
#[tokio::test(flavor = "multi_thread")]
async fn acting_calls_never_fail_over() {
    let mut office = Office::open().await;
    let customer = office.desk().connect(&office.account(1, 1)).expect("connected");
    office.synced(&customer).await;
    let row = office.resources(&customer).into_iter().find(|row| row.product == "redisa" && row.blockers.is_empty());
    let resource = row.expect("the scene is there").resource;
    let ask = desk::views::Ask { customer: customer.clone(), resource, action: Action::Unsubscribe, expires: None };
    let review = office.desk().review(&ask).expect("a review");
    let answers = crate::support::usual_answers(&review);
    let review = office.desk().settle(&review.request.id, &answers).unwrap_or(review);
    office.desk().confirm(&review.request.id, &decision(&review, Channel::Api)).expect("confirmed");

    let (wrong, calls) = wrong_site().await;
    office.desk().connect(&Account { endpoint: wrong, ..office.account(1, 1) }).expect("moved");
    let before = office.operations().len();
    office.desk().send(&review.request.id).await.expect_err("the wrong site");
    assert!(calls.load(Ordering::SeqCst) > 0);
    assert_eq!(office.operations().len(), before, "nothing went to another address");
    office.reopen();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_of_the_manager_serves_many_customers_by_their_roles() {
    let office = Office::open().await;
    let test = office.test(&office.credentials(0, office.role(3))).await.expect("a test");
    assert_eq!(test.state(Feature::AssumeRole), Some(FeatureState::Allowed));
    assert_eq!(test.uid, Some(office.info(3).uid));
    assert!(test.features.iter().all(|feature| feature.state == FeatureState::Allowed), "{test:?}");

    let mut ids = Vec::new();
    for place in [1, 3] {
        ids.push(office.desk().connect_by(&office.account(place, 0), &office.role(place)).expect("connected"));
    }
    let before = office.called("AssumeRole");
    for id in &ids {
        office.synced(id).await;
        office.synced(id).await;
        // Its own resources, not the manager's.
        let uid: i64 = id.parse().expect("digits");
        assert!(!office.resources(id).is_empty() && uid > 0);
    }
    let own: BTreeSet<String> = office.resources(&ids[0]).into_iter().map(|row| row.resource).collect();
    let books = office.sandbox.control().ledger().account(&ids[0]).expect("the account").clone();
    assert!(own.iter().all(|id| books.resources.iter().any(|resource| resource.id == *id)));
    assert_eq!(office.called("AssumeRole") - before, 2, "one key a customer, however many calls");

    // Renewed before it ends, not each time.
    for (minutes, keys) in [(54, 0), (1, 2), (1, 0)] {
        let before = office.called("AssumeRole");
        office.machine.clock.pass(TimeDelta::minutes(minutes));
        for id in &ids {
            office.synced(id).await;
        }
        assert_eq!(office.called("AssumeRole") - before, keys, "after {minutes} more minutes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_assumed_is_said() {
    let office = Office::open().await;
    office.sandbox.control().restrict(&office.info(0).key_id, Some(&["QueryOrders"]));
    let test = office.test(&office.credentials(0, office.role(1))).await.expect("a test");
    assert_eq!(test.state(Feature::AssumeRole), Some(FeatureState::Denied));
    assert_eq!(test.features[0].ram_action, "sts:AssumeRole");
    assert!(test.features[1..].iter().all(|feature| feature.state == FeatureState::Skipped));

    office.sandbox.control().restrict(&office.info(0).key_id, None);
    let nobody = Way::Role { arn: "acs:ram::1:role/RefundDesk".into(), external_id: None };
    let test = office.test(&office.credentials(0, nobody)).await.expect("a test");
    assert_eq!(test.state(Feature::AssumeRole), Some(FeatureState::Failed));

    let id = office.desk().connect_by(&office.account(1, 0), &office.role(1)).expect("connected");
    office.sandbox.control().restrict(&office.info(0).key_id, Some(&[]));
    let problem = office.sync(&id).await.problem.expect("denied");
    assert_eq!(
        (problem.code.as_str(), problem.place.as_deref().map(|p| p.starts_with("AssumeRole"))),
        ("bss_not_authorized", Some(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_contradicts_itself_is_refused() {
    let office = Office::open().await;
    let (own, partner) = (office.account(1, 0), Account { partner: true, ..office.account(3, 1) });
    let uid = partner.uid.clone();
    let cases = [
        ("role_arn", &own, office.role(3)),
        ("role_arn", &own, Way::Role { arn: "RefundDesk".into(), external_id: None }),
        ("uid", &partner, Way::Partner { uid: "7".into() }),
        ("partner", &office.account(3, 1), Way::Partner { uid }),
    ];
    for (place, account, way) in cases {
        let error = office.desk().connect_by(account, &way).expect_err(place);
        assert_eq!((error.code(), error.place()), ("bad_account", Some(place)), "{way:?}");
    }
    assert!(office.desk().customers().expect("a list").is_empty());
}

/// The difference of the clocks: told above a minute, and above fifteen nothing is decided, in this process or the next.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_confirmed_while_the_clocks_are_far_apart() {
    let mut office = Office::open().await;
    let customer = office.desk().connect(&office.account(1, 1)).expect("connected");
    assert_eq!(office.desk().connection_health(&customer).expect("known").clock, ClockVerdict::Unknown);
    office.synced(&customer).await;
    assert_eq!(office.desk().connection_health(&customer).expect("known").clock, ClockVerdict::Fine);

    office.machine.ahead.store(90, Ordering::SeqCst);
    office.synced(&customer).await;
    let health = office.desk().connection_health(&customer).expect("known");
    assert_eq!((health.clock, health.clock_skew_seconds), (ClockVerdict::Warning, Some(-90)));

    let row = office.resources(&customer).into_iter().find(|row| row.product == "redisa" && row.blockers.is_empty());
    let resource = row.expect("the scene is there").resource;
    let ask = desk::views::Ask { customer: customer.clone(), resource, action: Action::Unsubscribe, expires: None };
    let review = office.desk().review(&ask).expect("a review");
    let answers = crate::support::usual_answers(&review);
    let review =
        if answers.is_empty() { review } else { office.desk().settle(&review.request.id, &answers).expect("settled") };
    let decide = |office: &Office| office.desk().confirm(&review.request.id, &decision(&review, Channel::Console));

    office.machine.ahead.store(-16 * 60, Ordering::SeqCst);
    assert_eq!(office.sync(&customer).await.problem.map(|problem| problem.code).as_deref(), Some("bss_clock_skew"));
    let test = office.desk().test_customer(&customer).await.expect("a test");
    assert_eq!((test.clock, test.clock_skew_seconds), (ClockVerdict::Blocking, Some(16 * 60)));
    for _ in 0..2 {
        let error = decide(&office).expect_err("too far apart");
        assert_eq!((error.code(), error.place()), ("clock_skewed", Some("clock")));
        assert!(error.message().contains("16 minutes behind"), "{error}");
        office.reopen();
    }

    office.machine.ahead.store(0, Ordering::SeqCst);
    office.synced(&customer).await;
    decide(&office).expect("the clocks agree again");
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_are_read_and_judged_as_the_cloud_judges_them() {
    let office = Office::open().await;
    let customer = office.desk().connect(&office.account(3, 3)).expect("connected");
    office.synced(&customer).await;
    assert_eq!(office.called("QueryRelationList"), 1);
    assert_eq!(office.desk().connection_health(&customer).expect("known").warnings, []);
    let of_relation = |row: &ResourceRow| {
        let quote = office.desk().quote(&customer, &row.resource, None).expect("a quote");
        serde_json::to_string(&quote.quote).expect("plain").contains("relation")
    };
    let rows = office.resources(&customer);
    let touched: Vec<&ResourceRow> = rows.iter().filter(|row| of_relation(row)).collect();
    assert!(!touched.is_empty() && touched.len() < rows.len(), "{} of {}", touched.len(), rows.len());
    assert!(touched.iter().any(|row| row.blockers.iter().any(|blocker| blocker == "refund_is_zero")));
    // Every exact amount that the console shows is the desk's, those of the relation too.
    let control = office.sandbox.control();
    let mut compared = 0;
    for row in rows.iter().filter(|row| row.exact && row.blockers.is_empty()) {
        if let Ok(shown) = control.console_amount(&customer, &row.resource, Action::Unsubscribe, None) {
            assert_eq!(Some(shown.amount), row.refund, "{}", row.resource);
            compared += 1;
        }
    }
    assert!(compared > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_relations_syncs_all_the_same() {
    let office = Office::open().await;
    let key_id = office.info(3).key_id;
    let customer = office.desk().connect(&office.account(3, 3)).expect("connected");
    let others: Vec<&str> =
        OF_A_KEY.map(operation_of).into_iter().filter(|name| *name != "QueryRelationList").collect();
    office.sandbox.control().restrict(&key_id, Some(&others));
    office.synced(&customer).await;
    let warnings = office.desk().connection_health(&customer).expect("known").warnings;
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        (warnings[0].code.as_str(), warnings[0].place.as_deref()),
        ("relations_unread", Some("QueryRelationList"))
    );
    assert!(warnings[0].next.contains("bssapi:QueryRelationList"), "{}", warnings[0].next);
    assert!(!office.resources(&customer).is_empty());

    // Granted later, the warning goes.
    office.sandbox.control().restrict(&key_id, None);
    office.synced(&customer).await;
    assert_eq!(office.desk().connection_health(&customer).expect("known").warnings, []);
    // Denied again, what was known stays.
    let relation_counts = || {
        let rows = office.resources(&customer);
        let counted = rows.iter().filter(|row| row.blockers.iter().any(|blocker| blocker == "refund_is_zero"));
        counted.count()
    };
    let known = relation_counts();
    office.sandbox.control().restrict(&key_id, Some(&others));
    office.synced(&customer).await;
    assert_eq!(
        (relation_counts(), office.desk().connection_health(&customer).expect("known").warnings.len()),
        (known, 1)
    );
}

/// A server bought before joining gives nothing; another relation of the same account, or none, changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_trusteeship_takes_what_was_paid_before_it() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let relation = |side: &str, state: &str, kind: &str, from: &str| serde_json::json!({"RelationId": 1, "AccountId": 2, "AccountType": side, "RelationType": kind, "State": state, "StartTime": from});
    // relations -> (refund is zero, an exact amount)
    let cases = [
        (vec![], false),
        (vec![relation("MASTER", "RELATED", "FinancialTrusteeship", "2026-07-01T15:12Z")], true),
        (vec![relation("MASTER", "RELATED", "FinancialTrusteeship", "2026-05-01T15:12Z")], false),
        (vec![relation("MASTER", "CONFIRMING", "FinancialTrusteeship", "2026-07-01T15:12Z")], false),
        (vec![relation("MEMBER", "RELATED", "FinancialTrusteeship", "2026-07-01T15:12Z")], false),
    ];
    for (relations, zero) in cases {
        let account = Told {
            instances: vec![instance("i-1", start, end)],
            orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
            transactions: vec![payment("t1", "11", "CreditCard", "1200.00", start)],
            relations: relations.clone(),
            ..Told::default()
        };
        let cloud = crate::support::Cloud::start(account).await;
        let seat: Seat = told_seat(&cloud.address);
        seat.sync().await;
        let quote = seat.quote("i-1").quote;
        assert_eq!(quote.blockers.iter().any(|blocker| blocker.code == "refund_is_zero"), zero, "{relations:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_key_shows_history_and_nothing_certain() {
    let office = Office::open().await;
    let uid = office.info(3).uid;
    let way = Way::Partner { uid: uid.clone() };
    let test = office.test(&office.credentials(1, way.clone())).await.expect("a test");
    assert_eq!(
        states(&test),
        [(Feature::Balance, FeatureState::Allowed), (Feature::PartnerOrders, FeatureState::Allowed)]
    );
    assert_eq!((test.uid.as_deref(), test.currency.as_deref()), (Some(uid.as_str()), Some("USD")));
    // Somebody who is no partner is told so.
    let none = office.test(&office.credentials(3, way.clone())).await.expect("a test");
    assert_eq!(none.state(Feature::PartnerOrders), Some(FeatureState::NotOffered));

    let account = Account { partner: true, ..office.account(3, 1) };
    let customer = office.desk().connect_by(&account, &way).expect("connected");
    let before = office.operations().len();
    let report = office.sync(&customer).await;
    assert_eq!(report.problem, None);
    let called: BTreeSet<String> = office.operations()[before..].iter().cloned().collect();
    assert_eq!(called, BTreeSet::from(["GetCustomerOrders".to_owned()]));

    let books = office.sandbox.control().ledger().account(&uid).expect("the account").clone();
    assert_eq!(report.orders as usize, books.orders.len() + books.refund_orders.len());
    assert_eq!(report.refunds as usize, books.refund_orders.len());
    assert_eq!(office.resources(&customer).len(), 0, "no resource follows from an order without a period");
    let query = HistoryQuery {
        customer: Some(customer.clone()),
        text: String::new(),
        from: None,
        to: None,
        offset: 0,
        limit: 500,
    };
    let history = office.desk().history(&query).expect("a page").rows;
    assert_eq!(history.len(), books.refund_orders.len());
    for row in &history {
        let entry = books.refund_orders.iter().find(|entry| entry.order_id == row.refund_order).expect("the same");
        assert_eq!((row.amount, row.currency.as_str()), (entry.amount, "USD"));
        assert_eq!(row.arrived_at, None, "the partner's key shows no money");
    }
    // A second sync repeats nothing but the newest window.
    let again = office.sync(&customer).await;
    assert!(again.problem.is_none() && again.calls < report.calls, "{} then {}", report.calls, again.calls);
}
