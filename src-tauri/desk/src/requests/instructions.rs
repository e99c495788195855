//! What a person does for a request, in the console's own words and with the ids to copy: at the console, by a ticket, or through
//! the partner. Cancelling renewals never says "unsubscribe": who did as told would release a running resource.

use refund_rules::case::Action;
use refund_rules::quote::{Channel, Param, Params};
use rust_decimal::Decimal;

use super::console::range;
use super::record::Record;
use crate::day;
use crate::plan::SEARCH_SEPARATOR;
use crate::tell::{self, Language};
use crate::views::RequestState;

/// The steps, while there is something to do; none for the API. What is overdue needs a ticket, whatever its channel.
pub(super) fn of(record: &Record, language: Language) -> Vec<String> {
    let words = Words { language };
    if record.state == RequestState::Overdue {
        return vec![words.step("ticket", Params::new()), words.overdue(record)];
    }
    if !matches!(record.state, RequestState::Confirmed | RequestState::HandedOver) {
        return Vec::new();
    }
    match record.channel {
        Some(Channel::Console) => words.at_the_console(&[record]),
        Some(Channel::Ticket) => vec![words.step("ticket", Params::new()), words.letter(record)],
        Some(Channel::Partner) => vec![words.step("partner", Params::new()), words.letter(record)],
        Some(Channel::Api) | None => Vec::new(),
    }
}

/// The steps for all items of a batch at the console, done together.
pub(super) fn of_batch(records: &[&Record], language: Language) -> Vec<String> {
    if records.is_empty() { Vec::new() } else { Words { language }.at_the_console(records) }
}

struct Words {
    language: Language,
}

impl Words {
    fn step(&self, id: &str, params: Params) -> String {
        tell::say(self.language, "step_by_hand", id, &params)
    }

    /// `records` are of one action and one list of the console.
    fn at_the_console(&self, records: &[&Record]) -> Vec<String> {
        let first = records[0];
        let ids: Vec<&str> = records.iter().map(|record| record.reviewed.resource.as_str()).collect();
        let ids = ids.join(SEARCH_SEPARATOR);
        let search = |id: &str| self.step(id, tell::params([("ids", ids.as_str().into())]));
        let together = records.len() > 1;
        let mut steps = vec![self.step("open", Params::new())];
        if first.reviewed.action == Action::CancelRenewals {
            steps.push(search("search_renewals"));
            if together {
                steps.push(self.step("choose_renewals", Params::new()));
            }
            steps.extend(records.iter().map(|record| {
                let id = if together { "set_expiration" } else { "choose_renewal" };
                self.step(
                    id,
                    tell::params([
                        ("resource", record.reviewed.resource.as_str().into()),
                        ("expires", updated_expiration(record).into()),
                    ]),
                )
            }));
        } else {
            steps.push(search(if first.reviewed.instance { "search_regular" } else { "search_plans" }));
            if first.quote().releasable {
                steps.push(self.step("for_nothing", Params::new()));
            }
            steps.push(self.step(if together { "choose_batch" } else { "choose" }, Params::new()));
        }
        steps.push(self.step("compare", tell::params([("expected", expected(records).into())])));
        let one_box = first.reviewed.action == Action::CancelRenewals;
        steps.push(self.step(if one_box { "tick_one" } else { "tick_both" }, Params::new()));
        steps
    }

    /// The text of a ticket or a letter to the partner.
    fn letter(&self, record: &Record) -> String {
        let mut params = about(record);
        params.insert("reason".to_owned(), record.reason.as_deref().unwrap_or("-").into());
        let renewals = record.reviewed.action == Action::CancelRenewals;
        if renewals {
            let orders = record.quote().lines.iter().map(|line| line.order.clone()).collect();
            params.insert("orders".to_owned(), Param::List(orders));
            params.insert("expires".to_owned(), updated_expiration(record).into());
        }
        tell::say(self.language, "letter", if renewals { "renewals" } else { "unsubscribe" }, &params)
    }

    /// The text of a ticket about money that did not come, or not all of it.
    fn overdue(&self, record: &Record) -> String {
        let mut params = about(record);
        let since = record.acted_at.map(day::shown).unwrap_or_default();
        let until = record.arrives_by.map(|day| day.to_string()).unwrap_or_default();
        params.extend(tell::params([
            ("acted_at", since.into()),
            ("arrives_by", until.into()),
            ("arrived", tell::amount(record.arrived).into()),
            ("refund_orders", Param::List(record.refund_orders.clone())),
        ]));
        tell::say(self.language, "letter", "overdue", &params)
    }
}

/// Product, resource, account and the amount expected.
pub(super) fn about(record: &Record) -> Params {
    tell::params([
        ("product", record.reviewed.product.as_str().into()),
        ("resource", record.reviewed.resource.as_str().into()),
        ("account", record.customer.as_str().into()),
        ("expected", expected(&[record]).into()),
    ])
}

fn expected(records: &[&Record]) -> String {
    let sum = |amount: fn(&Record) -> Decimal| records.iter().map(|record| amount(record)).sum();
    let range = range(sum(|record| record.quote().refund), sum(|record| record.quote().refund_max));
    format!("{range} {}", records.first().map_or("", |record| record.reviewed.currency.as_str()))
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

    const ZH_NOTHING: &str = "无";

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
        record.reason = Some("the project ends".to_owned());
        record
    }

    #[test]
    fn every_channel_says_what_is_meant_and_nothing_more() {
        // A place that no parameter fills is told as "nothing".
        for (language, unsubscribes, nothing) in [
            (Language::English, ["Please unsubscribe", "Choose Unsubscribe Resource"], "none"),
            (Language::Chinese, ["请退订", "选择 退订资源"], ZH_NOTHING),
        ] {
            for channel in [Channel::Console, Channel::Ticket, Channel::Partner] {
                let renewals = of(&confirmed(Action::CancelRenewals, channel), language).join("\n");
                for part in ["ecs-0001", "300.00 USD", "2026-07-02 00:00:00 (UTC+8)"] {
                    assert!(renewals.contains(part), "{channel}: {part} in {renewals}");
                }
                for forbidden in unsubscribes {
                    assert!(!renewals.contains(forbidden), "{channel}: {forbidden} in {renewals}");
                }
                let whole = of(&confirmed(Action::Unsubscribe, channel), language).join("\n");
                assert!(whole.contains("ecs-0001") && !whole.contains("2026-07-02"), "{channel}: {whole}");
                assert!(unsubscribes.iter().any(|said| whole.contains(said)), "{channel}: {whole}");
                for text in [&renewals, &whole] {
                    assert!(!text.contains('{') && !text.contains(nothing), "{channel}: an empty place in {text}");
                }
            }
            assert!(of(&confirmed(Action::Unsubscribe, Channel::Api), language).is_empty());
            let letter = of(&confirmed(Action::CancelRenewals, Channel::Partner), language).join("\n");
            assert!(letter.contains("210000000000002"), "{letter}");
        }
    }

    /// Fifty ids in one line, as the search of the console takes them.
    #[test]
    fn a_batch_is_searched_by_all_its_ids_at_once() {
        let one = confirmed(Action::Unsubscribe, Channel::Console);
        let items: Vec<Record> = (1..=50)
            .map(|n| {
                let mut item = one.clone();
                item.reviewed.resource = format!("i-{n:02}");
                item
            })
            .collect();
        let ids = (1..=50).map(|n| format!("i-{n:02}")).collect::<Vec<_>>().join(",");
        for language in Language::ALL {
            let text = of_batch(&items.iter().collect::<Vec<_>>(), *language);
            assert!(text.iter().any(|step| step.contains(&ids)), "{text:?}");
            // 50 x 300.00
            assert!(text.iter().any(|step| step.contains("15,000.00 USD")), "{text:?}");
        }
        let english = of_batch(&items.iter().collect::<Vec<_>>(), Language::English).join("\n");
        assert!(english.contains("Batch Unsubscribe Resources"), "{english}");
        assert!(of_batch(&[], Language::English).is_empty());
    }

    #[test]
    fn what_is_overdue_needs_a_ticket() {
        let mut late = confirmed(Action::Unsubscribe, Channel::Api);
        late.state = RequestState::Overdue;
        late.acted_at = Some("2026-06-01T00:00:00Z".parse().expect("an instant"));
        late.arrives_by = Some("2026-07-14".parse().expect("a day"));
        late.refund_orders = vec!["230000000000001".to_owned()];
        for language in Language::ALL {
            let text = of(&late, *language).join("\n");
            for part in
                ["ecs-0001", "5000", "300.00 USD", "2026-06-01 08:00:00 (UTC+8)", "2026-07-14", "230000000000001"]
            {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
    }
}
