//! Up to fifty decisions made as one: one confirmation, a result for each item, nothing by itself after a crash.

use bss_sandbox::Fault;
use chrono::TimeDelta;
use desk::views::{Ask, RequestState, ResourceRow};
use desk::{BATCH_MAX, BatchAnswers, BatchDecision, BatchPick, BatchReview, RunProgress};
use refund_rules::case::{Action, Kind};
use refund_rules::quote::{Channel, RefundType};
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, instance};
use crate::support::{CHINA, Home, INTERNATIONAL, Seat, Then, Told, d, decision, entries, kinds, usual_answers};

/// Instances that go into a batch, the dearest first.
fn batchable(seat: &Seat) -> Vec<ResourceRow> {
    let mut rows: Vec<_> = seat
        .resources()
        .into_iter()
        .filter(|row| row.batchable && row.kind == Kind::Instance && row.refund_type == Some(RefundType::Partial))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.refund));
    rows
}

pub fn asks(seat: &Seat, count: usize) -> Vec<Ask> {
    let asks: Vec<_> = batchable(seat).iter().take(count).map(|row| seat.ask(&row.resource)).collect();
    assert_eq!(asks.len(), count, "the scene has as many");
    asks
}

/// A batch with every required question answered as usual.
pub fn reviewed(seat: &Seat, asks: &[Ask]) -> BatchReview {
    let review = seat.desk().review_batch(asks).unwrap();
    let requests: Vec<String> = review.items.iter().map(|item| item.request.clone()).collect();
    let answers: Vec<BatchAnswers> = review
        .items
        .iter()
        .zip(asks_of(seat, &review))
        .map(|(item, ask)| BatchAnswers {
            request: item.request.clone(),
            answers: usual_answers(&seat.desk().review(&ask).unwrap()),
        })
        .collect();
    seat.desk().settle_batch(&requests, &answers).unwrap()
}

fn asks_of(seat: &Seat, review: &BatchReview) -> Vec<Ask> {
    let ask =
        |item: &desk::BatchReviewItem| Ask { action: review.action, expires: item.expires, ..seat.ask(&item.resource) };
    review.items.iter().map(ask).collect()
}

pub fn decided(review: &BatchReview, channel: Channel) -> BatchDecision {
    BatchDecision {
        items: review
            .items
            .iter()
            .map(|item| BatchPick { request: item.request.clone(), quote_sha256: item.quote_sha256.clone() })
            .collect(),
        channel,
        amount_read: true,
        data_backed_up: true,
        reason: "the project ends".to_owned(),
        authorisation: Some("T-4711".to_owned()),
        total_typed: review.type_total.clone(),
    }
}

pub fn go_on(_: &RunProgress) -> bool {
    true
}

pub fn states(view: &desk::BatchView) -> Vec<RequestState> {
    view.items.iter().map(|item| item.state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_missing_stops_the_batch_as_a_whole() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let review = reviewed(&home, &asks(&home, 3));
    assert_eq!(review.total, review.items.iter().map(|item| item.refund).sum::<Decimal>());
    assert!(review.channel_refunds >= 1 && !review.consequences.is_empty());
    let whole = decided(&review, Channel::Api);
    let open = {
        // A fourth one whose questions nobody answered.
        let fourth = desk.review(&asks(&home, 4)[3]).unwrap();
        BatchPick { request: fourth.request.id, quote_sha256: fourth.quote.quote.sha256.unwrap() }
    };
    let renewals = {
        let stack = desk.renewals(None).unwrap().into_iter().find(|stack| {
            !stack.candidates.is_empty() && !review.items.iter().any(|item| item.resource == stack.resource)
        });
        let stack = stack.expect("a stack besides");
        let review = home.reviewed(&home.ask_renewals(&stack.resource, stack.candidates[0].expires));
        BatchPick { request: review.request.id, quote_sha256: review.quote.quote.sha256.unwrap() }
    };
    type Spoil = Box<dyn Fn(&mut BatchDecision)>;
    let table: Vec<(&str, Spoil, &str, &str)> = vec![
        ("rules and amount not read", Box::new(|d| d.amount_read = false), "box_missing", "amount_read"),
        ("data not backed up", Box::new(|d| d.data_backed_up = false), "box_missing", "data_backed_up"),
        ("no reason", Box::new(|d| d.reason = " ".to_owned()), "reason_missing", "reason"),
        ("no total", Box::new(|d| d.total_typed.clear()), "amount_differs", "total_typed"),
        ("one item's amount", Box::new(|d| d.total_typed = "0.01".to_owned()), "amount_differs", "total_typed"),
        ("another quote", Box::new(|d| d.items[1].quote_sha256 = "0".repeat(64)), "quote_changed", "quote_sha256"),
        ("by ticket", Box::new(|d| d.channel = Channel::Ticket), "channel_not_offered", "channel"),
        ("no item", Box::new(|d| d.items.clear()), "batch_size", "items"),
        ("an item too many", Box::new(|d| d.items = vec![d.items[0].clone(); BATCH_MAX + 1]), "batch_size", "items"),
        ("an item twice", Box::new(|d| d.items.push(d.items[0].clone())), "duplicate", "items"),
        ("renewals among them", Box::new(move |d| d.items.push(renewals.clone())), "batch_mixed", "items"),
        ("no such request", Box::new(|d| d.items[0].request = "r".to_owned()), "unknown_request", "request"),
    ];
    let before = home.journal_length();
    for (case, spoil, code, place) in table {
        let mut spoiled = whole.clone();
        spoil(&mut spoiled);
        let error = desk.confirm_batch(&spoiled).unwrap_err();
        assert_eq!((error.code(), error.place()), (code, Some(place)), "{case}");
        assert_eq!(home.journal_length(), before, "{case}: nothing is journaled");
    }
    let mut with_open = whole.clone();
    with_open.items.push(open);
    let error = desk.confirm_batch(&with_open).unwrap_err();
    assert_eq!(error.code(), "unknowns_open");
    assert_eq!(error.details().len(), 1, "the item that stops it is named: {:?}", error.details());
    assert_eq!(home.journal_length(), before);
    assert!(review.items.iter().all(|item| home.request(&item.request).state == RequestState::Reviewed));
    assert_eq!(desk.batch("no-such-batch").unwrap_err().code(), "unknown_batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_batch_is_journaled_first_and_each_item_has_its_own_result() {
    let home = Home::synced(INTERNATIONAL).await;
    let review = reviewed(&home, &asks(&home, 3));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Api)).unwrap();
    assert_eq!((batch.waiting, batch.moves.as_slice()), (3, ["run".to_owned(), "withdraw".to_owned()].as_slice()));
    assert_eq!((batch.total, batch.waiting_total), (review.total, review.total));
    assert!(home.wire.of("RefundInstance").is_empty(), "confirming sends nothing");
    let of_batch = entries(home.path(), &batch.id);
    assert_eq!(kinds(&of_batch), ["batch_confirmed"]);
    for (item, kept) in review.items.iter().zip(of_batch[0].body["items"].as_array().unwrap()) {
        assert_eq!(
            (kept["request"].as_str(), kept["quote_sha256"].as_str()),
            (Some(item.request.as_str()), Some(item.quote_sha256.as_str()))
        );
        let confirmed = entries(home.path(), &item.request).pop().unwrap();
        assert_eq!(
            (confirmed.kind.as_str(), confirmed.body["batch"].as_str()),
            ("request_confirmed", Some(&*batch.id))
        );
        assert!(confirmed.seq > of_batch[0].seq, "the batch stands first");
        assert_eq!(home.request(&item.request).batch.as_ref(), Some(&batch.id));
    }

    // The second one is refused, since someone was faster at the console; the third one's answer is lost.
    let (control, uid) = (home.control(), home.uid().to_owned());
    let (second, mut calls) = (review.items[1].resource.clone(), 0);
    home.wire.on_call(move |call| {
        if call.operation == "RefundInstance" {
            calls += 1;
            if calls == 2 {
                control.console_unsubscribe(&uid, &second).unwrap();
            }
            if calls == 3 {
                control.order_fault(bss_sandbox::FaultOrder {
                    operation: Some("RefundInstance".to_owned()),
                    times: 1,
                    fault: Fault::DropAfter,
                });
            }
        }
        Then::Forward
    });
    let seen = std::sync::Mutex::new(Vec::new());
    let watch = |progress: &RunProgress| {
        seen.lock().unwrap().push((progress.done, progress.total));
        true
    };
    let run = home.desk().run_batch(&batch.id, &watch).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [(0, 3), (1, 3), (2, 3), (3, 3)]);
    let results: Vec<_> = run.results.iter().map(|r| (r.resource.as_str(), r.state)).collect();
    let resource = |nth: usize| review.items[nth].resource.as_str();
    assert_eq!(
        results,
        [
            (resource(0), RequestState::Accepted),
            (resource(1), RequestState::Rejected),
            (resource(2), RequestState::Unknown)
        ]
    );
    assert!(run.results[0].refund_order.is_some() && run.results[0].problem.is_none());
    assert!(run.results[1..].iter().all(|result| result.problem.is_some()));
    assert_eq!(home.wire.of("RefundInstance").len(), 3);
    let after = home.desk().batch(&batch.id).unwrap();
    assert_eq!((after.waiting, after.moves.len()), (0, 0), "an unknown one is looked at singly");
    assert_eq!(home.desk().run_batch(&batch.id, &go_on).await.unwrap_err().code(), "nothing_waiting");
    assert_eq!(home.wire.of("RefundInstance").len(), 3, "and it is not sent again with the batch");

    home.wire.forward_all();
    home.pass(TimeDelta::seconds(1));
    home.sync().await;
    let counts: Vec<_> = home.desk().batch(&batch.id).unwrap().counts;
    let counts: Vec<_> = counts.iter().map(|count| (count.state, count.count)).collect();
    assert_eq!(counts, [(RequestState::Observed, 2), (RequestState::Rejected, 1)]);
}

/// The price of the first item changed: it goes back to its review and is decided by itself. What becomes of it is no longer counted
/// with the batch.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_decided_again_counts_where_it_was_decided_last() {
    let home = Home::synced(INTERNATIONAL).await;
    let review = reviewed(&home, &asks(&home, 2));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Api)).unwrap();
    home.fault("InquiryPriceRefundInstance", Fault::AmountChanged { amount_percent: 90 });
    let run = home.desk().run_batch(&batch.id, &go_on).await.unwrap();
    let states: Vec<_> = run.results.iter().map(|result| result.state).collect();
    assert_eq!(states, [RequestState::ReturnedToReview, RequestState::Accepted]);
    let again = home.reviewed(&home.ask(&review.items[0].resource));
    assert_eq!(again.request.id, review.items[0].request, "the same request");
    let again = home.desk().confirm(&again.request.id, &decision(&again, Channel::Console)).unwrap();
    let seen = home.desk().batch(&batch.id).unwrap();
    let counts: Vec<_> = seen.counts.iter().map(|count| (count.state, count.count)).collect();
    assert_eq!(counts, [(RequestState::Accepted, 1)]);
    assert_eq!((seen.items.len(), seen.waiting), (2, 0), "it is still shown where it was decided first");
    home.desk().hand_over(&again.id, &again.predicted.to_string()).unwrap();
    for item in &review.items {
        let _ = home.control().console_unsubscribe(home.uid(), &item.resource);
    }
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let settled = home.desk().batch(&batch.id).unwrap();
    let (own, other) = (home.request(&review.items[1].request), home.request(&review.items[0].request));
    assert_eq!(other.state, RequestState::Refunded);
    assert_eq!((settled.arrived, settled.arrived < own.arrived + other.arrived), (own.arrived, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_between_two_items_and_gone_on_with() {
    let home = Home::synced(INTERNATIONAL).await;
    let review = reviewed(&home, &asks(&home, 3));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Api)).unwrap();
    let run = home.desk().run_batch(&batch.id, &|progress| progress.done < 1).await.unwrap();
    assert_eq!((run.results.len(), run.left.len()), (1, 2));
    assert_eq!(run.results[0].state, RequestState::Accepted, "the one under way finishes");
    assert_eq!(home.desk().batch(&batch.id).unwrap().waiting, 2);
    assert_eq!(home.wire.of("RefundInstance").len(), 1);
    let rest = home.desk().run_batch(&batch.id, &go_on).await.unwrap();
    assert!(rest.left.is_empty() && rest.results.iter().all(|result| result.state == RequestState::Accepted));
    assert_eq!(home.wire.of("RefundInstance").len(), 3);
}

/// The process dies while the second item is on the wire: at the next start the first is accepted, the second unknown, the third
/// is offered again and waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_in_a_batch_sends_nothing_by_itself() {
    let mut home = Home::synced(CHINA).await;
    let review = reviewed(&home, &asks(&home, 3));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Api)).unwrap();
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let mut calls = 0;
    home.wire.on_call(move |call| {
        if call.operation != "RefundInstance" {
            return Then::Forward;
        }
        calls += 1;
        if calls < 2 {
            return Then::Forward;
        }
        reached.send(()).unwrap();
        Then::Hang
    });
    tokio::select! {
        answer = home.desk().run_batch(&batch.id, &go_on) => panic!("nobody answers, but {answer:?}"),
        _ = waiting.recv() => {}
    }
    home.wire.forward_all();
    home.pass(TimeDelta::seconds(1));
    home.reopen();
    let found = home.desk().batch(&batch.id).unwrap();
    assert_eq!(states(&found), [RequestState::Accepted, RequestState::Unknown, RequestState::Confirmed]);
    assert_eq!((found.waiting, found.moves[0].as_str()), (1, "run"));
    home.pass(TimeDelta::seconds(1));
    home.sync().await;
    assert_eq!(home.wire.of("RefundInstance").len(), 2, "nothing went by itself");
    let run = home.desk().run_batch(&batch.id, &go_on).await.unwrap();
    let sent: Vec<_> = run.results.iter().map(|result| (result.resource.as_str(), result.state)).collect();
    assert_eq!(sent, [(review.items[2].resource.as_str(), RequestState::Accepted)]);
    let tokens: std::collections::BTreeSet<_> =
        home.wire.of("RefundInstance").into_iter().map(|call| call.query["ClientToken"].clone()).collect();
    assert_eq!(tokens.len(), 3, "each item has its own token");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_rebuilt_from_the_journal() {
    let mut home = Home::synced(INTERNATIONAL).await;
    let review = reviewed(&home, &asks(&home, 2));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Api)).unwrap();
    home.desk().run_batch(&batch.id, &|progress| progress.done < 1).await.unwrap();
    let kept = home.desk().batches(Some(home.uid())).unwrap();
    assert_eq!(kept.len(), 1);
    let entries = home.journal_length();
    home.lose_cache();
    assert_eq!(home.desk().batches(None).unwrap(), kept);
    assert_eq!(home.journal_length(), entries, "replaying writes nothing");
}

/// The console shows one sum for all. One of three is gone meanwhile: it falls out, and the rest must be what the console shows.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_one_sum_for_all() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let review = reviewed(&home, &asks(&home, 3));
    let batch = desk.confirm_batch(&decided(&review, Channel::Console)).unwrap();
    assert_eq!(desk.run_batch(&batch.id, &go_on).await.unwrap_err().code(), "not_by_api");
    let ids: Vec<_> = review.items.iter().map(|item| item.resource.clone()).collect();
    let steps = batch.instructions.join("\n");
    assert!(steps.contains(&ids.join(",")) && steps.contains("Batch Unsubscribe Resources"), "{steps}");
    for typed in ["", "-1", "about 5"] {
        let error = desk.hand_over_batch(&batch.id, typed).unwrap_err();
        assert_eq!((error.code(), error.place()), ("bad_amount", Some("console_total")), "{typed:?}");
    }

    home.control().console_unsubscribe(home.uid(), &ids[1]).unwrap();
    home.pass(TimeDelta::seconds(2));
    home.sync().await;
    let error = desk.hand_over_batch(&batch.id, &review.total.to_string()).unwrap_err();
    assert_eq!(error.code(), "console_amount_differs");
    assert_eq!(error.details(), [format!("{}: facts_changed", ids[1])]);
    let rest = desk.batch(&batch.id).unwrap();
    assert_eq!(
        states(&rest),
        [RequestState::Confirmed, RequestState::ReturnedToReview, RequestState::Confirmed],
        "the rest waits for the right sum"
    );
    assert_eq!(rest.waiting_total, review.items[0].refund + review.items[2].refund);
    assert!(!rest.instructions.join("\n").contains(&ids[1]));
    let run = desk.hand_over_batch(&batch.id, &rest.waiting_total.to_string()).unwrap();
    assert!(run.results.iter().all(|result| result.state == RequestState::HandedOver && result.problem.is_none()));
    for id in [&ids[0], &ids[2]] {
        home.control().console_unsubscribe(home.uid(), id).unwrap();
    }
    let reported = desk.report_batch(&batch.id).unwrap();
    assert_eq!(states(&reported)[2], RequestState::Reported);
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let settled = desk.batch(&batch.id).unwrap();
    assert_eq!(states(&settled)[0], RequestState::Refunded);
    assert_eq!(
        settled.arrived,
        settled.items.iter().filter_map(|item| item.actual).sum::<Decimal>() - {
            // The one that fell out shows what its review would give now.
            settled.items[1].actual.unwrap_or_default()
        }
    );
    assert!(home.wire.of("RefundInstance").is_empty());
}

/// Nobody else has touched anything and the console shows something else: none of it is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_sum_that_differs_stops_the_whole_batch() {
    let home = Home::synced(CHINA).await;
    let review = reviewed(&home, &asks(&home, 2));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Console)).unwrap();
    let wrong = review.total_max + Decimal::new(1, 2);
    let error = home.desk().hand_over_batch(&batch.id, &wrong.to_string()).unwrap_err();
    assert_eq!((error.code(), error.place()), ("console_amount_differs", Some("console_total")));
    let after = home.desk().batch(&batch.id).unwrap();
    assert!(states(&after).iter().all(|state| *state == RequestState::ReturnedToReview));
    assert_eq!(home.desk().withdraw_batch(&batch.id).unwrap_err().code(), "nothing_waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_of_a_batch_can_be_taken_back() {
    let home = Home::synced(INTERNATIONAL).await;
    let review = reviewed(&home, &asks(&home, 3));
    let batch = home.desk().confirm_batch(&decided(&review, Channel::Api)).unwrap();
    home.desk().run_batch(&batch.id, &|progress| progress.done < 1).await.unwrap();
    let after = home.desk().withdraw_batch(&batch.id).unwrap();
    assert_eq!(states(&after), [RequestState::Accepted, RequestState::Withdrawn, RequestState::Withdrawn]);
    assert_eq!(home.wire.of("RefundInstance").len(), 1);
}

/// Pending renewals as a batch: the console alone, and the resources keep running.
#[tokio::test(flavor = "multi_thread")]
async fn renewals_are_cancelled_in_a_batch_at_the_console() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let plan = desk.plan_all(Some(home.uid()), Action::CancelRenewals).unwrap();
    let [planned] = plan.batches.as_slice() else { panic!("one batch of renewals: {plan:?}") };
    assert!(planned.items.len() >= 2 && planned.items.iter().all(|item| item.expires.is_some()));
    assert!(plan.left_out.iter().any(|left| left.details.contains(&"configuration_changed".to_owned())), "{plan:?}");
    let asks: Vec<Ask> =
        planned.items.iter().map(|item| home.ask_renewals(&item.resource, item.expires.unwrap())).collect();
    let review = reviewed(&home, &asks);
    assert_eq!((review.channels.as_slice(), review.total), ([Channel::Console].as_slice(), planned.refund));
    let by_api = desk.confirm_batch(&decided(&review, Channel::Api)).unwrap_err();
    assert_eq!(by_api.code(), "channel_not_offered");
    // One box is enough: no data goes.
    let one_box = BatchDecision { data_backed_up: false, ..decided(&review, Channel::Console) };
    let batch = desk.confirm_batch(&one_box).unwrap();
    assert_eq!(desk.run_batch(&batch.id, &go_on).await.unwrap_err().code(), "not_by_api");
    let steps = batch.instructions.join("\n");
    assert!(steps.contains("Batch Refund/Renew") && !steps.contains("Choose Unsubscribe Resource"), "{steps}");
    desk.hand_over_batch(&batch.id, &review.type_total).unwrap();
    for ask in &asks {
        home.control().console_cancel_renewals(home.uid(), &ask.resource, ask.expires.unwrap()).unwrap();
    }
    desk.report_batch(&batch.id).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let settled = desk.batch(&batch.id).unwrap();
    assert!(states(&settled).iter().all(|state| *state == RequestState::Refunded), "{settled:?}");
    assert_eq!(settled.arrived, review.total);
    assert!(home.wire.of("RefundInstance").is_empty() && home.wire.of("InquiryPriceRefundInstance").is_empty());
    let live = home.resources();
    assert!(asks.iter().all(|ask| live.iter().any(|row| row.resource == ask.resource)), "nothing was released");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_that_is_no_batch_is_not_reviewed() {
    let home = Home::synced(INTERNATIONAL).await;
    let before = home.journal_length();
    let mut selection = asks(&home, 2);
    selection.push(home.ask(&home.plan().resource));
    selection.push(home.ask("i-nowhere"));
    let error = home.desk().review_batch(&selection).unwrap_err();
    assert_eq!((error.code(), error.place()), ("not_one_batch", Some("items")));
    assert!(error.details().contains(&"i-nowhere: not_quoted".to_owned()), "{:?}", error.details());
    assert_eq!(home.journal_length(), before, "nothing is begun");
    assert_eq!(home.desk().review_batch(&[]).unwrap_err().code(), "not_one_batch");
}

/// Two instances of one order: what is answered about the order for the first is known for the second when its turn comes.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_two_items_is_asked_about_once() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let told = Told::of(Account {
        instances: vec![instance("i-1", start, end), instance("i-2", start, end)],
        orders: vec![Order::new("11", "New", start).part(&["i-1", "i-2"], start, end, "1200.00")],
        ..Account::default()
    })
    .await;
    let review = told.desk().review_batch(&[told.ask("i-1"), told.ask("i-2")]).unwrap();
    let asks_about_the_order = |item: &desk::BatchReviewItem| {
        item.questions.iter().any(|question| question.required && question.order.as_deref() == Some("11"))
    };
    assert!(review.items.iter().all(asks_about_the_order));
    let review = reviewed(&told, &[told.ask("i-1"), told.ask("i-2")]);
    assert!(!review.items.iter().any(asks_about_the_order));
    let batch = told.desk().confirm_batch(&decided(&review, Channel::Console)).unwrap();
    // One order, paid one way: the channel sees one refund, whichever way it was.
    assert_eq!((batch.items.len(), batch.channel_refunds), (2, 1));
}

/// 73 instances of one account: 50 and 23, as the planner says; the first fifty are decided and handed over as one.
#[tokio::test(flavor = "multi_thread")]
async fn seventy_three_go_as_fifty_and_twenty_three() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let ids: Vec<&'static str> = (1..=73).map(|n| &*Box::leak(format!("i-{n:02}").into_boxed_str())).collect();
    let order = |(n, id): (usize, &&'static str)| {
        let number: &'static str = Box::leak(format!("{}", 100 + n).into_boxed_str());
        Order::new(number, "New", start).part(&[id], start, end, &format!("{}.00", 1000 + n))
    };
    let told = Told::of(Account {
        page: 300,
        instances: ids.iter().map(|id| instance(id, start, end)).collect(),
        orders: ids.iter().enumerate().map(order).collect(),
        ..Account::default()
    })
    .await;
    let all: Vec<Ask> = ids.iter().map(|id| told.ask(id)).collect();
    let plan = told.desk().plan(&all).unwrap();
    assert_eq!(plan.batches.iter().map(|batch| batch.items.len()).collect::<Vec<_>>(), [50, 23]);
    assert_eq!(told.desk().plan_all(None, Action::Unsubscribe).unwrap(), plan);
    let error = told.desk().review_batch(&all).unwrap_err();
    assert_eq!((error.code(), error.details()[0].as_str()), ("not_one_batch", "batch 1: 50 items"));
    let first: Vec<Ask> = plan.batches[0].items.iter().map(|item| told.ask(&item.resource)).collect();
    let review = reviewed(&told, &first);
    assert_eq!((review.items.len(), review.total), (50, plan.batches[0].refund));
    let batch = told.desk().confirm_batch(&decided(&review, Channel::Console)).unwrap();
    assert_eq!((batch.waiting, batch.counts.len()), (50, 1));
    let after = told.desk().plan(&all).unwrap();
    assert_eq!(after.batches.iter().map(|batch| batch.items.len()).collect::<Vec<_>>(), [23]);
    assert_eq!(after.left_out.iter().filter(|left| left.code == "request_open").count(), 50);
    let run = told.desk().hand_over_batch(&batch.id, &review.type_total).unwrap();
    assert_eq!(run.results.iter().filter(|result| result.state == RequestState::HandedOver).count(), 50);
}

/// Between the questions and the answers a sync brings another order: the answers were not meant for it.
#[tokio::test(flavor = "multi_thread")]
async fn answers_to_a_batch_are_for_the_orders_that_were_asked_about() {
    let (start, end, late) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z", "2027-12-01T00:00:00Z");
    let told = Told::of(Account {
        instances: vec![instance("i-1", start, end)],
        orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
        ..Account::default()
    })
    .await;
    let review = told.desk().review_batch(&[told.ask("i-1")]).unwrap();
    let item = &review.items[0];
    let answers = usual_answers(&told.desk().review(&told.ask("i-1")).unwrap());
    told.cloud.account().instances = vec![instance("i-1", start, late)];
    told.cloud
        .account()
        .orders
        .insert(0, Order::new("10", "Renew", "2026-11-20T09:50:00Z").part(&["i-1"], end, late, "600.00"));
    told.sync().await;
    let before = told.journal_length();
    let answers = [BatchAnswers { request: item.request.clone(), answers }];
    let error = told.desk().settle_batch(std::slice::from_ref(&item.request), &answers).unwrap_err();
    assert_eq!((error.code(), told.journal_length()), ("quote_changed", before), "nothing is kept");
}

/// All of it was paid with a coupon: nothing comes back. It can be released by itself at the console, after a warning.
#[tokio::test(flavor = "multi_thread")]
async fn what_gives_nothing_is_released_singly_and_never_in_a_batch() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let mut told = Told::of(Account {
        instances: vec![instance("i-1", start, end), instance("i-2", start, end)],
        orders: vec![
            Order::new("11", "New", start).discounted(&["i-1"], start, end, "600.00", "600.00", "600.00"),
            Order::new("12", "New", start).part(&["i-2"], start, end, "600.00"),
        ],
        ..Account::default()
    })
    .await;
    let desk = told.desk();
    let plan = desk.plan(&[told.ask("i-1"), told.ask("i-2")]).unwrap();
    let singly: Vec<_> = plan.singly.iter().map(|s| (s.resource.as_str(), s.code.as_str(), s.channel)).collect();
    assert_eq!(singly, [("i-1", "release_for_nothing", Channel::Console)]);
    assert!(plan.singly[0].sentence.contains("Nothing comes back"), "{}", plan.singly[0].sentence);
    assert_eq!((plan.batches.len(), plan.batches[0].search.as_str()), (1, "i-2"));
    let error = desk.review_batch(&[told.ask("i-1")]).unwrap_err();
    assert_eq!((error.code(), error.details()), ("not_one_batch", ["i-1: release_for_nothing".to_owned()].as_slice()));

    let review = told.reviewed(&told.ask("i-1"));
    assert_eq!((review.channels.as_slice(), review.type_amount.as_str()), ([Channel::Console].as_slice(), "0.00"));
    assert_eq!(review.channel_notes.len(), 1);
    assert!(review.request.warnings[0].text.contains("Nothing comes back"), "{:?}", review.request.warnings);
    let one = BatchDecision {
        items: vec![BatchPick {
            request: review.request.id.clone(),
            quote_sha256: review.quote.quote.sha256.clone().unwrap(),
        }],
        channel: Channel::Console,
        amount_read: true,
        data_backed_up: true,
        reason: "not needed".to_owned(),
        authorisation: None,
        total_typed: "0.00".to_owned(),
    };
    assert_eq!(desk.confirm_batch(&one).unwrap_err().code(), "not_batchable");
    assert_eq!(
        desk.confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap_err().code(),
        "channel_not_offered"
    );
    let confirmed = desk.confirm(&review.request.id, &decision(&review, Channel::Console)).unwrap();
    assert!(confirmed.instructions.iter().any(|step| step.contains("Nothing comes back")), "{confirmed:?}");
    assert_eq!(desk.hand_over(&confirmed.id, "0.01").unwrap_err().code(), "console_amount_differs");
    let again = told.confirmed(&told.ask("i-1"), Channel::Console);
    desk.hand_over(&again.id, "0").unwrap();
    desk.report(&again.id, None).unwrap();
    told.cloud.account().instances.retain(|row| row["InstanceID"] != "i-1");
    told.cloud.account().orders.push(Order::refund("91", "11", &["i-1"], "0.00", "2026-11-20T10:01:00Z"));
    told.pass(TimeDelta::hours(2));
    told.sync().await;
    let done = told.request(&again.id);
    assert_eq!((done.state, done.arrived), (RequestState::Refunded, d("0")));
    told.reopen();
    assert_eq!(told.request(&again.id).state, RequestState::Refunded);
}
