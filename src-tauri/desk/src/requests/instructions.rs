//! What a person does for a request, in the console's own words and with the ids to copy: at the console, by a ticket, or through
//! the partner. Cancelling renewals never says "unsubscribe": who did as told would release a running resource.

use refund_rules::case::Action;
use refund_rules::quote::Channel;

use super::console::range;
use super::record::Record;
use crate::day;
use crate::views::RequestState;

/// The steps, while there is something to do; none for the API.
pub(super) fn of(record: &Record) -> Vec<String> {
    if !matches!(record.state, RequestState::Confirmed | RequestState::HandedOver) {
        return Vec::new();
    }
    match record.channel {
        Some(Channel::Console) => at_the_console(record),
        Some(Channel::Ticket) => vec!["Submit a ticket to Alibaba Cloud with this text:".to_owned(), letter(record)],
        Some(Channel::Partner) => {
            vec!["Send this text to the partner that the account buys through:".to_owned(), letter(record)]
        }
        Some(Channel::Api) | None => Vec::new(),
    }
}

fn at_the_console(record: &Record) -> Vec<String> {
    let id = &record.reviewed.resource;
    let compare = format!(
        "Compare the amount that the console shows with {}, and type it here before the last click.",
        expected(record)
    );
    let mut steps = vec!["Open Expenses and Costs, then Subscription Orders, then Resource Unsubscription.".to_owned()];
    if record.reviewed.action == Action::CancelRenewals {
        steps.extend([
            format!("On the tab Unsubscribe Renewal That Does Not Take Effect, search for the instance id {id}."),
            format!(
                "Choose Unsubscribe from Renewal and set the Updated Expiration Time to {}.",
                updated_expiration(record)
            ),
            compare,
            "Tick the box that the rules were read and the amount confirmed, choose Unsubscribe, then OK.".to_owned(),
        ]);
    } else {
        let list = if record.reviewed.instance { "Regular Cloud Resource" } else { "Resource Plans" };
        steps.extend([
            format!("On the tab Unsubscribe Resource, under {list}, search for the instance id {id}."),
            "Choose Unsubscribe Resource in the row's Actions.".to_owned(),
            compare,
            "Tick both boxes, choose Unsubscribe, give the reason, then OK.".to_owned(),
        ]);
    }
    steps
}

/// The text of a ticket or a letter to the partner.
fn letter(record: &Record) -> String {
    let reviewed = &record.reviewed;
    let what = if reviewed.action == Action::CancelRenewals {
        let orders: Vec<&str> = record.quote().lines.iter().map(|line| line.order.as_str()).collect();
        format!(
            "Please cancel only the pending renewals of {} {} (orders {}) and set its Updated Expiration Time to {}; the resource itself keeps running until then. Account {}.",
            reviewed.product,
            reviewed.resource,
            orders.join(", "),
            updated_expiration(record),
            record.customer
        )
    } else {
        format!("Please unsubscribe {} {} of account {}.", reviewed.product, reviewed.resource, record.customer)
    };
    format!("{what} Expected refund: {}. Reason: {}.", expected(record), record.reason.as_deref().unwrap_or("-"))
}

fn expected(record: &Record) -> String {
    format!("{} {}", range(record.quote().refund, record.quote().refund_max), record.reviewed.currency)
}

fn updated_expiration(record: &Record) -> String {
    record.reviewed.expires.map(day::shown).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use refund_rules::Policies;

    use super::super::event::{RequestEvent, Reviewed};
    use super::*;

    /// One renewal that has not taken effect, cancelled alone.
    const RENEWAL: &str = include_str!("../../../rules/cases/shared/pending-renewal-full-cash.json");

    fn confirmed(action: Action, channel: Channel) -> Record {
        let case = refund_rules::parse_case(RENEWAL).expect("a shared case");
        let quote = refund_rules::quote(&case, Policies::built_in()).expect("a quote").seal();
        let reviewed = Reviewed {
            resource: case.resource.id.clone(),
            product: case.resource.product.clone(),
            product_type: String::new(),
            instance: true,
            action,
            expires: case.ask.expires,
            currency: "USD".to_owned(),
            quote,
        };
        let event = RequestEvent::RequestReviewed(Box::new(reviewed));
        let mut record =
            Record::start("r", "5000", &event, chrono::DateTime::<Utc>::UNIX_EPOCH).expect("a first event");
        (record.state, record.channel) = (RequestState::Confirmed, Some(channel));
        record
    }

    #[test]
    fn every_channel_says_what_is_meant_and_nothing_more() {
        for channel in [Channel::Console, Channel::Ticket, Channel::Partner] {
            let renewals = of(&confirmed(Action::CancelRenewals, channel)).join("\n");
            for part in ["ecs-0001", "300.00 USD", "2026-07-02 00:00:00 (UTC+8)"] {
                assert!(renewals.contains(part), "{channel}: {part} in {renewals}");
            }
            for forbidden in ["Please unsubscribe", "Choose Unsubscribe Resource"] {
                assert!(!renewals.contains(forbidden), "{channel}: {forbidden} in {renewals}");
            }
            let whole = of(&confirmed(Action::Unsubscribe, channel)).join("\n");
            assert!(whole.contains("ecs-0001") && !whole.contains("Updated Expiration Time"), "{channel}: {whole}");
        }
        assert!(of(&confirmed(Action::Unsubscribe, Channel::Api)).is_empty());
        let letter = of(&confirmed(Action::CancelRenewals, Channel::Partner)).join("\n");
        assert!(letter.contains("210000000000002") && letter.contains("keeps running"), "{letter}");
    }
}
