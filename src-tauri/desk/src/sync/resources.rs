//! Resources: instances and plans. A full pass marks what it no longer saw as gone.

use bss_openapi::wire::{
    InstanceRow, PlanRow, QueryAvailableInstancesRequest, QueryResourcePackageInstancesRequest, SubscriptionType,
};
use chrono::{DateTime, Utc};
use desk_store::{Cursor, Json, ResourceRow, Written};
use refund_rules::case::{Billing, Kind, Usage};
use rust_decimal::Decimal;

use super::run::{Keeping, Run};
use super::tally::Tally;
use crate::error::DeskError;
use crate::facts::wire;

const INSTANCES: &str = "instances";
const PLANS: &str = "plans";

impl Run<'_> {
    /// Phase 1: instances, 300 a page.
    pub async fn read_instances(&self) -> Result<(), DeskError> {
        let Some(mut cursor) = self.cursor(INSTANCES, |_| Ok(self.first_page(INSTANCES)))? else { return Ok(()) };
        let mut keeping = Keeping::default();
        while !cursor.done {
            let request = QueryAvailableInstancesRequest { page_num: cursor.next_page, ..Default::default() };
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.query_available_instances(request).await }
                })
                .await?;
            let now = self.desk.now();
            let rows =
                page.rows.iter().map(|row| instance(&self.connection.id, row, now)).collect::<Result<Vec<_>, _>>()?;
            self.tell(INSTANCES, Tally::add(&self.tally.resources, rows.len()), page.total);
            let next = Cursor { next_page: cursor.next_page + 1, done: page.last, ..cursor };
            keeping.after(self.keep_resources(&next, rows, Kind::Instance)?).await?;
            cursor = next;
        }
        keeping.end().await
    }

    /// Phase 2: resource plans, 300 a page.
    pub async fn read_plans(&self) -> Result<(), DeskError> {
        let Some(mut cursor) = self.cursor(PLANS, |_| Ok(self.first_page(PLANS)))? else { return Ok(()) };
        let mut keeping = Keeping::default();
        while !cursor.done {
            let request = QueryResourcePackageInstancesRequest { page_num: cursor.next_page, ..Default::default() };
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.query_resource_package_instances(request).await }
                })
                .await?;
            let now = self.desk.now();
            let rows =
                page.rows.iter().map(|row| plan(&self.connection.id, row, now)).collect::<Result<Vec<_>, _>>()?;
            self.tell(PLANS, Tally::add(&self.tally.resources, rows.len()), None);
            let next = Cursor { next_page: cursor.next_page + 1, done: page.last, ..cursor };
            keeping.after(self.keep_resources(&next, rows, Kind::ResourcePlan)?).await?;
            cursor = next;
        }
        keeping.end().await
    }

    fn keep_resources(
        &self,
        next: &Cursor,
        rows: Vec<ResourceRow>,
        kind: Kind,
    ) -> Result<Written<(), DeskError>, DeskError> {
        let (next, customer, pass) = (next.clone(), self.connection.id.clone(), self.pass);
        self.desk.write_later(move |tx, scribe| {
            tx.resources().upsert_page(&rows, pass)?;
            if next.done {
                tx.resources().mark_gone(&customer, kind.word(), pass, scribe.now)?;
            }
            Ok(tx.cursors().put(&next)?)
        })
    }
}

fn instance(customer: &str, row: &InstanceRow, now: DateTime<Utc>) -> Result<ResourceRow, DeskError> {
    let billing = match row.subscription_type {
        Some(SubscriptionType::PayAsYouGo) => Billing::PayAsYouGo,
        _ => Billing::Subscription,
    };
    Ok(ResourceRow {
        customer: customer.to_owned(),
        id: row.instance_id.clone(),
        product: row.product_code.clone().unwrap_or_default(),
        product_type: row.product_type.clone().unwrap_or_default(),
        kind: Kind::Instance.word().to_owned(),
        region: row.region.clone().unwrap_or_default(),
        billing: billing.word().to_owned(),
        status: wire::instance_status(row.status.as_ref().map_or("", |s| s.as_str())).word().to_owned(),
        renew_status: row
            .renew_status
            .as_ref()
            .and_then(|s| wire::renew_status(s.as_str()))
            .map(|s| s.word().to_owned()),
        created_at: row.create_time.ok_or_else(|| incomplete(&row.instance_id, "CreateTime"))?,
        end_at: row.end_time,
        usage: None,
        raw: Json::of(row)?,
        facts_at: now,
        gone_at: None,
    })
}

/// A plan's row carries no product code; it comes from the plan's orders.
fn plan(customer: &str, row: &PlanRow, now: DateTime<Utc>) -> Result<ResourceRow, DeskError> {
    let total = row.total_amount.ok_or_else(|| incomplete(&row.instance_id, "TotalAmount"))?;
    let remaining = row.remaining_amount.ok_or_else(|| incomplete(&row.instance_id, "RemainingAmount"))?;
    let usage = Usage {
        total,
        used: (total - remaining).max(Decimal::ZERO),
        unit: row.total_amount_unit.clone().unwrap_or_default(),
        resets: resets(row),
    };
    Ok(ResourceRow {
        customer: customer.to_owned(),
        id: row.instance_id.clone(),
        product: String::new(),
        product_type: row.commodity_code.clone().unwrap_or_default(),
        kind: Kind::ResourcePlan.word().to_owned(),
        region: row.region.clone().unwrap_or_default(),
        billing: Billing::Subscription.word().to_owned(),
        status: wire::plan_status(row.status.as_ref().map_or("", |s| s.as_str())).word().to_owned(),
        renew_status: None,
        created_at: row.effective_time.ok_or_else(|| incomplete(&row.instance_id, "EffectiveTime"))?,
        end_at: row.expiry_time,
        usage: Some(Json::of(&usage)?),
        raw: Json::of(row)?,
        facts_at: now,
        gone_at: None,
    })
}

/// `Absolute` is the documented word for a quota that is used up once and for all. Another word means periods.
fn resets(row: &PlanRow) -> bool {
    row.deduct_type.as_deref().is_some_and(|word| !word.eq_ignore_ascii_case("absolute"))
}

fn incomplete(resource: &str, field: &str) -> DeskError {
    DeskError::new(
        "incomplete_reply",
        format!("the cloud's row of `{resource}` has no {field}"),
        "sync again; if it stays, the row is shown but cannot be quoted",
    )
    .at(format!("{resource}.{field}"))
}
