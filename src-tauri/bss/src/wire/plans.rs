//! `QueryResourcePackageInstances`: resource plans and what is left of their quota. They carry no order and no price.

use super::PlanStatus;
use super::record::{Scalar, record, request};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Resource plans a page: the documented maximum (the default is 20).
pub const PLANS_PAGE_SIZE: u32 = 300;

request! {
    /// Resource plans by product and expiry.
    "QueryResourcePackageInstances" -> PlansData;
    pub struct QueryResourcePackageInstancesRequest {
        product_code: Option<String> = "ProductCode",
        expiry_time_start: Option<DateTime<Utc>> = "ExpiryTimeStart",
        expiry_time_end: Option<DateTime<Utc>> = "ExpiryTimeEnd",
        include_partner: Option<bool> = "IncludePartner",
        /// From 1.
        page_num: u32 = "PageNum" or "1",
        page_size: u32 = "PageSize" or "20",
        /// A reseller's end user.
        owner_id: Option<i64> = "OwnerId",
    }
}

impl Default for QueryResourcePackageInstancesRequest {
    /// All plans, in the largest pages.
    fn default() -> Self {
        Self {
            product_code: None,
            expiry_time_start: None,
            expiry_time_end: None,
            include_partner: None,
            page_num: 1,
            page_size: PLANS_PAGE_SIZE,
            owner_id: None,
        }
    }
}

/// A count that this operation writes as text (elsewhere counts are numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextCount(pub u32);

impl Scalar for TextCount {
    fn parse(text: &str) -> Result<Self, String> {
        u32::parse(text).map(Self)
    }
    fn text(&self) -> String {
        self.0.to_string()
    }
}

record! {
    /// A page of plans. The envelope repeats the counts as numbers (`Page`, `PageSize`, `Total`).
    pub struct PlansData {
        host_id: Option<String> = "HostId",
        page_num: Option<TextCount> = "PageNum",
        page_size: Option<TextCount> = "PageSize",
        total_count: Option<TextCount> = "TotalCount",
        instances: PlanList = "Instances",
    }
}

record! {
    /// The wrapper around the plans of a page.
    pub struct PlanList {
        instance: Vec<PlanRow> = "Instance",
    }
}

record! {
    /// A resource plan. Quantities are in their unit, not money.
    pub struct PlanRow {
        instance_id: String = "InstanceId",
        commodity_code: Option<String> = "CommodityCode",
        package_type: Option<String> = "PackageType",
        region: Option<String> = "Region",
        status: Option<PlanStatus> = "Status",
        /// Such as `Absolute`.
        deduct_type: Option<String> = "DeductType",
        total_amount: Option<Decimal> = "TotalAmount",
        total_amount_unit: Option<String> = "TotalAmountUnit",
        remaining_amount: Option<Decimal> = "RemainingAmount",
        remaining_amount_unit: Option<String> = "RemainingAmountUnit",
        effective_time: Option<DateTime<Utc>> = "EffectiveTime",
        expiry_time: Option<DateTime<Utc>> = "ExpiryTime",
        remark: Option<String> = "Remark",
        applicable_products: ApplicableProducts = "ApplicableProducts",
    }
}

record! {
    /// The products that a plan pays for; each may itself be a JSON text.
    pub struct ApplicableProducts {
        product: Vec<String> = "Product",
    }
}
