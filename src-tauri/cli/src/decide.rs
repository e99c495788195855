//! From review to sending or handing over, as one command: `unsubscribe` and `renewals cancel`.

use desk::views::{Ask, Decision, FactAnswer, RequestView, Review};
use desk::{Desk, DeskError, Floor};
use refund_rules::quote::Channel;

use crate::args::{ChannelArg, DecisionArgs};

/// Where answers given by `--none-apply` come from, as the journal keeps it.
pub const NONE_APPLY_SOURCE: &str = "checked at the console: none applies";
/// Where answers given by `--fact` come from.
pub const FACT_SOURCE: &str = "entered on the command line";

/// How far a command came.
pub enum Outcome {
    /// Only reviewed: nothing was confirmed.
    Reviewed(Box<Review>),
    /// Confirmed and sent, handed over, or waiting for the console's amount.
    Requested(Box<RequestView>),
}

/// Reviews, settles, and with `--confirm-amount` confirms and acts.
pub async fn decide(desk: &Desk, ask: &Ask, args: &DecisionArgs) -> Result<Outcome, DeskError> {
    let mut review = desk.review(ask)?;
    let answers = answers(&review, args)?;
    if !answers.is_empty() {
        review = desk.settle(&review.request.id, &answers)?;
    }
    let Some(amount) = &args.confirm_amount else { return Ok(Outcome::Reviewed(Box::new(review))) };
    let decision = decision(&review, args, amount)?;
    let confirmed = match (args.floor, args.floor_until) {
        (Some(at_least), Some(until)) => {
            desk.confirm_with_floor(&review.request.id, &decision, &Floor { at_least, until })?
        }
        _ => desk.confirm(&review.request.id, &decision)?,
    };
    let done = match (confirmed.channel, &args.console_amount) {
        _ if args.later => confirmed,
        (Some(Channel::Api), _) => desk.send(&confirmed.id).await?,
        (Some(Channel::Console), None) => confirmed,
        (_, shown) => desk.hand_over(&confirmed.id, shown.as_deref().unwrap_or_default())?,
    };
    Ok(Outcome::Requested(Box::new(done)))
}

/// The channel of a word.
pub fn channel_of(channel: ChannelArg) -> Channel {
    match channel {
        ChannelArg::Api => Channel::Api,
        ChannelArg::Console => Channel::Console,
        ChannelArg::Ticket => Channel::Ticket,
        ChannelArg::Partner => Channel::Partner,
    }
}

/// The owner of a resource: the one named, or the only one that has it.
pub fn customer_of(desk: &Desk, resource: &str, named: Option<&str>) -> Result<String, DeskError> {
    if let Some(customer) = named {
        return Ok(customer.to_owned());
    }
    let owners = desk.owners(resource)?;
    match owners.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(DeskError::new(
            "unknown_resource",
            format!("resource `{resource}` is not in the cache"),
            "sync first; `rdesk resources` lists what is there",
        )
        .at("resource")),
        several => Err(DeskError::new(
            "ambiguous_resource",
            format!("several customers have `{resource}`"),
            "name one with --customer",
        )
        .at("resource")
        .with_details(several.to_vec())),
    }
}

/// `PATH=VALUE` as an answer.
pub fn answer_of(fact: &str, source: &str) -> Result<FactAnswer, DeskError> {
    let (path, value) = fact.split_once('=').ok_or_else(|| {
        DeskError::new("bad_answer", format!("`{fact}` is not PATH=VALUE"), "e.g. --fact resource.security_risk=false")
            .at("--fact")
    })?;
    Ok(FactAnswer { path: path.to_owned(), value: value.to_owned(), source: source.to_owned() })
}

fn answers(review: &Review, args: &DecisionArgs) -> Result<Vec<FactAnswer>, DeskError> {
    let mut answers = Vec::new();
    for fact in &args.facts {
        answers.push(answer_of(fact, FACT_SOURCE)?);
    }
    if args.none_apply {
        for question in &review.questions {
            let answered = answers.iter().any(|a| a.path == question.path);
            if let (Some(usual), true, false) = (&question.usual, question.required, answered) {
                answers.push(FactAnswer {
                    path: question.path.clone(),
                    value: usual.clone(),
                    source: NONE_APPLY_SOURCE.to_owned(),
                });
            }
        }
    }
    Ok(answers)
}

fn decision(review: &Review, args: &DecisionArgs, amount: &str) -> Result<Decision, DeskError> {
    let usual = review.channels.first().copied().unwrap_or(Channel::Console);
    Ok(Decision {
        channel: args.channel.map_or(usual, channel_of),
        amount_read: args.rules_read,
        data_backed_up: args.data_backed_up,
        reason: args.reason.clone().unwrap_or_default(),
        amount_typed: amount.to_owned(),
        quote_sha256: review.quote.quote.sha256.clone().unwrap_or_default(),
        authorisation: args.authorisation.clone(),
    })
}
