//! `rdesk today`: what wants attention, as the window's first page shows it.

use desk::{Desk, DeskError, Today, WindowKind};

use crate::answer::Out;
use crate::instant::shown;
use crate::print;

/// Tells it.
pub fn run(desk: &Desk, out: &Out) -> Result<(), DeskError> {
    let today = desk.today()?;
    out.put(&today, || told(&today))
}

fn told(today: &Today) -> String {
    let mut parts = Vec::new();
    if !today.closing.is_empty() {
        let mut table =
            print::table(&["until (UTC+8)", "resource", "product", "customer", "what", "before", "after"], &[5, 6]);
        for window in &today.closing {
            let amount = |value| print::amount(Some(value), None, window.currency.as_deref());
            table.add_row([
                shown(window.at),
                window.resource.clone(),
                window.product.clone(),
                window.customer_name.clone(),
                what(window.kind).to_owned(),
                amount(window.before),
                amount(window.after),
            ]);
        }
        parts.push(format!("{} windows within seven days\n{table}", today.closing.len()));
    }
    let requests = |list: &[desk::views::RequestView]| {
        list.iter().map(|request| format!("{} ({})", request.resource, request.id)).collect::<Vec<_>>().join(", ")
    };
    if !today.unknown.is_empty() {
        parts.push(format!("outcome unknown, ask again: {}", requests(&today.unknown)));
    }
    if !today.overdue.is_empty() {
        parts.push(format!("overdue: {}", requests(&today.overdue)));
    }
    for rescue in &today.rescue {
        let kept = &rescue.kept;
        parts.push(format!("{}: its {} is kept until {}", rescue.resource, kept.what, shown(kept.until)));
    }
    if !today.stale.is_empty() {
        let names: Vec<_> = today.stale.iter().map(|customer| customer.name.as_str()).collect();
        parts.push(format!("facts are old, sync: {}", names.join(", ")));
    }
    if parts.is_empty() { "nothing wants attention today".to_owned() } else { parts.join("\n\n") }
}

fn what(kind: WindowKind) -> &'static str {
    match kind {
        WindowKind::Full => "full refund ends",
        WindowKind::Source => "goes to the balance after it",
        WindowKind::Rises => "rises after it",
        WindowKind::Ends => "nothing after it",
    }
}
