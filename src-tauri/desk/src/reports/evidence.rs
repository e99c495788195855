//! The evidence pack for audits: a ZIP with the statement, its rows, the quotes that were confirmed, who authorised them, and the
//! journal's part of the customer.

use desk_report::{MARK, Part, RefundLine};
use desk_store::Entry;
use refund_rules::quote::Quote;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::rows::Refunds;
use super::statement::STATEMENT_JSON;
use super::{Canonical, Made, Report, count, unwritable};
use crate::draft::Draft;
use crate::error::DeskError;
use crate::requests::{Record, state_name};

/// Who allowed what: one line a decision.
#[derive(Serialize)]
struct Authorisation<'r> {
    request: &'r str,
    resource: &'r str,
    action: &'r str,
    state: &'r str,
    channel: Option<&'r str>,
    reason: Option<&'r str>,
    /// Reference of the customer's authorisation, as the manager entered it.
    authorisation: Option<&'r str>,
    currency: &'r str,
    refund: Decimal,
    refund_max: Decimal,
    quote_sha256: Option<&'r str>,
    receipt: Option<&'r str>,
    refund_orders: &'r [String],
}

impl Report<'_> {
    pub(super) fn write_evidence(&self, draft: &Draft) -> Result<Made, DeskError> {
        let refunds = self.refunds(self.customer()?)?;
        let annex = self.rows_workbook(draft, &refunds)?;
        let too_many = refunds.rows.len() > desk_report::PDF_ROWS_MAX;
        let statement = self.statement(&refunds, too_many.then(|| annex.1.clone()))?;
        let (content, canonical) = self.statement_content(&statement)?;
        let (pages, pdf) = self.statement_pdf(content)?;
        let mut parts = vec![
            Part { name: "statement.pdf".to_owned(), bytes: pdf },
            Part { name: STATEMENT_JSON.to_owned(), bytes: canonical.text.clone().into_bytes() },
            Part { name: annex.1.file.clone(), bytes: annex.0 },
        ];
        parts.extend(self.quote_parts(&refunds)?);
        parts.push(part("authorisations.json", &authorisations(&refunds))?);
        parts.push(self.journal_part(&statement.journal.hash)?);
        let manifest = self.manifest(&parts, &canonical);
        let file = std::io::BufWriter::new(draft.create()?);
        desk_report::write_pack(&manifest, &parts, file, self.watch)?;
        Ok(Made {
            rows: count(refunds.rows.len()),
            pages: Some(pages.count()),
            body: self.statement_body(&statement, &canonical, refunds.rows.len()),
            document_sha256: Some(canonical.sha256),
            annex: None,
        })
    }

    /// The workbook's bytes; it is in the pack whatever the number of rows.
    fn rows_workbook(&self, draft: &Draft, refunds: &Refunds) -> Result<(Vec<u8>, desk_report::Annex), DeskError> {
        let mut bytes = Vec::new();
        let both = refunds.rows.iter().zip(refunds.lines.iter().map(Some::<&RefundLine>));
        let sheets = self.sheets(draft, None, true);
        let rows = desk_report::write_history_xlsx(both, count(refunds.rows.len()), &sheets, &mut bytes, self.watch)?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok((bytes, desk_report::Annex { file: "refunds.xlsx".to_owned(), rows, sha256 }))
    }

    /// Every quote that was confirmed, as it was: the document whose hash the journal has.
    fn quote_parts(&self, refunds: &Refunds) -> Result<Vec<Part>, DeskError> {
        let confirmed = refunds.records.values().filter(|record| record.confirmed_sha256.is_some());
        confirmed.map(|record| part::<Quote>(&format!("quotes/{}.json", record.id), record.quote())).collect()
    }

    /// The customer's entries of the journal, each with its hash and that of the entry before it.
    fn journal_part(&self, head: &str) -> Result<Part, DeskError> {
        let entries = self.desk.store.read(|r| r.journal().of_customer(self.customer().unwrap_or_default()))?;
        let entries: Vec<Value> = entries.iter().map(entry_of).collect();
        part("journal.json", &json!({"device": self.desk.store.device(), "head": head, "entries": entries}))
    }

    fn manifest(&self, parts: &[Part], canonical: &Canonical) -> Value {
        let list: Vec<Value> = parts
            .iter()
            .map(|part| {
                json!({"name": part.name, "bytes": part.bytes.len(), "sha256": hex::encode(Sha256::digest(&part.bytes))})
            })
            .collect();
        json!({
            "home": if self.head.sandbox { "SANDBOX" } else { "LIVE" },
            "notice": self.head.sandbox.then(|| self.words.line("sandbox_banner")),
            "document": format!("{MARK}{}", canonical.sha256),
            "account": self.head.customer.as_ref().map(|party| &party.uid),
            "from": self.head.from,
            "until": self.head.until,
            "made_at": self.made_at(),
            "parts": list,
        })
    }
}

fn authorisations(refunds: &Refunds) -> Vec<Authorisation<'_>> {
    let decided = refunds.records.values().filter(|record| record.channel.is_some());
    decided.map(authorisation_of).collect()
}

fn authorisation_of(record: &Record) -> Authorisation<'_> {
    let quote = record.quote();
    Authorisation {
        request: &record.id,
        resource: &record.reviewed.resource,
        action: record.reviewed.action.word(),
        state: state_name(record.state),
        channel: record.channel.map(|channel| channel.word()),
        reason: record.reason.as_deref(),
        authorisation: record.authorisation.as_deref(),
        currency: &record.reviewed.currency,
        refund: quote.refund,
        refund_max: quote.refund_max,
        quote_sha256: record.confirmed_sha256.as_deref(),
        receipt: record.receipt.as_deref(),
        refund_orders: &record.refund_orders,
    }
}

fn entry_of(entry: &Entry) -> Value {
    json!({
        "seq": entry.seq,
        "id": entry.id,
        "device": entry.device,
        "at": entry.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "kind": entry.kind,
        "customer": entry.customer,
        "subject": entry.subject,
        "body": entry.body,
        "prev": entry.prev,
        "hash": entry.hash,
    })
}

fn part<T: Serialize>(name: &str, document: &T) -> Result<Part, DeskError> {
    let bytes = serde_json::to_vec_pretty(document).map_err(|why| unwritable(&why))?;
    Ok(Part { name: name.to_owned(), bytes })
}
