//! Resources: instances and plans. A full pass marks what it no longer saw as gone.

use bss_openapi::Page;
use bss_openapi::wire::{
    InstanceRow, PlanRow, QueryAvailableInstancesRequest, QueryResourcePackageInstancesRequest, SubscriptionType,
};
use chrono::{DateTime, Utc};
use desk_store::{Cursor, Json, ResourceRow};
use refund_rules::case::{Billing, Kind, Usage};
use rust_decimal::Decimal;

use super::run::{Listed, Run};
use super::tally::Tally;
use crate::error::DeskError;
use crate::facts::wire;

const INSTANCES: &str = "instances";
const PLANS: &str = "plans";

impl Run<'_> {
    /// Phase 1: instances, 300 a page.
    pub async fn read_instances(&self) -> Result<(), DeskError> {
        self.read_list(INSTANCES, Kind::Instance, move |number| async move {
            let request = QueryAvailableInstancesRequest { page_num: number, ..Default::default() };
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.query_available_instances(request).await }
                })
                .await?;
            Ok(Shown::of(
                page,
                |row, now| instance(&self.connection.id, row, now),
                |row| &row.instance_id,
                self.desk.now(),
            ))
        })
        .await
    }

    /// Phase 2: resource plans, 300 a page.
    pub async fn read_plans(&self) -> Result<(), DeskError> {
        self.read_list(PLANS, Kind::ResourcePlan, move |number| async move {
            let request = QueryResourcePackageInstancesRequest { page_num: number, ..Default::default() };
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.query_resource_package_instances(request).await }
                })
                .await?;
            Ok(Shown::of(page, |row, now| plan(&self.connection.id, row, now), |row| &row.instance_id, self.desk.now()))
        })
        .await
    }

    /// Reads a list whole. What it no longer shows is gone, unless rows moved while it was read: a row that moves to a page that
    /// was read already is seen by none. So a list that seems to have lost one is read a second time, and gone is what neither
    /// reading showed.
    async fn read_list<F>(&self, phase: &'static str, kind: Kind, page: impl Fn(u32) -> F) -> Result<(), DeskError>
    where
        F: Future<Output = Result<Shown, DeskError>>,
    {
        self.cursor(phase, |_| Ok(self.first_page(phase))).await?;
        let mut odd = self.read_pages(phase, &page).await?;
        let unseen =
            |run: &Self| run.desk.store.read(|r| r.resources().unseen(&run.connection.id, kind.word(), run.pass));
        if unseen(self)? > 0 {
            odd = self.read_pages(phase, &page).await?;
        }
        let (customer, pass, done) =
            (self.connection.id.clone(), self.pass, Cursor { done: true, ..self.first_page(phase) });
        self.keep(move |tx, scribe| {
            tx.resources().mark_gone(&customer, kind.word(), pass, scribe.now)?;
            Ok(tx.cursors().put(&done)?)
        })?
        .done()
        .await?;
        self.tell_odd_rows(phase, &odd)
    }

    async fn read_pages<F>(&self, phase: &'static str, page: &impl Fn(u32) -> F) -> Result<Vec<DeskError>, DeskError>
    where
        F: Future<Output = Result<Shown, DeskError>>,
    {
        let (mut keeping, mut listed, mut odd, mut number) = (self.keeping(), Listed::default(), Vec::new(), 1);
        loop {
            let Shown { page, rows, unread } = page(number).await?;
            let ends = listed.ends(&page, phase)?;
            self.tell(phase, Tally::add(&self.tally.resources, rows.len()), page.total);
            let (customer, pass) = (self.connection.id.clone(), self.pass);
            let (ids, errors): (Vec<String>, Vec<DeskError>) = unread.into_iter().unzip();
            odd.extend(errors);
            let write = self.keep(move |tx, _| {
                tx.resources().upsert_page(&rows, pass)?;
                Ok(tx.resources().seen(&customer, &ids, pass)?)
            })?;
            self.keep_after(&mut keeping, write).await?;
            if ends {
                keeping.end().await?;
                return Ok(odd);
            }
            number += 1;
        }
    }
}

/// A page as it is kept: rows, and those that could not be read with the reason.
struct Shown {
    page: Page<()>,
    rows: Vec<ResourceRow>,
    unread: Vec<(String, DeskError)>,
}

impl Shown {
    fn of<T>(
        page: Page<T>,
        read: impl Fn(&T, DateTime<Utc>) -> Result<ResourceRow, DeskError>,
        id: impl Fn(&T) -> &String,
        now: DateTime<Utc>,
    ) -> Self {
        let (mut rows, mut unread) = (Vec::new(), Vec::new());
        let (page, shown) = page.split();
        for row in &shown {
            match read(row, now) {
                Ok(row) => rows.push(row),
                Err(error) => unread.push((id(row).clone(), error)),
            }
        }
        Self { page, rows, unread }
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
        "sync again; if it stays, look at it in the console: it stands in no list here",
    )
    .at(format!("{resource}.{field}"))
}
