//! `rdesk policies`: the rules in force on a date, one rule in full, and what another pack would change.

use std::path::Path;

use chrono::{DateTime, Utc};
use desk::tell::{self, Language};
use desk::views::{ChangedQuote, PolicyEffect, Priced};
use desk::{Ambient, DeskError};
use refund_rules::{Clock, PackDiff, Policies, PolicyError, Rule, Site};
use serde::Serialize;

use crate::answer::Out;
use crate::args::{Cli, PoliciesCommand, SiteArg};
use crate::banner;
use crate::host::{Host, Need};
use crate::instant::shown;
use crate::print;

/// Most bytes of a pack file; those that ship have a fiftieth of it.
const PACK_MAX: u64 = 4 * 1024 * 1024;

/// A site's rules.
#[derive(Debug, Serialize)]
struct Listed<'p> {
    site: Site,
    /// Version of the site's pack.
    version: &'p str,
    rules: Vec<&'p Rule>,
}

/// One rule of a site, and the sentence of its reading.
#[derive(Debug, Serialize)]
struct Shown<'p> {
    site: Site,
    version: &'p str,
    #[serde(flatten)]
    rule: &'p Rule,
    reads_as: Option<String>,
}

/// What another pack changes: rules, and with a home its open quotes.
#[derive(Debug, Serialize)]
struct Compared {
    diff: PackDiff,
    effect: Option<PolicyEffect>,
}

/// Runs one of the commands about policies.
pub async fn run(cli: &Cli, command: &PoliciesCommand) -> Result<(), DeskError> {
    let out = Out { json: cli.json, banner: None };
    match command {
        PoliciesCommand::List { site, at } => {
            let listed = list(*site, at.unwrap_or_else(|| desk::System.wall()));
            out.put(&listed, || listed.iter().map(list_text).collect::<Vec<_>>().join("\n\n"))
        }
        PoliciesCommand::Show { rule, site } => {
            let found = show(rule, *site)?;
            out.put(&found, || found.iter().map(show_text).collect::<Vec<_>>().join("\n\n"))
        }
        PoliciesCommand::Diff { file } => {
            let (site, policies) =
                Policies::built_in().with_pack(&file.display().to_string(), &read(file)?).map_err(refused)?;
            let diff = Policies::built_in().difference(&policies, site);
            let Some(home) = &cli.home else {
                let compared = Compared { diff, effect: None };
                return out.put(&compared, || diff_text(&compared));
            };
            let host = Host::open(home, cli.passphrase_fd, Need::Read).await?;
            let compared = Compared { diff, effect: Some(host.desk.policy_effect(&policies, site)?) };
            Out { banner: banner(&host)?, ..out }.put(&compared, || diff_text(&compared))
        }
    }
}

fn sites(site: Option<SiteArg>) -> Vec<Site> {
    match site {
        Some(SiteArg::China) => vec![Site::China],
        Some(SiteArg::International) => vec![Site::International],
        None => Site::ALL.to_vec(),
    }
}

fn list(site: Option<SiteArg>, at: DateTime<Utc>) -> Vec<Listed<'static>> {
    let policies = Policies::built_in();
    let in_force = |site| policies.rules(site).filter(|rule| rule.in_force(at)).collect();
    sites(site)
        .into_iter()
        .map(|site| Listed { site, version: policies.version(site), rules: in_force(site) })
        .collect()
}

fn show(id: &str, site: Option<SiteArg>) -> Result<Vec<Shown<'static>>, DeskError> {
    let policies = Policies::built_in();
    let shown = |site| {
        let rule = policies.rule(site, id)?;
        let reads_as = if rule.reading { tell::reading(id, Language::English) } else { None };
        Some(Shown { site, version: policies.version(site), rule, reads_as })
    };
    let found: Vec<_> = sites(site).into_iter().filter_map(shown).collect();
    if found.is_empty() {
        return Err(DeskError::new(
            "unknown_rule",
            format!("no rule has the id `{id}`"),
            "`rdesk policies list` shows the ids; a rule may be of the other site alone",
        )
        .at("ID"));
    }
    Ok(found)
}

fn read(file: &Path) -> Result<String, DeskError> {
    let unreadable = |why: &dyn std::fmt::Display| {
        DeskError::new("unreadable", format!("the pack cannot be read: {why}"), "give a TOML file in UTF-8")
            .at(file.display().to_string())
    };
    let size = std::fs::metadata(file).map_err(|why| unreadable(&why))?.len();
    if size > PACK_MAX {
        return Err(unreadable(&format!("it has {size} bytes, more than any pack")));
    }
    std::fs::read_to_string(file).map_err(|why| unreadable(&why))
}

fn refused(error: PolicyError) -> DeskError {
    DeskError::new(&error.code, error.message, "correct the rule named and try again: a pack is refused as a whole")
        .at(error.file)
}

fn list_text(listed: &Listed<'_>) -> String {
    let mut table = print::table(&["rule", "products", "in force (UTC+8)", "read by", "source", "reading"], &[]);
    for rule in &listed.rules {
        table.add_row([
            rule.id.clone(),
            scope(rule),
            dates(rule),
            clock(rule.clock).to_owned(),
            format!("{} ({})", rule.source.page, rule.source.date),
            if rule.reading { "yes" } else { "" }.to_owned(),
        ]);
    }
    format!("{} {}, {} rules in force\n{table}", listed.site, listed.version, listed.rules.len())
}

fn show_text(shown: &Shown<'_>) -> String {
    let rule = shown.rule;
    let mut lines = vec![
        format!("{} ({} {})", rule.id, shown.site, shown.version),
        format!("  products  {}", scope(rule)),
        format!("  in force  {}, read by the {}", dates(rule), clock(rule.clock)),
        format!("  source    {}", source(rule)),
    ];
    lines.extend(shown.reads_as.as_ref().map(|text| format!("  reading   {text}")));
    lines.extend(rule.params.iter().map(|(name, value)| format!("  {name} = {value}")));
    lines.join("\n")
}

fn diff_text(compared: &Compared) -> String {
    let diff = &compared.diff;
    let mut lines = vec![format!("{}: {} against the built-in {}", diff.site, diff.after, diff.before)];
    if diff.is_empty() {
        lines.push("No rule differs.".to_owned());
    }
    lines.extend(diff.added.iter().map(|rule| format!("+ {}: {}", rule.id, terms(rule))));
    lines.extend(diff.removed.iter().map(|rule| format!("- {}: {}", rule.id, terms(rule))));
    for changed in &diff.changed {
        lines.push(format!("~ {}", changed.id));
        for key in &changed.keys {
            lines.push(format!("    {key}: {} -> {}", value(&changed.before, key), value(&changed.after, key)));
        }
    }
    if let Some(effect) = &compared.effect {
        lines.push(effect_text(effect));
    }
    lines.join("\n")
}

fn effect_text(effect: &PolicyEffect) -> String {
    let mut table =
        print::table(&["resource", "product", "customer", "now", "with this pack", "what differs"], &[3, 4]);
    for quote in &effect.changed {
        table.add_row([
            quote.resource.clone(),
            quote.product.clone(),
            quote.customer_name.clone(),
            priced(quote, &quote.before),
            priced(quote, &quote.after),
            differing(quote),
        ]);
    }
    let mut text = format!("{} of {} open quotes change", effect.changed.len(), effect.judged);
    if effect.not_judged > 0 {
        text.push_str(&format!("; of {} resources no quote can be made", effect.not_judged));
    }
    if effect.changed.is_empty() { text } else { format!("{text}\n{table}") }
}

/// What differs, without what follows from it: the lines and what it would be without blockers.
fn differing(quote: &ChangedQuote) -> String {
    let follows = ["lines", "refund_max", "would_be", "would_be_max"];
    let keys: Vec<_> = quote.keys.iter().map(String::as_str).filter(|key| !follows.contains(key)).collect();
    if keys.is_empty() { quote.keys.join(", ") } else { keys.join(", ") }
}

fn priced(quote: &ChangedQuote, side: &Priced) -> String {
    format!(
        "{} {}",
        print::amount(Some(side.refund), Some(side.refund_max), quote.currency.as_deref()),
        side.refund_type
    )
}

/// One value of a rule, by the key that [`refund_rules::ChangedRule`] names.
fn value(rule: &Rule, key: &str) -> String {
    match key {
        "scope" => scope(rule),
        "from" => date(rule.from),
        "until" => date(rule.until),
        "clock" => clock(rule.clock).to_owned(),
        "source" => source(rule),
        "reading" => rule.reading.to_string(),
        _ => {
            let name = key.strip_prefix("params.").unwrap_or(key);
            rule.params.get(name).map_or_else(|| "-".to_owned(), ToString::to_string)
        }
    }
}

/// A rule in one line: products, dates, parameters, source.
fn terms(rule: &Rule) -> String {
    let mut terms = vec![scope(rule)];
    if rule.from.is_some() || rule.until.is_some() {
        terms.push(dates(rule));
    }
    terms.extend(rule.params.iter().map(|(name, value)| format!("{name} = {value}")));
    terms.push(source(rule));
    terms.join("; ")
}

fn scope(rule: &Rule) -> String {
    if rule.scope.iter().any(|product| product == "*") { "all".to_owned() } else { rule.scope.join(", ") }
}

fn date(instant: Option<DateTime<Utc>>) -> String {
    instant.map_or_else(|| "-".to_owned(), shown)
}

/// From when until when a rule is in force, in UTC+8.
fn dates(rule: &Rule) -> String {
    match (rule.from, rule.until) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {}", shown(from)),
        (None, Some(until)) => format!("until {}", shown(until)),
        (Some(from), Some(until)) => format!("from {} until {}", shown(from), shown(until)),
    }
}

fn clock(clock: Clock) -> &'static str {
    match clock {
        Clock::Asked => "asked instant",
        Clock::Paid => "payment",
    }
}

fn source(rule: &Rule) -> String {
    format!("{}, {} ({})", rule.source.page, rule.source.section, rule.source.date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use refund_rules::policy::BUILT_IN_PACKS;

    const INTERNATIONAL: usize = 1;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The built-in international pack with one text in place of another that stands in it once.
    fn compared(old: &str, new: &str) -> Result<Compared, DeskError> {
        let (file, text) = BUILT_IN_PACKS[INTERNATIONAL];
        assert_eq!(text.matches(old).count(), 1, "{old}");
        let (site, policies) = Policies::built_in().with_pack(file, &text.replacen(old, new, 1)).map_err(refused)?;
        Ok(Compared { diff: Policies::built_in().difference(&policies, site), effect: None })
    }

    #[test]
    fn a_date_shows_the_rules_in_force_then() {
        let has = |instant: &str, id: &str| {
            list(Some(SiteArg::International), at(instant))[0].rules.iter().any(|rule| rule.id == id)
        };
        // In force from 2025-10-30 00:00 UTC+8.
        assert!(!has("2025-10-29T15:59:59Z", "coefficient.ecs"));
        assert!(has("2025-10-29T16:00:00Z", "coefficient.ecs"));
        let all = list(None, at("2026-06-01T00:00:00Z"));
        assert_eq!(all.iter().map(|listed| listed.site).collect::<Vec<_>>(), [Site::China, Site::International]);
        assert!(list_text(&all[1]).contains("2025-10-30 00:00"));
    }

    #[test]
    fn a_rule_is_shown_with_parameters_source_and_reading() {
        let ecs = show("coefficient.ecs", None).unwrap();
        assert_eq!(ecs.len(), 1, "a rule of the international site alone");
        let text = show_text(&ecs[0]);
        for part in [
            "below_day = 30",
            "coefficient = \"1.5\"",
            "from 2025-10-30 00:00",
            "Unsubscription rules, Consumed amount (2026-05-22)",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let rounding = show("money.rounding", Some(SiteArg::China)).unwrap();
        assert!(show_text(&rounding[0]).contains("  reading   "));
        assert_eq!(show("coefficient.ecs", Some(SiteArg::China)).unwrap_err().code(), "unknown_rule");
    }

    #[test]
    fn a_changed_number_is_told_with_both_values() {
        let compared =
            compared("coefficient = \"1.5\"\nbelow_day = 28", "coefficient = \"1.6\"\nbelow_day = 28").unwrap();
        let [changed] = compared.diff.changed.as_slice() else { panic!("one rule changed") };
        assert_eq!(
            (changed.id.as_str(), changed.keys.as_slice()),
            ("coefficient.ens", ["params.coefficient".to_owned()].as_slice())
        );
        assert!(compared.diff.added.is_empty() && compared.diff.removed.is_empty());
        assert!(diff_text(&compared).contains("~ coefficient.ens\n    params.coefficient: \"1.5\" -> \"1.6\""));
    }

    #[test]
    fn added_and_removed_rules_are_told() {
        let renamed = compared(
            "id = \"coefficient.waf\"",
            "id = \"coefficient.firewall\"\nuntil = \"2027-01-01T00:00:00+08:00\"",
        )
        .unwrap();
        assert_eq!(
            renamed.diff.added.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
            ["coefficient.firewall"]
        );
        assert_eq!(renamed.diff.removed.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["coefficient.waf"]);
        let text = diff_text(&renamed);
        assert!(text.contains("+ coefficient.firewall: waf; until 2027-01-01 00:00; coefficient = \"1.5\""), "{text}");
        let same = compared("version = \"2026-05-22\"", "version = \"2026-05-23\"").unwrap();
        assert!(same.diff.is_empty() && diff_text(&same).ends_with("No rule differs."));
    }

    #[test]
    fn a_refused_pack_names_file_and_rule() {
        let error = compared("id = \"coefficient.waf\"", "id = \"coefficient.waf\"\nfactor = \"2\"").unwrap_err();
        assert_eq!((error.code(), error.place()), ("unknown_key", Some("international.toml")));
        assert!(error.message().contains("coefficient.waf"), "{}", error.message());
    }
}
