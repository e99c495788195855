//! The quote book: one quote for each live resource, kept with its validity, made from the cache alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use desk_store::{Json, ListedQuote, QuoteFilter, QuoteSort, QuoteSummary, Read, SegmentCount, Write};
use refund_rules::Policies;
use refund_rules::case::{Action, Ask, Case, Kind, OrderStatus, OrderType, RenewStatus, ResourceStatus};
use refund_rules::quote::{Quote, RefundType};

use crate::ambient::CLOCK_TOLERANCE;
use crate::day::day_start;
use crate::error::DeskError;
use crate::facts::{AT_ONCE, Chain, CustomerFacts, Rows};
use crate::home::Desk;
use crate::sync::ORDERS;
use crate::tell::{self, Language};
use crate::views::{
    OrderRow, Problem, QuoteView, ResourcePage, ResourceQuery, ResourceRow, ResourceSort, ResourceTab, Segment,
};

/// Most rows of one page.
const PAGE_LIMIT: u32 = 500;

/// Setting: language of sentences, `en` or `zh`.
const LANGUAGE: &str = "language";

/// A quote with the facts it was made from.
pub(crate) struct Judged {
    pub chain: Chain,
    pub case: Case,
    pub quote: Quote,
}

impl Desk {
    /// One page of resources with their quotes in short. Quotes that ran out are made again first.
    pub fn resources(&self, query: &ResourceQuery) -> Result<ResourcePage, DeskError> {
        self.refresh_quotes()?;
        let filter = filter_of(query);
        let (page, known) = self.store.read(|r| Ok::<_, DeskError>((r.quotes().page(&filter)?, known_to(r)?)))?;
        Ok(ResourcePage {
            total: page.total,
            offset: query.offset,
            rows: page.rows.into_iter().map(|listed| row_of(listed, &known)).collect::<Result<_, _>>()?,
            segments: segments_of(page.segments),
            products: page.products,
        })
    }

    /// A resource's quote for unsubscribing at `at` (now, unless said), told step by step.
    pub fn quote(&self, customer: &str, resource: &str, at: Option<DateTime<Utc>>) -> Result<QuoteView, DeskError> {
        let ask =
            Ask { at: at.unwrap_or_else(|| self.now()), action: Action::Unsubscribe, expires: None, daily_list: None };
        self.view(customer, resource, ask)
    }

    /// The view of one ask.
    pub(crate) fn view(&self, customer: &str, resource: &str, ask: Ask) -> Result<QuoteView, DeskError> {
        let judged = self.judge(customer, resource, ask)?;
        let (listed, known) =
            self.store.read(|r| Ok::<_, DeskError>((r.quotes().listed(customer, resource)?, known_to(r)?)))?;
        let row = match listed {
            Some(listed) => row_of(listed, &known)?,
            None => return Err(DeskError::unknown_resource(resource)),
        };
        let quote = judged.quote.seal();
        let told = tell::tell(&quote, &judged.case, self.policies, self.language()?);
        Ok(QuoteView { row, orders: order_rows(&judged.case), quote, told })
    }

    /// Judges one ask from the cache.
    pub(crate) fn judge(&self, customer: &str, resource: &str, ask: Ask) -> Result<Judged, DeskError> {
        let connection = self.connection(customer)?;
        let (chain, case) = self
            .store
            .read(|r| CustomerFacts::read(r, connection)?.case(r, resource, ask))?
            .ok_or_else(|| DeskError::unknown_resource(resource))?;
        with_orders(&chain, &case)?;
        let quote = refund_rules::quote(&case, self.policies).map_err(bad_facts)?;
        Ok(Judged { chain, case, quote })
    }

    /// The language that sentences are told in.
    pub fn language(&self) -> Result<Language, DeskError> {
        let kept = self.store.read(|r| r.settings().get(LANGUAGE))?;
        Ok(kept.as_deref().and_then(Language::from_word).unwrap_or(Language::English))
    }

    /// Chooses the language that sentences are told in.
    pub fn set_language(&self, language: Language) -> Result<(), DeskError> {
        self.write(move |tx, _| Ok(tx.settings().set(LANGUAGE, language.word())?))
    }

    /// Makes every quote that ran out again.
    pub(crate) fn refresh_quotes(&self) -> Result<(), DeskError> {
        let stale = self.store.read(|r| r.quotes().stale(self.now()))?;
        if stale.is_empty() || self.is_read_only() {
            return Ok(());
        }
        self.renew(stale)
    }

    /// Makes the quotes of all live resources of a customer, and drops those of resources that are gone.
    pub(crate) fn quote_customer(&self, customer: &str) -> Result<(), DeskError> {
        let live = self.store.read(|r| r.resources().list(customer))?;
        let kept = self.store.read(|r| r.quotes().of_customer(customer))?;
        let ids: Vec<String> = live.into_iter().map(|row| row.id).collect();
        let known: HashSet<&String> = ids.iter().collect();
        let gone: Vec<String> = kept.into_iter().map(|q| q.resource).filter(|id| !known.contains(id)).collect();
        let owner = customer.to_owned();
        self.write(move |tx, _| {
            for id in &gone {
                tx.quotes().delete(&owner, id)?;
            }
            Ok(())
        })?;
        self.quote_resources(customer, &ids)
    }

    /// Makes the quotes of some resources of a customer. One that cannot be quoted is kept with its problem.
    pub(crate) fn quote_resources(&self, customer: &str, resources: &[String]) -> Result<(), DeskError> {
        if resources.is_empty() {
            return Ok(());
        }
        let connection = self.connection(customer)?;
        let (now, policies) = (self.now(), self.policies);
        // By the writer, which has the pages of what a sync just wrote; some at a time, since other writes wait.
        let facts = Arc::new(self.write(move |tx, _| CustomerFacts::read(tx, connection))?);
        for ids in resources.chunks(AT_ONCE) {
            let (facts, ids) = (Arc::clone(&facts), ids.to_vec());
            self.write(move |tx, _| keep_quotes(tx, policies, &facts, &ids, now))?;
        }
        Ok(())
    }

    /// The same beside calls that are under way: they go on while the writer works.
    pub(crate) async fn quote_beside(&self, customer: &str, resources: &[String]) -> Result<(), DeskError> {
        if resources.is_empty() {
            return Ok(());
        }
        let connection = self.connection(customer)?;
        let (now, policies) = (self.now(), self.policies);
        let facts = Arc::new(self.write_later(move |tx, _| CustomerFacts::read(tx, connection))?.done().await?);
        for ids in resources.chunks(AT_ONCE) {
            let (facts, ids) = (Arc::clone(&facts), ids.to_vec());
            self.write_later(move |tx, _| keep_quotes(tx, policies, &facts, &ids, now))?.done().await?;
        }
        Ok(())
    }
}

/// Makes the quotes of some resources, and keeps those that say something new.
fn keep_quotes(
    tx: &mut Write<'_>,
    policies: &Policies,
    facts: &CustomerFacts,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<(), DeskError> {
    let cached = facts.rows(tx, ids)?;
    let kept = tx.quotes().among(&facts.connection.id, ids)?;
    let kept: HashMap<&str, &QuoteSummary> = kept.iter().map(|row| (row.resource.as_str(), row)).collect();
    for id in ids {
        let Some(row) = book_row(policies, &cached, facts, id, now)? else { continue };
        if kept.get(id.as_str()).is_none_or(|kept| says_more(&row, kept)) {
            tx.quotes().put(&row)?;
        }
    }
    Ok(())
}

pub(crate) fn book_row(
    policies: &Policies,
    rows: &Rows,
    facts: &CustomerFacts,
    resource: &str,
    now: DateTime<Utc>,
) -> Result<Option<QuoteSummary>, DeskError> {
    let ask = Ask { at: now, action: Action::Unsubscribe, expires: None, daily_list: None };
    let Some((chain, case)) = facts.case_of(rows, resource, ask)? else { return Ok(None) };
    let judged = with_orders(&chain, &case).and_then(|()| refund_rules::verdict(&case, policies).map_err(bad_facts));
    let (quote, problem) = match judged {
        Ok(verdict) => (Some(verdict), None),
        Err(error) => (None, Some(error.problem())),
    };
    let pending = case.orders.iter().filter(|o| is_pending_renewal(o.order_type, o.status, o.start, now));
    Ok(Some(QuoteSummary {
        customer: facts.connection.id.clone(),
        resource: resource.to_owned(),
        product: case.resource.product.clone(),
        kind: case.resource.kind.word().to_owned(),
        region: chain.resource.region.clone(),
        status: case.resource.status.word().to_owned(),
        ordered_at: case.orders.iter().map(|o| o.created_at).min(),
        expires_at: chain.resource.end_at,
        refund_type: quote.as_ref().map(|q| q.refund_type.word().to_owned()),
        refund: quote.as_ref().map(|q| q.refund),
        refund_max: quote.as_ref().map(|q| q.refund_max),
        exact: quote.as_ref().is_some_and(|q| q.exact),
        currency: quote.as_ref().and_then(|q| q.currency.clone()),
        eligible: quote.as_ref().is_some_and(|q| q.eligible),
        batchable: quote.as_ref().is_some_and(|q| q.batchable),
        blockers: quote.as_ref().map(|q| q.blockers.iter().map(|b| b.code.to_string()).collect()).unwrap_or_default(),
        valid_until: quote.as_ref().and_then(|q| q.valid_until),
        pending_renewals: u32::try_from(pending.count()).unwrap_or(u32::MAX),
        made_at: now,
        problem: problem.as_ref().map(Json::of).transpose()?,
    }))
}

/// Whether a new row says anything that the one in the book does not. One that says the same holds on as it was made.
pub(crate) fn says_more(row: &QuoteSummary, kept: &QuoteSummary) -> bool {
    let as_kept = QuoteSummary { made_at: kept.made_at, ..row.clone() };
    as_kept != *kept
}

/// Errors: `period_unknown`, `orders_unknown`.
pub(crate) fn with_orders(chain: &Chain, case: &Case) -> Result<(), DeskError> {
    if !case.orders.is_empty() {
        return Ok(());
    }
    let timeless = chain.timeless();
    if !timeless.is_empty() {
        return Err(DeskError::new(
            "period_unknown",
            format!("no order of `{}` tells its service period", case.resource.id),
            "look it up at the console and enter `orders[ID].start` and `orders[ID].end` with `rdesk facts`",
        )
        .at("orders")
        .with_details(timeless));
    }
    Err(DeskError::orders_unknown(&case.resource.id))
}

/// A renewal that was paid and has not begun.
pub(crate) fn is_pending_renewal(
    order_type: OrderType,
    status: OrderStatus,
    start: DateTime<Utc>,
    now: DateTime<Utc>,
) -> bool {
    matches!(order_type, OrderType::Renew | OrderType::CompensatoryRenew) && status == OrderStatus::Paid && start > now
}

/// Facts that the rules refuse: the cache holds something that no quote can be made of.
pub(crate) fn bad_facts(bad: refund_rules::BadInput) -> DeskError {
    let details = bad.candidates.iter().map(DateTime::to_rfc3339).collect();
    let next = if bad.code == "not_a_candidate" {
        "choose one of the Updated Expiration Times offered"
    } else {
        "look at the fact named; enter it by hand if the cloud tells it wrong"
    };
    DeskError::new(&bad.code, bad.message, next).at(bad.path).with_details(details)
}

pub(crate) fn filter_of(query: &ResourceQuery) -> QuoteFilter {
    let midnight = day_start;
    QuoteFilter {
        customer: query.customer.clone(),
        kind: match query.tab {
            ResourceTab::Regular => Some(Kind::Instance.word().to_owned()),
            ResourceTab::Plans => Some(Kind::ResourcePlan.word().to_owned()),
            ResourceTab::All => None,
        },
        refund_type: query.refund_type.map(|t| t.word().to_owned()),
        product: query.product.clone(),
        text: query.text.trim().to_owned(),
        ordered_from: query.ordered_from.map(midnight),
        ordered_until: query.ordered_to.and_then(|day| day.succ_opt()).map(midnight),
        sort: match query.sort {
            ResourceSort::Refund => QuoteSort::Refund,
            ResourceSort::Expires => QuoteSort::Expires,
            ResourceSort::Product => QuoteSort::Product,
            ResourceSort::Resource => QuoteSort::Resource,
            ResourceSort::Customer => QuoteSort::Customer,
            ResourceSort::OrderTime => QuoteSort::OrderTime,
            ResourceSort::Region => QuoteSort::Region,
            ResourceSort::Status => QuoteSort::Status,
            ResourceSort::RefundType => QuoteSort::RefundType,
            ResourceSort::HoldsUntil => QuoteSort::HoldsUntil,
            ResourceSort::Renewals => QuoteSort::Renewals,
        },
        descending: query.descending,
        offset: query.offset,
        limit: query.limit.min(PAGE_LIMIT),
    }
}

pub(crate) fn segments_of(counts: Vec<SegmentCount>) -> Vec<Segment> {
    let segment =
        |s: SegmentCount| Some(Segment { refund_type: RefundType::from_word(&s.refund_type)?, count: s.count });
    counts.into_iter().filter_map(segment).collect()
}

/// To when the orders of each customer are known: to its last complete sync, else to the beginning of the first that got as far.
pub(crate) fn known_to(read: &Read<'_>) -> Result<HashMap<String, DateTime<Utc>>, DeskError> {
    let mut known = HashMap::new();
    for cursor in read.cursors().of_phase(ORDERS)? {
        known.extend(cursor.range_to.map(|to| (cursor.customer, to - CLOCK_TOLERANCE)));
    }
    let runs = read.sync_runs().by_customer()?;
    known.extend(runs.into_values().filter_map(|run| Some((run.customer, run.completed_at?))));
    Ok(known)
}

pub(crate) fn row_of(listed: ListedQuote, known: &HashMap<String, DateTime<Utc>>) -> Result<ResourceRow, DeskError> {
    let quote = listed.quote;
    // A quote is as old as its oldest facts: after a sync that failed half-way the orders are older than the resource's row.
    let row_at = listed.facts_at.unwrap_or(quote.made_at);
    let known_to = known.get(&quote.customer);
    Ok(ResourceRow {
        customer: quote.customer,
        customer_name: listed.customer_name,
        resource: quote.resource,
        product: quote.product,
        kind: Kind::from_word(&quote.kind).unwrap_or(Kind::Instance),
        region: quote.region,
        status: ResourceStatus::from_word(&quote.status).unwrap_or(ResourceStatus::Normal),
        renew_status: listed.renew_status.as_deref().and_then(RenewStatus::from_word),
        ordered_at: quote.ordered_at,
        expires_at: quote.expires_at,
        refund_type: quote.refund_type.as_deref().and_then(RefundType::from_word),
        refund: quote.refund,
        refund_max: quote.refund_max,
        exact: quote.exact,
        currency: quote.currency,
        batchable: quote.batchable,
        blockers: quote.blockers,
        valid_until: quote.valid_until,
        pending_renewals: quote.pending_renewals,
        facts_at: known_to.map_or(row_at, |known| *known.min(&row_at)),
        request: listed.request,
        problem: quote.problem.map(|json| json.read::<Problem>()).transpose()?,
    })
}

fn order_rows(case: &Case) -> Vec<OrderRow> {
    case.orders
        .iter()
        .map(|o| OrderRow {
            order: o.id.clone(),
            order_type: o.order_type,
            status: o.status.word().to_owned(),
            currency: o.currency.clone(),
            created_at: o.created_at,
            paid_at: (o.status != OrderStatus::Unpaid).then_some(o.paid_at),
            start: o.start,
            end: o.end,
            list: o.list,
            cash: o.cash,
            coupon: o.coupon,
            tax: o.tax,
        })
        .collect()
}
