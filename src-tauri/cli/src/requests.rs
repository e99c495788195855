//! `rdesk requests`: the moves of requests, what waits, and the urgent ticket for the wrong one.

use desk::tell::amount as figure;
use desk::{DeskError, Ending, Ready, UrgentTicket, Waiting};

use crate::answer::Out;
use crate::batch;
use crate::host::{Host, Need};
use crate::instant::shown;
use crate::print;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, global = true)]
    pub customer: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do with requests.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the requests (the default).
    List,
    /// One request with its trail.
    Show { request: String },
    /// What was confirmed and waits, with old and new numbers.
    Ready,
    /// Send a confirmed request by the API, or all that are ready.
    Send {
        #[arg(required_unless_present = "ready", conflicts_with = "ready")]
        request: Option<String>,
        /// Send all that `requests ready` lists as ready: as many as were seen there.
        #[arg(long, value_name = "COUNT")]
        ready: Option<u32>,
    },
    /// Hand a confirmed request over to the console, with the amount that the console shows; a ticket or partner shows none.
    HandOver {
        request: String,
        #[arg(long, value_name = "AMOUNT", default_value = "")]
        console_amount: String,
    },
    /// Report that a handed-over request was done.
    Report {
        request: String,
        #[arg(long, value_name = "ID")]
        refund_order: Option<String>,
        /// The number of the ticket, or the partner's reference.
        #[arg(long, value_name = "TEXT")]
        receipt: Option<String>,
    },
    /// Say which refund order answers a request, where matching finds none.
    ChooseRefund { request: String, refund_order: String },
    /// Close a request that ended otherwise than it was decided, with the difference told.
    Close {
        request: String,
        /// `unsubscribed_elsewhere`, `settled_otherwise` or `not_coming`.
        #[arg(long, value_name = "ENDING", value_parser = ending)]
        ending: Ending,
        /// How it was settled, or why it is not waited for; may be left out for `unsubscribed_elsewhere`.
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Ask the cloud what became of a request.
    Ask { request: String },
    /// Take a request back before anything was done.
    Withdraw { request: String },
    /// The wrong one was unsubscribed: the text of an urgent ticket, with the time left.
    WrongOne { request: String },
}

fn ending(word: &str) -> Result<Ending, String> {
    let known = || Ending::ALL.map(Ending::word).join(", ");
    Ending::from_word(word).ok_or_else(|| format!("the endings are {}", known()))
}

/// What the command needs of its home.
pub fn need(args: &Args) -> Need {
    match &args.command {
        None | Some(Command::List | Command::Show { .. } | Command::Ready | Command::WrongOne { .. }) => Need::Read,
        Some(Command::Send { .. } | Command::Ask { .. }) => Need::Cloud,
        Some(_) => Need::Write,
    }
}

/// Runs the command.
pub async fn run(host: &Host, out: &Out, args: &Args) -> Result<(), DeskError> {
    let desk = &host.desk;
    let customer = args.customer.as_deref();
    let view = match &args.command {
        None | Some(Command::List) => {
            let rows = desk.requests(customer)?;
            return out.put(&rows, || print::requests(&rows));
        }
        Some(Command::Ready) => {
            let ready = desk.ready(customer)?;
            return out.put(&ready, || ready_text(&ready));
        }
        Some(Command::Send { ready: Some(count), .. }) => return send_ready(host, out, customer, *count).await,
        Some(Command::WrongOne { request }) => {
            let ticket = desk.wrong_one(request)?;
            return out.put(&ticket, || ticket_text(&ticket));
        }
        Some(Command::Show { request }) => desk.request(request)?,
        Some(Command::Send { request, .. }) => desk.send(request.as_deref().unwrap_or_default()).await?,
        Some(Command::HandOver { request, console_amount }) => desk.hand_over(request, console_amount)?,
        Some(Command::Report { request, refund_order, receipt }) => {
            desk.report_with_receipt(request, refund_order.as_deref(), receipt.as_deref())?
        }
        Some(Command::ChooseRefund { request, refund_order }) => desk.choose_refund(request, refund_order)?,
        Some(Command::Close { request, ending, note }) => desk.close_request(request, *ending, note)?,
        Some(Command::Ask { request }) => desk.ask_again(request).await?,
        Some(Command::Withdraw { request }) => desk.withdraw(request)?,
    };
    out.put(&view, || print::request(&view))
}

/// Sends what is ready when it is as much as the manager saw.
async fn send_ready(host: &Host, out: &Out, customer: Option<&str>, count: u32) -> Result<(), DeskError> {
    let ready = host.desk.ready(customer)?.ready;
    if u32::try_from(ready.len()) != Ok(count) {
        return Err(DeskError::new(
            "ready_changed",
            format!("{} are ready, not {count}", ready.len()),
            "look again with `rdesk requests ready`",
        )
        .at("--ready")
        .with_details(ready.into_iter().map(|waiting| waiting.request).collect()));
    }
    let shown: Vec<String> = ready.into_iter().map(|waiting| waiting.request).collect();
    let run = host.desk.send_ready(&shown, &|progress| batch::watch(out, progress, None)).await?;
    batch::put_run(out, &run)
}

fn ready_text(ready: &Ready) -> String {
    let section = |title: &str, waiting: &[Waiting]| {
        let count = waiting.len();
        if count == 0 { format!("{title}: none") } else { format!("{title}: {count}\n{}", waiting_table(waiting)) }
    };
    [
        section("Ready to send", &ready.ready),
        section("Waiting for a person", &ready.by_hand),
        section("To review again", &ready.to_review),
    ]
    .join("\n\n")
}

fn waiting_table(waiting: &[Waiting]) -> String {
    let mut table = print::table(
        &["request", "resource", "channel", "confirmed", "now", "floor", "until (UTC+8)", "why not"],
        &[3, 4, 5],
    );
    for one in waiting {
        table.add_row([
            one.request.clone(),
            one.resource.clone(),
            one.channel.map_or("-", |channel| channel.word()).to_owned(),
            print::amount(Some(one.confirmed), Some(one.confirmed_max), Some(&one.currency)),
            print::amount(one.now, one.now_max, Some(&one.currency)),
            one.floor.as_ref().map_or_else(|| "-".to_owned(), |floor| figure(floor.at_least)),
            one.until.map_or_else(|| "-".to_owned(), shown),
            one.why.as_ref().map_or_else(|| "-".to_owned(), |why| format!("{} [{}]", why.message, why.code)),
        ]);
    }
    table.to_string()
}

fn ticket_text(ticket: &UrgentTicket) -> String {
    ticket.text.clone()
}
