//! What a pack changes against another one of the same site.

use serde::Serialize;

use super::tables::Pack;
use super::{Policies, PolicyError, Rule, load};
use crate::case::Site;

/// Rules of one site that two packs do not have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PackDiff {
    pub site: Site,
    /// Versions of the two packs.
    pub before: String,
    pub after: String,
    /// Rules of the later pack alone, by id.
    pub added: Vec<Rule>,
    /// Rules of the earlier pack alone, by id.
    pub removed: Vec<Rule>,
    /// Rules that both have and that say something else, by id.
    pub changed: Vec<ChangedRule>,
}

/// A rule before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedRule {
    pub id: String,
    /// What of it changed: `scope`, `from`, `until`, `clock`, `source`, `reading` or `params.NAME`.
    pub keys: Vec<String>,
    pub before: Rule,
    pub after: Rule,
}

impl Policies {
    /// The same policies with another pack in place of its site's own, and that site.
    ///
    /// # Errors
    /// Those of [`Policies::parse`].
    pub fn with_pack(&self, file: &str, text: &str) -> Result<(Site, Self), PolicyError> {
        let pack = load::pack(file, text)?;
        let site = pack.site;
        let mut policies = self.clone();
        match site {
            Site::China => policies.china = pack,
            Site::International => policies.international = pack,
        }
        Ok((site, policies))
    }

    /// What `after` changes for a site.
    pub fn difference(&self, after: &Self, site: Site) -> PackDiff {
        let (before, after) = (self.pack(site), after.pack(site));
        PackDiff {
            site,
            before: before.version.clone(),
            after: after.version.clone(),
            added: only_in(after, before),
            removed: only_in(before, after),
            changed: before
                .rules
                .values()
                .filter_map(|rule| Some((rule, after.rules.get(&rule.id)?)))
                .filter(|(before, after)| before != after)
                .map(|(before, after)| ChangedRule::of(before, after))
                .collect(),
        }
    }
}

impl PackDiff {
    /// No rule was added, removed or changed. The versions may differ all the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl ChangedRule {
    fn of(before: &Rule, after: &Rule) -> Self {
        let heads = [
            ("scope", before.scope != after.scope),
            ("from", before.from != after.from),
            ("until", before.until != after.until),
            ("clock", before.clock != after.clock),
            ("source", before.source != after.source),
            ("reading", before.reading != after.reading),
        ];
        let mut keys: Vec<String> =
            heads.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key.to_owned()).collect();
        let mut params: Vec<&String> = before.params.keys().chain(after.params.keys()).collect();
        params.sort_unstable();
        params.dedup();
        params.retain(|name| before.params.get(*name) != after.params.get(*name));
        keys.extend(params.into_iter().map(|name| format!("params.{name}")));
        Self { id: before.id.clone(), keys, before: before.clone(), after: after.clone() }
    }
}

fn only_in(one: &Pack, other: &Pack) -> Vec<Rule> {
    one.rules.values().filter(|rule| !other.rules.contains_key(&rule.id)).cloned().collect()
}
