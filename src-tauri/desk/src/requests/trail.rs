//! What befell a request, one sentence an event.

use refund_rules::quote::{Param, Params};
use rust_decimal::Decimal;

use super::event::{Closed, Ending};
use super::{RequestEvent, console};
use crate::day;
use crate::tell::{self, Language};

/// One event in a sentence.
pub(super) fn told(event: &RequestEvent, language: Language) -> String {
    let say = |id: &str, params: Params| tell::say(language, "trail", id, &params);
    let plain = |id: &str| say(id, Params::new());
    let about = |id: &str, name: &'static str, value: Param| say(id, Params::from([(name, value)]));
    match event {
        RequestEvent::RequestReviewed(r) => say(
            "reviewed",
            tell::params([
                ("amount", range(r.quote.refund, r.quote.refund_max)),
                ("currency", r.currency.as_str().into()),
            ]),
        ),
        RequestEvent::RequestConfirmed(c) => {
            let mut params = tell::params([
                ("channel", c.channel.word().into()),
                ("amount", range(c.refund, c.refund_max)),
                ("reason", c.reason.as_str().into()),
            ]);
            let Some(floor) = &c.floor else { return say("confirmed", params) };
            let within = [("at_least", money(floor.at_least)), ("until", day::shown(floor.until).into())];
            params.extend(tell::params(within));
            say("confirmed_floor", params)
        }
        RequestEvent::RequestReturnedToReview(r) => {
            say("returned", tell::params([("amount", range(r.confirmed, r.confirmed_max)), ("now", money(r.now))]))
        }
        RequestEvent::RequestSending(f) => {
            say("sending", tell::params([("token", f.client_token.as_str().into()), ("now", money(f.inquired))]))
        }
        RequestEvent::RequestAccepted { refund_order } => {
            about("accepted", "refund_orders", refund_order.as_str().into())
        }
        RequestEvent::RequestRejected { problem, .. } => about("rejected", "why", problem.message.as_str().into()),
        RequestEvent::RequestUnknown { problem } => about("unknown", "why", problem.message.as_str().into()),
        RequestEvent::RequestHandedOver { console_amount: Some(shown) } => {
            about("handed_over_shown", "now", money(*shown))
        }
        RequestEvent::RequestHandedOver { console_amount: None } => plain("handed_over"),
        RequestEvent::RequestReported { refund_order, receipt } => {
            let reported = match refund_order {
                Some(id) => about("reported", "refund_orders", id.as_str().into()),
                None => plain("reported_later"),
            };
            let receipt = receipt.as_ref().map(|receipt| about("receipt", "receipt", receipt.as_str().into()));
            [Some(reported), receipt].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
        RequestEvent::RequestRefundChosen { refund_order } => {
            about("chosen", "refund_orders", refund_order.as_str().into())
        }
        RequestEvent::RequestObserved { refund_orders, amount } => say(
            "observed",
            tell::params([("refund_orders", Param::List(refund_orders.clone())), ("amount", money(*amount))]),
        ),
        RequestEvent::RequestPartRefunded { arrived, .. } => about("part_refunded", "amount", money(*arrived)),
        RequestEvent::RequestRefunded { arrived, .. } => about("refunded", "amount", money(*arrived)),
        RequestEvent::RequestOverdue {} => plain("overdue"),
        RequestEvent::RequestWithdrawn {} => plain("withdrawn"),
        RequestEvent::RequestClosed(closed) => ended(closed, language),
        RequestEvent::RequestExpired { why } => about("expired", "why", why.message.as_str().into()),
        RequestEvent::RequestRenewalReturned { orders } => {
            about("renewal_returned", "orders", Param::List(orders.clone()))
        }
    }
}

/// How a request ended otherwise than it was decided.
fn ended(closed: &Closed, language: Language) -> String {
    let id = match closed.ending {
        Ending::UnsubscribedElsewhere => "closed_unsubscribed_elsewhere",
        Ending::SettledOtherwise => "closed_settled_otherwise",
        Ending::NotComing => "closed_not_coming",
    };
    let params = tell::params([
        ("amount", money(closed.arrived)),
        ("expected", money(closed.expected)),
        ("difference", money(closed.difference)),
    ]);
    let elsewhere = tell::params([("orders", Param::List(closed.elsewhere.clone()))]);
    let mut told = vec![tell::say(language, "trail", id, &params)];
    told.extend((!closed.note.is_empty()).then(|| closed.note.clone()));
    told.extend((!closed.elsewhere.is_empty()).then(|| tell::say(language, "trail", "closed_elsewhere", &elsewhere)));
    told.join(" · ")
}

fn money(amount: Decimal) -> Param {
    tell::amount(amount).into()
}

fn range(low: Decimal, high: Decimal) -> Param {
    console::range(low, high).into()
}
