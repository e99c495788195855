//! `QueryAvailableInstances`: the resources an account holds. An instance that does not exist is absent, not an error.

use super::record::{record, request};
use super::{DurationUnit, InstanceStatus, InstanceSubStatus, RenewStatus, SubscriptionType};
use chrono::{DateTime, Utc};

/// Instances a page: the documented maximum (the default is 20).
pub const INSTANCES_PAGE_SIZE: u32 = 300;

request! {
    /// Instances by product, region, state and times; all filters are optional (a region needs a product code).
    "QueryAvailableInstances" -> InstancesData;
    pub struct QueryAvailableInstancesRequest {
        product_code: Option<String> = "ProductCode",
        product_type: Option<String> = "ProductType",
        subscription_type: Option<SubscriptionType> = "SubscriptionType",
        /// At most 100.
        instance_ids: Vec<String> = "InstanceIDs",
        region: Option<String> = "Region",
        renew_status: Option<RenewStatus> = "RenewStatus",
        create_time_start: Option<DateTime<Utc>> = "CreateTimeStart",
        create_time_end: Option<DateTime<Utc>> = "CreateTimeEnd",
        end_time_start: Option<DateTime<Utc>> = "EndTimeStart",
        end_time_end: Option<DateTime<Utc>> = "EndTimeEnd",
        /// From 1.
        page_num: u32 = "PageNum" or "1",
        page_size: u32 = "PageSize" or "20",
        /// A reseller's end user.
        owner_id: Option<i64> = "OwnerId",
    }
}

impl Default for QueryAvailableInstancesRequest {
    /// All instances, in the largest pages.
    fn default() -> Self {
        Self {
            product_code: None,
            product_type: None,
            subscription_type: None,
            instance_ids: Vec::new(),
            region: None,
            renew_status: None,
            create_time_start: None,
            create_time_end: None,
            end_time_start: None,
            end_time_end: None,
            page_num: 1,
            page_size: INSTANCES_PAGE_SIZE,
            owner_id: None,
        }
    }
}

record! {
    /// A page of instances; the list has no inner wrapper here.
    pub struct InstancesData {
        page_num: Option<u32> = "PageNum",
        page_size: Option<u32> = "PageSize",
        total_count: Option<u32> = "TotalCount",
        instance_list: Vec<InstanceRow> = "InstanceList",
    }
}

record! {
    /// An instance.
    pub struct InstanceRow {
        instance_id: String = "InstanceID",
        product_code: Option<String> = "ProductCode",
        product_type: Option<String> = "ProductType",
        region: Option<String> = "Region",
        subscription_type: Option<SubscriptionType> = "SubscriptionType",
        status: Option<InstanceStatus> = "Status",
        sub_status: Option<InstanceSubStatus> = "SubStatus",
        renew_status: Option<RenewStatus> = "RenewStatus",
        renewal_duration: Option<u32> = "RenewalDuration",
        renewal_duration_unit: Option<DurationUnit> = "RenewalDurationUnit",
        create_time: Option<DateTime<Utc>> = "CreateTime",
        end_time: Option<DateTime<Utc>> = "EndTime",
        stop_time: Option<DateTime<Utc>> = "StopTime",
        release_time: Option<DateTime<Utc>> = "ReleaseTime",
        expected_release_time: Option<DateTime<Utc>> = "ExpectedReleaseTime",
        owner_id: Option<i64> = "OwnerId",
        seller: Option<String> = "Seller",
        seller_id: Option<i64> = "SellerId",
    }
}
