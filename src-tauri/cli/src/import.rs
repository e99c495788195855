//! `rdesk import`: files of the console into the cache; and `rdesk customer add --imported`, customers of whom only files tell.

use std::path::PathBuf;

use chrono::FixedOffset;
use clap::ValueEnum;
use desk::{DeskError, ImportAsk, ImportKind, ImportReport, ImportedCustomer};
use refund_rules::case::Site;
use serde_json::json;

use crate::answer::Out;
use crate::args::{Cli, CustomerAddArgs, SiteArg};
use crate::host::{Host, Need, home_dir};
use crate::instant::shown;

/// Refused lines printed as text; `--json` tells more.
const REFUSED_SHOWN: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The console's order export or a bill detail, as CSV.
    pub file: PathBuf,
    /// The customer that the file is of.
    #[arg(long)]
    pub customer: String,
    /// Tell what the file holds and what would change; keep nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Take a field from this column: FIELD=HEADER; from none with an empty HEADER. May be repeated.
    #[arg(long = "map", value_name = "FIELD=HEADER", value_parser = mapped)]
    pub mapping: Vec<(String, String)>,
    /// Zone of times without an offset. The China console writes UTC+8.
    #[arg(long, value_name = "OFFSET", default_value = "+08:00", value_parser = zone, allow_hyphen_values = true)]
    pub zone: FixedOffset,
    /// What the file is, when its headers do not tell.
    #[arg(long, value_enum)]
    pub kind: Option<KindArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    Orders,
    Bill,
}

/// Imports the file, or tells what it would do.
pub fn run(host: &Host, out: &Out, args: &Args) -> Result<(), DeskError> {
    let ask = ImportAsk {
        customer: args.customer.clone(),
        dry_run: args.dry_run,
        mapping: args.mapping.clone(),
        zone: args.zone,
        kind: args.kind.map(|kind| match kind {
            KindArg::Orders => ImportKind::Orders,
            KindArg::Bill => ImportKind::Bill,
        }),
    };
    let report = host.desk.import(&args.file, &ask)?;
    out.put(&report, || told(&report))
}

/// Adds a customer without a connection, in an existing home of either kind or a new real one.
pub async fn add_customer(cli: &Cli, args: &CustomerAddArgs) -> Result<(), DeskError> {
    if cli.home.is_none() {
        return Err(DeskError::new(
            "home_needed",
            "real customers need a home of their own",
            "name its folder with --home: the usual one is the sandbox's",
        )
        .at("--home"));
    }
    let needed = |place: &str, why: &str| {
        DeskError::new("bad_account", why.to_owned(), "a customer of files needs --uid, --site and --currency")
            .at(place)
    };
    let uid = args.uid.clone().ok_or_else(|| needed("--uid", "no file tells the uid for sure"))?;
    let site = match args.site {
        Some(SiteArg::China) => Site::China,
        Some(SiteArg::International) => Site::International,
        None => return Err(needed("--site", "the two sites have different rules")),
    };
    let currency = match (&args.currency, site) {
        (Some(currency), _) => currency.to_ascii_uppercase(),
        (None, Site::China) => "CNY".to_owned(),
        (None, Site::International) => {
            return Err(needed("--currency", "accounts abroad settle in several currencies"));
        }
    };
    let dir = home_dir(cli.home.as_deref())?;
    let host = if desk::home_exists(&dir) {
        Host::open(&dir, cli.passphrase_fd, Need::Write).await?
    } else {
        // No address is no sandbox's: a new home for it is a real one.
        Host::open_for(&dir, cli.passphrase_fd, "")?
    };
    let name = args.name.clone().unwrap_or_else(|| uid.clone());
    let id = host.desk.add_imported(&ImportedCustomer { uid, name, site, currency, partner: args.partner })?;
    let out = Out { json: cli.json, banner: crate::banner(&host)? };
    out.put(&json!({"customer": id, "site": site, "imported": true}), || {
        format!("customer {id} is added ({site}), without a connection; `rdesk import FILE --customer {id}` brings its orders")
    })
}

fn mapped(text: &str) -> Result<(String, String), String> {
    let (field, header) = text.split_once('=').ok_or("give FIELD=HEADER")?;
    Ok((field.trim().to_owned(), header.trim().to_owned()))
}

fn zone(text: &str) -> Result<FixedOffset, String> {
    let text = if matches!(text, "Z" | "z" | "UTC" | "utc") { "+00:00" } else { text };
    text.parse().map_err(|_| "give an offset, e.g. +08:00".to_owned())
}

fn told(report: &ImportReport) -> String {
    let delimiter = if report.delimiter == "\t" { "tab".to_owned() } else { format!("`{}`", report.delimiter) };
    let done = if report.dry_run { "would be" } else { "were" };
    let counts = report.counts;
    let mut lines = vec![
        format!("{}: {} ({}, {delimiter})", report.file, report.kind, report.encoding),
        format!("facts of {} (UTC+8); times without an offset are read as UTC{}", shown(report.dated), report.zone),
        format!(
            "{} rows: {} {done} new, {} changed, {} the same, {} known from the API, {} no orders, {} refused",
            counts.rows, counts.new, counts.changed, counts.same, counts.by_api, counts.ignored, counts.refused
        ),
    ];
    lines.extend(report.mapping.iter().map(|column| format!("  {:<18} <- {}", column.field, column.header)));
    listed(&mut lines, "no column holds", &report.missing);
    listed(&mut lines, "columns that nothing is read from", &report.unmapped);
    listed(&mut lines, "products without a known code", &report.unknown_products);
    listed(&mut lines, "orders without a service period (enter orders[ID].start and .end)", &report.without_period);
    listed(&mut lines, "requests that moved", &report.moved);
    for refused in report.refused.iter().take(REFUSED_SHOWN) {
        let field = if refused.field.is_empty() { String::new() } else { format!(" {}", refused.field) };
        lines.push(format!("line {}{field}: {} [{}]", refused.line, refused.text, refused.code));
    }
    if counts.refused as usize > REFUSED_SHOWN {
        lines.push(format!("and {} more refused lines; --json lists them", counts.refused as usize - REFUSED_SHOWN));
    }
    if report.dry_run {
        lines.push("nothing was kept: this was a dry run".to_owned());
    }
    lines.join("\n")
}

/// A list in one line, when there is anything in it.
fn listed(lines: &mut Vec<String>, what: &str, list: &[String]) {
    const SHOWN: usize = 30;
    if !list.is_empty() {
        let more = if list.len() > SHOWN { format!(" and {} more", list.len() - SHOWN) } else { String::new() };
        lines.push(format!("{what}: {}{more}", list[..list.len().min(SHOWN)].join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_command_line() {
        for (text, expected) in
            [("+08:00", Some("+08:00")), ("-05:00", Some("-05:00")), ("Z", Some("+00:00")), ("8", None), ("CST", None)]
        {
            assert_eq!(zone(text).ok().map(|zone| zone.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(mapped("order=Order No.").ok(), Some(("order".to_owned(), "Order No.".to_owned())));
        assert_eq!(mapped("tax=").ok(), Some(("tax".to_owned(), String::new())));
        assert!(mapped("order").is_err());
    }
}
