//! `rdesk reconcile`: which refund orders answer which requests, from the cache alone; predicted and actual side by side.

use desk::tell::amount as figure;
use desk::{DeskError, Reconciliation};

use crate::answer::Out;
use crate::host::Host;
use crate::print;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Customer id; all when left out.
    #[arg(long)]
    pub customer: Option<String>,
}

/// Runs the command.
pub fn run(host: &Host, out: &Out, args: &Args) -> Result<(), DeskError> {
    let found = host.desk.reconciliation(args.customer.as_deref())?;
    out.put(&found, || text(&found))
}

fn text(found: &Reconciliation) -> String {
    let mut table = print::table(
        &["request", "resource", "state", "predicted", "actual", "difference", "arrived", "refund orders"],
        &[3, 4, 5, 6],
    );
    for row in &found.requests {
        table.add_row([
            row.request.clone(),
            row.resource.clone(),
            desk::state_name(row.state).to_owned(),
            print::amount(Some(row.predicted), Some(row.predicted_max), Some(&row.currency)),
            row.actual.map_or_else(|| "-".to_owned(), figure),
            row.difference.map_or_else(|| "-".to_owned(), figure),
            figure(row.arrived),
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
    format!("{table}\n{moved}\nmade elsewhere: {}\n{}", elsewhere.len(), elsewhere.join("\n"))
}
