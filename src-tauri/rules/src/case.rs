//! The facts and the ask: everything the engine is told. One [`Case`] is one customer's one resource, its orders and what
//! is asked at what instant (case format, input half). Instants are UTC inside, amounts are decimals in the order's currency
//! before tax, and `None` means "unknown" wherever the field's doc says so.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::read::{instant, instant_or_null, money, money_or_null, percent_or_null};
use crate::words::words;

/// Facts and ask, as one JSON document describes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub customer: Customer,
    pub resource: Resource,
    pub orders: Vec<Order>,
    pub ask: Ask,
    /// What a test case expects; compared by `rdesk quote --check`, never read by the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<serde_json::Map<String, serde_json::Value>>,
    /// Paths of facts that the document left out although null would mean "unknown" there (`orders[0].discounts`). They are
    /// computed like unknown ones, but a quote only lists what was explicitly unknown. Empty for a case that is not read
    /// from a document.
    #[serde(skip)]
    pub left_out: Vec<String>,
}

/// The account that owns the resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    pub uid: String,
    pub site: Site,
    /// Settlement currency of the account today.
    pub currency: String,
    /// The customer buys through a partner (reseller).
    #[serde(default)]
    pub partner: bool,
    #[serde(default)]
    pub membership: Vec<Membership>,
    #[serde(default)]
    pub no_reason_refunds: Vec<NoReasonRefund>,
    /// ECS unsubscriptions left, or unknown.
    #[serde(default)]
    pub ecs_quota_left: Option<u32>,
}

/// A time during which the account belongs to another account's finances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    #[serde(deserialize_with = "instant")]
    pub joined_at: DateTime<Utc>,
    #[serde(default, deserialize_with = "instant_or_null")]
    pub left_at: Option<DateTime<Utc>>,
    #[serde(default = "trusteeship")]
    pub relation: Relation,
}

/// A full refund without reason that the customer already took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoReasonRefund {
    pub product: String,
    #[serde(deserialize_with = "instant")]
    pub at: DateTime<Utc>,
}

/// One subscription instance or one resource plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    pub id: String,
    pub product: String,
    pub kind: Kind,
    pub billing: Billing,
    pub status: ResourceStatus,
    #[serde(default)]
    pub variant: Option<Variant>,
    /// `None` is unknown.
    #[serde(default)]
    pub renew_status: Option<RenewStatus>,
    #[serde(default = "yes")]
    pub chain_complete: bool,
    /// Left out: false. Null: unknown.
    #[serde(default = "known_false")]
    pub security_risk: Option<bool>,
    /// Left out: false. Null: unknown.
    #[serde(default = "known_false")]
    pub paid_marketplace_image: Option<bool>,
    /// Left out: false. Null: unknown.
    #[serde(default = "known_false")]
    pub transferred: Option<bool>,
    /// Required for plans, and only there.
    #[serde(default)]
    pub usage: Option<Usage>,
}

/// Quota of a resource plan, in `unit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    #[serde(deserialize_with = "money")]
    pub total: Decimal,
    #[serde(deserialize_with = "money")]
    pub used: Decimal,
    pub unit: String,
    pub resets: bool,
}

/// One order of the resource's chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub id: String,
    #[serde(rename = "type")]
    pub order_type: OrderType,
    pub status: OrderStatus,
    pub currency: String,
    #[serde(deserialize_with = "instant")]
    pub created_at: DateTime<Utc>,
    #[serde(deserialize_with = "instant")]
    pub paid_at: DateTime<Utc>,
    #[serde(deserialize_with = "instant")]
    pub start: DateTime<Utc>,
    #[serde(deserialize_with = "instant")]
    pub end: DateTime<Utc>,
    /// Undiscounted (list) amount.
    #[serde(deserialize_with = "money")]
    pub list: Decimal,
    /// What can come back: cash and stored-value card.
    #[serde(deserialize_with = "money")]
    pub cash: Decimal,
    #[serde(default, deserialize_with = "money")]
    pub coupon: Decimal,
    #[serde(default, deserialize_with = "money")]
    pub tax: Decimal,
    /// Null or empty: unknown. Amounts sum to `cash`.
    #[serde(default = "no_payments")]
    pub payments: Option<Vec<Payment>>,
    /// Left out: false. Null: unknown.
    #[serde(default = "known_false")]
    pub invoiced: Option<bool>,
    #[serde(default)]
    pub marketplace: bool,
    #[serde(default)]
    pub promotion: Option<Promotion>,
    /// Daily list price before an upgrade.
    #[serde(default, deserialize_with = "money_or_null")]
    pub daily_before: Option<Decimal>,
    /// Daily list price after an upgrade.
    #[serde(default, deserialize_with = "money_or_null")]
    pub daily_after: Option<Decimal>,
    /// `None` is unknown, empty is "no discount".
    #[serde(default)]
    pub discounts: Option<Vec<Discount>>,
}

/// One payment of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    pub method: Method,
    #[serde(deserialize_with = "money")]
    pub amount: Decimal,
}

/// The promotion an order was bought in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    pub name: String,
    /// Required key; null: unknown.
    #[serde(deserialize_with = "Option::deserialize")]
    pub refundable: Option<bool>,
    #[serde(default)]
    pub gifts: Vec<String>,
    #[serde(default)]
    pub terms: Option<String>,
}

/// One step of an order's discount table: by days used, or (plans) by per cent of the quota used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_day: Option<u32>,
    #[serde(default, deserialize_with = "percent_or_null", skip_serializing_if = "Option::is_none")]
    pub from_percent: Option<Decimal>,
    #[serde(deserialize_with = "money")]
    pub factor: Decimal,
}

/// What is asked, and for which instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    #[serde(deserialize_with = "instant")]
    pub at: DateTime<Utc>,
    pub action: Action,
    /// The Updated Expiration Time, for `cancel_renewals`.
    #[serde(default, deserialize_with = "instant_or_null", skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
    /// Daily list price of the new configuration, for `downgrade`.
    #[serde(default, deserialize_with = "money_or_null", skip_serializing_if = "Option::is_none")]
    pub daily_list: Option<Decimal>,
}

words! {
    /// Which of the two rule sets applies.
    Site { China = "china", International = "international" }
}
words! {
    /// Instance or resource plan.
    Kind { Instance = "instance", ResourcePlan = "resource_plan" }
}
words! {
    /// How the resource is billed.
    Billing { Subscription = "subscription", PayAsYouGo = "pay_as_you_go" }
}
words! {
    /// State of the resource.
    ResourceStatus {
        Normal = "normal", CreatingFailed = "creating_failed", Overdue = "overdue", SecurityLocked = "security_locked",
        Changing = "changing", Expired = "expired", Released = "released",
    }
}
words! {
    /// What a product row needs to know beyond the product code.
    Variant {
        ShortVideoSdk = "short_video_sdk", EnterpriseInstance = "enterprise_instance", PublicInstance = "public_instance",
        CrossBorder = "cross_border", Unused = "unused", Revoked = "revoked",
    }
}
words! {
    /// Automatic renewal.
    RenewStatus { Auto = "auto", Manual = "manual", None = "none" }
}
words! {
    /// Type of an order.
    OrderType {
        New = "new", Renew = "renew", Upgrade = "upgrade", Downgrade = "downgrade", Convert = "convert",
        CompensatoryRenew = "compensatory_renew", Other = "other",
    }
}
words! {
    /// Only paid orders count; unpaid ones only trip their blocker; the others do not exist.
    OrderStatus { Paid = "paid", Unpaid = "unpaid", Cancelled = "cancelled", Refunded = "refunded" }
}
words! {
    /// Payment method.
    Method {
        BankCard = "bank_card", Paypal = "paypal", Balance = "balance", Alipay = "alipay", OnlineBanking = "online_banking",
        Wechat = "wechat", Unionpay = "unionpay", StoredValueCard = "stored_value_card", BankTransfer = "bank_transfer",
        Credit = "credit", Other = "other",
    }
}
words! {
    /// What is asked.
    Action { Unsubscribe = "unsubscribe", CancelRenewals = "cancel_renewals", Downgrade = "downgrade", Convert = "convert" }
}
words! {
    /// Financial relation to another account.
    Relation { Trusteeship = "trusteeship", Management = "management" }
}

fn trusteeship() -> Relation {
    Relation::Trusteeship
}

fn yes() -> bool {
    true
}

fn known_false() -> Option<bool> {
    Some(false)
}

fn no_payments() -> Option<Vec<Payment>> {
    Some(Vec::new())
}
