//! `rdesk demo`: the main job on a fresh sandbox home, told as it goes. Every number printed comes from the desk; the sandbox
//! is only asked where a person would look at the console.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use desk::views::{
    Ask, Decision, FactAnswer, HistoryQuery, RequestState, RequestView, ResourceQuery, ResourceRow, ResourceSort,
    ResourceTab, Review,
};
use desk::{Desk, DeskError};
use refund_rules::case::Action;
use refund_rules::quote::{Channel, RefundType};
use serde::Serialize;

use crate::answer::line;
use crate::args::DemoArgs;
use crate::host::Host;
use crate::print;

/// Longer than the two business days after which the sandbox's money arrives, weekends and holidays included.
const UNTIL_ARRIVED: TimeDelta = TimeDelta::days(12);

/// What the journey leaves, for programs.
#[derive(Debug, Serialize)]
struct Journey {
    home: String,
    customers: usize,
    resources: u32,
    requests: Vec<RequestView>,
    history: u32,
    exported: desk::views::Exported,
    journal_entries: u32,
    journal_head: Option<String>,
}

/// Tells the journey as text, or leaves it to the JSON document at the end.
struct Teller {
    quiet: bool,
    step: u32,
}

impl Teller {
    fn step(&mut self, title: &str) {
        self.step += 1;
        self.say(&format!("\n== {}. {title}", self.step));
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            line(text);
        }
    }
}

/// The whole journey. Errors stop it where it is, with the home left to look at.
pub async fn run(home: Option<&Path>, args: &DemoArgs, as_json: bool) -> Result<(), DeskError> {
    let dir = home.map_or_else(fresh_home, Path::to_owned);
    let mut tell = Teller { quiet: as_json, step: 0 };
    let host = Host::open_sandbox(&dir, args.seed).await?;
    let desk = host.desk.as_ref();
    tell.say(&print::status(&desk.status()?));

    tell.step("Sync: orders, resources, refunds and money of every customer");
    let reports = desk.sync(None, &|_| {}).await?;
    tell.say(&print::synced(&reports));
    let customers = desk.customers()?;
    tell.say(&print::customers(&customers));

    tell.step("Resources by what comes back");
    let page = desk.resources(&query(ResourceTab::All, None, 12))?;
    tell.say(&print::resources(&page));

    let mut requests = Vec::new();
    requests.push(by_api(&host, &mut tell).await?);
    requests.push(by_console(&host, &mut tell)?);
    requests.push(renewal(&host, &mut tell)?);

    tell.step("Sync again: the refund orders are there, the money is not yet");
    desk.sync(None, &|_| {}).await?;
    tell.say(&print::requests(&desk.requests(None)?));

    tell.step("Twelve days later: the money has arrived");
    let now = host.sandbox()?.control().advance(UNTIL_ARRIVED).map_err(crate::host::not_started)?;
    desk.set_cloud_clock(now)?;
    desk.sync(None, &|_| {}).await?;
    let requests = requests.iter().map(|id| desk.request(id)).collect::<Result<Vec<_>, _>>()?;
    for request in &requests {
        tell.say(&print::request(request));
        if request.state != RequestState::Refunded {
            return Err(DeskError::new(
                "journey_unfinished",
                format!("request {} is `{}`, not refunded", request.id, desk::state_name(request.state)),
                "look at the request with `rdesk requests show`",
            ));
        }
    }

    tell.step("The refund history, and its export");
    let history = HistoryQuery { customer: None, text: String::new(), from: None, to: None, offset: 0, limit: 100 };
    let shown = desk.history(&history)?;
    tell.say(&print::history(&shown));
    let file = args.out.as_ref().map(|out| out.join("refund-history.csv"));
    let exported = desk.export_history(&history, file.as_deref())?;
    tell.say(&print::exported(&exported));

    tell.step("The journal");
    let verified = desk.verify_journal()?;
    tell.say(&format!("{} entries, the chain is whole", verified.entries));
    tell.say(&format!("\nThe home stays in {}: try `rdesk --home {} resources`.", dir.display(), dir.display()));
    if as_json {
        let status = desk.status()?;
        let journey = Journey {
            home: status.home,
            customers: customers.len(),
            resources: page.total,
            requests,
            history: shown.total,
            exported,
            journal_entries: status.journal_entries,
            journal_head: status.journal_head,
        };
        let document = serde_json::to_string_pretty(&journey)
            .map_err(|why| DeskError::new("answer_unwritable", why.to_string(), "report this"))?;
        line(&document);
    }
    if let Some(sandbox) = host.sandbox {
        sandbox.stop().await;
    }
    Ok(())
}

fn fresh_home() -> PathBuf {
    std::env::temp_dir().join(format!("refund-desk-demo-{}", std::process::id()))
}

fn query(tab: ResourceTab, refund_type: Option<RefundType>, limit: u32) -> ResourceQuery {
    ResourceQuery {
        customer: None,
        tab,
        refund_type,
        product: None,
        text: String::new(),
        ordered_from: None,
        ordered_to: None,
        sort: ResourceSort::Refund,
        descending: true,
        offset: 0,
        limit,
    }
}

/// One instance by the API: quote, review, unknowns, decision, send.
async fn by_api(host: &Host, tell: &mut Teller) -> Result<String, DeskError> {
    let desk = host.desk.as_ref();
    tell.step("One unsubscription by the API");
    let (row, review) = first_review(desk, ResourceTab::Regular, Some(RefundType::Partial), Channel::Api)?;
    tell.say(&print::quote(&desk.quote(&row.customer, &row.resource, None)?));
    let confirmed = confirm(desk, &review, Channel::Api, "the customer closes this project")?;
    let sent = desk.send(&confirmed.id).await?;
    tell.say(&print::request(&sent));
    Ok(sent.id)
}

/// One plan at the console: hand over with the console's amount, act there, report.
fn by_console(host: &Host, tell: &mut Teller) -> Result<String, DeskError> {
    let desk = host.desk.as_ref();
    tell.step("One unsubscription at the console");
    let (row, review) = first_review(desk, ResourceTab::Plans, None, Channel::Console)?;
    tell.say(&print::quote(&review.quote));
    let confirmed = confirm(desk, &review, Channel::Console, "the plan is not needed any more")?;
    tell.say(&print::request(&confirmed));
    let console = host.sandbox()?.control();
    let shown = console
        .console_amount(&row.customer, &row.resource, Action::Unsubscribe, None)
        .map_err(|e| crate::refused(e.code(), &e))?;
    let handed = desk.hand_over(&confirmed.id, &shown.amount.to_string())?;
    let done = console.console_unsubscribe(&row.customer, &row.resource).map_err(|e| crate::refused(e.code(), &e))?;
    let reported = desk.report(&handed.id, done.refund_order_ids.first().map(String::as_str))?;
    tell.say(&print::request(&reported));
    Ok(reported.id)
}

/// Renewals that have not taken effect: choose the Updated Expiration Time; the console does it, the next sync finds it.
fn renewal(host: &Host, tell: &mut Teller) -> Result<String, DeskError> {
    let desk = host.desk.as_ref();
    tell.step("Cancel pending renewals: pick the Updated Expiration Time");
    let stacks = desk.renewals(None)?;
    tell.say(&print::renewals(&stacks));
    let chosen = stacks.iter().find_map(|stack| Some((stack, stack.candidates.last()?)));
    let (stack, candidate) = chosen.ok_or_else(|| nothing("a pending renewal that can fall alone"))?;
    let ask = Ask {
        customer: stack.customer.clone(),
        resource: stack.resource.clone(),
        action: Action::CancelRenewals,
        expires: Some(candidate.expires),
    };
    let review = settled(desk, desk.review(&ask)?)?;
    let confirmed = confirm(desk, &review, Channel::Console, "renewed by mistake")?;
    let console = host.sandbox()?.control();
    let shown = console
        .console_amount(&ask.customer, &ask.resource, ask.action, ask.expires)
        .map_err(|e| crate::refused(e.code(), &e))?;
    let handed = desk.hand_over(&confirmed.id, &shown.amount.to_string())?;
    console
        .console_cancel_renewals(&ask.customer, &ask.resource, candidate.expires)
        .map_err(|e| crate::refused(e.code(), &e))?;
    let reported = desk.report(&handed.id, None)?;
    tell.say(&print::request(&reported));
    Ok(reported.id)
}

/// The first resource of a list that can take the channel, reviewed with its unknowns settled.
fn first_review(
    desk: &Desk,
    tab: ResourceTab,
    refund_type: Option<RefundType>,
    channel: Channel,
) -> Result<(ResourceRow, Review), DeskError> {
    for row in desk.resources(&query(tab, refund_type, 100))?.rows {
        if !row.blockers.is_empty() || row.problem.is_some() || !row.exact {
            continue;
        }
        let ask = Ask {
            customer: row.customer.clone(),
            resource: row.resource.clone(),
            action: Action::Unsubscribe,
            expires: None,
        };
        let review = desk.review(&ask)?;
        if review.channels.contains(&channel) {
            return Ok((row, settled(desk, review)?));
        }
        desk.withdraw(&review.request.id)?;
    }
    Err(nothing("a resource that can take this channel"))
}

fn settled(desk: &Desk, review: Review) -> Result<Review, DeskError> {
    let source = "checked at the sandbox's console: none applies";
    let answers: Vec<FactAnswer> = review
        .questions
        .iter()
        .filter(|question| question.required)
        .filter_map(|question| {
            Some(FactAnswer { path: question.path.clone(), value: question.usual.clone()?, source: source.to_owned() })
        })
        .collect();
    if answers.is_empty() { Ok(review) } else { desk.settle(&review.request.id, &answers) }
}

fn confirm(desk: &Desk, review: &Review, channel: Channel, reason: &str) -> Result<RequestView, DeskError> {
    let decision = Decision {
        channel,
        amount_read: true,
        data_backed_up: true,
        reason: reason.to_owned(),
        amount_typed: review.type_amount.clone(),
        quote_sha256: review.quote.quote.sha256.clone().unwrap_or_default(),
        authorisation: None,
    };
    desk.confirm(&review.request.id, &decision)
}

fn nothing(what: &str) -> DeskError {
    DeskError::new("nothing_to_show", format!("the sandbox has no {what}"), "try another --seed").at("--seed")
}
