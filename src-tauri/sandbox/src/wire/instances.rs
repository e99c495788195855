//! `QueryAvailableInstances` and `QueryResourcePackageInstances`: what the account holds now, newest first. Resource plans are
//! only in the second list.

use bss_openapi::wire::{
    ApplicableProducts, DurationUnit, InstanceRow, InstanceStatus, InstancesData, PlanList, PlanRow, PlanStatus,
    PlansData, QueryAvailableInstancesRequest, QueryResourcePackageInstancesRequest, RenewStatus, SubscriptionType,
    TextCount,
};
use chrono::{DateTime, Utc};
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
    let window = caller.window(request.page_num, request.page_size, MAX_PAGE)?;
    let mut rows = Vec::new();
    let mut count = 0;
    for resource in asked(account, caller, request) {
        if window.holds(count) {
            rows.push(instance_row(account, resource, caller));
        }
        count += 1;
    }
    Ok(InstancesData {
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(window.total(count)),
        instance_list: rows,
        ..Default::default()
    })
}

/// What is there now, newest first.
fn held<'a>(account: &'a Account, caller: &Caller) -> impl Iterator<Item = &'a Resource> {
    let now = caller.now;
    account.newest_resources().filter(move |nth| account.is_there_at(*nth, now)).map(|nth| &account.resources[nth])
}

/// The instances that fit what is asked, newest first. Ids that are named are looked up, not searched for.
fn asked<'a>(
    account: &'a Account,
    caller: &'a Caller,
    request: &'a QueryAvailableInstancesRequest,
) -> Box<dyn Iterator<Item = &'a Resource> + 'a> {
    let now = caller.now;
    let fits = move |resource: &&Resource| {
        resource.kind == Kind::Instance && is_asked(request, resource, || account.ends_at(resource, now))
    };
    if request.instance_ids.is_empty() {
        return Box::new(held(account, caller).filter(fits));
    }
    let mut named: Vec<_> = request.instance_ids.iter().filter_map(|id| account.resource(id)).collect();
    named.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    named.dedup_by(|a, b| a.id == b.id);
    Box::new(named.into_iter().filter(move |resource| account.is_there(resource, now)).filter(fits))
}

/// Whether a resource passes all filters; `ends_at` is asked only where one needs it.
fn is_asked(
    request: &QueryAvailableInstancesRequest,
    resource: &Resource,
    ends_at: impl Fn() -> DateTime<Utc>,
) -> bool {
    let text = |asked: &Option<String>, given: &str| asked.as_deref().is_none_or(|asked| asked == given);
    text(&request.product_code, &resource.product)
        && text(&request.product_type, &resource.product_type)
        && text(&request.region, &resource.region)
        && fits(&request.subscription_type, &Some(subscription(resource.billing)))
        && fits(&request.renew_status, &Some(renew_status(resource.renew_status)))
        && request.create_time_start.is_none_or(|start| resource.created_at >= start)
        && request.create_time_end.is_none_or(|end| resource.created_at <= end)
        && request.end_time_start.is_none_or(|start| ends_at() >= start)
        && request.end_time_end.is_none_or(|end| ends_at() <= end)
}

fn subscription(billing: Billing) -> SubscriptionType {
    match billing {
        Billing::Subscription => SubscriptionType::Subscription,
        Billing::PayAsYouGo => SubscriptionType::PayAsYouGo,
    }
}

fn renew_status(status: case::RenewStatus) -> RenewStatus {
    match status {
        case::RenewStatus::Auto => RenewStatus::AutoRenewal,
        case::RenewStatus::Manual => RenewStatus::ManualRenewal,
        case::RenewStatus::None => RenewStatus::NotRenewal,
    }
}

fn instance_row(account: &Account, resource: &Resource, caller: &Caller) -> InstanceRow {
    let ends_at = account.ends_at(resource, caller.now);
    let expired = account.status(resource, caller.now) == ResourceStatus::Expired;
    InstanceRow {
        instance_id: resource.id.clone(),
        product_code: Some(resource.product.clone()),
        product_type: Some(resource.product_type.clone()),
        region: Some(resource.region.clone()),
        subscription_type: Some(subscription(resource.billing)),
        status: Some(if expired { InstanceStatus::Expired } else { InstanceStatus::Normal }),
        renew_status: Some(renew_status(resource.renew_status)),
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
    let (total, rows) = page(caller, rows, request.page_num, request.page_size, MAX_PAGE)?;
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
