//! The world of the sandbox: accounts, their resources, orders and refunds. It is generated from a seed and changed only by
//! [`act::Act`]s; what a caller sees of it depends on the business instant that is passed in.

pub mod act;
mod bulk;
pub mod catalog;
pub mod facts;
pub mod generate;
mod index;
pub mod money;
pub mod outcome;
pub mod refusal;
pub mod relations;
mod scenes;

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::{
    Billing, Discount, Kind, Method, OrderType, Promotion, RenewStatus, ResourceStatus, Site, Variant,
};
use refund_rules::quote::{Destination, RefundType};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::reality::Deviation;

/// How long an expired resource is kept before it is released.
pub const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(15);

/// All accounts of a sandbox.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct World {
    pub seed: u64,
    /// The instant around which orders were laid.
    pub anchor: DateTime<Utc>,
    pub accounts: Vec<Account>,
}

/// One customer's account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Account {
    /// 16 digits.
    pub uid: String,
    pub name: String,
    pub site: Site,
    pub currency: String,
    /// Top-up of the balance with which the account began.
    pub opening: Decimal,
    pub opened_at: DateTime<Utc>,
    /// ECS unsubscriptions allowed in all.
    pub ecs_quota: u32,
    pub resources: Vec<Resource>,
    pub orders: Vec<Order>,
    pub refund_orders: Vec<RefundOrder>,
    /// Number of the next order; refunds take from it too.
    pub next_order_id: u64,
    #[serde(skip)]
    index: index::Index,
}

/// One subscription instance, pay-as-you-go instance or resource plan, with everything that is true of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resource {
    pub id: String,
    pub product: String,
    pub product_type: String,
    pub commodity: String,
    pub kind: Kind,
    pub region: String,
    pub billing: Billing,
    /// Overdue, locked and changing are not told on the wire; they refuse at the refund.
    pub status: ResourceStatus,
    pub variant: Option<Variant>,
    pub renew_status: RenewStatus,
    /// Months that one automatic renewal adds.
    pub renewal_months: Option<u32>,
    pub created_at: DateTime<Utc>,
    pub paid_marketplace_image: bool,
    pub security_risk: bool,
    pub transferred: bool,
    pub quota: Option<Quota>,
    /// When it was unsubscribed.
    pub released_at: Option<DateTime<Utc>>,
}

/// Quota of a resource plan, in `unit`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quota {
    pub total: Decimal,
    pub used: Decimal,
    pub unit: String,
    pub resets: bool,
    /// Package type as the plan list names it.
    pub package_type: String,
    pub remark: String,
    /// Product codes the plan pays for.
    pub applies_to: Vec<String>,
}

/// Order types of the wire that the sandbox makes (refund orders are [`RefundOrder`]s).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderKind {
    New,
    Renew,
    Upgrade,
    ResizeDisk,
    CompensatoryRenew,
}

impl OrderKind {
    /// The word of the billing API.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Renew => "Renew",
            Self::Upgrade => "Upgrade",
            Self::ResizeDisk => "ResizeDisk",
            Self::CompensatoryRenew => "CompensatoryRenew",
        }
    }

    /// The type the rules know (specification, section 16).
    pub const fn fact(self) -> OrderType {
        match self {
            Self::New => OrderType::New,
            Self::Renew => OrderType::Renew,
            Self::Upgrade | Self::ResizeDisk => OrderType::Upgrade,
            Self::CompensatoryRenew => OrderType::CompensatoryRenew,
        }
    }
}

/// One order. Its amounts are the sums of its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Order {
    /// 15 digits.
    pub id: String,
    pub kind: OrderKind,
    pub paid: bool,
    pub billing: Billing,
    pub created_at: DateTime<Utc>,
    /// For an unpaid order: its creation.
    pub paid_at: DateTime<Utc>,
    pub parts: Vec<Part>,
    /// How `cash` of the whole order was paid; the amounts sum to it.
    pub payments: Vec<Paid>,
}

/// A sub-order: one configuration, one service period, one or several instances.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    pub sub_order_id: String,
    /// Ids of one product and region; amounts belong to all of them together.
    pub instances: Vec<String>,
    pub product: String,
    pub product_type: String,
    pub commodity: String,
    pub region: String,
    pub config: String,
    pub original_config: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// Undiscounted amount.
    pub list: Decimal,
    /// What can come back.
    pub cash: Decimal,
    pub coupon: Decimal,
    pub tax: Decimal,
    pub discounts: Vec<Discount>,
    pub promotion: Option<Promotion>,
}

/// Part of an order's cash, by one payment method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paid {
    pub method: Method,
    pub amount: Decimal,
}

/// Who asked for a refund, and on which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    Api,
    Console,
    /// A ticket: support does it, ticket-only products included.
    Support,
}

/// What comes back for one original order. Several made by one unsubscription share `created_at` and `instance`, and their
/// numbers follow one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundOrder {
    pub order_id: String,
    pub related_order_id: String,
    pub instance: String,
    pub created_at: DateTime<Utc>,
    pub currency: String,
    /// Not negative; 0 for an order that ended and gave nothing.
    pub amount: Decimal,
    /// Where the money goes; empty when nothing comes back.
    pub destinations: Vec<Destination>,
    /// From this instant on the money is in the account transactions.
    pub arrives_at: DateTime<Utc>,
    pub refund_type: RefundType,
    pub door: Door,
    /// The original orders it is for where they are several (see [`crate::Merge`]); `related_order_id` is the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedPart>,
    /// The refund order under whose number this one's money arrives, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_with: Option<String>,
    /// What arrives under this number where it is more than `destinations`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pays: Vec<Destination>,
    /// When each part of the money arrives, where they differ; the last one is `arrives_at`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<DateTime<Utc>>,
    /// Where it is not what the pages say, and by which knob.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<Deviation>,
}

/// One original order's part of a merged refund order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedPart {
    pub related_order_id: String,
    pub amount: Decimal,
}

impl World {
    /// Lays so many per cent of each order's cash on it as tax, besides; none: no order has a tax.
    pub fn lay_tax(&mut self, percent: Option<u32>) {
        for account in &mut self.accounts {
            for part in account.orders.iter_mut().flat_map(|order| &mut order.parts) {
                let tax = part.cash * Decimal::from(percent.unwrap_or(0)) / Decimal::ONE_HUNDRED;
                part.tax = tax.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
                part.tax.rescale(2);
            }
        }
    }

    /// The account with this uid.
    pub fn account(&self, uid: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.uid == uid)
    }
}

impl Account {
    /// The resource with this id, released or not.
    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.place_of(id).map(|nth| &self.resources[nth])
    }

    /// The order with this id (not refund orders).
    pub fn order(&self, id: &str) -> Option<&Order> {
        // Numbers rise with the creation, and all have the same length.
        let nth = self.orders.binary_search_by(|order| order.id.as_str().cmp(id)).ok()?;
        Some(&self.orders[nth])
    }

    /// Orders of a resource with the part it is in, in creation order.
    pub fn chain<'a>(&'a self, resource: &'a str) -> impl Iterator<Item = (&'a Order, &'a Part)> {
        let orders = self.place_of(resource).into_iter().flat_map(|nth| self.orders_of(nth));
        orders.filter_map(move |order| Some((order, order.part_of(resource)?)))
    }

    /// Whether this order's share of the resource has been given back by `at`.
    pub fn is_refunded(&self, order: &str, resource: &str, at: DateTime<Utc>) -> bool {
        let refunds = self.place_of(resource).into_iter().flat_map(|nth| self.refunds_of(nth));
        refunds.into_iter().any(|refund| refund.created_at <= at && refund.gives_back(order))
    }

    /// When the resource ends: the latest end of what was paid by `at` and not given back.
    pub fn ends_at(&self, resource: &Resource, at: DateTime<Utc>) -> DateTime<Utc> {
        let last = self.place_of(&resource.id).and_then(|nth| self.last_end(nth, resource, at));
        last.unwrap_or(resource.released_at.unwrap_or(resource.created_at))
    }

    /// The latest end of what was paid by `at` for the resource at this place, and not given back.
    fn last_end(&self, nth: usize, resource: &Resource, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_back =
            |order: &Order| self.refunds_of(nth).any(|refund| refund.created_at <= at && refund.gives_back(&order.id));
        let paid = self.orders_of(nth).filter(|order| order.paid && order.paid_at <= at && !is_back(order));
        paid.filter_map(|order| order.part_of(&resource.id)).map(|part| part.end).max()
    }

    /// Whether the resource exists at `at`: created, not unsubscribed, and not released after expiry.
    pub fn is_there(&self, resource: &Resource, at: DateTime<Utc>) -> bool {
        self.place_of(&resource.id).is_some_and(|nth| self.is_there_at(nth, at))
    }

    /// The same for the resource at this place.
    pub(crate) fn is_there_at(&self, nth: usize, at: DateTime<Utc>) -> bool {
        let resource = &self.resources[nth];
        let is_whole = resource.created_at <= at && resource.released_at.is_none_or(|released| at < released);
        let end = || self.last_end(nth, resource, at).unwrap_or(resource.released_at.unwrap_or(resource.created_at));
        is_whole && at < end() + KEPT_AFTER_EXPIRY
    }

    /// The state of a resource at `at`, hidden ones included.
    pub fn status(&self, resource: &Resource, at: DateTime<Utc>) -> ResourceStatus {
        if !self.is_there(resource, at) {
            ResourceStatus::Released
        } else if self.ends_at(resource, at) <= at {
            ResourceStatus::Expired
        } else {
            resource.status
        }
    }
}

impl RefundOrder {
    /// Whether this order's share of the resource came back with it.
    pub fn gives_back(&self, order: &str) -> bool {
        self.related_order_id == order || self.merged.iter().any(|part| part.related_order_id == order)
    }

    /// The money that arrives under this number, by place.
    pub fn money(&self) -> &[Destination] {
        if self.paid_with.is_some() {
            &[]
        } else if self.pays.is_empty() {
            &self.destinations
        } else {
            &self.pays
        }
    }

    /// When the nth part of the money arrives.
    pub fn arrival(&self, nth: usize) -> DateTime<Utc> {
        self.arrivals.get(nth).copied().unwrap_or(self.arrives_at)
    }
}

impl Order {
    /// The part that a resource is in.
    pub fn part_of(&self, resource: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.instances.iter().any(|id| id == resource))
    }

    /// Undiscounted amount of all parts.
    pub fn list(&self) -> Decimal {
        self.parts.iter().map(|part| part.list).sum()
    }

    /// What was paid and can come back, of all parts.
    pub fn cash(&self) -> Decimal {
        self.parts.iter().map(|part| part.cash).sum()
    }

    /// Amount paid by coupons, of all parts.
    pub fn coupon(&self) -> Decimal {
        self.parts.iter().map(|part| part.coupon).sum()
    }

    /// Tax of all parts.
    pub fn tax(&self) -> Decimal {
        self.parts.iter().map(|part| part.tax).sum()
    }
}
