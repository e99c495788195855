//! Answers as text for people. Programs ask for `--json` and get the documents themselves.

use chrono::{DateTime, FixedOffset, Utc};
use comfy_table::{CellAlignment, Table, TableComponent, presets};
use desk::tell::amount as figure;
use desk::views::{
    CustomerRow, DeskStatus, DiscountTable, Exported, HistoryPage, Money, QuoteView, RenewalStack, RequestView,
    ResourcePage, Review, Sentence, SyncReport,
};
use rust_decimal::Decimal;

/// Future changes told on a terminal: the coming week of daily ones.
const CHANGES_SHOWN: usize = 7;

/// A table with a line under its header; `right` names the columns of figures.
pub fn table(headers: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(headers);
    // A line under the header is enough; between rows they only add noise.
    for part in [
        TableComponent::HorizontalLines,
        TableComponent::MiddleIntersections,
        TableComponent::LeftBorderIntersections,
        TableComponent::RightBorderIntersections,
    ] {
        table.remove_style(part);
    }
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// `1,308.00 USD`, or a range.
pub fn amount(low: Option<Decimal>, high: Option<Decimal>, currency: Option<&str>) -> String {
    let currency = currency.unwrap_or("");
    match (low, high) {
        (Some(low), Some(high)) if low != high => format!("{} to {} {currency}", figure(low), figure(high)),
        (Some(low), _) => format!("{} {currency}", figure(low)),
        _ => "-".to_owned(),
    }
}

/// An instant as the console and the rules read it.
fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset"))
}

fn money(list: &[Money]) -> String {
    if list.is_empty() {
        return "-".to_owned();
    }
    list.iter().map(|m| format!("{} {}", figure(m.amount), m.currency)).collect::<Vec<_>>().join(", ")
}

/// The home in one line; every answer from a sandbox home begins with it.
pub fn status(status: &DeskStatus) -> String {
    let kind = if status.sandbox { "SANDBOX home" } else { "home" };
    format!("{kind} {} at {}", status.home, local(status.now).format("%Y-%m-%d %H:%M:%S (UTC+8)"))
}

pub fn customers(rows: &[CustomerRow]) -> String {
    let mut t = table(&["customer", "name", "uid", "site", "resources", "refundable", "facts of (UTC+8)"], &[4, 5]);
    for row in rows {
        t.add_row([
            row.id.clone(),
            row.name.clone(),
            row.uid.clone(),
            row.site.to_string(),
            row.resources.to_string(),
            money(&row.refundable),
            row.synced_at
                .map_or_else(|| "never synced".to_owned(), |at| local(at).format("%Y-%m-%d %H:%M").to_string()),
        ]);
    }
    t.to_string()
}

pub fn resources(page: &ResourcePage) -> String {
    let mut t = table(
        &["resource", "product", "customer", "type", "refund", "expires", "valid until (UTC+8)", "why not"],
        &[4],
    );
    for row in &page.rows {
        let why = match &row.problem {
            Some(problem) => problem.message.clone(),
            None => row.blockers.join(", "),
        };
        t.add_row([
            row.resource.clone(),
            row.product.clone(),
            row.customer_name.clone(),
            row.refund_type.map_or("-", |r| r.word()).to_owned(),
            amount(row.refund, row.refund_max, row.currency.as_deref()),
            row.expires_at.map_or_else(|| "-".to_owned(), |at| local(at).format("%Y-%m-%d").to_string()),
            row.valid_until.map_or_else(|| "-".to_owned(), |at| local(at).format("%m-%d %H:%M").to_string()),
            why,
        ]);
    }
    let segments: Vec<_> = page.segments.iter().map(|s| format!("{} {}", s.count, s.refund_type)).collect();
    format!("{t}\n{} of {} ({})", page.rows.len(), page.total, segments.join(", "))
}

fn section(out: &mut String, title: &str, sentences: &[Sentence]) {
    if sentences.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for sentence in sentences {
        out.push_str(&format!("  - {}\n", sentence.text));
        if let Some(source) = &sentence.source {
            out.push_str(&format!("      {source}\n"));
        }
    }
}

/// A quote with every step and its source.
pub fn quote(view: &QuoteView) -> String {
    let mut out =
        format!("{} {} of {}\n{}\n", view.row.product, view.row.resource, view.row.customer_name, view.told.headline);
    for line in &view.told.lines {
        section(&mut out, &line.title, &line.steps);
    }
    section(&mut out, "Where the money goes", &view.told.destinations);
    section(&mut out, "What stands in the way", &view.told.blockers);
    section(&mut out, "Why not another type", &view.told.why_not);
    section(&mut out, "What happens with it", &view.told.consequences);
    let changes = &view.told.next_changes;
    section(&mut out, "What changes next", &changes[..changes.len().min(CHANGES_SHOWN)]);
    if changes.len() > CHANGES_SHOWN {
        out.push_str(&format!("    ... and {} more; `--json` has them all\n", changes.len() - CHANGES_SHOWN));
    }
    section(&mut out, "Readings it rests on", &view.told.readings);
    section(&mut out, "Not known", &view.told.unknowns);
    out
}

pub fn review(review: &Review) -> String {
    let mut out = quote(&review.quote);
    out.push_str(&format!("\nRequest {} is reviewed. Channels: ", review.request.id));
    out.push_str(&review.channels.iter().map(|c| c.word()).collect::<Vec<_>>().join(", "));
    out.push('\n');
    section(&mut out, "Channels", &review.channel_notes);
    if !review.channels.is_empty() {
        out.push_str(&format!("To confirm, type the amount: {}\n", review.type_amount));
    }
    out
}

pub fn renewals(stacks: &[RenewalStack]) -> String {
    let mut t = table(
        &["resource", "customer", "runs until", "pending", "Updated Expiration Time", "gives back", "falls"],
        &[5],
    );
    for stack in stacks {
        for candidate in &stack.candidates {
            t.add_row([
                stack.resource.clone(),
                stack.customer_name.clone(),
                local(stack.current_end).format("%Y-%m-%d").to_string(),
                stack.pending.len().to_string(),
                local(candidate.expires).to_rfc3339(),
                format!("{} {}", figure(candidate.refund), stack.currency),
                candidate.falls.join(", "),
            ]);
        }
        if stack.candidates.is_empty() {
            let why: Vec<_> = stack.blockers.iter().map(|b| b.text.clone()).collect();
            t.add_row([
                stack.resource.clone(),
                stack.customer_name.clone(),
                local(stack.current_end).format("%Y-%m-%d").to_string(),
                stack.pending.len().to_string(),
                "-".to_owned(),
                "-".to_owned(),
                why.join("; "),
            ]);
        }
    }
    t.to_string()
}

pub fn discounts(tables: &[DiscountTable]) -> String {
    let mut t = table(&["product", "from", "begins", "factor", "source"], &[2, 3]);
    for discount in tables {
        let from = discount.from.map_or_else(|| "always".to_owned(), |day| day.to_string());
        if discount.steps.is_empty() {
            t.add_row([
                discount.product.clone(),
                from.clone(),
                "-".to_owned(),
                "no discount".to_owned(),
                discount.source.clone(),
            ]);
        }
        for step in &discount.steps {
            let begins = match (step.from_day, step.from_percent) {
                (Some(day), _) => format!("day {day}"),
                (None, Some(percent)) => format!("{percent} %"),
                (None, None) => "-".to_owned(),
            };
            t.add_row([
                discount.product.clone(),
                from.clone(),
                begins,
                step.factor.to_string(),
                discount.source.clone(),
            ]);
        }
    }
    t.to_string()
}

pub fn requests(rows: &[RequestView]) -> String {
    let mut t = table(
        &["request", "resource", "action", "state", "channel", "predicted", "actual", "arrived", "refund order"],
        &[5, 6, 7],
    );
    for row in rows {
        t.add_row([
            row.id.clone(),
            row.resource.clone(),
            row.action.to_string(),
            desk::state_name(row.state).to_owned(),
            row.channel.map_or("-", |c| c.word()).to_owned(),
            amount(Some(row.predicted), Some(row.predicted_max), Some(&row.currency)),
            row.actual.map_or_else(|| "-".to_owned(), figure),
            figure(row.arrived),
            row.refund_order.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    t.to_string()
}

pub fn request(view: &RequestView) -> String {
    let mut out = requests(std::slice::from_ref(view));
    for entry in &view.trail {
        out.push_str(&format!("\n  {}  {}", local(entry.at).format("%Y-%m-%d %H:%M:%S"), entry.text));
    }
    if let Some(problem) = &view.problem {
        out.push_str(&format!("\n  {} [{}]; {}", problem.message, problem.code, problem.next));
    }
    for (i, step) in view.instructions.iter().enumerate() {
        out.push_str(&format!("\n  {}. {step}", i + 1));
    }
    if !view.moves.is_empty() {
        out.push_str(&format!("\n  possible now: {}", view.moves.join(", ")));
    }
    for refund in &view.refunds_to_choose {
        out.push_str(&format!(
            "\n  may be its refund: {}, {} {} of {}, for {}",
            refund.refund_order,
            figure(refund.amount),
            view.currency,
            local(refund.refunded_at).format("%Y-%m-%d %H:%M"),
            if refund.orders.is_empty() { "no order of the quote".to_owned() } else { refund.orders.join(", ") }
        ));
    }
    if !view.endings.is_empty() {
        let endings: Vec<&str> = view.endings.iter().map(|ending| ending.word()).collect();
        out.push_str(&format!("\n  may be closed as: {}", endings.join(", ")));
    }
    out
}

pub fn history(page: &HistoryPage) -> String {
    let mut t = table(
        &[
            "refund order",
            "resource",
            "customer",
            "status",
            "amount",
            "arrived",
            "to",
            "refunded (UTC+8)",
            "predicted",
            "difference",
        ],
        &[4, 5, 8, 9],
    );
    for row in &page.rows {
        let to: Vec<_> = row.unsubscribe_to.iter().map(|p| format!("{} {}", p.to, figure(p.amount))).collect();
        t.add_row([
            row.refund_order.clone(),
            row.resource.clone(),
            row.customer_name.clone(),
            row.order_status.clone(),
            format!("{} {}", figure(row.amount), row.currency),
            figure(row.arrived),
            to.join(", "),
            local(row.refunded_at).format("%Y-%m-%d %H:%M").to_string(),
            row.predicted.map_or_else(|| "made elsewhere".to_owned(), figure),
            row.difference.map_or_else(|| "-".to_owned(), figure),
        ]);
    }
    format!("{t}\n{} of {}; {}", page.rows.len(), page.total, money(&page.totals))
}

pub fn exported(exported: &Exported) -> String {
    format!("{} refund orders written to {}\nsha256 {}", exported.rows, exported.path, exported.sha256)
}

pub fn synced(reports: &[SyncReport]) -> String {
    let mut t = table(
        &["customer", "calls", "resources", "orders", "refunds", "transactions", "moved", "problem"],
        &[1, 2, 3, 4, 5],
    );
    for report in reports {
        t.add_row([
            report.customer.clone(),
            report.calls.to_string(),
            report.resources.to_string(),
            report.orders.to_string(),
            report.refunds.to_string(),
            report.transactions.to_string(),
            report.moved.len().to_string(),
            report
                .problem
                .as_ref()
                .map_or_else(|| "-".to_owned(), |p| format!("{} [{}]; {}", p.message, p.code, p.next)),
        ]);
    }
    t.to_string()
}
