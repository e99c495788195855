//! Policy packs: the rules of each site as data, with dates, sources and parameters. The engine's code holds only arithmetic.

mod diff;
mod load;
mod tables;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use diff::{ChangedRule, PackDiff};
pub(crate) use tables::{BackTo, DestinationRow, Pack, ProductRow, Refusal, Row};

use crate::calendar::Calendar;
use crate::case::Site;

/// The packs of both sites and the calendars they count business days by.
#[derive(Debug, Clone)]
pub struct Policies {
    pub(crate) china: Pack,
    pub(crate) international: Pack,
    pub(crate) calendar: Calendar,
}

/// One rule of a pack: what hosts cite a step, a blocker or a reading with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    pub id: String,
    /// Product codes the rule speaks about; `*` is every product.
    pub scope: Vec<String>,
    /// First instant at which the rule is in force; `None`: it always was.
    pub from: Option<DateTime<Utc>>,
    /// First instant at which it is no longer in force; `None`: no end is known.
    pub until: Option<DateTime<Utc>>,
    /// By which instant `from` and `until` are read.
    pub clock: Clock,
    pub source: Source,
    /// The pages are silent or disagree, and this is the choice.
    pub reading: bool,
    /// The numbers that the arithmetic takes from the rule.
    pub params: toml::Table,
}

/// The instant by which a rule's dates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The asked instant.
    Asked,
    /// When the order was paid.
    Paid,
}

/// Where a rule is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    pub page: String,
    pub section: String,
    /// Date of the page's text, `YYYY-MM-DD`, or `undated`.
    pub date: String,
}

/// Why a policy pack or calendar was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file}: {message} ({code})")]
pub struct PolicyError {
    /// `unreadable`, `unknown_key`, `overlap`, `gap`, `never_applies`, `missing_rule`, `bad_calendar`.
    pub code: String,
    pub file: String,
    /// What is wrong and which rule it concerns.
    pub message: String,
}

impl Policies {
    /// The packs and calendars that ship with the engine.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Policies> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            Self::parse(BUILT_IN_PACKS, BUILT_IN_CALENDARS)
                .expect("the packs that ship with the engine are tested to load")
        })
    }

    /// Reads one pack for each site and any number of calendars; each is a file name and its text.
    ///
    /// # Errors
    /// See [`PolicyError::code`]: a pack is refused as a whole, with the rule that is wrong.
    pub fn parse(packs: &[(&str, &str)], calendars: &[(&str, &str)]) -> Result<Self, PolicyError> {
        let mut by_site = BTreeMap::new();
        for (file, text) in packs {
            let pack = load::pack(file, text)?;
            let site = pack.site;
            if by_site.insert(site, pack).is_some() {
                return Err(PolicyError::new("overlap", file, format!("a second pack for the site {site}")));
            }
        }
        let mut calendar = Calendar::default();
        for (file, text) in calendars {
            calendar.add_file(file, text)?;
        }
        let mut take = |site: Site| {
            by_site.remove(&site).ok_or_else(|| PolicyError::new("gap", "", format!("no pack for the site {site}")))
        };
        Ok(Self { china: take(Site::China)?, international: take(Site::International)?, calendar })
    }

    /// A rule by its id, as steps, blockers and readings of a quote name it.
    pub fn rule(&self, site: Site, id: &str) -> Option<&Rule> {
        self.pack(site).rules.get(id)
    }

    /// All rules of a site, by id.
    pub fn rules(&self, site: Site) -> impl Iterator<Item = &Rule> {
        self.pack(site).rules.values()
    }

    /// Version of a site's pack.
    pub fn version(&self, site: Site) -> &str {
        &self.pack(site).version
    }

    /// The business-day calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub(crate) fn pack(&self, site: Site) -> &Pack {
        match site {
            Site::China => &self.china,
            Site::International => &self.international,
        }
    }
}

/// File name and text of the packs that ship with the engine.
pub const BUILT_IN_PACKS: &[(&str, &str)] = &[
    ("china.toml", include_str!("../policies/china.toml")),
    ("international.toml", include_str!("../policies/international.toml")),
];

/// File name and text of the calendars that ship with the engine.
pub const BUILT_IN_CALENDARS: &[(&str, &str)] = &[("china.toml", include_str!("../calendars/china.toml"))];

impl Rule {
    /// Whether the rule is in force at an instant of its clock.
    pub fn in_force(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether the rule names the product, or speaks about all.
    pub fn covers(&self, product: &str) -> bool {
        self.scope.iter().any(|code| code == ANY_PRODUCT || code == product)
    }

    pub(crate) fn names(&self, product: &str) -> bool {
        self.scope.iter().any(|code| code == product)
    }
}

/// Scope of a rule about every product.
pub(crate) const ANY_PRODUCT: &str = "*";

impl PolicyError {
    pub(crate) fn new(code: &str, file: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), file: file.to_owned(), message: message.into() }
    }

    /// The TOML reader's own message tells unknown keys from everything else.
    pub(crate) fn unreadable(file: &str, message: &str) -> Self {
        let code = if message.contains("unknown field") { "unknown_key" } else { "unreadable" };
        Self::new(code, file, message)
    }
}
