//! `QueryAvailableInstances` and `QueryResourcePackageInstances`: what the account holds now, newest first. Resource plans are
//! only in the second list.

use bss_openapi::wire::{
    ApplicableProducts, DurationUnit, InstanceRow, InstanceStatus, InstancesData, PlanList, PlanRow, PlanStatus,
    PlansData, QueryAvailableInstancesRequest, QueryResourcePackageInstancesRequest, RenewStatus, SubscriptionType,
    TextCount,
};
use refund_rules::case::{self, Billing, Kind, ResourceStatus};

use super::{Caller, Failure, fits, host_name, page};
use crate::state::State;
use crate::world::{Account, KEPT_AFTER_EXPIRY, Quota, Resource};

/// Documented maximum of both lists.
const MAX_PAGE: u32 = 300;
/// Documented maximum of `InstanceIDs`.
const MAX_IDS: usize = 100;

pub(super) fn list(
    state: &State,
    caller: &Caller,
    request: &QueryAvailableInstancesRequest,
) -> Result<InstancesData, Failure> {
    if request.region.is_some() && request.product_code.is_none() {
        return Err(Failure::bad_request("MissingParameter", "ProductCode must be given when Region is."));
    }
    if request.instance_ids.len() > MAX_IDS {
        return Err(Failure::bad_request("InvalidParameter", "InstanceIDs takes at most 100 ids."));
    }
    let account = &state.world.accounts[caller.account];
    let rows = held(account, caller)
        .filter(|resource| resource.kind == Kind::Instance)
        .map(|resource| instance_row(account, resource, caller))
        .filter(|row| is_asked(request, row))
        .collect();
    let (total, rows) = page(rows, request.page_num, request.page_size, MAX_PAGE)?;
    Ok(InstancesData {
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(total),
        instance_list: rows,
        ..Default::default()
    })
}

/// What is there now, newest first.
fn held<'a>(account: &'a Account, caller: &Caller) -> impl Iterator<Item = &'a Resource> {
    let mut held: Vec<_> = account.resources.iter().filter(|resource| account.is_there(resource, caller.now)).collect();
    held.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    held.into_iter()
}

fn instance_row(account: &Account, resource: &Resource, caller: &Caller) -> InstanceRow {
    let ends_at = account.ends_at(resource, caller.now);
    let expired = account.status(resource, caller.now) == ResourceStatus::Expired;
    InstanceRow {
        instance_id: resource.id.clone(),
        product_code: Some(resource.product.clone()),
        product_type: Some(resource.product_type.clone()),
        region: Some(resource.region.clone()),
        subscription_type: Some(match resource.billing {
            Billing::Subscription => SubscriptionType::Subscription,
            Billing::PayAsYouGo => SubscriptionType::PayAsYouGo,
        }),
        status: Some(if expired { InstanceStatus::Expired } else { InstanceStatus::Normal }),
        renew_status: Some(match resource.renew_status {
            case::RenewStatus::Auto => RenewStatus::AutoRenewal,
            case::RenewStatus::Manual => RenewStatus::ManualRenewal,
            case::RenewStatus::None => RenewStatus::NotRenewal,
        }),
        renewal_duration: resource.renewal_months,
        renewal_duration_unit: resource.renewal_months.map(|_| DurationUnit::Month),
        create_time: Some(resource.created_at),
        end_time: Some(ends_at),
        stop_time: expired.then_some(ends_at),
        expected_release_time: expired.then_some(ends_at + KEPT_AFTER_EXPIRY),
        owner_id: account.uid.parse().ok(),
        ..Default::default()
    }
}

fn is_asked(request: &QueryAvailableInstancesRequest, row: &InstanceRow) -> bool {
    (request.instance_ids.is_empty() || request.instance_ids.contains(&row.instance_id))
        && fits(&request.product_code, &row.product_code)
        && fits(&request.product_type, &row.product_type)
        && fits(&request.subscription_type, &row.subscription_type)
        && fits(&request.region, &row.region)
        && fits(&request.renew_status, &row.renew_status)
        && request.create_time_start.is_none_or(|start| row.create_time >= Some(start))
        && request.create_time_end.is_none_or(|end| row.create_time <= Some(end))
        && request.end_time_start.is_none_or(|start| row.end_time >= Some(start))
        && request.end_time_end.is_none_or(|end| row.end_time <= Some(end))
}

pub(super) fn plans(
    state: &State,
    caller: &Caller,
    request: &QueryResourcePackageInstancesRequest,
) -> Result<PlansData, Failure> {
    let account = &state.world.accounts[caller.account];
    let rows = held(account, caller)
        .filter_map(|resource| Some((resource, resource.quota.as_ref()?)))
        .filter(|(resource, _)| {
            request.product_code.is_none() || request.product_code.as_ref() == Some(&resource.product)
        })
        .map(|(resource, quota)| plan_row(account, resource, quota, caller))
        .filter(|row| request.expiry_time_start.is_none_or(|start| row.expiry_time >= Some(start)))
        .filter(|row| request.expiry_time_end.is_none_or(|end| row.expiry_time <= Some(end)))
        .collect();
    let (total, rows) = page(rows, request.page_num, request.page_size, MAX_PAGE)?;
    Ok(PlansData {
        host_id: host_name(state, caller),
        page_num: Some(TextCount(request.page_num)),
        page_size: Some(TextCount(request.page_size)),
        total_count: Some(TextCount(total)),
        instances: PlanList { instance: rows, ..Default::default() },
        ..Default::default()
    })
}

fn plan_row(account: &Account, resource: &Resource, quota: &Quota, caller: &Caller) -> PlanRow {
    let ends_at = account.ends_at(resource, caller.now);
    PlanRow {
        instance_id: resource.id.clone(),
        commodity_code: Some(resource.commodity.clone()),
        package_type: Some(quota.package_type.clone()),
        region: Some(resource.region.clone()),
        status: Some(if ends_at <= caller.now { PlanStatus::Expired } else { PlanStatus::Available }),
        deduct_type: Some(if quota.resets { "Periodic" } else { "Absolute" }.to_owned()),
        total_amount: Some(quota.total),
        total_amount_unit: Some(quota.unit.clone()),
        remaining_amount: Some(quota.total - quota.used),
        remaining_amount_unit: Some(quota.unit.clone()),
        effective_time: Some(resource.created_at),
        expiry_time: Some(ends_at),
        remark: Some(quota.remark.clone()),
        applicable_products: ApplicableProducts { product: quota.applies_to.clone(), ..Default::default() },
        ..Default::default()
    }
}
