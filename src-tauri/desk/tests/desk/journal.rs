//! What the manager decided can be rebuilt from the journal alone, and nobody moves a request but by its rules.

use bss_sandbox::Fault;
use chrono::{DateTime, TimeDelta, Utc};
use desk::views::{Problem, RequestState};
use desk::{Access, Desk, HomeKind, Record, RequestEvent, Reviewed, Secret, Unlock, state_name};
use desk_store::Store;
use refund_rules::case::Action;
use refund_rules::quote::Channel;
use serde_json::{Value, json};

use crate::support::{CHINA, Home, INTERNATIONAL, at, d};

/// Requests in many states: settled, observed, unknown, withdrawn, rejected by nobody, only reviewed.
async fn lively() -> Home {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let settled = home.handed_over(&home.ask(&home.renewed().id));
    home.control().console_unsubscribe(home.uid(), &settled.resource).unwrap();
    desk.report(&settled.id, None).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;

    let eligible: Vec<_> = home
        .resources()
        .into_iter()
        .filter(|row| row.blockers.is_empty() && row.exact && row.product != "sas")
        .collect();
    let ask = |nth: usize| home.ask(&eligible[nth].resource);
    let observed = home.handed_over(&ask(0));
    home.control().console_unsubscribe(home.uid(), &observed.resource).unwrap();
    let withdrawn = home.confirmed(&ask(1), Channel::Console);
    desk.withdraw(&withdrawn.id).unwrap();
    desk.review(&ask(2)).unwrap();
    let returned = home.confirmed(&ask(3), Channel::Console);
    desk.hand_over(&returned.id, "0.01").unwrap_err();
    home.pass(TimeDelta::seconds(1));
    home.sync().await;
    let unknown = home.confirmed_by_api(&home.find(|_, r| {
        r.product == "redisa" && r.id != observed.resource && r.released_at.is_none() && r.id != withdrawn.resource
    }));
    home.fault("RefundInstance", Fault::DropBefore);
    desk.send(&unknown.id).await.unwrap();
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_history_are_rebuilt_from_journal_and_cloud() {
    let mut home = lively().await;
    let requests = home.desk().requests(None).unwrap();
    let mut states: Vec<_> = requests.iter().map(|request| state_name(request.state)).collect();
    states.sort_unstable();
    states.dedup();
    assert_eq!(states, ["observed", "refunded", "returned_to_review", "reviewed", "unknown", "withdrawn"]);
    let history = home.history();
    assert!(history.iter().filter(|row| row.request.is_some() && row.predicted.is_some()).count() >= 4);
    let verified = home.desk().verify_journal().unwrap();
    assert_eq!(verified.entries, i64::from(home.journal_length()));

    home.lose_cache();
    assert_eq!(home.journal_length(), u32::try_from(verified.entries).unwrap(), "replaying writes nothing");
    // What may be done with an unknown one depends on syncs, and those are lost too.
    assert_eq!(home.desk().requests(None).unwrap(), requests);
    assert_eq!(home.desk().verify_journal().unwrap(), verified);
    assert!(home.history().is_empty(), "the history is the cloud's");
    home.sync().await;
    assert_eq!(home.history(), history);
    home.reopen();
    assert_eq!(home.history(), history);
    assert_eq!(home.desk().verify_journal().unwrap(), verified, "nothing is observed twice");
}

/// One event of each kind, as the journal keeps it.
fn events(reviewed: &Value, sha256: &str) -> Vec<(&'static str, Value)> {
    let problem = Problem { code: "c".to_owned(), message: "m".to_owned(), place: None, next: "n".to_owned() };
    vec![
        ("request_reviewed", reviewed.clone()),
        (
            "request_confirmed",
            json!({"channel": "api", "quote_sha256": sha256, "refund": "1", "refund_max": "1", "reason": "r", "authorisation": null, "arrives_by": null}),
        ),
        ("request_returned_to_review", json!({"confirmed": "1", "confirmed_max": "1", "now": "2", "why": problem})),
        (
            "request_sending",
            json!({"client_token": "t", "product_code": reviewed["product"], "product_type": reviewed["product_type"], "instance_id": reviewed["resource"], "immediately_release": "1", "inquired": "1"}),
        ),
        ("request_accepted", json!({"refund_order": "21"})),
        ("request_rejected", json!({"problem": problem})),
        ("request_unknown", json!({"problem": problem})),
        ("request_handed_over", json!({"console_amount": "1"})),
        ("request_reported", json!({"refund_order": null})),
        ("request_observed", json!({"refund_orders": ["21"], "amount": "1"})),
        ("request_part_refunded", json!({"arrived": "0.5", "parts": []})),
        ("request_refunded", json!({"arrived": "1", "parts": []})),
        ("request_overdue", json!({})),
        ("request_withdrawn", json!({})),
        ("request_refund_chosen", json!({"refund_order": "23"})),
        ("request_expired", json!({"why": problem})),
        ("request_renewal_returned", json!({"orders": ["22"]})),
        (
            "request_closed",
            json!({"ending": "not_coming", "note": "n", "expected": "1", "arrived": "0.5", "difference": "-0.5", "elsewhere": []}),
        ),
    ]
}

/// The states of a request, written out: from which each event may follow.
const LEGAL: [(&str, &[&str]); 18] = [
    ("request_reviewed", &["reviewed", "returned_to_review"]),
    ("request_confirmed", &["reviewed"]),
    ("request_returned_to_review", &["confirmed"]),
    ("request_sending", &["confirmed", "unknown"]),
    ("request_accepted", &["sending"]),
    ("request_rejected", &["confirmed", "sending"]),
    ("request_unknown", &["sending"]),
    ("request_handed_over", &["confirmed"]),
    ("request_reported", &["handed_over"]),
    (
        "request_observed",
        &[
            "sending",
            "accepted",
            "unknown",
            "handed_over",
            "reported",
            "observed",
            "part_refunded",
            "overdue",
            "closed",
        ],
    ),
    ("request_part_refunded", &["observed", "part_refunded", "overdue", "closed"]),
    ("request_refunded", &["observed", "part_refunded", "overdue", "closed"]),
    ("request_overdue", &["accepted", "handed_over", "reported", "unknown", "observed", "part_refunded"]),
    (
        "request_withdrawn",
        &["reviewed", "returned_to_review", "confirmed", "handed_over", "reported", "unknown", "overdue"],
    ),
    (
        "request_refund_chosen",
        &["accepted", "unknown", "handed_over", "reported", "observed", "part_refunded", "overdue"],
    ),
    ("request_expired", &["confirmed"]),
    ("request_renewal_returned", &["observed", "part_refunded", "refunded", "overdue", "closed"]),
    ("request_closed", &["accepted", "unknown", "handed_over", "reported", "observed", "part_refunded", "overdue"]),
];

const STATES: [RequestState; 16] = {
    use RequestState::*;
    [
        Reviewed,
        Confirmed,
        Sending,
        Accepted,
        HandedOver,
        Reported,
        Observed,
        PartRefunded,
        Refunded,
        Unknown,
        Rejected,
        ReturnedToReview,
        Expired,
        Overdue,
        Withdrawn,
        Closed,
    ]
};

#[tokio::test(flavor = "multi_thread")]
async fn every_state_takes_its_own_events_and_no_other() {
    let home = Home::synced(CHINA).await;
    let review = home.reviewed(&home.ask(&home.renewed().id));
    let (sha256, now): (String, DateTime<Utc>) =
        (review.quote.quote.sha256.clone().unwrap(), at("2026-11-20T10:00:00Z"));
    let entries = crate::support::entries(home.path(), &review.request.id);
    let reviewed = entries.last().unwrap().body.clone();
    let events = events(&reviewed, &sha256);
    let first = RequestEvent::from_entry("request_reviewed", &reviewed).unwrap();
    let mut fresh = Record::start("r", "c", &first, now).unwrap();
    // What a confirmation by the API leaves: without it nothing may be sent from any state.
    (fresh.channel, fresh.confirmed_sha256) = (Some(Channel::Api), Some(sha256.clone()));

    let mut legal = 0;
    for state in STATES {
        for (kind, body) in &events {
            let event = RequestEvent::from_entry(kind, body).unwrap();
            let mut record = Record { state, ..fresh.clone() };
            let expected = LEGAL.iter().find(|(event, _)| event == kind).unwrap().1.contains(&state_name(state));
            let applied = record.apply(&event, now);
            match applied {
                Ok(()) => legal += 1,
                Err(ref error) => {
                    assert_eq!((error.code(), error.place()), ("illegal_move", Some("request")), "{kind} in {state:?}");
                    assert_eq!(record, Record { state, ..fresh.clone() }, "a refused event changes nothing");
                }
            }
            assert_eq!(applied.is_ok(), expected, "{kind} in {state:?}");
        }
    }
    assert_eq!(legal, LEGAL.iter().map(|(_, from)| from.len()).sum::<usize>());
    for (kind, body) in events.iter().skip(1) {
        let event = RequestEvent::from_entry(kind, body).unwrap();
        assert_eq!(
            Record::start("r", "c", &event, now).unwrap_err().code(),
            "illegal_move",
            "nothing begins with {kind}"
        );
    }
}

/// The frozen call of a request is the same for ever, and a decision names the quote that was shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_refuses_another_token_and_another_quote() {
    let home = Home::synced(CHINA).await;
    let review = home.reviewed(&home.ask(&home.renewed().id));
    let sha256 = review.quote.quote.sha256.clone().unwrap();
    let reviewed = crate::support::entries(home.path(), &review.request.id).last().unwrap().body.clone();
    let all = events(&reviewed, &sha256);
    let event = |kind: &str, change: &dyn Fn(&mut Value)| {
        let mut body = all.iter().find(|(k, _)| *k == kind).unwrap().1.clone();
        change(&mut body);
        RequestEvent::from_entry(kind, &body).unwrap()
    };
    let same = |kind: &str| event(kind, &|_| {});
    let now = at("2026-11-20T10:00:00Z");
    let mut record = Record::start("r", "c", &same("request_reviewed"), now).unwrap();
    let other_quote = event("request_confirmed", &|body| body["quote_sha256"] = json!("0".repeat(64)));
    assert_eq!(record.apply(&other_quote, now).unwrap_err().code(), "quote_changed");
    record.apply(&same("request_confirmed"), now).unwrap();
    // Before anything was sent the call must be the confirmed one: this resource, by the API, to be unsubscribed.
    for (case, spoilt) in [
        ("the console was confirmed", Record { channel: Some(Channel::Console), ..record.clone() }),
        ("a plan", Record { reviewed: Reviewed { instance: false, ..record.reviewed.clone() }, ..record.clone() }),
        (
            "renewals",
            Record {
                reviewed: Reviewed { action: Action::CancelRenewals, ..record.reviewed.clone() },
                ..record.clone()
            },
        ),
        (
            "another resource",
            Record {
                reviewed: Reviewed { resource: "i-other".to_owned(), ..record.reviewed.clone() },
                ..record.clone()
            },
        ),
    ] {
        assert_eq!(spoilt.clone().apply(&same("request_sending"), now).unwrap_err().code(), "frozen_differs", "{case}");
    }
    record.apply(&same("request_sending"), now).unwrap();
    record.apply(&same("request_unknown"), now).unwrap();
    for field in ["client_token", "instance_id", "product_code", "product_type", "immediately_release"] {
        let other = event("request_sending", &|body| body[field] = json!("other"));
        assert_eq!(record.clone().apply(&other, now).unwrap_err().code(), "frozen_differs", "{field}");
    }
    record.apply(&same("request_sending"), now + TimeDelta::hours(1)).unwrap();
    assert_eq!(record.acted_at, Some(now), "the first call is when it may have acted");
    assert_eq!(record.actual, Some(d("1")));
}

#[test]
fn sandbox_and_real_homes_do_not_mix() {
    let clock = || std::sync::Arc::new(crate::support::Clock::default());
    let account = |endpoint: &str| desk::Account {
        uid: "5000000000000001".to_owned(),
        name: "Told".to_owned(),
        site: refund_rules::case::Site::International,
        currency: "USD".to_owned(),
        partner: false,
        endpoint: endpoint.to_owned(),
        key_id: "id".to_owned(),
        key_secret: "secret".into(),
    };
    let passphrase = || Unlock::Passphrase(Secret::new("correct horse".to_owned()));
    let (sandbox_dir, real_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sandbox = Desk::open_sandbox(sandbox_dir.path(), clock()).unwrap();
    let (real, code) = Desk::create(real_dir.path(), HomeKind::Real, passphrase(), clock()).unwrap();
    assert!(code.is_some() && sandbox.is_sandbox() && !real.is_sandbox());
    for (case, desk, endpoint, fits) in [
        ("a sandbox's customer in a sandbox home", &sandbox, "http://127.0.0.1:4711", true),
        ("a real customer in a sandbox home", &sandbox, "https://business.aliyuncs.com", false),
        ("a bare host", &sandbox, "business.aliyuncs.com", false),
        ("a name that only begins like this machine's", &sandbox, "http://127.0.0.1.example.com", false),
        ("a real customer in a real home", &real, "https://business.ap-southeast-1.aliyuncs.com", true),
        ("a sandbox's customer in a real home", &real, "http://127.0.0.1:4711", false),
        ("this machine by name", &real, "http://localhost:4711", false),
    ] {
        let before = desk.status().unwrap().journal_entries;
        let connected = desk.connect(&account(endpoint));
        match connected {
            Ok(_) => assert!(fits, "{case}"),
            Err(error) => {
                assert!(!fits, "{case}: {error}");
                assert_eq!((error.code(), error.place()), ("mixed_home", Some("endpoint")), "{case}");
                assert_eq!(desk.status().unwrap().journal_entries, before, "{case}");
            }
        }
    }
    assert_eq!(real.set_cloud_clock(at("2030-01-01T00:00:00Z")).unwrap_err().code(), "not_a_sandbox");
    drop((sandbox, real));
    assert_eq!(Desk::open_sandbox(real_dir.path(), clock()).map(|_| ()).unwrap_err().code(), "passphrase_needed");
    let wrong = Unlock::Passphrase(Secret::new("battery staple".to_owned()));
    assert_eq!(
        Desk::open(real_dir.path(), wrong, Access::ReadWrite, clock()).map(|_| ()).unwrap_err().code(),
        "wrong_passphrase"
    );
    assert!(!Desk::open(real_dir.path(), passphrase(), Access::ReadWrite, clock()).unwrap().is_sandbox());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_reads_and_does_not_write() {
    let home = Home::synced(CHINA).await;
    let request = home.confirmed_by_api(&home.renewed());
    let second = |access| Desk::open(home.path(), Unlock::Nothing, access, home.clock.clone());
    assert_eq!(second(Access::ReadWrite).map(|_| ()).unwrap_err().code(), "home_in_use");
    let reader = second(Access::ReadOnly).unwrap();
    assert!(reader.is_read_only());
    assert_eq!(reader.requests(None).unwrap(), home.desk().requests(None).unwrap());
    assert_eq!(
        reader.resources(&crate::support::everything()).unwrap(),
        home.desk().resources(&crate::support::everything()).unwrap()
    );
    let before = home.journal_length();
    let refused = [
        reader.review(&home.ask(&home.redis().id)).map(|_| ()),
        reader.withdraw(&request.id).map(|_| ()),
        reader.send(&request.id).await.map(|_| ()),
        reader.sync(None, &|_| {}).await.map(|_| ()),
        reader.disconnect(home.uid()),
        reader.switch_api(home.uid(), false),
    ];
    for (nth, refused) in refused.into_iter().enumerate() {
        let error = refused.unwrap_err();
        assert_eq!(error.code(), "read_only", "{nth}: {error}");
    }
    assert_eq!(home.journal_length(), before);
    assert!(home.wire.of("RefundInstance").is_empty());
    // It sees what the writer does meanwhile.
    home.desk().withdraw(&request.id).unwrap();
    assert_eq!(reader.request(&request.id).unwrap().state, RequestState::Withdrawn);
}

/// A customer with a request that may have acted stays until it is settled.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_an_unsettled_request_is_not_removed() {
    let home = Home::synced(INTERNATIONAL).await;
    let request = home.handed_over(&home.ask(&home.renewed().id));
    let error = home.desk().disconnect(home.uid()).unwrap_err();
    assert_eq!((error.code(), error.place()), ("request_open", Some("customer")));
    assert!(error.message().contains(&request.id));
    home.control().console_unsubscribe(home.uid(), &request.resource).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    home.desk().disconnect(home.uid()).unwrap();
    let store = Store::open(home.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    let kept = store.read(|r| r.journal().of_subject(&request.id)).unwrap();
    assert_eq!(kept.last().unwrap().kind, "request_refunded", "ids and amounts stay in the journal");
}
