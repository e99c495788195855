//! The promises of the desk, held against the sandbox's ledger and the journal.

use std::collections::{BTreeMap, BTreeSet};

use bss_sandbox::world::act::{Act, Token};
use bss_sandbox::{AccountLedger, Door, Ledger, RefundEntry};
use chrono::{DateTime, TimeDelta, Utc};
use desk::views::{HistoryQuery, RefundRow, RequestState, RequestView};
use desk_store::{Entry, StoreError};
use refund_rules::case::Action;
use rust_decimal::Decimal;

use crate::manager::short;
use crate::quiet::has_ended;
use crate::reality;
use crate::run::Run;

/// How far the clocks of desk and cloud are apart at most.
const CLOCKS: TimeDelta = TimeDelta::minutes(15);

/// Something that the cloud did, as the ledger has it.
pub struct Done {
    pub at: DateTime<Utc>,
    pub uid: String,
    pub resource: String,
    pub action: Action,
    pub token: Option<Token>,
    pub door: Option<Door>,
}

/// What each kind of entry makes of a request's state: the judge's own table, not the desk's.
const STATE_AFTER: [(&str, RequestState); 16] = [
    ("request_reviewed", RequestState::Reviewed),
    ("request_confirmed", RequestState::Confirmed),
    ("request_returned_to_review", RequestState::ReturnedToReview),
    ("request_sending", RequestState::Sending),
    ("request_accepted", RequestState::Accepted),
    ("request_rejected", RequestState::Rejected),
    ("request_unknown", RequestState::Unknown),
    ("request_handed_over", RequestState::HandedOver),
    ("request_reported", RequestState::Reported),
    ("request_observed", RequestState::Observed),
    ("request_part_refunded", RequestState::PartRefunded),
    ("request_refunded", RequestState::Refunded),
    ("request_overdue", RequestState::Overdue),
    ("request_withdrawn", RequestState::Withdrawn),
    ("request_expired", RequestState::Expired),
    ("request_closed", RequestState::Closed),
];

/// Entries that say more of a request and leave its state.
const STATELESS: [&str; 2] = ["request_refund_chosen", "request_renewal_returned"];

/// Kinds of journal entries of a request that runs must reach: every state of it, and that a refund was chosen. A renewal that
/// comes back needs a cloud that renews by itself, which the sandbox's does not.
pub fn entry_kinds() -> impl Iterator<Item = &'static str> {
    STATE_AFTER.iter().map(|(kind, _)| *kind).chain(["request_refund_chosen"])
}

impl Run {
    /// The acts of the ledger with the request that each was done for: by its token, or because a person clicked for it.
    pub fn acts(&self) -> Result<Vec<(Done, Option<String>)>, String> {
        let journal = self.office.journal()?;
        let ledger = self.office.control.ledger();
        let done = ledger.acts.iter().enumerate().filter_map(|(place, act)| Some((place, done(act)?)));
        Ok(done
            .map(|(place, done)| {
                let sent = done.token.as_ref().and_then(|token| sending_of(&journal, &token.token));
                let owner = sent.and_then(|entry| entry.subject.clone()).or_else(|| self.clicks.get(&place).cloned());
                (done, owner)
            })
            .collect())
    }

    /// Every request of the journal is listed, in the state that its last entry says.
    pub fn listed(&mut self) -> Result<(), String> {
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        for entry in self.office.journal()? {
            let moves = entry.kind.starts_with("request_") && !STATELESS.contains(&entry.kind.as_str());
            if let (true, Some(subject)) = (moves, entry.subject) {
                last.insert(subject, entry.kind);
            }
        }
        let listed = self.requests()?;
        for (id, kind) in &last {
            let expected = STATE_AFTER.iter().find(|(known, _)| known == kind).map(|(_, state)| *state);
            let found = listed.iter().find(|request| request.id == *id).map(|request| request.state);
            if found != expected || found.is_none() {
                return Err(format!("the journal's last word on {id} is {kind}, the list says {found:?}"));
            }
        }
        if listed.len() != last.len() {
            return Err(format!("{} requests are listed, {} are in the journal", listed.len(), last.len()));
        }
        Ok(())
    }

    /// All promises, after the quiet time.
    pub async fn judge(&mut self) -> Result<(), String> {
        let journal = self.office.journal()?;
        for entry in &journal {
            self.counts.add(format!("entry.{}", entry.kind), 1);
        }
        let ledger = self.office.control.ledger();
        refunded_once(&ledger)?;
        acts_were_confirmed(&ledger, &journal)?;
        tokens_stay(&journal)?;
        refund_orders_are_real(&ledger, &journal)?;
        self.listed()?;
        self.count_deviations(&ledger, &journal);
        self.nothing_is_left_over()?;
        self.money_is_told(&ledger)?;
        self.cache_can_be_rebuilt().await?;
        self.money_is_told(&ledger)?;
        let verified = self.office.desk()?.verify_journal().map_err(|why| format!("the journal: {why}"))?;
        let expected = journal.last().map_or(0, |entry| entry.seq);
        if verified.entries != expected {
            return Err(format!("{} entries verified, {expected} were written", verified.entries));
        }
        self.trace.say(format!("{} journal entries, {} acts in the cloud", verified.entries, ledger.acts.len()));
        for request in self.requests()? {
            self.counts.add(format!("final.{:?}", request.state), 1);
            self.trace.say(format!("{} {:?}, {} arrived", short(&request.id), request.state, request.arrived));
        }
        Ok(())
    }

    /// Which knobs of reality, and which repeated tokens, really made a difference.
    fn count_deviations(&mut self, ledger: &Ledger, journal: &[Entry]) {
        let refunds = ledger.accounts.iter().flat_map(|account| &account.refund_orders);
        for deviation in refunds.flat_map(|refund| &refund.deviations) {
            self.counts.add(format!("reality.{}", reality::name_of(deviation.knob)), 1);
        }
        for act in ledger.acts.iter().filter_map(done) {
            let Some(token) = &act.token else { continue };
            let sent = |entry: &&Entry| entry.kind == "request_sending" && text(entry, "client_token") == token.token;
            let again = journal.iter().filter(sent).count().saturating_sub(1);
            self.counts.add("world.token_sent_again", again as u64);
        }
    }

    /// Each request has come to its end: nothing is followed for ever, and nobody is asked without a way to answer. And what acted
    /// has its money.
    fn nothing_is_left_over(&self) -> Result<(), String> {
        let requests = self.requests()?;
        for request in &requests {
            if !has_ended(request.state) {
                return Err(format!(
                    "{} stays {:?} for good, though it was moved as it offered ({})",
                    request.id,
                    request.state,
                    request.moves.join(", ")
                ));
            }
        }
        for (act, owner) in self.acts()? {
            let Some(request) = owner.and_then(|owner| requests.iter().find(|r| r.id == owner)) else { continue };
            let by_api = act.token.is_some();
            let let_go = matches!(request.state, RequestState::Rejected | RequestState::Withdrawn);
            if let_go && by_api {
                return Err(format!("{} acted at {} and is {:?}", request.id, act.at, request.state));
            }
            if !let_go && request.state != RequestState::Refunded {
                return Err(format!(
                    "{} acted at {}, its money is there, and it is {:?}",
                    request.id, act.at, request.state
                ));
            }
        }
        Ok(())
    }

    /// The history is the ledger's, and what requests say arrived is what moved.
    fn money_is_told(&self, ledger: &Ledger) -> Result<(), String> {
        let requests = self.requests()?;
        for account in ledger.accounts.iter().filter(|a| self.office.accounts.iter().any(|known| known.uid == a.uid)) {
            let query = HistoryQuery {
                customer: Some(account.uid.clone()),
                text: String::new(),
                from: None,
                to: None,
                offset: 0,
                limit: 500,
            };
            let rows = self.office.desk()?.history(&query).map_err(|why| why.to_string())?.rows;
            history_is_the_ledgers(account, &rows)?;
            for request in requests.iter().filter(|request| request.customer == account.uid) {
                arrived_is_what_is_told(&rows, request)?;
            }
        }
        Ok(())
    }

    /// Requests and facts come out of the journal as they were, and a sync finds the same refunds for them.
    async fn cache_can_be_rebuilt(&mut self) -> Result<(), String> {
        let before = self.projections()?;
        let refunds_before = self.refunds()?;
        self.office.lose_cache()?;
        same("after a replay", &before, &self.projections()?)?;
        self.sync(None).await?;
        same("after a replay and a sync", &before, &self.projections()?)?;
        same("refunds after a replay and a sync", &refunds_before, &self.refunds()?)
    }

    /// Rows of the tables that the journal alone makes.
    fn projections(&self) -> Result<Vec<String>, String> {
        let store = self.office.store()?;
        let rows = store.read(|r| {
            let mut rows: Vec<String> = r.requests().list()?.iter().map(|row| format!("{row:?}")).collect();
            for account in &self.office.accounts {
                rows.extend(r.facts().of_customer(&account.uid)?.iter().map(|row| format!("{row:?}")));
            }
            Ok::<_, StoreError>(rows)
        });
        rows.map_err(|why| why.to_string())
    }

    /// Rows of the refund history, with whose they are.
    fn refunds(&self) -> Result<Vec<String>, String> {
        let store = self.office.store()?;
        let rows = store.read(|r| {
            let mut rows = Vec::new();
            for account in &self.office.accounts {
                rows.extend(r.refunds().list(&account.uid)?.iter().map(|row| format!("{row:?}")));
            }
            rows.sort();
            Ok::<_, StoreError>(rows)
        });
        rows.map_err(|why| why.to_string())
    }
}

fn done(act: &Act) -> Option<Done> {
    let Act::Refunded { at, uid, resource, action, token, refund_orders, .. } = act else { return None };
    Some(Done {
        at: *at,
        uid: uid.clone(),
        resource: resource.clone(),
        action: *action,
        token: token.clone(),
        door: refund_orders.first().map(|refund| refund.door),
    })
}

fn text<'a>(entry: &'a Entry, key: &str) -> &'a str {
    entry.body.get(key).and_then(serde_json::Value::as_str).unwrap_or_default()
}

fn sending_of<'a>(journal: &'a [Entry], token: &str) -> Option<&'a Entry> {
    journal.iter().find(|entry| entry.kind == "request_sending" && text(entry, "client_token") == token)
}

/// No resource is released twice, no order of a resource refunded twice.
fn refunded_once(ledger: &Ledger) -> Result<(), String> {
    let mut released = BTreeSet::new();
    for act in ledger.acts.iter().filter_map(done) {
        if act.action == Action::Unsubscribe && !released.insert((act.uid.clone(), act.resource.clone())) {
            return Err(format!("{} was released twice", act.resource));
        }
    }
    for account in &ledger.accounts {
        let mut refunded = BTreeSet::new();
        for refund in account.refund_orders.iter().filter(|refund| !refund.amount.is_zero()) {
            if !refunded.insert((&refund.related_order_id, &refund.instance)) {
                return Err(format!("order {} was refunded twice for {}", refund.related_order_id, refund.instance));
            }
        }
    }
    Ok(())
}

/// What the API released was reviewed as an unsubscription of that instance and confirmed for the API, and token and parameters
/// were journaled as they then came.
fn acts_were_confirmed(ledger: &Ledger, journal: &[Entry]) -> Result<(), String> {
    for act in ledger.acts.iter().filter_map(done).filter(|act| act.door == Some(Door::Api)) {
        let broken = |why: &str| Err(format!("the API released {} at {}: {why}", act.resource, act.at));
        let Some(token) = &act.token else { return broken("without a token") };
        let Some(sending) = sending_of(journal, &token.token) else { return broken("its token is not in the journal") };
        let parameters = [
            (text(sending, "instance_id"), &token.instance),
            (text(sending, "instance_id"), &act.resource),
            (text(sending, "product_code"), &token.product),
            (text(sending, "product_type"), &token.product_type),
        ];
        if parameters.iter().any(|(journaled, sent)| *journaled != sent.as_str()) {
            return broken("with other parameters than the journal's");
        }
        if sending.customer.as_ref() != Some(&act.uid) {
            return broken("for another customer");
        }
        let before = || journal.iter().rev().filter(|e| e.subject == sending.subject && e.seq < sending.seq);
        if !before().next().is_some_and(|entry| entry.kind == "request_confirmed" && text(entry, "channel") == "api") {
            return broken("it was not confirmed for the API right before");
        }
        let reviewed = before().find(|entry| entry.kind == "request_reviewed");
        let releases = reviewed.is_some_and(|entry| {
            text(entry, "action") == "unsubscribe"
                && text(entry, "resource") == act.resource
                && entry.body.get("instance") == Some(&serde_json::Value::Bool(true))
        });
        if !releases {
            return broken("what was reviewed is no unsubscription of this instance");
        }
    }
    Ok(())
}

/// A request keeps its first token and parameters for good, and no other request has them.
fn tokens_stay(journal: &[Entry]) -> Result<(), String> {
    let mut first: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in journal.iter().filter(|entry| entry.kind == "request_sending") {
        let request = entry.subject.as_deref().unwrap_or_default();
        let kept = first.entry(request).or_insert(entry);
        if kept.body != entry.body {
            return Err(format!("{request} was sent with other parameters at entry {}", entry.seq));
        }
        let owner = owners.entry(text(entry, "client_token")).or_insert(request);
        if *owner != request {
            return Err(format!("{request} and {owner} were sent with one token"));
        }
    }
    Ok(())
}

/// What the desk took for an answer is one: a refund order of the cloud, for the resource of the request. What the manager typed
/// in is not meant.
fn refund_orders_are_real(ledger: &Ledger, journal: &[Entry]) -> Result<(), String> {
    for entry in journal {
        let ids: Vec<&str> = match entry.kind.as_str() {
            "request_accepted" => vec![text(entry, "refund_order")],
            "request_observed" => {
                let listed = entry.body.get("refund_orders").and_then(serde_json::Value::as_array);
                listed.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
            }
            _ => continue,
        };
        let reviewed = journal.iter().find(|e| e.subject == entry.subject && e.kind == "request_reviewed");
        let resource = reviewed.map_or("", |reviewed| text(reviewed, "resource"));
        let account = entry.customer.as_deref().and_then(|customer| ledger.account(customer));
        for id in ids {
            let known = account.and_then(|account| account.refund_orders.iter().find(|r| r.order_id == id));
            if known.is_none_or(|known| known.instance != resource || known.created_at > entry.at + CLOCKS) {
                return Err(format!(
                    "entry {} ({}) names refund order {id}, which is not one of {resource}",
                    entry.seq, entry.kind
                ));
            }
        }
    }
    Ok(())
}

fn history_is_the_ledgers(account: &AccountLedger, rows: &[RefundRow]) -> Result<(), String> {
    for refund in &account.refund_orders {
        let found: Vec<&RefundRow> = rows.iter().filter(|row| row.refund_order == refund.order_id).collect();
        let [row] = found.as_slice() else {
            return Err(format!("refund order {} stands {} times in the history", refund.order_id, found.len()));
        };
        if row.amount != refund.amount || row.arrived > row.amount {
            return Err(format!(
                "the history says {} of {} for {}, the ledger {}",
                row.arrived, row.amount, refund.order_id, refund.amount
            ));
        }
    }
    // Money that came together under one number is told for all the refund orders that it is for.
    for payer in account.refund_orders.iter().filter(|refund| refund.paid_with.is_none()) {
        let together = |refund: &&RefundEntry| {
            refund.order_id == payer.order_id || refund.paid_with.as_ref() == Some(&payer.order_id)
        };
        let ids: BTreeSet<&str> =
            account.refund_orders.iter().filter(together).map(|refund| refund.order_id.as_str()).collect();
        let told: Decimal =
            rows.iter().filter(|row| ids.contains(row.refund_order.as_str())).map(|row| row.arrived).sum();
        let moved: Decimal = ids.iter().map(|id| moved_to(account, id)).sum();
        if told != moved {
            return Err(format!("the history says that {told} arrived for {ids:?}, the ledger moved {moved}"));
        }
    }
    if rows.len() != account.refund_orders.len() {
        return Err(format!("{} refunds in the history, {} in the ledger", rows.len(), account.refund_orders.len()));
    }
    Ok(())
}

/// What a request says arrived is what the history, which was held against the ledger, says of its refund orders.
fn arrived_is_what_is_told(rows: &[RefundRow], request: &RequestView) -> Result<(), String> {
    let own: Vec<&RefundRow> = rows.iter().filter(|row| row.request.as_ref() == Some(&request.id)).collect();
    let told: Decimal = own.iter().map(|row| row.arrived).sum();
    if request.arrived != told {
        return Err(format!("{} says that {} arrived, the history {told}", request.id, request.arrived));
    }
    if let Some(foreign) = own.iter().find(|row| row.resource != request.resource) {
        return Err(format!("{} of {} is told as {}'s", foreign.refund_order, foreign.resource, request.id));
    }
    if request.state == RequestState::Refunded && own.is_empty() {
        return Err(format!("{} is refunded without a refund order", request.id));
    }
    Ok(())
}

/// Money that arrived for a refund order.
fn moved_to(account: &AccountLedger, refund_order: &str) -> Decimal {
    let moved = account.transactions.iter().filter(|t| t.arrived && t.transaction.record_id == refund_order);
    moved.map(|t| t.transaction.amount).sum()
}

fn same(when: &str, before: &[String], after: &[String]) -> Result<(), String> {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    match (old.difference(&new).next(), new.difference(&old).next()) {
        (None, None) if before.len() == after.len() => Ok(()),
        (lost, made) => Err(format!("{when}: lost {lost:?}, made {made:?}")),
    }
}
