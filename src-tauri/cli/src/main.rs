//! The desk on a terminal: words in, the desk's answers out. What a command does is said at the desk's own functions.

mod answer;
mod args;
mod batch;
mod connection;
mod curve;
mod customers;
mod decide;
mod demo;
mod home;
mod host;
mod import;
mod instant;
mod key;
mod opening;
mod plan;
mod policies;
mod print;
mod quote;
mod reconcile;
mod report;
mod requests;
mod serve;
mod sync;
mod today;

use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Parser;
use desk::DeskError;
use desk::tell::Language;
use desk::views::{Ask, HistoryQuery, ResourceQuery, ResourceSort, ResourceTab};
use refund_rules::case::Action;
use refund_rules::quote::RefundType;
use serde_json::json;

use crate::answer::Out;
use crate::args::{
    Cli, Command, ConsoleArgs, DiscountsCommand, HistoryArgs, HistoryCommand, JournalCommand, LanguageArg,
    RenewalsCommand, ResourcesArgs, SandboxCommand, SortArg, TabArg,
};
use crate::decide::{Outcome, answer_of, customer_of, decide};
use crate::host::{Host, Need, home_dir};

/// What a second process says: it looks on, and the first one acts.
const BESIDE: &str = "read only: another desk has this home open; close it to change anything here";

fn main() -> ExitCode {
    desk::forbid_core_dumps();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return ExitCode::from(answer::usage(&usage, std::env::args().any(|word| word == "--json"))),
    };
    if let Command::Quote(args) = &cli.command {
        let status = quote::run(
            args,
            &mut std::io::stdout().lock(),
            &mut std::io::stderr().lock(),
            &mut std::io::stdin().lock(),
        );
        return ExitCode::from(u8::try_from(status).unwrap_or(answer::REFUSED));
    }
    if let Command::Curve(args) = &cli.command {
        return curve::run(args, cli.json);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            let error = DeskError::new(
                "no_runtime",
                format!("the process cannot start its threads: {why}"),
                "free memory or raise the limit of threads",
            );
            return ExitCode::from(answer::fail(&error, cli.json));
        }
    };
    match runtime.block_on(run(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(answer::fail(&error, cli.json)),
    }
}

/// What a command needs of its home.
fn need(command: &Command) -> Need {
    match command {
        Command::Sync { .. } | Command::Unsubscribe(_) | Command::Sandbox(_) => Need::Cloud,
        Command::Renewals(RenewalsCommand::Cancel { .. }) | Command::Customer(_) => Need::Write,
        Command::Requests(args) => requests::need(args),
        Command::Batch(command) => batch::need(command),
        Command::Reconcile(args) => reconcile::need(args),
        Command::Resources(_) | Command::Today => Need::Refresh,
        Command::Report(command) => report::need(command),
        Command::Discounts(DiscountsCommand::Import { .. })
        | Command::Facts(_)
        | Command::Import(_)
        | Command::Pace { .. }
        | Command::Language { .. } => Need::Write,
        _ => Need::Read,
    }
}

async fn run(cli: &Cli) -> Result<(), DeskError> {
    match &cli.command {
        Command::Demo(args) => return demo::run(cli.home.as_deref(), args, cli.json).await,
        Command::Sandbox(SandboxCommand::Serve(args)) => return serve::run(args, cli.json).await,
        Command::Customer(command) => return customers::run(cli, command).await,
        Command::Key(command) => return key::run(cli, command),
        Command::Home(command) => return home::run(cli, command),
        Command::Policies(command) => return policies::run(cli, command).await,
        _ => {}
    }
    let host = Host::open(&home_dir(cli.home.as_deref())?, cli.passphrase_fd, need(&cli.command)).await?;
    let out = Out { json: cli.json, banner: banner(&host)? };
    let answered = in_home(&host, &out, &cli.command).await;
    if let Some(sandbox) = host.sandbox {
        sandbox.stop().await;
    }
    answered
}

/// The home in one line, for the text answers of a sandbox home, and that a home which another desk has open is only read.
pub(crate) fn banner(host: &Host) -> Result<Option<String>, DeskError> {
    let home = if host.desk.is_sandbox() { Some(print::status(&host.desk.status()?)) } else { None };
    let beside = host.desk.is_read_only() && desk::home_in_use(host.desk.dir());
    let lines: Vec<String> = home.into_iter().chain(beside.then(|| BESIDE.to_owned())).collect();
    Ok((!lines.is_empty()).then(|| lines.join("\n")))
}

async fn in_home(host: &Host, out: &Out, command: &Command) -> Result<(), DeskError> {
    let desk = &host.desk;
    match command {
        Command::Sync { customer } => sync::run(desk, out, customer.as_deref()).await,
        Command::Import(args) => import::run(host, out, args),
        Command::Pace { percent } => pace(host, out, *percent),
        Command::Today => today::run(desk, out),
        Command::Resources(args) => resources(host, out, args),
        Command::Renewals(RenewalsCommand::List { customer }) => {
            let stacks = desk.renewals(customer.as_deref())?;
            out.put(&stacks, || print::renewals(&stacks))
        }
        Command::Renewals(RenewalsCommand::Cancel { resources, expires, customer, decision }) => {
            let asks = plan::renewals(desk, resources, *expires, customer.as_deref())?;
            match asks.as_slice() {
                [one] => decided(out, decide(desk, one, decision).await?),
                several => batch::decide(desk, out, several, decision),
            }
        }
        Command::Unsubscribe(args) => {
            let customer = customer_of(desk, &args.resource, args.customer.as_deref())?;
            let ask = Ask { customer, resource: args.resource.clone(), action: Action::Unsubscribe, expires: None };
            decided(out, decide(desk, &ask, &args.decision).await?)
        }
        Command::Discounts(command) => discounts(host, out, command),
        Command::Facts(args) => {
            let customer = customer_of(desk, &args.resource, args.customer.as_deref())?;
            let answers = args.facts.iter().map(|fact| answer_of(fact, &args.source)).collect::<Result<Vec<_>, _>>()?;
            let view = desk.enter_facts(&customer, &args.resource, &answers)?;
            out.put(&view, || print::quote(&view))
        }
        Command::Language { language } => {
            let language = if *language == LanguageArg::Zh { Language::Chinese } else { Language::English };
            desk.set_language(language)?;
            out.put(&json!({"language": language.word()}), || format!("quotes are told in `{}`", language.word()))
        }
        Command::Requests(args) => requests::run(host, out, args).await,
        Command::Plan(selection) => plan::run(host, out, selection),
        Command::Batch(command) => batch::run(host, out, command).await,
        Command::Reconcile(args) => reconcile::run(host, out, args),
        Command::History(command) => history(host, out, command),
        Command::Report(command) => report::run(host, out, command).await,
        Command::Journal(command) => journal(host, out, command),
        Command::Sandbox(command) => sandbox(host, out, command),
        Command::Demo(_)
        | Command::Quote(_)
        | Command::Curve(_)
        | Command::Policies(_)
        | Command::Customer(_)
        | Command::Home(_)
        | Command::Key(_) => Ok(()),
    }
}

/// One document on standard output: the reports, or the first failure with the customers that failed as its details; the others
/// are synced all the same.
fn pace(host: &Host, out: &Out, percent: Option<u32>) -> Result<(), DeskError> {
    if let Some(percent) = percent {
        host.desk.set_rate_share(percent)?;
    }
    let share = host.desk.rate_share()?;
    out.put(&json!({ "percent": share }), || match share {
        Some(percent) => format!("Calls take {percent} % of the documented rates at most."),
        None if host.desk.is_sandbox() => "Calls to the sandbox are not slowed down.".to_owned(),
        None => "Not chosen: calls take half of the documented rates at most.".to_owned(),
    })
}

fn resources(host: &Host, out: &Out, args: &ResourcesArgs) -> Result<(), DeskError> {
    if let Some(resource) = &args.resource {
        let customer = customer_of(&host.desk, resource, args.customer.as_deref())?;
        let view = host.desk.quote(&customer, resource, args.at)?;
        return out.put(&view, || print::quote(&view));
    }
    let refund_type = args.refund_type.as_deref().map(refund_type).transpose()?;
    let page = host.desk.resources(&ResourceQuery {
        customer: args.customer.clone(),
        tab: match args.tab {
            TabArg::Regular => ResourceTab::Regular,
            TabArg::Plans => ResourceTab::Plans,
            TabArg::All => ResourceTab::All,
        },
        refund_type,
        product: args.product.clone(),
        text: args.text.clone(),
        ordered_from: args.ordered_from,
        ordered_to: args.ordered_to,
        sort: match args.sort {
            SortArg::Refund => ResourceSort::Refund,
            SortArg::Expires => ResourceSort::Expires,
            SortArg::Product => ResourceSort::Product,
            SortArg::Resource => ResourceSort::Resource,
            SortArg::Customer => ResourceSort::Customer,
            SortArg::OrderTime => ResourceSort::OrderTime,
        },
        descending: !args.ascending,
        offset: args.offset,
        limit: args.limit,
    })?;
    out.put(&page, || print::resources(&page))
}

fn refund_type(word: &str) -> Result<RefundType, DeskError> {
    RefundType::from_word(word).ok_or_else(|| {
        DeskError::new(
            "unknown_refund_type",
            format!("`{word}` is no refund type"),
            "one of nonrefundable, automatic, unactivated, full_unused, full_no_reason, partial",
        )
        .at("--type")
    })
}

/// An import with refused lines enters nothing and fails.
fn discounts(host: &Host, out: &Out, command: &DiscountsCommand) -> Result<(), DeskError> {
    match command {
        DiscountsCommand::List { customer } => {
            let tables = host.desk.discounts(customer)?;
            out.put(&tables, || print::discounts(&tables))
        }
        DiscountsCommand::Import { file } => {
            let done = host.desk.import_discounts(file)?;
            if done.refused.is_empty() {
                return out.put(&done, || format!("{} tables entered, {} unchanged", done.entered, done.unchanged));
            }
            let lines = done.refused.iter().map(|r| format!("line {}: {}", r.line, r.reason)).collect();
            Err(DeskError::new(
                "import_refused",
                format!("{} lines cannot be used; nothing was entered", done.refused.len()),
                "correct them and import the file again",
            )
            .at(file.display().to_string())
            .with_details(lines))
        }
    }
}

fn decided(out: &Out, outcome: Outcome) -> Result<(), DeskError> {
    match outcome {
        Outcome::Reviewed(review) => out.put(&review, || print::review(&review)),
        Outcome::Requested(request) => out.put(&request, || print::request(&request)),
    }
}

fn history_query(args: &HistoryArgs) -> HistoryQuery {
    HistoryQuery {
        customer: args.customer.clone(),
        text: args.text.clone(),
        from: args.from,
        to: args.to,
        offset: args.offset,
        limit: args.limit,
    }
}

fn history(host: &Host, out: &Out, command: &HistoryCommand) -> Result<(), DeskError> {
    match command {
        HistoryCommand::List(args) => {
            let page = host.desk.history(&history_query(args))?;
            out.put(&page, || print::history(&page))
        }
        HistoryCommand::Export { filter, out: file } => {
            let exported = host.desk.export_history(&history_query(filter), file.as_deref())?;
            out.put(&exported, || print::exported(&exported))
        }
    }
}

fn journal(host: &Host, out: &Out, command: &JournalCommand) -> Result<(), DeskError> {
    match command {
        JournalCommand::Verify => {
            let verified = host.desk.verify_journal()?;
            let head = verified.head.as_ref().map(|h| h.hash.clone());
            out.put(&json!({"entries": verified.entries, "head": head, "whole": true}), || {
                format!("{} entries, the chain is whole; head {}", verified.entries, head.as_deref().unwrap_or("-"))
            })
        }
        JournalCommand::List { limit } => {
            let entries = host.desk.journal(*limit)?;
            out.put(&entries, || {
                entries
                    .iter()
                    .map(|e| {
                        format!(
                            "{:>5}  {}  {:<28} {}",
                            e.seq,
                            e.at.format("%Y-%m-%d %H:%M:%SZ"),
                            e.kind,
                            e.subject.as_deref().unwrap_or("-")
                        )
                    })
                    .collect::<Vec<_>>()
                    .join("\n")
            })
        }
    }
}

fn sandbox(host: &Host, out: &Out, command: &SandboxCommand) -> Result<(), DeskError> {
    let control = host.sandbox()?.control();
    match command {
        SandboxCommand::Serve(_) => Ok(()),
        SandboxCommand::Clock { advance } => {
            if let Some(hours) = advance {
                let now = control.advance(TimeDelta::hours(i64::from(*hours))).map_err(host::not_started)?;
                host.desk.set_cloud_clock(now)?;
            }
            let now = control.now();
            out.put(&json!({"now": now}), || now.to_rfc3339())
        }
        SandboxCommand::ConsoleAmount(args) => {
            let shown = control
                .console_amount(
                    &customer_of(&host.desk, &args.resource, args.customer.as_deref())?,
                    &args.resource,
                    action(args),
                    args.expires,
                )
                .map_err(|error| refused(error.code(), &error))?;
            out.put(&shown, || {
                format!("{} {} ({})", desk::tell::amount(shown.amount), shown.currency, shown.refund_type)
            })
        }
        SandboxCommand::ConsoleAct(args) => {
            let customer = customer_of(&host.desk, &args.resource, args.customer.as_deref())?;
            let done = match args.expires {
                Some(expires) => control.console_cancel_renewals(&customer, &args.resource, expires),
                None => control.console_unsubscribe(&customer, &args.resource),
            }
            .map_err(|error| refused(error.code(), &error))?;
            out.put(&done, || {
                format!(
                    "{} {} as refund order {}",
                    desk::tell::amount(done.amount),
                    done.currency,
                    done.refund_order_ids.join(", ")
                )
            })
        }
    }
}

fn action(args: &ConsoleArgs) -> Action {
    if args.expires.is_some() { Action::CancelRenewals } else { Action::Unsubscribe }
}

pub(crate) fn refused(code: &str, error: &dyn std::fmt::Display) -> DeskError {
    DeskError::new(code, error.to_string(), "look at the resource's quote: it says what stands in the way")
        .at("the sandbox's console")
}
