//! The words of the command line.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use desk::Secret;
use rust_decimal::Decimal;

use crate::connection::{ConnectionTestArgs, KeyArgs, PolicyArgs};
use crate::instant::instant_or_day_end;
use crate::{batch, curve, home, import, key, plan, quote, reconcile, report, requests};

/// A word that nothing prints.
pub fn secret(typed: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(typed))
}

/// The refund desk on a terminal: the same answers as in the window, as text or as JSON.
#[derive(Debug, Parser)]
#[command(name = "rdesk", version, disable_help_subcommand = true, infer_subcommands = false)]
pub struct Cli {
    /// The desk's home folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Answer in JSON, one document on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Read the home's passphrase from this file descriptor (real homes only); used when the keyring does not open it.
    #[arg(long, global = true, value_name = "FD")]
    pub passphrase_fd: Option<u32>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole journey on a fresh sandbox home: sync, quote, unsubscribe, follow the refund, export the history.
    Demo(DemoArgs),
    /// Quote cases: facts and an ask in, a quote out.
    Quote(quote::Args),
    /// What a case gives back over the coming time, and the best instant.
    Curve(curve::Args),
    /// The rules as data: in force on a date, one in full, what another pack changes.
    #[command(subcommand)]
    Policies(PoliciesCommand),
    /// The stand-in for the billing API.
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// The ways into a home: passphrase, system keyring, recovery code.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Copy the whole home, or make one of a copy.
    #[command(subcommand)]
    Home(home::HomeCommand),
    /// Customers of this home.
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// Bring orders, resources and refunds of one or all customers into the cache.
    Sync {
        /// Customer id; all when left out.
        #[arg(long)]
        customer: Option<String>,
    },
    /// Bring orders of a file into the cache: the console's order export or a bill detail.
    Import(import::Args),
    /// What wants attention today: windows that close within a week, late refunds, what can still be saved, old facts.
    Today,
    /// List resources with what an unsubscription would give back, or tell one in full.
    Resources(ResourcesArgs),
    /// Renewals that have not taken effect.
    #[command(subcommand)]
    Renewals(RenewalsCommand),
    /// Unsubscribe one resource, from review to sending or handing over.
    Unsubscribe(UnsubscribeArgs),
    /// Discount tables per customer and product: with them an amount is exact instead of a range.
    #[command(subcommand)]
    Discounts(DiscountsCommand),
    /// Enter what the cloud does not tell of a resource, or correct an earlier answer.
    Facts(FactsArgs),
    /// How much of the documented rates calls take at most: the account's own programs share them.
    Pace {
        /// Per cent, 1 to 100; left out, the present one is told.
        percent: Option<u32>,
    },
    /// The language that quotes are told in.
    Language {
        #[arg(value_enum)]
        language: LanguageArg,
    },
    /// Requests and their moves.
    Requests(requests::Args),
    /// What a selection comes to as batches: what goes together, what goes singly, what is left out and why.
    Plan(plan::Selection),
    /// One decision about up to fifty resources, carried out one by one.
    #[command(subcommand)]
    Batch(batch::Command),
    /// Which refund orders answer which requests, predicted and actual side by side; from the cache alone.
    Reconcile(reconcile::Args),
    /// The refund history.
    #[command(subcommand)]
    History(HistoryCommand),
    /// What the customer is handed: history, statement, quotes to sign, evidence pack; and whether one is as it was written.
    #[command(subcommand)]
    Report(report::Command),
    /// The append-only journal.
    #[command(subcommand)]
    Journal(JournalCommand),
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the exported files go; the home's `exports` when left out.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Seed of the sandbox's customers.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve the billing API on loopback; prints one ready line with the address.
    Serve(ServeArgs),
    /// Show the clock of this home's sandbox, or set it forward.
    Clock {
        /// Hours to set it forward by.
        #[arg(long, value_name = "HOURS")]
        advance: Option<u32>,
    },
    /// Show what the sandbox's console says a resource would give back.
    ConsoleAmount(ConsoleArgs),
    /// Do it at the sandbox's console, as a person would there.
    ConsoleAct(ConsoleArgs),
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Number of customers.
    #[arg(long, default_value_t = 4)]
    pub customers: u32,
    /// Orders in all, refund orders included, spread over the customers; those of each customer's situations when left out.
    #[arg(long, value_name = "NUMBER")]
    pub orders: Option<u32>,
    /// The business clock at the start; the machine's clock when left out.
    #[arg(long, value_name = "INSTANT")]
    pub clock: Option<DateTime<Utc>>,
    /// AccessKey id of the first customer; the n-th has `ID-n`.
    #[arg(long, default_value = "testid")]
    pub key_id: String,
    /// AccessKey secret of all customers.
    #[arg(long, default_value = "testsecret", value_parser = secret)]
    pub key_secret: Secret,
    /// Keep what was done in this file and go on from it at the next start.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Order the faults of this script (.json or .toml).
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Let the cloud differ from its pages as this file says (.json or .toml).
    #[arg(long, value_name = "FILE")]
    pub reality: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ConsoleArgs {
    pub resource: String,
    #[arg(long)]
    pub customer: Option<String>,
    /// Cancel the renewals from this Updated Expiration Time on, instead of unsubscribing.
    #[arg(long, value_name = "INSTANT")]
    pub expires: Option<DateTime<Utc>>,
}

#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// Connect a customer. A loopback address makes (or needs) a sandbox home, any other a real one.
    Add(CustomerAddArgs),
    /// List the customers.
    List,
    /// Let unsubscriptions of a customer go out by the API, or not. Off for real customers until switched on here.
    Api {
        customer: String,
        #[arg(value_enum)]
        switch: SwitchArg,
    },
    /// Try a connection with reading calls only: what is allowed, what RAM must grant, how far the clocks are apart.
    Test(ConnectionTestArgs),
    /// The least that RAM must grant the desk, as a policy to copy. Nothing in it changes anything.
    Policy(PolicyArgs),
    /// Remove a customer and its cache; the journal keeps ids and amounts.
    Remove { customer: String },
}

#[derive(Debug, Args)]
pub struct CustomerAddArgs {
    /// Name shown in lists; the uid when left out.
    #[arg(long)]
    pub name: Option<String>,
    /// Account uid; found from its resources when left out.
    #[arg(long)]
    pub uid: Option<String>,
    #[arg(long, value_enum)]
    pub site: Option<SiteArg>,
    /// Address of the billing API; the site's own when left out.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    #[command(flatten)]
    pub key: KeyArgs,
    /// The customer buys through a partner.
    #[arg(long)]
    pub partner: bool,
    /// Only files tell of this customer: no key, nothing to sync. Needs --uid, --site and, abroad, --currency.
    #[arg(long, conflicts_with_all = ["endpoint", "key_id", "key_secret", "key_secret_fd"])]
    pub imported: bool,
    /// Settlement currency of a customer of files; CNY on the China site.
    #[arg(long, requires = "imported")]
    pub currency: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SwitchArg {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageArg {
    En,
    Zh,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SiteArg {
    China,
    International,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum TabArg {
    Regular,
    Plans,
    All,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SortArg {
    Refund,
    Expires,
    Product,
    Resource,
    Customer,
    OrderTime,
}

#[derive(Debug, Subcommand)]
pub enum PoliciesCommand {
    /// List the rules in force.
    List {
        #[arg(long, value_enum)]
        site: Option<SiteArg>,
        /// On this date (the end of that day in UTC+8) or at this instant; now when left out.
        #[arg(long, value_name = "DATE", value_parser = instant_or_day_end)]
        at: Option<DateTime<Utc>>,
    },
    /// One rule with its parameters, source and reading.
    Show {
        #[arg(value_name = "ID")]
        rule: String,
        #[arg(long, value_enum)]
        site: Option<SiteArg>,
    },
    /// A pack file against the built-in pack of its site; with `--home`, what it does to the open quotes there. Nothing is kept.
    Diff { file: PathBuf },
}

#[derive(Debug, Args)]
pub struct ResourcesArgs {
    /// Tell this resource in full, with every step of its quote.
    pub resource: Option<String>,
    #[arg(long)]
    pub customer: Option<String>,
    #[arg(long, value_enum, default_value_t = TabArg::All)]
    pub tab: TabArg,
    /// Only this refund type, e.g. `partial`.
    #[arg(long = "type", value_name = "TYPE")]
    pub refund_type: Option<String>,
    #[arg(long)]
    pub product: Option<String>,
    /// Any part of an instance id, product code or region.
    #[arg(long, default_value = "")]
    pub text: String,
    #[arg(long, value_name = "DATE")]
    pub ordered_from: Option<NaiveDate>,
    #[arg(long, value_name = "DATE")]
    pub ordered_to: Option<NaiveDate>,
    #[arg(long, value_enum, default_value_t = SortArg::Refund)]
    pub sort: SortArg,
    #[arg(long)]
    pub ascending: bool,
    #[arg(long, default_value_t = 0)]
    pub offset: u32,
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// Quote for this instant instead of now (with a resource).
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<DateTime<Utc>>,
}

#[derive(Debug, Subcommand)]
pub enum RenewalsCommand {
    /// List resources with pending renewals and their possible Updated Expiration Times.
    List {
        #[arg(long)]
        customer: Option<String>,
    },
    /// Cancel the pending renewals from an Updated Expiration Time on (console only); of several resources as one batch.
    Cancel {
        /// Resource ids; `ID=INSTANT` chooses an Updated Expiration Time of its own.
        #[arg(required = true)]
        resources: Vec<String>,
        /// The Updated Expiration Time; the first possible one when left out: all pending renewals fall.
        #[arg(long, value_name = "INSTANT")]
        expires: Option<DateTime<Utc>>,
        #[arg(long)]
        customer: Option<String>,
        #[command(flatten)]
        decision: DecisionArgs,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChannelArg {
    Api,
    Console,
    Ticket,
    Partner,
}

#[derive(Debug, Args)]
pub struct UnsubscribeArgs {
    pub resource: String,
    #[arg(long)]
    pub customer: Option<String>,
    #[command(flatten)]
    pub decision: DecisionArgs,
}

/// Without `--confirm-amount` only the review is shown.
#[derive(Debug, Args)]
pub struct DecisionArgs {
    #[arg(long, value_enum)]
    pub channel: Option<ChannelArg>,
    /// Why, in the manager's words.
    #[arg(long)]
    pub reason: Option<String>,
    /// The amount typed out: what is confirmed. Needs `--reason`, `--rules-read` and, for unsubscriptions, `--data-backed-up`.
    #[arg(long, value_name = "AMOUNT")]
    pub confirm_amount: Option<String>,
    /// "I have read the unsubscription rules and confirmed the refund amount."
    #[arg(long)]
    pub rules_read: bool,
    /// "The data of the instance has been backed up and migrated."
    #[arg(long)]
    pub data_backed_up: bool,
    /// Answer an unknown fact: PATH=VALUE, e.g. resource.security_risk=false. May be repeated.
    #[arg(long = "fact", value_name = "PATH=VALUE")]
    pub facts: Vec<String>,
    /// Answer every unknown yes-or-no fact with "no": checked at the console, none applies.
    #[arg(long)]
    pub none_apply: bool,
    /// Reference of the customer's authorisation (a ticket or mail number).
    #[arg(long)]
    pub authorisation: Option<String>,
    /// With the console channel: the amount that the console shows.
    #[arg(long, value_name = "AMOUNT")]
    pub console_amount: Option<String>,
    /// Only confirm: it waits until `requests send` or `requests hand-over`.
    #[arg(long)]
    pub later: bool,
    /// Carry it out although its quote has changed, while at least this comes back (of a batch: in all).
    #[arg(long, value_name = "AMOUNT", requires = "floor_until")]
    pub floor: Option<Decimal>,
    /// The floor holds until this instant.
    #[arg(long, value_name = "INSTANT", requires = "floor")]
    pub floor_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
pub struct FactsArgs {
    pub resource: String,
    #[arg(long)]
    pub customer: Option<String>,
    /// PATH=VALUE as the quote's unknowns name it, e.g. resource.security_risk=false. May be repeated.
    #[arg(long = "fact", value_name = "PATH=VALUE", required = true)]
    pub facts: Vec<String>,
    /// Where you have it from.
    #[arg(long)]
    pub source: String,
}

#[derive(Debug, Subcommand)]
pub enum DiscountsCommand {
    /// List the tables of a customer.
    List {
        #[arg(long)]
        customer: String,
    },
    /// Enter tables from a CSV file: customer, product, from, from_day, from_percent, factor, source; one line a step.
    Import { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// List refund orders, newest first.
    List(HistoryArgs),
    /// Write them to a CSV file.
    Export {
        #[command(flatten)]
        filter: HistoryArgs,
        /// The file; a dated name in the home's `exports` folder when left out.
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[arg(long)]
    pub customer: Option<String>,
    /// Any part of a refund order, resource, product or related order.
    #[arg(long, default_value = "")]
    pub text: String,
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    #[arg(long, default_value_t = 0)]
    pub offset: u32,
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
}

#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Check the whole chain.
    Verify,
    /// Print the entries.
    List {
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        for command in [&["customer", "add", "--key-id", "K"][..], &["sandbox", "serve"]] {
            let words = [&["rdesk"], command, &["--key-secret", "not to be shown"]].concat();
            let shown = format!("{:?}", Cli::try_parse_from(words).unwrap());
            assert!(shown.contains("Secret(hidden)") && !shown.contains("not to be shown"), "{shown}");
        }
    }
}
