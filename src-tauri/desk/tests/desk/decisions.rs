//! What stands between a review and an act: boxes, reason, amount, hash, unknowns, channels; and the price asked again.

use bss_sandbox::Fault;
use chrono::TimeDelta;
use desk::views::{Decision, FactAnswer, RequestState};
use refund_rules::case::{Action, ResourceStatus};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, instance};
use crate::support::{CHINA, Home, INTERNATIONAL, Then, Told, at, d, decision, usual_answers};

/// True when a sentence names the amount; thousands may be grouped.
fn tells(sentence: &str, amount: Decimal) -> bool {
    sentence.replace(',', "").contains(&amount.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_missing_stops_the_decision() {
    let home = Home::synced(INTERNATIONAL).await;
    let review = home.reviewed(&home.ask(&home.renewed().id));
    let whole = decision(&review, Channel::Console);
    let amount: Decimal = d(&whole.amount_typed);
    type Spoil = Box<dyn Fn(&mut Decision)>;
    let table: Vec<(&str, Spoil, &str, &str)> = vec![
        ("rules and amount not read", Box::new(|d| d.amount_read = false), "box_missing", "amount_read"),
        ("data not backed up", Box::new(|d| d.data_backed_up = false), "box_missing", "data_backed_up"),
        ("no reason", Box::new(|d| d.reason.clear()), "reason_missing", "reason"),
        ("a reason of blanks", Box::new(|d| d.reason = " \n\t".to_owned()), "reason_missing", "reason"),
        ("a reason of 501 characters", Box::new(|d| d.reason = "理".repeat(501)), "reason_missing", "reason"),
        (
            "a cent more",
            Box::new(move |d| d.amount_typed = (amount + Decimal::new(1, 2)).to_string()),
            "amount_differs",
            "amount_typed",
        ),
        ("no amount", Box::new(|d| d.amount_typed.clear()), "amount_differs", "amount_typed"),
        (
            "the amount with its currency",
            Box::new(|d| d.amount_typed.push_str(" USD")),
            "amount_differs",
            "amount_typed",
        ),
        ("another quote", Box::new(|d| d.quote_sha256 = "0".repeat(64)), "quote_changed", "quote_sha256"),
        ("no quote", Box::new(|d| d.quote_sha256.clear()), "quote_changed", "quote_sha256"),
        ("by ticket", Box::new(|d| d.channel = Channel::Ticket), "channel_not_offered", "channel"),
        ("by the partner", Box::new(|d| d.channel = Channel::Partner), "channel_not_offered", "channel"),
    ];
    let before = home.journal_length();
    for (case, spoil, code, place) in table {
        let mut spoiled = whole.clone();
        spoil(&mut spoiled);
        let error = home.desk().confirm(&review.request.id, &spoiled).unwrap_err();
        assert_eq!((error.code(), error.place()), (code, Some(place)), "{case}");
        assert!(!error.next().is_empty(), "{case}");
        assert_eq!(home.journal_length(), before, "{case}: nothing is journaled");
        assert_eq!(home.request(&review.request.id).state, RequestState::Reviewed, "{case}");
    }
    let longest = Decision { reason: "理".repeat(500), ..whole.clone() };
    assert_eq!(home.desk().confirm(&review.request.id, &longest).unwrap().state, RequestState::Confirmed);
    assert_eq!(
        home.desk().confirm(&review.request.id, &whole).unwrap_err().code(),
        "illegal_move",
        "a decision is made once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn open_questions_stop_the_decision_until_each_is_answered() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let review = home.desk().review(&home.ask(&resource.id)).unwrap();
    let required: Vec<String> = review.questions.iter().filter(|q| q.required).map(|q| q.path.clone()).collect();
    assert!(required.contains(&"resource.security_risk".to_owned()), "{required:?}");
    let error = home.desk().confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap_err();
    assert_eq!((error.code(), error.place()), ("unknowns_open", Some(required[0].as_str())));
    assert_eq!(error.details(), required);

    let answers = usual_answers(&review);
    let (last, others) = answers.split_last().unwrap();
    let review = home.desk().settle(&review.request.id, others).unwrap();
    let error = home.desk().confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap_err();
    assert_eq!((error.code(), error.place()), ("unknowns_open", Some(last.path.as_str())));

    let bad = |path: &str, value: &str, source: &str| FactAnswer {
        path: path.to_owned(),
        value: value.to_owned(),
        source: source.to_owned(),
    };
    let before = home.journal_length();
    for (case, answer) in [
        ("nobody asked", bad("resource.status", "normal", "me")),
        ("no such order", bad("orders[9].invoiced", "false", "me")),
        ("no value of this question", bad(&last.path, "maybe", "me")),
        ("no source", bad(&last.path, "false", " ")),
    ] {
        // One that is right beside one that is wrong: neither is kept.
        let error = home.desk().settle(&review.request.id, &[last.clone(), answer.clone()]).unwrap_err();
        assert_eq!((error.code(), error.place()), ("bad_answer", Some(answer.path.as_str())), "{case}");
        assert_eq!(home.journal_length(), before, "{case}");
    }
    let review = home.desk().settle(&review.request.id, std::slice::from_ref(last)).unwrap();
    assert_eq!(
        home.desk().confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap().state,
        RequestState::Confirmed
    );
}

/// An answer that makes the thing impossible is kept, the review says so and leaves nothing to confirm; the answer can be corrected.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_forbid_the_unsubscription() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let review = home.desk().review(&home.ask(&resource.id)).unwrap();
    let answer = FactAnswer {
        path: "resource.paid_marketplace_image".to_owned(),
        value: "true".to_owned(),
        source: "the console".to_owned(),
    };
    let error = home.desk().settle(&review.request.id, &[answer]).unwrap_err();
    assert_eq!((error.code(), error.details()), ("not_eligible", ["paid_marketplace_image".to_owned()].as_slice()));
    let row = home.resources().into_iter().find(|row| row.resource == resource.id).unwrap();
    assert_eq!(row.blockers, ["paid_marketplace_image"]);
    let mut whole = decision(&review, Channel::Api);
    whole.amount_typed = review.type_amount.clone();
    assert_eq!(home.desk().confirm(&review.request.id, &whole).unwrap_err().code(), "illegal_move");
    assert_eq!(home.desk().request(&review.request.id).unwrap().state, RequestState::Withdrawn);
    let corrected = FactAnswer {
        path: "resource.paid_marketplace_image".to_owned(),
        value: "false".to_owned(),
        source: "looked again".to_owned(),
    };
    let view = home.desk().enter_facts(home.uid(), &resource.id, &[corrected]).unwrap();
    assert!(view.quote.eligible && view.row.blockers.is_empty());
    for (path, value) in [
        ("resource.nothing", "true"),
        ("customer.security_risk", "true"),
        ("orders[99].invoiced", "true"),
        ("resource.security_risk", "perhaps"),
    ] {
        let answer = FactAnswer { path: path.to_owned(), value: value.to_owned(), source: "me".to_owned() };
        assert_eq!(
            home.desk().enter_facts(home.uid(), &resource.id, &[answer]).unwrap_err().code(),
            "bad_answer",
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renewals_alone_need_one_box() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    let review = home.reviewed(&home.ask_renewals(&resource.id, stack.candidates[0].expires));
    let one_box = Decision { data_backed_up: false, ..decision(&review, Channel::Console) };
    assert_eq!(home.desk().confirm(&review.request.id, &one_box).unwrap().state, RequestState::Confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_unsubscribed_is_not_reviewed() {
    let home = Home::synced(CHINA).await;
    let before = home.journal_length();
    for (case, resource, code) in [
        ("expired", home.find(|_, r| r.status == ResourceStatus::Expired).id, "not_eligible"),
        (
            "an unpaid renewal",
            home.find(|books, r| books.orders.iter().any(|o| !o.paid && o.parts[0].instances.contains(&r.id))).id,
            "not_eligible",
        ),
        ("never heard of", "i-nowhere".to_owned(), "unknown_resource"),
    ] {
        let error = home.desk().review(&home.ask(&resource)).unwrap_err();
        assert_eq!((error.code(), error.place()), (code, Some("resource")), "{case}");
    }
    let resource = home.renewed();
    let error = home.desk().review(&home.ask_renewals(&resource.id, at("2030-01-01T00:00:00Z"))).unwrap_err();
    assert_eq!(error.code(), "not_a_candidate");
    assert!(!error.details().is_empty(), "the candidates are named");
    let stranger = desk::views::Ask { customer: "1".to_owned(), ..home.ask(&resource.id) };
    assert_eq!(home.desk().review(&stranger).unwrap_err().code(), "unknown_customer");
    assert_eq!(home.journal_length(), before);
}

/// A review that fails leaves the request that was there.
#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_fails_takes_nothing_back() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let review = home.desk().review(&home.ask(&resource.id)).unwrap();
    home.desk().review(&home.ask_renewals(&resource.id, at("2030-01-01T00:00:00Z"))).unwrap_err();
    assert_eq!(home.request(&review.request.id).state, RequestState::Reviewed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_price_goes_back_to_review_with_both_numbers() {
    // The renewals are cancelled at the console between the decision and the sending: what is left is the purchase.
    //   confirmed   purchase's rest + renewals
    //   now         purchase's rest
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.confirmed_by_api(&resource);
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    let fallen = home.control().console_cancel_renewals(home.uid(), &resource.id, stack.current_end).unwrap().amount;
    let error = home.desk().send(&request.id).await.unwrap_err();
    assert_eq!(error.code(), "price_changed");
    let returned = home.request(&request.id);
    let now = request.predicted - fallen;
    assert_eq!(
        (returned.state, returned.actual, returned.predicted),
        (RequestState::ReturnedToReview, Some(now), request.predicted)
    );
    assert_eq!(returned.problem.unwrap().code, "price_changed");
    for number in [request.predicted, now] {
        assert!(tells(error.message(), number), "{number} in {}", error.message());
        assert!(tells(&returned.trail.last().unwrap().text, number));
    }
    assert!(home.wire.of("RefundInstance").is_empty());
    assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "illegal_move");

    // The old decision is void: its quote is no longer the one shown.
    home.pass(TimeDelta::seconds(1));
    home.sync().await;
    let review = home.reviewed(&home.ask(&resource.id));
    assert_eq!((review.request.id.as_str(), review.request.predicted), (request.id.as_str(), now));
    let old = Decision { quote_sha256: request.quote_sha256.unwrap(), ..decision(&review, Channel::Api) };
    assert_eq!(home.desk().confirm(&request.id, &old).unwrap_err().code(), "quote_changed");
    home.desk().confirm(&request.id, &decision(&review, Channel::Api)).unwrap();
    assert_eq!(home.desk().send(&request.id).await.unwrap().state, RequestState::Accepted);
    assert_eq!(home.wire.of("RefundInstance").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_ends_with_its_quote() {
    for (case, confirmed_first) in [("before the decision", false), ("after the decision", true)] {
        let home = Home::synced(CHINA).await;
        let review = home.reviewed(&home.ask(&home.renewed().id));
        let until = review.quote.quote.valid_until.expect("an amount that changes with the days");
        let decision = decision(&review, Channel::Api);
        if confirmed_first {
            home.desk().confirm(&review.request.id, &decision).unwrap();
        }
        home.pass(until - home.clock.time());
        let error = if confirmed_first {
            home.desk().send(&review.request.id).await.map(|_| ()).unwrap_err()
        } else {
            home.desk().confirm(&review.request.id, &decision).map(|_| ()).unwrap_err()
        };
        assert_eq!((error.code(), error.place()), ("quote_expired", Some("quote_sha256")), "{case}");
        let state = home.request(&review.request.id).state;
        assert_eq!(
            state,
            if confirmed_first { RequestState::ReturnedToReview } else { RequestState::Reviewed },
            "{case}"
        );
        assert!(home.wire.of("RefundInstance").is_empty(), "{case}");
    }
}

/// The inquiry fails: nothing was decided anew, nothing was sent.
#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_that_fails_leaves_the_decision() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.confirmed_by_api(&resource);
    let before = home.journal_length();
    home.fault("InquiryPriceRefundInstance", Fault::DropBefore);
    assert_eq!(home.desk().send(&request.id).await.unwrap_err().place().unwrap(), "InquiryPriceRefundInstance");
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    let gone = home.desk().send(&request.id).await.unwrap_err();
    assert!(gone.message().contains("ExistRefundingOrderError"), "{gone}");
    assert_eq!((home.request(&request.id).state, home.journal_length()), (RequestState::Confirmed, before));
    assert!(home.wire.of("RefundInstance").is_empty());
}

/// What the console shows, and what the desk makes of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_must_show_what_was_confirmed() {
    let home = Home::synced(INTERNATIONAL).await;
    let request = home.confirmed(&home.ask(&home.renewed().id), Channel::Console);
    assert!(!request.instructions.is_empty());
    for typed in ["", "about 100", "-1", "1e3"] {
        let error = home.desk().hand_over(&request.id, typed).unwrap_err();
        assert_eq!((error.code(), error.place()), ("bad_amount", Some("console_amount")), "{typed:?}");
        assert_eq!(home.request(&request.id).state, RequestState::Confirmed, "{typed:?}");
    }
    let less = request.predicted - Decimal::new(1, 2);
    let error = home.desk().hand_over(&request.id, &less.to_string()).unwrap_err();
    assert_eq!((error.code(), error.place()), ("console_amount_differs", Some("console_amount")));
    let returned = home.request(&request.id);
    assert_eq!((returned.state, returned.actual), (RequestState::ReturnedToReview, Some(less)));
    assert!(tells(&returned.trail.last().unwrap().text, less));
    assert_eq!(home.desk().report(&request.id, None).unwrap_err().code(), "illegal_move");

    let confirmed = home.confirmed(&home.ask(&request.resource), Channel::Console);
    assert_eq!(confirmed.id, request.id);
    let handed = home.desk().hand_over(&request.id, &request.predicted.to_string()).unwrap();
    assert_eq!((handed.state, handed.actual), (RequestState::HandedOver, Some(request.predicted)));
    let error = home.desk().report(&request.id, Some("order 5")).unwrap_err();
    assert_eq!((error.code(), error.place()), ("bad_refund_order", Some("refund_order")));
}

/// Without the discount table the quote is a range: any amount inside is what was confirmed.
#[tokio::test(flavor = "multi_thread")]
async fn inside_a_range_the_console_is_believed() {
    let home = Home::synced(INTERNATIONAL).await;
    let row =
        home.resources().into_iter().find(|row| !row.exact && row.blockers.is_empty() && row.product == "ecs").unwrap();
    let request = home.confirmed(&home.ask(&row.resource), Channel::Console);
    assert!(request.predicted < request.predicted_max);
    let outside = request.predicted_max + Decimal::new(1, 2);
    assert_eq!(home.desk().hand_over(&request.id, &outside.to_string()).unwrap_err().code(), "console_amount_differs");
    let request = home.confirmed(&home.ask(&row.resource), Channel::Console);
    let shown = home.control().console_amount(home.uid(), &row.resource, Action::Unsubscribe, None).unwrap().amount;
    assert!(
        request.predicted <= shown && shown <= request.predicted_max,
        "{} <= {shown} <= {}",
        request.predicted,
        request.predicted_max
    );
    assert_eq!(home.desk().hand_over(&request.id, &shown.to_string()).unwrap().actual, Some(shown));
}

/// While the price is asked, the manager takes the request back: nothing is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_withdrawn_while_the_price_is_asked_is_not_sent() {
    let home = Home::synced(INTERNATIONAL).await;
    let request = home.confirmed_by_api(&home.renewed());
    let (asked, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    home.fault("InquiryPriceRefundInstance", Fault::Latency { ms: 200 });
    home.wire.on_call(move |call| {
        if call.operation == "InquiryPriceRefundInstance" {
            asked.send(()).unwrap();
        }
        Then::Forward
    });
    let withdraw = async {
        waiting.recv().await.unwrap();
        home.desk().withdraw(&request.id).unwrap();
    };
    let (sent, ()) = tokio::join!(home.desk().send(&request.id), withdraw);
    assert_eq!(sent.unwrap_err().code(), "illegal_move");
    assert_eq!(home.request(&request.id).state, RequestState::Withdrawn);
    assert!(home.wire.of("RefundInstance").is_empty());
}

/// Between the question and the answer a sync brings an order that stands before the one asked about: the answer was not meant
/// for it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_for_the_order_that_was_asked_about() {
    let (start, end, renewed, again) =
        ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z", "2027-12-01T00:00:00Z", "2028-06-01T00:00:00Z");
    let renewal = |id, created, from, to| Order::new(id, "Renew", created).part(&["i-1"], from, to, "600.00");
    let told = Told::of(Account {
        instances: vec![instance("i-1", start, renewed)],
        orders: vec![
            Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00"),
            renewal("13", "2026-11-20T09:50:00Z", end, renewed),
        ],
        ..Account::default()
    })
    .await;
    let review = told.desk().review(&told.ask("i-1")).unwrap();
    let answer = usual_answers(&review)
        .into_iter()
        .find(|answer| answer.path.starts_with("orders[1]."))
        .expect("a question about the renewal");
    assert_eq!(review.questions.iter().find(|q| q.path == answer.path).unwrap().order.as_deref(), Some("13"));
    {
        let mut account = told.cloud.account();
        account.instances = vec![instance("i-1", start, again)];
        account.orders.push(renewal("12", "2026-11-20T09:40:00Z", renewed, again));
    }
    told.sync().await;
    let before = told.journal_length();
    let error = told.desk().settle(&review.request.id, std::slice::from_ref(&answer)).unwrap_err();
    assert_eq!((error.code(), told.journal_length()), ("quote_changed", before));
    let review = told.desk().review(&told.ask("i-1")).unwrap();
    assert_eq!(review.questions.iter().find(|q| q.path == answer.path).unwrap().order.as_deref(), Some("12"));
    told.desk().settle(&review.request.id, &[answer]).unwrap();
}
