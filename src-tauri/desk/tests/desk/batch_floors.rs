//! A floor under a whole batch: divided among its items, and compared with the sum that the console shows.

use chrono::TimeDelta;
use desk::Floor;
use desk::views::RequestState;
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use crate::batches::{asks, decided, go_on, reviewed, states};
use crate::support::{Home, INTERNATIONAL, d, entries};

/// A floor under the sum is divided among the items; each holds by its own part, whatever its quote says meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_floor_holds_the_items_of_a_batch() {
    for (case, at_least, sent) in [("with room", "half", 3), ("to the last cent", "all", 0)] {
        let home = Home::synced(INTERNATIONAL).await;
        let review = reviewed(&home, &asks(&home, 3));
        let at_least = if at_least == "all" { review.total } else { (review.total / d("2")).round_dp(2) };
        let floor = Floor { at_least, until: home.clock.time() + TimeDelta::hours(48) };
        let whole = decided(&review, Channel::Api);
        let batch = home.desk().confirm_batch_with_floor(&whole, &floor).unwrap();
        assert_eq!(batch.floor.as_ref(), Some(&floor), "{case}: the parts are the whole");
        for item in &batch.items {
            let part = item.floor.clone().unwrap();
            assert!(part.at_least > Decimal::ZERO && part.at_least <= item.predicted, "{case}");
            let body = entries(home.path(), &item.request).pop().unwrap().body;
            assert_eq!(body["floor"]["at_least"], part.at_least.to_string(), "{case}: journaled with the item");
        }
        // Each day takes something of each: no quote is what it was.
        home.pass(TimeDelta::hours(30));
        let run = home.desk().run_batch(&batch.id, &go_on).await.unwrap();
        let done = run.results.iter().filter(|result| result.problem.is_none()).count();
        assert_eq!(done, sent, "{case}: {:?}", run.results);
        for result in &run.results {
            let after = home.request(&result.request);
            let code = result.problem.as_ref().map(|problem| problem.code.as_str());
            if sent == 0 {
                assert_eq!((code, after.state), (Some("below_floor"), RequestState::ReturnedToReview), "{case}");
            } else {
                assert!(
                    after.actual < Some(after.predicted) && after.actual >= after.floor.map(|f| f.at_least),
                    "{case}"
                );
            }
        }
        assert_eq!(home.wire.of("RefundInstance").len(), sent, "{case}");
    }
}

/// At the console one sum is shown for all: with a floor it may be less than was confirmed, and not less than the floor.
#[tokio::test(flavor = "multi_thread")]
async fn a_floor_is_compared_with_the_consoles_sum() {
    for (case, less, code) in
        [("above the floor", "10.00", None), ("below it", "20.01", Some("console_amount_differs"))]
    {
        let home = Home::synced(INTERNATIONAL).await;
        let review = reviewed(&home, &asks(&home, 2));
        let floor = Floor { at_least: review.total - d("20.00"), until: home.clock.time() + TimeDelta::hours(48) };
        let batch = home.desk().confirm_batch_with_floor(&decided(&review, Channel::Console), &floor).unwrap();
        let shown = (review.total - d(less)).to_string();
        let handed = home.desk().hand_over_batch(&batch.id, &shown);
        assert_eq!(handed.as_ref().err().map(|error| error.code()), code, "{case}");
        let expected = if code.is_none() { RequestState::HandedOver } else { RequestState::ReturnedToReview };
        assert!(states(&home.desk().batch(&batch.id).unwrap()).iter().all(|state| *state == expected), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_floor_that_is_none_stops_the_batch() {
    let home = Home::synced(INTERNATIONAL).await;
    let review = reviewed(&home, &asks(&home, 2));
    let whole = decided(&review, Channel::Api);
    let later = home.clock.time() + TimeDelta::hours(1);
    let before = home.journal_length();
    for (case, at_least, until) in [
        ("nothing", Decimal::ZERO, later),
        ("more than comes back", review.total + d("0.01"), later),
        ("too little to divide", d("0.01"), later),
        ("over already", d("10.00"), home.clock.time()),
    ] {
        let error = home.desk().confirm_batch_with_floor(&whole, &Floor { at_least, until }).unwrap_err();
        assert_eq!((error.code(), error.place()), ("bad_floor", Some("floor")), "{case}");
        assert_eq!(home.journal_length(), before, "{case}");
    }
}
