//! The statement: what a customer's refunds came to in a period, on the partner's paper, to be verified later.

use std::collections::{BTreeMap, BTreeSet};

use desk_report::{Annex, Content, JournalHead, Lost, OpenRequest, Pages, RefundLine, RuleUsed, Statement, Template};
use desk_store::journal::entry::Head as StoredHead;
use refund_rules::case::{Action, Site};
use refund_rules::quote::{Param, Quote};
use serde_json::{Value, json};

use super::rows::{Refunds, answered, due};
use super::{Canonical, Made, Report, count};
use crate::draft::Draft;
use crate::error::DeskError;
use crate::facts::site_of;
use crate::requests::{Record, state_name};

/// The attached file: what the statement says, as data.
pub(super) const STATEMENT_JSON: &str = "statement.json";

/// Consequences of an unsubscription that are not a loss.
const NO_LOSS: [&str; 3] = ["automatic_renewal_on", "bank_takes_longer", "mistake_needs_ticket"];

/// `hash` of a journal without entries.
const NO_ENTRY: &str = "-";

impl Report<'_> {
    pub(super) fn write_statement(&self, draft: &Draft) -> Result<Made, DeskError> {
        let refunds = self.refunds(self.customer()?)?;
        let annex = self.annex(draft, &refunds.rows, &refunds.lines, true)?;
        let statement = self.statement(&refunds, annex.as_ref().map(|(_, annex)| annex.clone()))?;
        let (content, canonical) = self.statement_content(&statement)?;
        let pages = self.set(content)?;
        draft.write(&pages.pdf(self.watch)?)?;
        Ok(Made {
            rows: count(refunds.rows.len()),
            pages: Some(pages.count()),
            body: self.statement_body(&statement, &canonical, refunds.rows.len()),
            document_sha256: Some(canonical.sha256),
            annex,
        })
    }

    /// What the journal keeps of a statement; no names.
    pub(super) fn statement_body(&self, statement: &Statement, canonical: &Canonical, rows: usize) -> Value {
        json!({
            "report": self.ask.kind.word(),
            "language": self.ask.language.word(),
            "from": self.ask.from,
            "until": self.ask.until,
            "rows": count(rows),
            "document_sha256": canonical.sha256,
            "annex_sha256": statement.annex.as_ref().map(|annex| &annex.sha256),
            "head": statement.journal.hash,
            "head_entry": statement.journal.entries,
        })
    }

    /// The pages of a statement, which carry what it says.
    pub(super) fn statement_content(&self, statement: &Statement) -> Result<(Content, Canonical), DeskError> {
        let canonical = Canonical::of(statement)?;
        let content = self.content(Template::Statement, statement, Some((STATEMENT_JSON, &canonical)))?;
        Ok((content, canonical))
    }

    /// The statement's pages as a PDF.
    pub(super) fn statement_pdf(&self, content: Content) -> Result<(Pages, Vec<u8>), DeskError> {
        let pages = self.set(content)?;
        let bytes = pages.pdf(self.watch)?;
        Ok((pages, bytes))
    }

    pub(super) fn statement(&self, refunds: &Refunds, annex: Option<Annex>) -> Result<Statement, DeskError> {
        let customer = self.customer()?;
        let (head, run, connection) = self.desk.store.read(|r| {
            Ok::<_, DeskError>((r.journal().head()?, r.sync_runs().get(customer)?, r.connections().get(customer)?))
        })?;
        let site = connection.as_ref().map(site_of).transpose()?.unwrap_or(Site::International);
        let answered: BTreeSet<&str> = refunds.rows.iter().flat_map(answered).collect();
        let of_period: Vec<&Record> = refunds.records.values().filter(|r| answered.contains(r.id.as_str())).collect();
        let (totals, places) = desk_report::totals(&refunds.rows);
        Ok(Statement {
            head: self.head.clone(),
            facts_at: run.and_then(|run| run.completed_at),
            totals,
            places,
            refunds: if annex.is_some() { Vec::new() } else { refunds.lines.iter().map(RefundLine::clone).collect() },
            annex,
            open: open_requests(refunds),
            lost: of_period.iter().filter_map(|record| self.lost(record)).collect(),
            rules: self.rules_used(&of_period, site),
            policies: policies_of(&of_period),
            journal: self.journal_head(head),
        })
    }

    fn journal_head(&self, head: Option<StoredHead>) -> JournalHead {
        JournalHead {
            entries: head.as_ref().map_or(0, |head| u32::try_from(head.seq).unwrap_or(u32::MAX)),
            hash: head.map_or_else(|| NO_ENTRY.to_owned(), |head| head.hash),
            device: self.desk.store.device().to_owned(),
        }
    }

    /// What went with the resource of a request, in the words of the quote that was confirmed.
    fn lost(&self, record: &Record) -> Option<Lost> {
        if record.reviewed.action != Action::Unsubscribe {
            return None;
        }
        let texts: Vec<_> = record
            .quote()
            .consequences
            .iter()
            .filter(|consequence| !NO_LOSS.contains(&consequence.id.as_str()))
            .map(|consequence| {
                let mut params = consequence.params.clone();
                if params.get("currency").is_none() {
                    params.insert("currency", Param::from(record.reviewed.currency.as_str()));
                }
                self.ask.language.say("consequence", &consequence.id, &params)
            })
            .collect();
        let at = record.acted_at.unwrap_or(record.updated_at);
        (!texts.is_empty()).then(|| Lost { resource: record.reviewed.resource.clone(), at, texts })
    }

    fn rules_used(&self, records: &[&Record], site: Site) -> Vec<RuleUsed> {
        let mut rules: BTreeMap<&str, ()> = BTreeMap::new();
        for record in records {
            rules.extend(rules_of(record.quote()).map(|rule| (rule, ())));
        }
        let used = rules.into_keys().filter_map(|id| {
            let rule = self.desk.policies.rule(site, id)?;
            let source = &rule.source;
            Some(RuleUsed {
                rule: id.to_owned(),
                source: format!("{}, {} ({})", source.page, source.section, source.date),
                reading: if rule.reading { self.ask.language.reading(id) } else { None },
            })
        });
        used.collect()
    }
}

fn rules_of(quote: &Quote) -> impl Iterator<Item = &str> {
    let steps = quote.lines.iter().flat_map(|line| line.steps.iter().map(|step| step.rule.as_str()));
    steps.chain(quote.readings.iter().map(String::as_str))
}

fn policies_of(records: &[&Record]) -> Vec<String> {
    let packs: BTreeSet<String> = records
        .iter()
        .map(|record| &record.quote().policy)
        .map(|pack| format!("{} {}", pack.id, pack.version))
        .collect();
    packs.into_iter().collect()
}

/// Decisions whose money is not all there, newest first.
fn open_requests(refunds: &Refunds) -> Vec<OpenRequest> {
    let mut open: Vec<&Record> = refunds
        .records
        .values()
        .filter(|record| !desk_store::cache::request::FINAL_STATES.contains(&state_name(record.state)))
        .collect();
    open.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    open.into_iter()
        .map(|record| OpenRequest {
            request: record.id.clone(),
            resource: record.reviewed.resource.clone(),
            action: record.reviewed.action.word().to_owned(),
            state: state_name(record.state).to_owned(),
            currency: record.reviewed.currency.clone(),
            expected: record.quote().refund,
            expected_max: record.quote().refund_max,
            due: due(record),
        })
        .collect()
}
