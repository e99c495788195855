//! Preparing a batch: a selection that a plan finds to be one valid batch, each item reviewed, questions settled.

use std::collections::BTreeSet;

use refund_rules::quote::{Channel, Quote};

use super::super::record::Record;
use super::super::review::ask_of;
use super::view::{BatchAnswers, BatchReview, BatchReviewItem, RefusedItem};
use crate::error::DeskError;
use crate::home::Desk;
use crate::plan::{self, BatchPlan};
use crate::views::{Ask, FactAnswer, Review, Sentence};

impl Desk {
    /// Reviews a selection that is one valid batch. Errors: `not_one_batch` with what a plan says of it, and those of a review.
    pub fn review_batch(&self, selection: &[Ask]) -> Result<BatchReview, DeskError> {
        let plan = self.plan(selection)?;
        let [batch] = plan.batches.as_slice() else { return Err(not_one_batch(&plan)) };
        if !plan.singly.is_empty() || !plan.left_out.is_empty() {
            return Err(not_one_batch(&plan));
        }
        let ask = |item: &plan::PlannedItem| Ask {
            customer: batch.customer.clone(),
            resource: item.resource.clone(),
            action: batch.action,
            expires: item.expires,
        };
        let reviews = batch.items.iter().map(|item| self.review(&ask(item))).collect::<Result<Vec<_>, _>>()?;
        self.batch_review(reviews, Vec::new())
    }

    /// Enters answers to the items' questions and reviews all of `requests` again. An item that its answers forbid is taken out and
    /// told; so is one that would no longer go into a batch. Errors: `bad_answer`, `quote_changed`, `batch_empty`.
    pub fn settle_batch(&self, requests: &[String], answers: &[BatchAnswers]) -> Result<BatchReview, DeskError> {
        let records = requests.iter().map(|id| self.record(id)).collect::<Result<Vec<_>, DeskError>>()?;
        for record in &records {
            if counted(record.quote()) != counted(&self.judged_again(record)?) {
                return Err(DeskError::quote_changed(&record.id));
            }
        }
        let (mut reviews, mut refused) = (Vec::new(), Vec::new());
        for record in &records {
            let resource = record.reviewed.resource.clone();
            let given = answers.iter().filter(|of| of.request == record.id).flat_map(|of| of.answers.clone());
            match self.settle_item(record, given.collect()) {
                Ok(review) if review.quote.quote.batchable => reviews.push(review),
                Ok(_) => {
                    refused.push(RefusedItem { problem: not_batchable(&resource).problem(), resource });
                }
                Err(error) if error.code() == "not_eligible" => {
                    refused.push(RefusedItem { resource, problem: error.problem() });
                }
                Err(error) => return Err(error),
            }
        }
        self.batch_review(reviews, refused)
    }

    /// Reviews one item again and answers what is still asked: an order may be of several items, and is asked about once.
    fn settle_item(&self, record: &Record, mut answers: Vec<FactAnswer>) -> Result<Review, DeskError> {
        let review = self.review_as(&record.id, &ask_of(record))?;
        answers.retain(|answer| review.questions.iter().any(|question| question.path == answer.path));
        if answers.is_empty() { Ok(review) } else { self.settle(&record.id, &answers) }
    }

    fn batch_review(&self, reviews: Vec<Review>, refused: Vec<RefusedItem>) -> Result<BatchReview, DeskError> {
        let Some(first) = reviews.first() else {
            let details = refused.iter().map(|item| format!("{}: {}", item.resource, item.problem.code)).collect();
            return Err(DeskError::new("batch_empty", "no item is left", "plan again")
                .at("items")
                .with_details(details));
        };
        let quotes = || reviews.iter().map(|review| &review.quote.quote);
        let total = quotes().map(|quote| quote.refund).sum();
        Ok(BatchReview {
            customer: first.request.customer.clone(),
            customer_name: first.request.customer_name.clone(),
            action: first.request.action,
            kind: first.quote.row.kind,
            currency: first.request.currency.clone(),
            channels: common_channels(&reviews),
            channel_notes: distinct(reviews.iter().flat_map(|review| &review.channel_notes)),
            total,
            total_max: quotes().map(|quote| quote.refund_max).sum(),
            type_total: total.to_string(),
            channel_refunds: plan::channel_refunds(quotes()),
            consequences: distinct(reviews.iter().flat_map(|review| &review.quote.told.consequences)),
            items: reviews.iter().map(item).collect(),
            refused,
        })
    }
}

/// The orders that a quote counts: only while they are the same does a place among them mean the same order.
fn counted(quote: &Quote) -> Vec<&str> {
    quote.lines.iter().map(|line| line.order.as_str()).collect()
}

pub(super) fn not_batchable(resource: &str) -> DeskError {
    DeskError::new(
        "not_batchable",
        format!("`{resource}` is not a partial refund or a renewal that goes by the console or the API"),
        "do it by itself",
    )
    .at(resource)
}

fn item(review: &Review) -> BatchReviewItem {
    let quote = &review.quote.quote;
    BatchReviewItem {
        request: review.request.id.clone(),
        resource: review.request.resource.clone(),
        product: review.request.product.clone(),
        expires: review.request.expires,
        refund: quote.refund,
        refund_max: quote.refund_max,
        quote_sha256: quote.sha256.clone().unwrap_or_default(),
        questions: review.questions.clone(),
    }
}

/// The first item's channels that all others can take too.
fn common_channels(reviews: &[Review]) -> Vec<Channel> {
    let Some((first, others)) = reviews.split_first() else { return Vec::new() };
    let all = |channel: &&Channel| others.iter().all(|review| review.channels.contains(channel));
    first.channels.iter().filter(all).copied().collect()
}

fn distinct<'s>(sentences: impl Iterator<Item = &'s Sentence>) -> Vec<Sentence> {
    let mut seen = BTreeSet::new();
    sentences.filter(|sentence| seen.insert(&sentence.text)).cloned().collect()
}

fn not_one_batch(plan: &BatchPlan) -> DeskError {
    let batches = plan.batches.iter().map(|batch| format!("batch {}: {} items", batch.number, batch.items.len()));
    let singly = plan.singly.iter().map(|single| format!("{}: {}", single.resource, single.code));
    let left_out = plan.left_out.iter().map(|left| format!("{}: {}", left.resource, left.code));
    DeskError::new(
        "not_one_batch",
        "the selection is not one valid batch",
        "plan it, then confirm its batches one after the other",
    )
    .at("items")
    .with_details(batches.chain(singly).chain(left_out).collect())
}
