//! Everything the sandbox knows, for tests to compare with: what is hidden on the wire and what has not arrived yet included.

use chrono::{DateTime, Utc};
use refund_rules::case::{Billing, Kind, RenewStatus, ResourceStatus, Site};
use refund_rules::quote::{Destination, RefundType};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::reality::{Deviation, Reality};
use crate::state::State;
use crate::world::act::Act;
use crate::world::money::{self, Transaction};
use crate::world::{Account, Door, MergedPart, Order, Part, RefundOrder, Resource};

/// The whole truth at one instant of the business clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    pub now: DateTime<Utc>,
    pub accounts: Vec<AccountLedger>,
    /// What happened since the sandbox was generated, oldest first.
    pub acts: Vec<Act>,
    /// The knobs as they stand now.
    #[serde(default)]
    pub reality: Reality,
}

/// One account's part of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountLedger {
    pub uid: String,
    pub name: String,
    pub site: Site,
    pub currency: String,
    /// What the balance holds now.
    pub balance: Decimal,
    pub resources: Vec<ResourceEntry>,
    /// Oldest first.
    pub orders: Vec<OrderEntry>,
    /// Oldest first.
    pub refund_orders: Vec<RefundEntry>,
    /// Oldest first, those still on their way included (`arrived` false).
    pub transactions: Vec<TransactionEntry>,
}

/// A resource, released ones included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceEntry {
    pub id: String,
    pub product: String,
    pub product_type: String,
    pub commodity: String,
    pub kind: Kind,
    pub region: String,
    pub billing: Billing,
    /// The true state, `released` included.
    pub status: ResourceStatus,
    pub renew_status: RenewStatus,
    pub created_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub released_at: Option<DateTime<Utc>>,
    pub paid_marketplace_image: bool,
}

/// An order with its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderEntry {
    pub order_id: String,
    /// Word of the billing API.
    pub order_type: String,
    pub paid: bool,
    pub created_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    pub list: Decimal,
    pub cash: Decimal,
    pub coupon: Decimal,
    pub parts: Vec<PartEntry>,
}

/// A sub-order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartEntry {
    pub sub_order_id: String,
    pub instances: Vec<String>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub list: Decimal,
    pub cash: Decimal,
    pub coupon: Decimal,
}

/// A refund order and its money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundEntry {
    pub order_id: String,
    pub related_order_id: String,
    pub instance: String,
    pub product: String,
    pub created_at: DateTime<Utc>,
    pub currency: String,
    pub amount: Decimal,
    pub destinations: Vec<Destination>,
    pub arrives_at: DateTime<Utc>,
    /// Whether the money is there now.
    pub arrived: bool,
    pub refund_type: RefundType,
    pub door: Door,
    /// The original orders it is for where they are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedPart>,
    /// The refund order under whose number the money arrives, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_with: Option<String>,
    /// Where it is not what the pages say, and by which knob.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Deviation>,
}

/// A movement of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransactionEntry {
    #[serde(flatten)]
    pub transaction: Transaction,
    /// Whether it has happened by now.
    pub arrived: bool,
}

impl Ledger {
    pub(crate) fn of(state: &State) -> Self {
        let now = state.now();
        let accounts = state.world.accounts.iter().map(|account| account_ledger(account, now)).collect();
        Self { now, accounts, acts: state.acts().to_vec(), reality: state.reality }
    }

    /// The account with this uid.
    pub fn account(&self, uid: &str) -> Option<&AccountLedger> {
        self.accounts.iter().find(|account| account.uid == uid)
    }
}

fn account_ledger(account: &Account, now: DateTime<Utc>) -> AccountLedger {
    let transaction = |transaction: Transaction| TransactionEntry { arrived: transaction.at <= now, transaction };
    AccountLedger {
        uid: account.uid.clone(),
        name: account.name.clone(),
        site: account.site,
        currency: account.currency.clone(),
        balance: money::balance(account, now),
        resources: account.resources.iter().map(|resource| resource_entry(account, resource, now)).collect(),
        orders: account.orders.iter().map(order_entry).collect(),
        refund_orders: account.refund_orders.iter().map(|refund| refund_entry(account, refund, now)).collect(),
        transactions: money::transactions(account).into_iter().map(transaction).collect(),
    }
}

fn resource_entry(account: &Account, resource: &Resource, now: DateTime<Utc>) -> ResourceEntry {
    ResourceEntry {
        id: resource.id.clone(),
        product: resource.product.clone(),
        product_type: resource.product_type.clone(),
        commodity: resource.commodity.clone(),
        kind: resource.kind,
        region: resource.region.clone(),
        billing: resource.billing,
        status: account.status(resource, now),
        renew_status: resource.renew_status,
        created_at: resource.created_at,
        ends_at: account.ends_at(resource, now),
        released_at: resource.released_at,
        paid_marketplace_image: resource.paid_marketplace_image,
    }
}

fn order_entry(order: &Order) -> OrderEntry {
    OrderEntry {
        order_id: order.id.clone(),
        order_type: order.kind.wire().to_owned(),
        paid: order.paid,
        created_at: order.created_at,
        paid_at: order.paid.then_some(order.paid_at),
        list: order.list(),
        cash: order.cash(),
        coupon: order.coupon(),
        parts: order.parts.iter().map(part_entry).collect(),
    }
}

fn part_entry(part: &Part) -> PartEntry {
    PartEntry {
        sub_order_id: part.sub_order_id.clone(),
        instances: part.instances.clone(),
        start: part.start,
        end: part.end,
        list: part.list,
        cash: part.cash,
        coupon: part.coupon,
    }
}

fn refund_entry(account: &Account, refund: &RefundOrder, now: DateTime<Utc>) -> RefundEntry {
    RefundEntry {
        order_id: refund.order_id.clone(),
        related_order_id: refund.related_order_id.clone(),
        instance: refund.instance.clone(),
        product: account.resource(&refund.instance).map(|resource| resource.product.clone()).unwrap_or_default(),
        created_at: refund.created_at,
        currency: refund.currency.clone(),
        amount: refund.amount,
        destinations: refund.destinations.clone(),
        arrives_at: refund.arrives_at,
        arrived: refund.arrives_at <= now,
        refund_type: refund.refund_type,
        door: refund.door,
        merged: refund.merged.clone(),
        paid_with: refund.paid_with.clone(),
        deviations: refund.deviations.clone(),
    }
}
