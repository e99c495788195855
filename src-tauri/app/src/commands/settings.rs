//! What holds for the whole home: language of the sentences, pace of the calls, entered facts; and the rules with their sources.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use desk::tell::{self, Language};
use desk::views::{FactAnswer, PolicyEffect};
use desk::{DeskError, EnteredAnswer};
use refund_rules::case::Site;
use refund_rules::{Clock, Policies};
use serde::Serialize;
use tauri::{AppHandle, State};

use super::{Answer, changed, told};
use crate::host::Host;

/// Most bytes of a pack file; those that ship have a fiftieth of it.
const PACK_MAX: u64 = 4 * 1024 * 1024;

/// A site's rules, as they ship.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct PackView {
    pub site: Site,
    pub version: String,
    pub rules: Vec<RuleView>,
}

/// One rule with its source.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct RuleView {
    pub id: String,
    /// Product codes; `*` is every product.
    pub scope: Vec<String>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Its dates are read by the instant of payment, not by the asked one.
    pub by_payment: bool,
    pub in_force: bool,
    pub page: String,
    pub section: String,
    pub date: String,
    /// The choice where the pages are silent or disagree, in words.
    pub reading: Option<String>,
    /// Its numbers, as the pack writes them.
    pub params: Vec<String>,
}

/// What another pack would change.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct PackDiffView {
    pub site: Site,
    pub before: String,
    pub after: String,
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Rule and what of it differs.
    pub changed: Vec<(String, Vec<String>)>,
    pub effect: PolicyEffect,
}

/// Chooses the language that the desk tells quotes and tickets in: `en` or `zh`.
#[tauri::command(async)]
#[specta::specta]
pub fn set_language(app: AppHandle, host: State<'_, Host>, language: String) -> Answer<()> {
    let desk = host.desk()?;
    let Some(language) = Language::from_word(&language) else { return Ok(()) };
    // Beside another desk this one changes nothing, not even that.
    if desk.is_read_only() || told(desk.language())? == language {
        return Ok(());
    }
    told(desk.set_language(language))?;
    changed(&app, &["resources", "requests", "today"]);
    Ok(())
}

/// Per cent of the documented rates that calls take at most; `None`: not chosen.
#[tauri::command(async)]
#[specta::specta]
pub fn pace(host: State<'_, Host>) -> Answer<Option<u32>> {
    told(host.desk()?.rate_share())
}

#[tauri::command(async)]
#[specta::specta]
pub fn set_pace(host: State<'_, Host>, percent: u32) -> Answer<Option<u32>> {
    told(host.desk()?.set_rate_share(percent))?;
    pace(host)
}

#[tauri::command(async)]
#[specta::specta]
pub fn entered_facts(host: State<'_, Host>, customer: String) -> Answer<Vec<EnteredAnswer>> {
    told(host.desk()?.entered(&customer))
}

/// Enters or corrects answers about a resource outside a request.
#[tauri::command(async)]
#[specta::specta]
pub fn enter_facts(
    app: AppHandle,
    host: State<'_, Host>,
    customer: String,
    resource: String,
    answers: Vec<FactAnswer>,
) -> Answer<Vec<EnteredAnswer>> {
    told(host.desk()?.enter_facts(&customer, &resource, &answers))?;
    changed(&app, &["resources", "customers", "today"]);
    entered_facts(host, customer)
}

/// The rules that quotes are made with, with what is in force now.
#[tauri::command(async)]
#[specta::specta]
pub fn policies(host: State<'_, Host>) -> Answer<Vec<PackView>> {
    let desk = host.desk()?;
    let (now, language, built_in) = (desk.now(), told(desk.language())?, Policies::built_in());
    let rule = |rule: &refund_rules::Rule| RuleView {
        id: rule.id.clone(),
        scope: rule.scope.clone(),
        from: rule.from,
        until: rule.until,
        by_payment: rule.clock == Clock::Paid,
        in_force: rule.in_force(now),
        page: rule.source.page.to_string(),
        section: rule.source.section.to_string(),
        date: rule.source.date.to_string(),
        reading: if rule.reading { tell::reading(&rule.id, language) } else { None },
        params: rule.params.iter().map(|(name, value)| format!("{name} = {value}")).collect(),
    };
    let pack = |site: Site| PackView {
        site,
        version: built_in.version(site).to_owned(),
        rules: built_in.rules(site).map(rule).collect(),
    };
    Ok(Site::ALL.iter().copied().map(pack).collect())
}

/// Compares a pack file with the built-in one, and judges the open quotes with both. Nothing is kept.
#[tauri::command(async)]
#[specta::specta]
pub fn compare_pack(host: State<'_, Host>, path: String) -> Answer<PackDiffView> {
    let desk = host.desk()?;
    let path = PathBuf::from(path.trim());
    let text = told(pack_text(&path))?;
    let (site, policies) = told(Policies::built_in().with_pack(&path.display().to_string(), &text).map_err(|error| {
        DeskError::new(
            &error.code,
            format!("the pack is refused: {error}"),
            "correct the rule named and try again: a pack is refused as a whole",
        )
        .at(path.display().to_string())
    }))?;
    let diff = Policies::built_in().difference(&policies, site);
    let ids = |rules: &[refund_rules::Rule]| rules.iter().map(|rule| rule.id.clone()).collect();
    Ok(PackDiffView {
        site,
        before: diff.before.to_string(),
        after: diff.after.to_string(),
        added: ids(&diff.added),
        removed: ids(&diff.removed),
        changed: diff.changed.iter().map(|changed| (changed.id.clone(), changed.keys.clone())).collect(),
        effect: told(desk.policy_effect(&policies, site))?,
    })
}

fn pack_text(path: &std::path::Path) -> Result<String, DeskError> {
    use std::io::Read as _;
    let failed = |why: std::io::Error| {
        DeskError::new("pack_unreadable", format!("the pack cannot be read: {why}"), "name a policy pack in TOML")
            .at(path.display().to_string())
    };
    let mut text = String::new();
    std::fs::File::open(path).map_err(failed)?.take(PACK_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}
