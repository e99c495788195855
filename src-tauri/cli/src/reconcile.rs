//! `rdesk reconcile`: which refund orders answer which requests, from the cache alone; predicted and actual side by side, each
//! difference explained or flagged. `save` writes what really came as a case.

use std::path::PathBuf;

use desk::tell::amount as figure;
use desk::{DeskError, Reconciled, Reconciliation, SavedCase};

use crate::answer::Out;
use crate::host::{Host, Need};
use crate::print;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Customer id; all when left out.
    #[arg(long)]
    pub customer: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do besides looking.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write what really came of a refunded request as a case, for `rdesk quote --check`.
    Save {
        request: String,
        /// The file to write; one that exists is replaced.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What the command needs of its home.
pub fn need(args: &Args) -> Need {
    if args.command.is_some() { Need::Read } else { Need::Write }
}

/// Runs the command.
pub fn run(host: &Host, out: &Out, args: &Args) -> Result<(), DeskError> {
    if let Some(Command::Save { request, out: file }) = &args.command {
        let saved = host.desk.save_reality(request, file)?;
        return out.put(&saved, || saved_text(&saved));
    }
    let found = host.desk.reconciliation(args.customer.as_deref())?;
    out.put(&found, || text(&found))
}

fn saved_text(saved: &SavedCase) -> String {
    let said = if saved.differs.is_empty() {
        "the rules say the same".to_owned()
    } else {
        format!("the rules say otherwise: {}", saved.differs.join(", "))
    };
    format!("What really came of {} is written to {}; {said}.", saved.request, saved.path)
}

fn text(found: &Reconciliation) -> String {
    let mut table = print::table(
        &["request", "resource", "state", "predicted", "actual", "difference", "arrived", "by", "on", "refund orders"],
        &[3, 4, 5, 6],
    );
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    for row in &found.requests {
        table.add_row([
            row.request.clone(),
            row.resource.clone(),
            desk::state_name(row.state).to_owned(),
            print::amount(Some(row.predicted), Some(row.predicted_max), Some(&row.currency)),
            row.actual.map_or_else(|| "-".to_owned(), figure),
            row.difference.map_or_else(|| "-".to_owned(), figure),
            figure(row.arrived),
            day(row.predicted_on),
            day(row.arrived_on),
            row.refund_orders.join(", "),
        ]);
    }
    let elsewhere: Vec<_> = found
        .elsewhere
        .iter()
        .map(|refund| {
            format!("  {} of {}: {} {}", refund.refund_order, refund.resource, figure(refund.amount), refund.currency)
        })
        .collect();
    let moved =
        if found.moved.is_empty() { "nothing moved".to_owned() } else { format!("moved: {}", found.moved.join(", ")) };
    let differences: String = found.requests.iter().map(differences).collect();
    format!("{table}\n{differences}{moved}\nmade elsewhere: {}\n{}", elsewhere.len(), elsewhere.join("\n"))
}

/// The differences of one request with what explains them, a line each.
fn differences(row: &Reconciled) -> String {
    let mut text = String::new();
    for difference in &row.differences {
        text.push_str(&format!("{}: {}\n", row.request, difference.text));
        for why in &difference.explanations {
            let rule = why.rule.as_deref().map_or_else(String::new, |rule| format!(" [{rule}]"));
            text.push_str(&format!("  {}: {}{rule}\n", why.code, why.text));
        }
    }
    if let Some(lost) = &row.facts {
        text.push_str(&format!("{}: {} [{}]; {}\n", row.request, lost.message, lost.code, lost.next));
    }
    text
}
