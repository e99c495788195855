//! What the worked cases make the engine say: only known ids, with their parameters; and every known id at least once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use refund_rules::quote::{Params, Quote};
use refund_rules::vocabulary::{BLOCKERS, CHANGES, CONDITIONS, CONSEQUENCES, STEPS, UNKNOWN_FACTS};
use refund_rules::{Case, Policies, parse_case, quote};

fn quotes() -> Vec<(Case, Quote)> {
    let mut quotes = Vec::new();
    for dir in ["cases", "cases/shared"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)).expect("a folder of cases") {
            let path = entry.expect("a readable entry").path();
            if path.extension().is_some_and(|e| e == "json") {
                let case = parse_case(&std::fs::read_to_string(path).expect("a readable case"));
                quotes.extend(
                    case.ok().and_then(|case| quote(&case, Policies::built_in()).ok().map(|quote| (case, quote))),
                );
            }
        }
    }
    quotes
}

type Said = BTreeMap<String, Vec<BTreeSet<String>>>;

fn say(said: &mut Said, id: &str, params: &Params) {
    said.entry(id.to_owned()).or_default().push(params.iter().map(|(name, _)| name.to_owned()).collect());
}

fn compare(kind: &str, said: &Said, known: &[(&str, &[&str])]) {
    let ids: BTreeSet<_> = said.keys().map(String::as_str).collect();
    assert_eq!(ids, known.iter().map(|(id, _)| *id).collect(), "{kind}: said and known ids");
    for (id, params) in known {
        for given in &said[*id] {
            assert!(
                params.iter().all(|param| given.contains(*param)),
                "{kind} {id} has {given:?}, not all of {params:?}"
            );
        }
    }
}

#[test]
fn the_cases_say_every_known_id_and_no_other() {
    let (mut steps, mut blockers, mut conditions, mut consequences) =
        (Said::new(), Said::new(), Said::new(), Said::new());
    let (mut changes, mut unknowns) = (BTreeSet::new(), BTreeSet::new());
    for (_, quote) in quotes() {
        quote.lines.iter().flat_map(|line| &line.steps).for_each(|s| say(&mut steps, &s.id, &s.params));
        quote.blockers.iter().for_each(|b| say(&mut blockers, &b.code, &b.params));
        quote.why_not.iter().for_each(|w| say(&mut conditions, &w.condition, &w.params));
        quote.consequences.iter().for_each(|c| say(&mut consequences, &c.id, &c.params));
        changes.extend(quote.next_changes.iter().map(|change| change.what.word().to_owned()));
        let fact = |path: &String| {
            UNKNOWN_FACTS.iter().find(|fact| path.ends_with(&format!(".{fact}"))).map(|f| (*f).to_owned())
        };
        unknowns
            .extend(quote.unknowns.iter().map(|path| fact(path).unwrap_or_else(|| panic!("{path} is no known fact"))));
    }
    compare("step", &steps, STEPS);
    compare("blocker", &blockers, BLOCKERS);
    compare("condition", &conditions, CONDITIONS);
    compare("consequence", &consequences, CONSEQUENCES);
    // "policy" needs a rule that begins or ends in the future; packs.rs makes one.
    changes.insert("policy".to_owned());
    assert_eq!(changes, CHANGES.iter().map(|what| (*what).to_owned()).collect());
    assert_eq!(unknowns, UNKNOWN_FACTS.iter().map(|fact| (*fact).to_owned()).collect());
}

#[test]
fn everything_said_cites_a_rule_of_the_pack() {
    for (case, quote) in quotes() {
        let rules = |id: &str| Policies::built_in().rule(case.customer.site, id);
        for step in quote.lines.iter().flat_map(|line| &line.steps) {
            assert!(rules(&step.rule).is_some(), "{:?}: step {} cites {}", case.name, step.id, step.rule);
        }
        for blocker in &quote.blockers {
            assert!(rules(&blocker.rule).is_some(), "{:?}: blocker {} cites {}", case.name, blocker.code, blocker.rule);
        }
        for why in &quote.why_not {
            assert!(rules(&why.rule).is_some(), "{:?}: {} cites {}", case.name, why.condition, why.rule);
        }
        for reading in &quote.readings {
            assert!(rules(reading).is_some_and(|rule| rule.reading), "{:?}: {reading} is no reading", case.name);
        }
    }
}

#[test]
fn a_quote_survives_its_own_document_and_the_hash_covers_all_of_it() {
    for (_, quote) in quotes() {
        let sealed = quote.clone().seal();
        let again: Quote = serde_json::from_str(&serde_json::to_string(&sealed).unwrap()).unwrap();
        assert_eq!(again, sealed);
        assert_eq!(again.seal().sha256, sealed.sha256, "sealing twice changes nothing");
        let mut other = quote.clone();
        other.resource.push('x');
        assert_ne!(other.seal().sha256, sealed.sha256);
    }
}
