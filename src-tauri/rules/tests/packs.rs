//! Policy packs: what is refused and why, that they answer everywhere, and that a number changed in a pack changes the
//! quote and nothing else.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::{Action, Kind, Site};
use refund_rules::policy::{BUILT_IN_CALENDARS, BUILT_IN_PACKS};
use refund_rules::quote::What;
use refund_rules::{Case, Policies, PolicyError, Quote, parse_case, quote};

#[test]
fn every_refused_pack_is_refused_for_its_reason() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/refused");
    let mut seen = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = |key: &str| text.lines().find_map(|l| l.strip_prefix(&format!("# {key}: "))).unwrap().to_owned();
        let name = path.file_name().unwrap().to_str().unwrap();
        let refused = Policies::parse(&[(name, &text)], &[]).unwrap_err();
        let wanted = PolicyError { code: expected("code"), file: name.to_owned(), message: expected("message") };
        assert_eq!(refused, wanted);
        seen += 1;
    }
    assert_eq!(seen, 21);
}

#[test]
fn both_sites_are_needed_once_each() {
    let refused = Policies::parse(&BUILT_IN_PACKS[..1], &[]).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("gap", "no pack for the site international"));
    let refused = Policies::parse(&[BUILT_IN_PACKS[0], BUILT_IN_PACKS[0]], &[]).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("overlap", "a second pack for the site china"));
}

#[test]
fn calendars_are_refused_for_days_that_say_nothing() {
    for (holidays, working, code, message) in [
        (
            "\"2026-01-03\"",
            "",
            "bad_calendar",
            "2026-01-03 in the calendar of 2026 is a holiday on a weekend, where nothing has to be said",
        ),
        (
            "",
            "\"2026-01-05\"",
            "bad_calendar",
            "2026-01-05 in the calendar of 2026 is a make-up working day from Monday to Friday",
        ),
        ("\"2025-01-01\"", "", "bad_calendar", "2025-01-01 in the calendar of 2026 is a day of another year"),
    ] {
        let text = format!(
            "region = \"r\"\nsource = \"s\"\n[[year]]\nyear = 2026\nholidays = [{holidays}]\nworking_weekends = [{working}]\n"
        );
        let refused = Policies::parse(BUILT_IN_PACKS, &[("c.toml", &text)]).unwrap_err();
        assert_eq!((refused.code.as_str(), refused.message.as_str()), (code, message));
    }
    let twice = [BUILT_IN_CALENDARS[0], BUILT_IN_CALENDARS[0]];
    assert_eq!(Policies::parse(BUILT_IN_PACKS, &twice).unwrap_err().code, "overlap");
}

#[test]
fn every_rule_names_its_page_and_each_pack_the_same_kind_of_rules() {
    for site in Site::ALL {
        for rule in Policies::built_in().rules(*site) {
            assert!(!rule.source.page.is_empty() && !rule.source.section.is_empty(), "{}", rule.id);
            let date = rule.source.date.as_str();
            assert!(
                date == "undated" || chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok(),
                "{}: {date}",
                rule.id
            );
        }
        assert_eq!(Policies::built_in().rule(*site, "no.such.rule"), None);
    }
    let ecs = Policies::built_in().rule(Site::International, "coefficient.ecs").unwrap();
    assert_eq!(ecs.scope, ["ecs"]);
    assert_eq!(ecs.from.unwrap().to_rfc3339(), "2025-10-29T16:00:00+00:00");
    assert_eq!(ecs.params["below_day"].as_integer(), Some(30));
}

fn example(product: &str, site: Site, at: DateTime<Utc>) -> Case {
    let mut case =
        parse_case(include_str!("../cases/destinations-worked-example.json")).expect("the worked example reads");
    case.customer.membership.clear();
    case.resource.product = product.to_owned();
    case.customer.site = site;
    case.ask.at = at;
    case
}

/// All through eight years, on both sites, for products of every table and every way of asking: always one answer.
#[test]
fn the_rules_answer_on_every_day_for_every_product() {
    let products =
        ["ecs", "cfw", "ens", "waf", "sas", "cas", "oss", "rds", "iot", "vod", "domain", "kms", "swas", "unheard_of"];
    let asks = [
        (Action::Unsubscribe, Kind::Instance),
        (Action::Unsubscribe, Kind::ResourcePlan),
        (Action::Convert, Kind::Instance),
    ];
    let first: DateTime<Utc> = "2019-03-20T15:59:59Z".parse().unwrap();
    let mut answered = 0;
    for day in (0..2_800).step_by(28) {
        let at = first + TimeDelta::days(day);
        for site in Site::ALL {
            for product in products {
                for (action, kind) in asks {
                    let mut case = example(product, *site, at);
                    case.orders[0].paid_at = at - TimeDelta::days(3);
                    case.orders[0].start = at - TimeDelta::days(3);
                    case.orders[0].end = at + TimeDelta::days(2);
                    case.ask.action = action;
                    case.resource.kind = kind;
                    if kind == Kind::ResourcePlan {
                        case.resource.usage =
                            serde_json::from_str(r#"{"total":"9","used":"1","unit":"GB","resets":false}"#).unwrap();
                    }
                    quote(&case, Policies::built_in()).unwrap_or_else(|e| panic!("{product} {site} {at}: {e}"));
                    answered += 1;
                }
            }
        }
    }
    assert_eq!(answered, 100 * 2 * 14 * 3);
}

fn with(site: &str, old: &str, new: &str) -> Policies {
    let packs: Vec<(&str, String)> = BUILT_IN_PACKS
        .iter()
        .map(|(file, text)| {
            let changed = file.starts_with(site);
            assert!(!changed || text.matches(old).count() == 1, "{old} stands once in {file}");
            (*file, if changed { text.replacen(old, new, 1) } else { (*text).to_owned() })
        })
        .collect();
    let packs: Vec<(&str, &str)> = packs.iter().map(|(file, text)| (*file, text.as_str())).collect();
    Policies::parse(&packs, BUILT_IN_CALENDARS).expect("the changed pack loads")
}

fn case(name: &str) -> Case {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
    parse_case(&std::fs::read_to_string(path).expect("a worked case")).expect("a case")
}

fn refund(case: &Case, policies: &Policies) -> Quote {
    quote(case, policies).expect("a quote")
}

#[test]
fn a_day_limit_changed_in_a_pack_changes_the_number() {
    // ens, day 28: the coefficient ended the day before. One day more, and 28 x 1.5 = 42 are consumed of 365.
    let ens = case("coefficient-ens-day-28.json");
    let changed =
        with("international", "coefficient = \"1.5\"\nbelow_day = 28", "coefficient = \"1.5\"\nbelow_day = 29");
    assert_eq!(refund(&ens, Policies::built_in()).refund.to_string(), "337.00");
    assert_eq!(refund(&ens, &changed).refund.to_string(), "323.00");
    // And nothing else: all other worked cases keep their quotes.
    let cfw = case("coefficient-cfw-day-29.json");
    assert_eq!(refund(&cfw, &changed), refund(&cfw, Policies::built_in()));
}

#[test]
fn a_window_changed_in_a_pack_changes_the_destination() {
    let late = case("destination-card-late.json");
    let changed = with(
        "international",
        "method = \"bank_card\"\nback_to = \"source\"\ndays = 150",
        "method = \"bank_card\"\nback_to = \"source\"\ndays = 151",
    );
    assert_eq!(refund(&late, Policies::built_in()).destinations[0].to, "balance");
    assert_eq!(refund(&late, &changed).destinations[0].to, "bank_card");
}

#[test]
fn a_rule_that_comes_into_force_is_a_change_of_policy() {
    let waf = case("coefficient-waf-any-day.json");
    let dated = with(
        "international",
        "id = \"coefficient.waf\"\n",
        "id = \"coefficient.waf\"\nuntil = \"2026-04-12T00:00:00+08:00\"\n",
    );
    let quote = refund(&waf, &dated);
    let change = quote.next_changes.iter().find(|change| change.what == What::Policy).unwrap();
    assert_eq!((change.before.as_str(), change.after.as_str()), ("coefficient.waf", ""));
    assert_eq!(change.at.to_rfc3339(), "2026-04-11T16:00:00+00:00");
}
