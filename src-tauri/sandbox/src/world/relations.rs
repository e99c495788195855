//! Financial relations between accounts. They follow from an account's place in its world and draw nothing, so that they change
//! no order of it.
//!
//! The fourth customer is in the trusteeship of an account outside the sandbox since the day after its first order: what it paid
//! before gives nothing back. The third was managed by the first and left again before it bought anything.

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::{Membership, Relation};

use super::{Account, World};

/// Where in its world an account with each relation stands.
const MANAGER: usize = 0;
const MANAGED: usize = 2;
const TRUSTEE: usize = 3;

/// After its first order, an account comes into trusteeship.
const JOINED_AFTER: TimeDelta = TimeDelta::days(1);

/// A relation as one of its two accounts sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct FinancialRelation {
    /// The other account.
    pub other: String,
    pub other_name: String,
    /// The other one is the master, so this account is its member.
    pub other_is_master: bool,
    pub relation: Relation,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// The relations of the account at this place, as they stand at the end of time: [`FinancialRelation::started_at`] tells from
/// when on each is there.
pub fn of(world: &World, place: usize) -> Vec<FinancialRelation> {
    let Some(account) = world.accounts.get(place) else { return Vec::new() };
    let with = |other: usize, other_is_master: bool| {
        let other = world.accounts.get(other)?;
        Some(managed(account, &other.uid, &other.name, other_is_master))
    };
    match place {
        MANAGER => with(MANAGED, false).into_iter().collect(),
        MANAGED => with(MANAGER, true).into_iter().collect(),
        _ => trusteeship(account).into_iter().collect(),
    }
}

/// The times at which an account was the member of another one, for the rules.
pub fn memberships(account: &Account) -> Vec<Membership> {
    let joined = |relation: FinancialRelation| Membership {
        joined_at: relation.started_at,
        left_at: relation.ended_at,
        relation: relation.relation,
    };
    let managed = (place_of(account) == Some(MANAGED)).then(|| managed(account, "", "", true));
    managed.into_iter().chain(trusteeship(account)).map(joined).collect()
}

fn managed(account: &Account, other: &str, other_name: &str, other_is_master: bool) -> FinancialRelation {
    FinancialRelation {
        other: other.to_owned(),
        other_name: other_name.to_owned(),
        other_is_master,
        relation: Relation::Management,
        started_at: account.opened_at - TimeDelta::days(60),
        ended_at: Some(account.opened_at - TimeDelta::days(30)),
    }
}

fn trusteeship(account: &Account) -> Option<FinancialRelation> {
    let first = account.orders.iter().map(|order| order.created_at).min()?;
    (place_of(account) == Some(TRUSTEE)).then(|| FinancialRelation {
        other: "5990000000009999".to_owned(),
        other_name: "Meridian Holdings".to_owned(),
        other_is_master: true,
        relation: Relation::Trusteeship,
        started_at: first + JOINED_AFTER,
        ended_at: None,
    })
}

/// The last four digits of a uid are its place.
fn place_of(account: &Account) -> Option<usize> {
    account.uid.get(12..)?.parse().ok()
}
