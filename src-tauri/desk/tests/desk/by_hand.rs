//! Channels that a person goes: what the product, the customer or a refusal of the API sends there, the texts, the urgent ticket,
//! and what is looked after when renewals were cancelled.

use chrono::TimeDelta;
use desk::tell::Language;
use desk::views::RequestState;
use desk::{Desk, RunProgress};
use refund_rules::case::{Action, RenewStatus, ResourceStatus, Site};
use refund_rules::quote::Channel;

use crate::support::cloud::{Account, Order, Reply, arrival, instance};
use crate::support::{CHINA, Clock, Cloud, Home, INTERNATIONAL, Told, at, decision};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";

fn one_ecs() -> Account {
    Account {
        instances: vec![instance("i-1", START, END), instance("i-2", START, END)],
        orders: vec![
            Order::new("11", "New", START).discounted(&["i-1"], START, END, "365.00", "365.00", "0"),
            Order::new("12", "New", START).part(&["i-2"], START, END, "365.00"),
        ],
        ..Account::default()
    }
}

/// Whom the API does not serve is sent to the console, and the review says why; other refusals change no channel.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_api_falls_back_to_the_console() {
    type Case = (&'static str, fn(&mut Account), bool, bool, RequestState);
    let refused = RequestState::Rejected;
    let table: [Case; 6] = [
        ("NotApplicable", |a| a.refund = Reply::Refused("NotApplicable"), true, true, refused),
        ("NotAuthorized", |a| a.refund = Reply::Refused("NotAuthorized"), true, true, refused),
        ("CommodityNotSupported", |a| a.refund = Reply::Refused("CommodityNotSupported"), true, true, refused),
        ("NotApplicable", |a| a.inquiry = Reply::Refused("NotApplicable"), true, false, refused),
        ("ExceedRefundQuotaError", |a| a.refund = Reply::Refused("ExceedRefundQuotaError"), false, true, refused),
        ("NoRestValueError", |a| a.inquiry = Reply::Refused("NoRestValueError"), false, false, RequestState::Confirmed),
    ];
    for (code, refuse, falls_back, called, state) in table {
        let told = Told::of(one_ecs()).await;
        let desk = told.desk();
        let review = told.reviewed(&told.ask("i-1"));
        assert!(review.channels.contains(&Channel::Api), "{code}: the API is on");
        {
            let mut account = told.cloud.account();
            (account.inquiry, account.refund) = (Reply::Amount("999"), Reply::RefundOrder(91));
            refuse(&mut account);
        }
        let request = desk.confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap();
        // The price written down must be the quote's.
        if matches!(told.cloud.account().inquiry, Reply::Amount(_)) {
            let amount: &'static str = Box::leak(request.predicted.to_string().into_boxed_str());
            told.cloud.account().inquiry = Reply::Amount(amount);
        }
        let sent = desk.send(&request.id).await;
        let after = told.request(&request.id);
        assert_eq!(after.state, state, "{code}: {sent:?}");
        assert_eq!(told.cloud.calls("RefundInstance").len(), usize::from(called), "{code}");
        if state == RequestState::Confirmed {
            desk.withdraw(&request.id).unwrap();
        } else {
            assert!(after.problem.as_ref().unwrap().message.contains(code), "{code}: the reason is kept");
            assert!(after.moves.is_empty(), "{code}: it needs a new decision");
        }
        let again = told.reviewed(&told.ask("i-1"));
        assert_ne!(again.request.id, request.id, "{code}");
        assert_eq!(again.channels.contains(&Channel::Api), !falls_back, "{code}");
        let notes: Vec<_> = again.channel_notes.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(notes.iter().any(|note| note.contains(code)), falls_back, "{code}: {notes:?}");
        assert_eq!(again.channels[0], Channel::Console, "{code}");
        if falls_back {
            let sibling = told.desk().review(&told.ask("i-2")).unwrap();
            assert_eq!(sibling.channels, [Channel::Console], "{code}: the same account and product");
            let by_console = desk.confirm(&again.request.id, &decision(&again, Channel::Console)).unwrap();
            assert_eq!(by_console.state, RequestState::Confirmed, "{code}");
            desk.withdraw(&by_console.id).unwrap();
            // The manager has seen to it and switches the API on again.
            told.pass(TimeDelta::seconds(1));
            desk.switch_api(told.uid(), true).unwrap();
            assert!(told.reviewed(&told.ask("i-1")).channels.contains(&Channel::Api), "{code}");
        }
    }
}

/// The product or the customer decides; the text is ready in both languages, and nothing is called.
#[tokio::test(flavor = "multi_thread")]
async fn tickets_and_partners_get_a_text_and_no_call() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let rds = home.find(|_, r| r.product == "rds" && r.status == ResourceStatus::Normal);
    let review = home.reviewed(&home.ask(&rds.id));
    assert_eq!(review.channels, [Channel::Ticket]);
    let request = desk.confirm(&review.request.id, &decision(&review, Channel::Ticket)).unwrap();
    let english = request.instructions.join("\n");
    desk.set_language(Language::Chinese).unwrap();
    let chinese = home.request(&request.id).instructions.join("\n");
    desk.set_language(Language::English).unwrap();
    for text in [&english, &chinese] {
        assert!(text.contains(&rds.id) && text.contains(home.uid()) && text.contains("the project ends"), "{text}");
    }
    assert!(english.contains("ticket") && chinese.contains("工单"), "{english} {chinese}");
    assert_eq!(desk.send(&request.id).await.unwrap_err().code(), "not_by_api");
    let handed = desk.hand_over(&request.id, "").unwrap();
    assert_eq!((handed.state, handed.actual), (RequestState::HandedOver, None));
    desk.report(&request.id, None).unwrap();
    assert!(home.wire.of("RefundInstance").is_empty() && home.wire.of("InquiryPriceRefundInstance").is_empty());

    let cloud = Cloud::start(one_ecs()).await;
    let dir = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(Clock::default());
    let desk = Desk::open_sandbox(dir.path(), clock).unwrap();
    let customer = desk
        .connect(&desk::Account {
            uid: "5000000000000001".to_owned(),
            name: "Reseller's".to_owned(),
            site: Site::International,
            currency: "USD".to_owned(),
            partner: true,
            endpoint: cloud.address.clone(),
            key_id: "testid".to_owned(),
            key_secret: "testsecret".into(),
        })
        .unwrap();
    desk.sync(None, &|_| {}).await.unwrap();
    let ask = desk::views::Ask { customer, resource: "i-1".to_owned(), action: Action::Unsubscribe, expires: None };
    let review = desk.review(&ask).unwrap();
    let review = desk.settle(&review.request.id, &crate::support::usual_answers(&review)).unwrap();
    assert_eq!(review.channels, [Channel::Partner]);
    let request = desk.confirm(&review.request.id, &decision(&review, Channel::Partner)).unwrap();
    assert!(request.instructions[0].contains("partner"), "{:?}", request.instructions);
    assert!(cloud.calls("RefundInstance").is_empty());
}

/// Security Center keeps its configuration for seven days and its logs until midnight (UTC+8): the urgent ticket says how long.
///   released 2026-11-20 18:00 UTC+8; logs until 00:00 on the 21st: 6 h; configuration until the 27th, 18:00
#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_one_gets_an_urgent_ticket_with_the_time_left() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let sas = home.find(|_, r| r.product == "sas" && r.status == ResourceStatus::Normal);
    let request = home.confirmed(&home.ask(&sas.id), Channel::Console);
    assert_eq!(desk.wrong_one(&request.id).unwrap_err().code(), "nothing_to_undo", "nothing was done yet");
    desk.hand_over(&request.id, &request.predicted.to_string()).unwrap();
    home.control().console_unsubscribe(home.uid(), &sas.id).unwrap();
    desk.report(&request.id, None).unwrap();
    let left = |minutes: &[i64]| minutes.iter().map(|&m| u32::try_from(m).unwrap()).collect::<Vec<_>>();
    for (case, later, minutes, until) in [
        ("at once", TimeDelta::zero(), [6 * 60, 7 * 24 * 60], "2026-11-20T16:00:00Z"),
        ("five hours later", TimeDelta::hours(5), [60, 7 * 24 * 60 - 300], "2026-11-20T16:00:00Z"),
        ("the next day", TimeDelta::hours(19), [0, 6 * 24 * 60], "2026-11-20T16:00:00Z"),
    ] {
        home.pass(later);
        let ticket = desk.wrong_one(&request.id).unwrap();
        let what: Vec<_> = ticket.kept.iter().map(|kept| kept.what.as_str()).collect();
        assert_eq!(what, ["logs", "configuration"], "{case}");
        assert_eq!(ticket.kept.iter().map(|kept| kept.minutes_left).collect::<Vec<_>>(), left(&minutes), "{case}");
        assert_eq!(ticket.kept[0].until, at(until), "{case}");
        assert!(ticket.text.contains("URGENT") && ticket.text.contains(&sas.id), "{case}: {}", ticket.text);
        assert_eq!(ticket.text.contains("may be lost"), minutes[0] == 0, "{case}: {}", ticket.text);
    }
    desk.set_language(Language::Chinese).unwrap();
    assert!(desk.wrong_one(&request.id).unwrap().text.contains("紧急"));
    desk.set_language(Language::English).unwrap();

    let other = home.handed_over(&home.ask(&home.redis().id));
    let ticket = desk.wrong_one(&other.id).unwrap();
    assert!(ticket.kept.is_empty() && ticket.text.contains("act at once"), "{}", ticket.text);
    let renewed = home.renewed();
    let stack = desk.renewals(None).unwrap().into_iter().find(|stack| stack.resource == renewed.id).unwrap();
    let renewals = home.handed_over(&home.ask_renewals(&renewed.id, stack.current_end));
    assert_eq!(desk.wrong_one(&renewals.id).unwrap_err().code(), "nothing_to_undo", "a renewal is bought again");
}

/// Reported and never paid: after the last day the request asks for a ticket, with its text.
#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_request_has_the_text_of_its_ticket() {
    let home = Home::synced(CHINA).await;
    let request = home.handed_over(&home.ask(&home.renewed().id));
    home.desk().report(&request.id, Some("230000000000001")).unwrap();
    home.pass(TimeDelta::weeks(10));
    home.sync().await;
    let late = home.request(&request.id);
    assert_eq!(late.state, RequestState::Overdue);
    let text = late.instructions.join("\n");
    for part in [&request.resource, "230000000000001", &late.arrives_by.unwrap().to_string()] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// The pending renewals are cancelled while automatic renewal is on: warned of, and looked at again after each sync. When the
/// resource is renewed again, that is told once.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_returns_is_told() {
    let (middle, late) = ("2027-06-01T00:00:00Z", "2027-12-01T00:00:00Z");
    let mut ecs = instance("i-1", START, late);
    ecs["RenewStatus"] = "AutoRenewal".into();
    let mut told = Told::of(Account {
        instances: vec![ecs],
        orders: vec![
            Order::new("11", "New", START).part(&["i-1"], START, middle, "365.00"),
            Order::new("12", "Renew", "2026-11-01T00:00:00Z").part(&["i-1"], middle, late, "180.00"),
        ],
        ..Account::default()
    })
    .await;
    let stack = told.desk().renewals(None).unwrap().remove(0);
    assert_eq!(stack.renew_status, Some(RenewStatus::Auto));
    let review = told.reviewed(&told.ask_renewals("i-1", at(middle)));
    assert!(review.quote.quote.consequences.iter().any(|c| c.id == "automatic_renewal_on"));
    assert!(review.request.warnings[0].text.contains("Automatic renewal"), "{:?}", review.request.warnings);
    let request = told.handed_over(&told.ask_renewals("i-1", at(middle)));
    told.desk().report(&request.id, None).unwrap();
    {
        let mut account = told.cloud.account();
        account.instances[0]["EndTime"] = middle.into();
        account.orders.push(Order::refund("91", "12", &["i-1"], "180.00", "2026-11-20T10:00:05Z"));
        account.transactions.push(arrival("t-1", "91", "AccountBalance", "180.00", "2026-11-20T10:00:06Z"));
    }
    told.pass(TimeDelta::minutes(1));
    told.sync().await;
    let done = told.request(&request.id);
    assert_eq!(done.state, RequestState::Refunded);
    assert_eq!(done.warnings.len(), 1, "still on: {:?}", done.warnings);

    {
        let mut account = told.cloud.account();
        account.instances[0]["EndTime"] = late.into();
        account.instances[0]["RenewStatus"] = "ManualRenewal".into();
        account.orders.push(Order::new("13", "Renew", "2026-11-20T10:01:30Z").part(&["i-1"], middle, late, "180.00"));
    }
    told.pass(TimeDelta::minutes(1));
    let report = told.sync().await;
    assert_eq!(report.moved, [request.id.as_str()]);
    let returned = told.request(&request.id);
    assert_eq!(returned.state, RequestState::Refunded, "the cancellation itself is done");
    assert_eq!(returned.warnings.len(), 1);
    assert!(returned.warnings[0].text.contains("13"), "{:?}", returned.warnings);
    let entries = told.journal_length();
    told.sync().await;
    assert_eq!(told.journal_length(), entries, "told once");
    told.lose_cache();
    assert_eq!(told.request(&request.id).warnings, returned.warnings);
}

/// Of every path there is, only a confirmed unsubscription of an instance by the API calls `RefundInstance`, once.
#[tokio::test(flavor = "multi_thread")]
async fn no_other_path_calls_refund_instance() {
    let mut home = Home::synced(INTERNATIONAL).await;
    let go_on = |_: &RunProgress| true;
    let count = |home: &Home| home.wire.of("RefundInstance").len();
    {
        let desk = home.desk();
        // Plans of both kinds, over everything.
        for action in [Action::Unsubscribe, Action::CancelRenewals] {
            assert!(!desk.plan_all(None, action).unwrap().batches.is_empty());
        }
        // Renewals, a plan and a ticket, each as far as it goes.
        let renewed = home.renewed();
        let stack = desk.renewals(None).unwrap().into_iter().find(|stack| stack.resource == renewed.id).unwrap();
        let renewals = home.handed_over(&home.ask_renewals(&renewed.id, stack.current_end));
        let plan = home.handed_over(&home.ask(&home.plan().resource));
        let rds = home.find(|_, r| r.product == "rds" && r.status == ResourceStatus::Normal);
        let ticket = home.confirmed(&home.ask(&rds.id), Channel::Ticket);
        desk.hand_over(&ticket.id, "").unwrap();
        for request in [&renewals, &plan, &ticket] {
            desk.report(&request.id, None).unwrap();
            assert_eq!(desk.send(&request.id).await.unwrap_err().code(), "illegal_move");
            let run = desk.send_ready(std::slice::from_ref(&request.id), &go_on).await.unwrap();
            assert!(run.results[0].problem.is_some());
            desk.ask_again(&request.id).await.unwrap();
            let _ = desk.wrong_one(&request.id);
        }
        // Confirmed by hand and waiting.
        let waiting = home.confirmed(&home.ask(&home.redis().id), Channel::Console);
        assert_eq!(desk.ready(None).unwrap().by_hand.len(), 1);
        let run = desk.send_ready(std::slice::from_ref(&waiting.id), &go_on).await.unwrap();
        assert_eq!(run.results[0].problem.as_ref().unwrap().code, "not_by_api");
        desk.withdraw(&waiting.id).unwrap();
    }
    assert_eq!(count(&home), 0);
    // The one that does: confirmed, closed, opened, synced, listed as ready; and only then sent.
    let request = home.confirmed_by_api(&home.redis());
    home.reopen();
    home.sync().await;
    assert_eq!(home.desk().ready(None).unwrap().ready.len(), 1);
    assert_eq!(count(&home), 0);
    home.desk().send_ready(std::slice::from_ref(&request.id), &go_on).await.unwrap();
    assert_eq!(count(&home), 1);
    home.pass(TimeDelta::days(12));
    home.sync().await;
    assert_eq!((count(&home), home.request(&request.id).state), (1, RequestState::Refunded));
}

/// A ticket's number is kept as the receipt of what was done by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_kept_with_the_report() {
    let mut home = Home::synced(INTERNATIONAL).await;
    let rds = home.find(|_, r| r.product == "rds" && r.status == ResourceStatus::Normal);
    let request = home.confirmed(&home.ask(&rds.id), Channel::Ticket);
    home.desk().hand_over(&request.id, "").unwrap();
    let long = "9".repeat(201);
    let error = home.desk().report_with_receipt(&request.id, None, Some(&long)).unwrap_err();
    assert_eq!((error.code(), error.place()), ("bad_receipt", Some("receipt")));
    let reported = home.desk().report_with_receipt(&request.id, None, Some(" 0008X-4711 ")).unwrap();
    assert_eq!((reported.state, reported.receipt.as_deref()), (RequestState::Reported, Some("0008X-4711")));
    assert!(reported.trail.last().unwrap().text.contains("0008X-4711"));
    home.lose_cache();
    assert_eq!(home.request(&request.id).receipt.as_deref(), Some("0008X-4711"));
}

/// The refund order names no instance and relates to an order that nobody knows: no rule of matching finds it, and an amount
/// alone is none. The manager says whose it is, within limits.
#[tokio::test(flavor = "multi_thread")]
async fn the_manager_chooses_where_no_rule_of_matching_does() {
    let mut account = one_ecs();
    account.orders.push(Order::refund("90", "77", &[], "5.00", "2026-11-01T00:00:00Z"));
    let mut told = Told::of(account).await;
    let one = told.handed_over(&told.ask("i-1"));
    let two = told.handed_over(&told.ask("i-2"));
    told.desk().report(&one.id, None).unwrap();
    let amount: &'static str = Box::leak(one.predicted.to_string().into_boxed_str());
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("91", "88", &[], amount, "2026-11-20T10:05:00Z"));
        account.orders.push(Order::refund("92", "12", &["i-2"], amount, "2026-11-20T10:05:00Z"));
        account.transactions.push(arrival("t-1", "91", "AccountBalance", amount, "2026-11-20T10:06:00Z"));
    }
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    assert_eq!(told.request(&one.id).state, RequestState::Reported, "no rule finds it");
    assert_eq!(told.request(&two.id).state, RequestState::Observed);
    let before = told.journal_length();
    for (case, request, refund_order, code, place) in [
        ("never heard of", &one.id, "99", "unknown_refund", "refund_order"),
        ("another request's", &one.id, "92", "refund_taken", "refund_order"),
        ("older than the act", &one.id, "90", "refund_older", "refund_order"),
        ("no such request", &"r".to_owned(), "91", "unknown_request", "request"),
    ] {
        let error = told.desk().choose_refund(request, refund_order).unwrap_err();
        assert_eq!((error.code(), error.place()), (code, Some(place)), "{case}");
        assert_eq!(told.journal_length(), before, "{case}");
    }
    let chosen = told.desk().choose_refund(&one.id, "91").unwrap();
    assert_eq!((chosen.state, chosen.arrived), (RequestState::Refunded, one.predicted));
    assert_eq!(told.refund("91").request.as_ref(), Some(&one.id));
    assert_eq!(told.desk().choose_refund(&two.id, "91").unwrap_err().code(), "refund_taken");
    let found = told.desk().reconciliation(None).unwrap();
    let elsewhere: Vec<_> = found.elsewhere.iter().map(|refund| refund.refund_order.as_str()).collect();
    assert_eq!(elsewhere, ["90"]);
    let entries = told.journal_length();
    told.lose_cache();
    told.sync().await;
    assert_eq!((told.request(&one.id).state, told.journal_length()), (RequestState::Refunded, entries));
    assert_eq!(told.refund("91").request.as_ref(), Some(&one.id), "tied again after the cache was lost");

    // A refund of another resource is not this request's, whoever says so.
    told.cloud.account().orders.push(Order::refund("93", "88", &["i-9"], "1.00", "2026-11-20T11:00:30Z"));
    told.pass(TimeDelta::minutes(1));
    told.sync().await;
    assert_eq!(told.desk().choose_refund(&two.id, "93").unwrap_err().code(), "refund_of_other");
    let waiting = told.desk().review(&told.ask("i-1"));
    assert!(waiting.is_ok(), "the told cloud still lists it");
    let error = told.desk().choose_refund(&waiting.unwrap().request.id, "90").unwrap_err();
    assert_eq!(error.code(), "illegal_move", "nothing was done by a review");
}
