//! `rdesk batch`: one decision about up to fifty, carried out one by one; `renewals cancel` of several goes the same way.

use desk::tell::amount as figure;
use desk::views::{Ask, FactAnswer, Question};
use desk::{
    BatchAnswers, BatchDecision, BatchPick, BatchReview, BatchReviewItem, BatchView, Desk, DeskError, Floor, Run,
    RunProgress,
};
use refund_rules::quote::Channel;

use crate::answer::Out;
use crate::args::DecisionArgs;
use crate::decide::{FACT_SOURCE, NONE_APPLY_SOURCE, answer_of, channel_of};
use crate::host::{Host, Need};
use crate::plan::Selection;
use crate::print;

/// What to do with batches.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Review a selection that is one valid batch, and with `--confirm-amount` (the total) confirm it. Nothing is sent.
    Confirm {
        #[command(flatten)]
        selection: Selection,
        /// Take this batch of the selection's plan.
        #[arg(long = "batch", value_name = "NUMBER")]
        number: Option<u32>,
        #[command(flatten)]
        decision: DecisionArgs,
    },
    /// Send the items that wait, one by one; or hand them over to the console, which shows the total for all of them.
    Run {
        batch: String,
        /// The total that the console shows (console batches).
        #[arg(long, value_name = "AMOUNT")]
        console_amount: Option<String>,
        /// Stop after this many; the rest waits.
        #[arg(long, value_name = "COUNT")]
        at_most: Option<u32>,
    },
    /// Report that the items that were handed over were done.
    Report { batch: String },
    /// Take back the items that wait.
    Withdraw { batch: String },
    /// One batch with its items.
    Show { batch: String },
    /// List the batches.
    List,
}

/// What the command needs of its home.
pub fn need(command: &Command) -> Need {
    match command {
        Command::Run { .. } => Need::Cloud,
        Command::Confirm { .. } | Command::Report { .. } | Command::Withdraw { .. } => Need::Write,
        Command::Show { .. } | Command::List => Need::Read,
    }
}

/// Runs the command.
pub async fn run(host: &Host, out: &Out, command: &Command) -> Result<(), DeskError> {
    let desk = &host.desk;
    match command {
        Command::Confirm { selection, number, decision } => {
            let asks = asks(desk, selection, *number)?;
            decide(desk, out, &asks, decision)
        }
        Command::Run { batch, console_amount, at_most } => match console_amount {
            Some(total) => put_run(out, &desk.hand_over_batch(batch, total)?),
            None => {
                let run = desk.run_batch(batch, &|progress| watch(out, progress, *at_most)).await?;
                put_run(out, &run)
            }
        },
        Command::Report { batch } => put(out, &desk.report_batch(batch)?),
        Command::Withdraw { batch } => put(out, &desk.withdraw_batch(batch)?),
        Command::Show { batch } => put(out, &desk.batch(batch)?),
        Command::List => {
            let batches = desk.batches(None)?;
            out.put(&batches, || list(&batches))
        }
    }
}

/// The asks of a whole selection, or of one batch of its plan.
fn asks(desk: &Desk, selection: &Selection, number: Option<u32>) -> Result<Vec<Ask>, DeskError> {
    let Some(number) = number else {
        if selection.all {
            return Err(DeskError::new(
                "not_one_batch",
                "everything is not one batch",
                "plan it with `rdesk plan --all`, then choose one with --batch",
            )
            .at("--all"));
        }
        return selection.asks(desk);
    };
    let plan = selection.plan(desk)?;
    let batch = plan.batches.iter().find(|batch| batch.number == number).ok_or_else(|| {
        DeskError::new(
            "unknown_batch",
            format!("the plan has {} batches, not a number {number}", plan.batches.len()),
            "look at the plan with `rdesk plan`",
        )
        .at("--batch")
    })?;
    let ask = |item: &desk::PlannedItem| Ask {
        customer: batch.customer.clone(),
        resource: item.resource.clone(),
        action: batch.action,
        expires: item.expires,
    };
    Ok(batch.items.iter().map(ask).collect())
}

/// Reviews a batch, settles what is answered, and with `--confirm-amount` confirms it.
pub fn decide(desk: &Desk, out: &Out, asks: &[Ask], args: &DecisionArgs) -> Result<(), DeskError> {
    let mut review = desk.review_batch(asks)?;
    let answers = review.items.iter().map(|item| answers(item, args)).collect::<Result<Vec<_>, _>>()?;
    if answers.iter().any(|of| !of.answers.is_empty()) {
        let requests: Vec<String> = review.items.iter().map(|item| item.request.clone()).collect();
        review = desk.settle_batch(&requests, &answers)?;
    }
    let Some(total) = &args.confirm_amount else { return out.put(&review, || review_text(&review)) };
    let usual = review.channels.first().copied().unwrap_or(Channel::Console);
    let pick =
        |item: &BatchReviewItem| BatchPick { request: item.request.clone(), quote_sha256: item.quote_sha256.clone() };
    let decision = BatchDecision {
        items: review.items.iter().map(pick).collect(),
        channel: args.channel.map_or(usual, channel_of),
        amount_read: args.rules_read,
        data_backed_up: args.data_backed_up,
        reason: args.reason.clone().unwrap_or_default(),
        authorisation: args.authorisation.clone(),
        total_typed: total.clone(),
    };
    let confirmed = match (args.floor, args.floor_until) {
        (Some(at_least), Some(until)) => desk.confirm_batch_with_floor(&decision, &Floor { at_least, until })?,
        _ => desk.confirm_batch(&decision)?,
    };
    match args.console_amount.as_ref().filter(|_| !args.later) {
        Some(shown) => put_run(out, &desk.hand_over_batch(&confirmed.id, shown)?),
        None => put(out, &confirmed),
    }
}

/// Facts named on the command line answer every item that asks for them.
fn answers(item: &BatchReviewItem, args: &DecisionArgs) -> Result<BatchAnswers, DeskError> {
    let named = args.facts.iter().map(|fact| answer_of(fact, FACT_SOURCE)).collect::<Result<Vec<_>, _>>()?;
    let answer = |question: &Question| -> Option<FactAnswer> {
        if let Some(named) = named.iter().find(|answer| answer.path == question.path) {
            return Some(named.clone());
        }
        let usual = question.usual.clone().filter(|_| args.none_apply && question.required)?;
        Some(FactAnswer { path: question.path.clone(), value: usual, source: NONE_APPLY_SOURCE.to_owned() })
    };
    Ok(BatchAnswers { request: item.request.clone(), answers: item.questions.iter().filter_map(answer).collect() })
}

/// Tells on standard error how far a run has come; stops it after `at_most`.
pub fn watch(out: &Out, progress: &RunProgress, at_most: Option<u32>) -> bool {
    let goes_on = at_most.is_none_or(|most| progress.done < most);
    if let (false, true, Some(next)) = (out.json, goes_on, &progress.next) {
        eprintln!("{} of {}: {next}", progress.done + 1, progress.total);
    }
    goes_on
}

fn put(out: &Out, batch: &BatchView) -> Result<(), DeskError> {
    out.put(batch, || text(batch))
}

/// A run's results. That an item failed is a normal end.
pub fn put_run(out: &Out, run: &Run) -> Result<(), DeskError> {
    out.put(run, || run_text(run))
}

fn review_text(review: &BatchReview) -> String {
    let mut table = print::table(&["request", "resource", "product", "refund", "questions open"], &[3, 4]);
    for item in &review.items {
        let open = item.questions.iter().filter(|question| question.required).count();
        table.add_row([
            item.request.clone(),
            item.resource.clone(),
            item.product.clone(),
            print::amount(Some(item.refund), Some(item.refund_max), Some(&review.currency)),
            open.to_string(),
        ]);
    }
    let mut text = format!("{} of {}\n{table}", review.action, review.customer_name);
    for refused in &review.refused {
        text.push_str(&format!("\n  without {}: {}", refused.resource, refused.problem.message));
    }
    for sentence in review.consequences.iter().chain(&review.channel_notes) {
        text.push_str(&format!("\n  - {}", sentence.text));
    }
    let channels: Vec<_> = review.channels.iter().map(|channel| channel.word()).collect();
    text.push_str(&format!(
        "\n{} channel refunds; channels: {}\nTo confirm, type the total: {}",
        review.channel_refunds,
        channels.join(", "),
        review.type_total
    ));
    text
}

fn list(batches: &[BatchView]) -> String {
    let mut table = print::table(
        &["batch", "customer", "action", "channel", "total", "items", "waiting", "arrived"],
        &[4, 5, 6, 7],
    );
    for batch in batches {
        table.add_row([
            batch.id.clone(),
            batch.customer_name.clone(),
            batch.action.to_string(),
            batch.channel.to_string(),
            print::amount(Some(batch.total), Some(batch.total_max), Some(&batch.currency)),
            batch.items.len().to_string(),
            batch.waiting.to_string(),
            figure(batch.arrived),
        ]);
    }
    table.to_string()
}

fn text(batch: &BatchView) -> String {
    let mut table =
        print::table(&["request", "resource", "state", "predicted", "actual", "arrived", "refund order"], &[3, 4, 5]);
    for item in &batch.items {
        table.add_row([
            item.request.clone(),
            item.resource.clone(),
            desk::state_name(item.state).to_owned(),
            print::amount(Some(item.predicted), Some(item.predicted_max), Some(&batch.currency)),
            item.actual.map_or_else(|| "-".to_owned(), figure),
            figure(item.arrived),
            item.refund_order.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let counts: Vec<_> =
        batch.counts.iter().map(|count| format!("{} {}", count.count, desk::state_name(count.state))).collect();
    let mut text = format!("{}\n{table}\n{}", list(std::slice::from_ref(batch)), counts.join(", "));
    for item in &batch.items {
        if let Some(problem) = &item.problem {
            text.push_str(&format!("\n  {}: {} [{}]; {}", item.resource, problem.message, problem.code, problem.next));
        }
    }
    for (nth, step) in (1..).zip(&batch.instructions) {
        text.push_str(&format!("\n  {nth}. {step}"));
    }
    if !batch.moves.is_empty() {
        text.push_str(&format!("\n  possible now: {}", batch.moves.join(", ")));
    }
    text
}

fn run_text(run: &Run) -> String {
    let mut table = print::table(&["request", "resource", "state", "refund order", "problem"], &[]);
    for result in &run.results {
        let problem = result.problem.as_ref();
        table.add_row([
            result.request.clone(),
            result.resource.clone(),
            desk::state_name(result.state).to_owned(),
            result.refund_order.clone().unwrap_or_else(|| "-".to_owned()),
            problem.map_or_else(|| "-".to_owned(), |p| format!("{} [{}]; {}", p.message, p.code, p.next)),
        ]);
    }
    match run.left.len() {
        0 => table.to_string(),
        left => format!("{table}\nstopped: {left} wait"),
    }
}
