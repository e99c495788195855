//! `rdesk plan`: what a selection of resources comes to as batches; and the selection itself, as other commands take it too.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use desk::tell::amount as figure;
use desk::views::Ask;
use desk::{BatchPlan, Desk, DeskError, LeftOut, PlannedBatch, PlannedSingle, PlannedTotal};
use refund_rules::case::Action;
use refund_rules::quote::Destination;

use crate::answer::Out;
use crate::decide::customer_of;
use crate::host::Host;
use crate::instant::shown;
use crate::print;

/// Most bytes of a file of ids; a thousand batches have a tenth of it.
const IDS_MAX: u64 = 16 * 1024 * 1024;

/// Which resources, and what for.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Resource ids; for renewals `ID=INSTANT` chooses the Updated Expiration Time, the first possible one when left out.
    pub resources: Vec<String>,
    /// Everything of the customer, or of all customers.
    #[arg(long, conflicts_with_all = ["resources", "file"])]
    pub all: bool,
    /// Read the ids from this file: separated by commas, blanks or line ends, `#` begins a comment.
    #[arg(long, value_name = "IDS")]
    pub file: Option<PathBuf>,
    /// Whose resources; found from the cache when left out.
    #[arg(long)]
    pub customer: Option<String>,
    /// Cancel pending renewals instead of unsubscribing.
    #[arg(long)]
    pub renewals: bool,
}

impl Selection {
    fn action(&self) -> Action {
        if self.renewals { Action::CancelRenewals } else { Action::Unsubscribe }
    }

    /// The plan of what is selected.
    pub fn plan(&self, desk: &Desk) -> Result<BatchPlan, DeskError> {
        if self.all { desk.plan_all(self.customer.as_deref(), self.action()) } else { desk.plan(&self.asks(desk)?) }
    }

    /// What is selected, as asks.
    pub fn asks(&self, desk: &Desk) -> Result<Vec<Ask>, DeskError> {
        let mut ids = self.resources.clone();
        if let Some(file) = &self.file {
            ids.extend(read_ids(file)?);
        }
        if ids.is_empty() {
            return Err(DeskError::new(
                "nothing_selected",
                "no resource is named",
                "name resources, or give --all or --file IDS",
            )
            .at("RESOURCE"));
        }
        ids.iter().map(|id| self.ask(desk, id)).collect()
    }

    fn ask(&self, desk: &Desk, word: &str) -> Result<Ask, DeskError> {
        let (resource, expires) = match word.split_once('=') {
            Some((resource, instant)) if self.renewals => (resource, Some(instant_of(word, instant)?)),
            _ => (word, None),
        };
        let customer = customer_of(desk, resource, self.customer.as_deref())?;
        Ok(Ask { customer, resource: resource.to_owned(), action: self.action(), expires })
    }
}

/// Resources whose renewals are to be cancelled; one without an instant of its own, and without `expires`, takes the first
/// possible Updated Expiration Time. A resource that has none keeps the instant of now: its quote says why.
pub fn renewals(
    desk: &Desk,
    resources: &[String],
    expires: Option<DateTime<Utc>>,
    customer: Option<&str>,
) -> Result<Vec<Ask>, DeskError> {
    let selection = Selection {
        resources: resources.to_vec(),
        all: false,
        file: None,
        customer: customer.map(str::to_owned),
        renewals: true,
    };
    let mut asks = selection.asks(desk)?;
    for ask in asks.iter_mut().filter(|ask| ask.expires.is_none()) {
        let stacks = if expires.is_none() { desk.renewals(Some(&ask.customer))? } else { Vec::new() };
        let stack = stacks.iter().find(|stack| stack.resource == ask.resource);
        ask.expires = Some(expires.or_else(|| stack.map(|stack| stack.current_end)).unwrap_or_else(|| desk.now()));
    }
    Ok(asks)
}

fn instant_of(word: &str, instant: &str) -> Result<DateTime<Utc>, DeskError> {
    DateTime::parse_from_rfc3339(instant).map(|instant| instant.to_utc()).map_err(|_| {
        DeskError::new(
            "bad_instant",
            format!("`{word}` names no instant"),
            "give it with its offset, e.g. i-1=2026-06-30T00:00:00+08:00",
        )
        .at("RESOURCE")
    })
}

fn read_ids(file: &PathBuf) -> Result<Vec<String>, DeskError> {
    let place = file.display().to_string();
    let failed = |why: String| {
        DeskError::new("ids_unreadable", why, "give a readable text file of resource ids").at(place.clone())
    };
    let size = std::fs::metadata(file).map_err(|why| failed(why.to_string()))?.len();
    if size > IDS_MAX {
        return Err(failed(format!("{size} bytes are more than a list of ids has")));
    }
    let text = std::fs::read_to_string(file).map_err(|why| failed(why.to_string()))?;
    let words = text.trim_start_matches('\u{feff}').lines().flat_map(|line| {
        let named = line.split_once('#').map_or(line, |(named, _)| named);
        named.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
    });
    Ok(words.map(str::to_owned).collect())
}

/// Runs the command.
pub fn run(host: &Host, out: &Out, selection: &Selection) -> Result<(), DeskError> {
    let plan = selection.plan(&host.desk)?;
    out.put(&plan, || text(&plan))
}

fn text(plan: &BatchPlan) -> String {
    let mut parts = vec![format!("{} selected, {} batches", plan.selected, plan.batches.len())];
    parts.extend(plan.batches.iter().map(batch));
    if !plan.totals.is_empty() {
        parts.push(format!("In batches:\n{}", totals(&plan.totals)));
    }
    if !plan.singly.is_empty() {
        let lines: Vec<_> = plan.singly.iter().map(single).collect();
        parts.push(format!("Singly:\n{}\n{}", lines.join("\n"), totals(&plan.singly_totals)));
    }
    let chances: Vec<_> = plan.chances.iter().map(|chance| format!("  - {}", chance.sentence)).collect();
    if !chances.is_empty() {
        parts.push(format!("Shared:\n{}", chances.join("\n")));
    }
    if !plan.left_out.is_empty() {
        let lines: Vec<_> = plan.left_out.iter().map(left_out).collect();
        parts.push(format!("Left out:\n{}", lines.join("\n")));
    }
    parts.join("\n\n")
}

fn batch(batch: &PlannedBatch) -> String {
    let mut table = print::table(&["resource", "product", "refund", "next change takes", "on (UTC+8)"], &[2, 3]);
    for item in &batch.items {
        table.add_row([
            item.resource.clone(),
            item.product.clone(),
            print::amount(Some(item.refund), Some(item.refund_max), Some(&batch.currency)),
            figure(item.at_risk),
            item.loses_at.map_or_else(|| "-".to_owned(), shown),
        ]);
    }
    let open: usize = batch.items.iter().map(|item| item.open_questions.len()).sum();
    format!(
        "Batch {}: {} of {}, {} items, {}; {} channel refunds; {}; {open} questions open\n{table}\nsearch: {}",
        batch.number,
        batch.action,
        batch.customer_name,
        batch.items.len(),
        print::amount(Some(batch.refund), Some(batch.refund_max), Some(&batch.currency)),
        batch.channel_refunds,
        places(&batch.destinations),
        batch.search,
    )
}

fn single(single: &PlannedSingle) -> String {
    let amount = print::amount(Some(single.refund), Some(single.refund_max), Some(&single.currency));
    format!("  - {} [{}], {} by {}", single.sentence, single.code, amount.trim(), single.channel)
}

fn left_out(left: &LeftOut) -> String {
    format!("  - {} [{}]", left.sentence, left.code)
}

fn totals(totals: &[PlannedTotal]) -> String {
    let line = |total: &PlannedTotal| {
        let amount = print::amount(Some(total.refund), Some(total.refund_max), Some(&total.currency));
        format!("  {amount} for {} resources: {}", total.resources, places(&total.destinations))
    };
    totals.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn places(destinations: &[Destination]) -> String {
    let place = |to: &Destination| format!("{} to {}", figure(to.amount), to.to);
    destinations.iter().map(place).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_people_write_them() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(
            file.path(),
            "\u{feff}i-1,i-2\n\n# all of it\n  i-3 i-4 # the old ones\r\ni-5=2026-06-30T00:00:00Z\n",
        )
        .expect("written");
        let ids = read_ids(&file.path().to_owned()).expect("ids");
        assert_eq!(ids, ["i-1", "i-2", "i-3", "i-4", "i-5=2026-06-30T00:00:00Z"]);
        let error = read_ids(&PathBuf::from("/nowhere/ids")).expect_err("no such file");
        assert_eq!((error.code(), error.place()), ("ids_unreadable", Some("/nowhere/ids")));
    }
}
