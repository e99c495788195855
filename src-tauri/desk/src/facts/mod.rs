//! From the wire to the facts, in one place (refund-rules section 16): what the cache holds of one resource becomes the
//! [`Case`] that the rules judge. What the API does not tell stays unknown until the manager enters it.

pub(crate) mod wire;

mod as_of;
pub(crate) mod coverage;
mod entered;
mod membership;
mod payments;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{ConnectionRow, FROM_FILE, OrderHead, OrderPart, Read, RefundRow, ResourceRow};
use refund_rules::case::{
    Ask, Billing, Case, Customer, Kind, NoReasonRefund, Order, OrderStatus, OrderType, Promotion, RenewStatus,
    Resource, ResourceStatus, Site, Usage, Variant,
};

use crate::error::DeskError;
use crate::import::{FileMark, file_resource};
use crate::periods;
use crate::sync::ORDERS;
pub(crate) use as_of::AsOf;
use coverage::Coverage;
pub(crate) use rows::Rows;

/// How far a service period may lie inside the resource's own frame before it counts as a gap: an instance is created some
/// time after its order starts. Not documented; an hour is far below the day that prices are counted in.
const CHAIN_TOLERANCE: TimeDelta = TimeDelta::hours(1);

/// Resources whose rows are read together: enough that the statements cost little each, few enough that the rows take little room.
pub(crate) const AT_ONCE: usize = 256;

/// The window of China's full refund without reason, to recognise one that was taken (refund-rules section 6).
const NO_REASON_WINDOW: TimeDelta = TimeDelta::days(5);

/// What is the same for all resources of one customer.
pub(crate) struct CustomerFacts {
    pub connection: ConnectionRow,
    customer: Customer,
    /// Products of orders that are listed and whose details were not read: each may belong to any resource of its product.
    unread: BTreeSet<String>,
    /// Which orders were not even listed yet.
    coverage: Coverage,
    /// Orders of one resource that a refund order without an instance relates to.
    refunded: BTreeSet<String>,
    /// The past that is looked at; `None`: today.
    as_of: Option<AsOf>,
}

/// The chain of one resource as it is cached.
pub(crate) struct Chain {
    pub resource: ResourceRow,
    /// Sub-orders of this resource with their orders, refund orders left out, oldest first.
    pub parts: Vec<(OrderHead, OrderPart)>,
    /// Orders whose service period no source tells, as their lines are named. The manager may have entered it.
    pub untold: BTreeSet<String>,
    /// Orders that a refund order relates to, for this resource.
    refunded: BTreeSet<String>,
    /// A file lists a refund of this resource and does not say what it gives back.
    untied_refund: bool,
}

impl CustomerFacts {
    /// Reads what the cache and the manager say of a customer.
    pub fn read(read: &Read<'_>, connection: ConnectionRow) -> Result<Self, DeskError> {
        Self::read_as_of(read, connection, None)
    }

    /// The same as it was: refund orders that came later are not there yet.
    pub fn read_as_of(read: &Read<'_>, connection: ConnectionRow, as_of: Option<AsOf>) -> Result<Self, DeskError> {
        let customer = Customer {
            uid: connection.uid.clone(),
            site: site_of(&connection)?,
            currency: connection.currency.clone(),
            partner: connection.partner,
            membership: membership::of_customer(read, &connection.id)?,
            no_reason_refunds: no_reason_refunds(read, &connection, as_of.as_ref())?,
            ecs_quota_left: None,
        };
        let unread = unread_products(read, &connection)?;
        let coverage = Coverage::of(read.cursors().get(&connection.id, ORDERS)?.as_ref());
        let refunded = refunded_without_instance(read, &connection.id, as_of.as_ref())?;
        Ok(Self { connection, customer, unread, coverage, refunded, as_of })
    }

    /// The site, from the connection.
    pub fn site(&self) -> Site {
        self.customer.site
    }

    /// The case of one resource. `None` when the cache does not hold the resource.
    pub fn case(&self, read: &Read<'_>, resource: &str, ask: Ask) -> Result<Option<(Chain, Case)>, DeskError> {
        self.case_of(&self.rows(read, &[resource])?, resource, ask)
    }

    /// The rows of some resources, for the cases of all of them.
    pub fn rows<S: AsRef<str>>(&self, read: &Read<'_>, resources: &[S]) -> Result<Rows, DeskError> {
        Rows::of(read, &self.connection.id, resources)
    }

    /// The cases of all resources that the cloud still lists, one after the other.
    pub fn each_live_case(
        &self,
        read: &Read<'_>,
        ask: &Ask,
        mut see: impl FnMut(Case) -> Result<(), DeskError>,
    ) -> Result<(), DeskError> {
        let ids: Vec<String> = read.resources().list(&self.connection.id)?.into_iter().map(|row| row.id).collect();
        self.each_case(read, &ids, ask, |_, case| see(case))
    }

    /// The chain and case of each of these resources that the cache holds.
    pub fn each_case(
        &self,
        read: &Read<'_>,
        ids: &[String],
        ask: &Ask,
        mut see: impl FnMut(Chain, Case) -> Result<(), DeskError>,
    ) -> Result<(), DeskError> {
        for ids in ids.chunks(AT_ONCE) {
            let rows = self.rows(read, ids)?;
            for id in ids {
                if let Some((chain, case)) = self.case_of(&rows, id, ask.clone())? {
                    see(chain, case)?;
                }
            }
        }
        Ok(())
    }

    /// As [`case`](Self::case), of rows that were read before.
    pub fn case_of(&self, rows: &Rows, resource: &str, ask: Ask) -> Result<Option<(Chain, Case)>, DeskError> {
        let Some(row) = rows.resource(resource) else { return Ok(None) };
        let chain = Chain::of(rows, row.clone(), &self.refunded, self.as_of.as_ref())?;
        let orders = chain.orders(rows, self.site());
        let case = Case {
            name: None,
            source: None,
            customer: self.customer.clone(),
            resource: chain.facts(&self.unread, &self.coverage)?,
            orders,
            ask,
            expect: None,
            left_out: Vec::new(),
        };
        let case = entered::apply(rows, case)?;
        Ok(Some((chain, case)))
    }
}

impl Chain {
    fn of(
        rows: &Rows,
        resource: ResourceRow,
        refunded: &BTreeSet<String>,
        as_of: Option<&AsOf>,
    ) -> Result<Self, DeskError> {
        let mut parts = Vec::new();
        let mut refunded = refunded.clone();
        let mut untied_refund = false;
        for part in rows.parts_of(&resource.id) {
            let Some(head) = rows.head(&part.order_id) else { continue };
            if wire::is_refund(&head.order_type) {
                if AsOf::holds(as_of, head) {
                    untied_refund |= head.source == FROM_FILE && head.related_order.is_none();
                    refunded.extend(related_orders(head, std::slice::from_ref(&part)));
                }
            } else {
                parts.push((head.clone(), part));
            }
        }
        parts.sort_by(|(a, p), (b, q)| (a.created_at, &a.id, &p.sub_order).cmp(&(b.created_at, &b.id, &q.sub_order)));
        let untold = periods::fill(rows, &mut parts)?;
        let mut chain = Self { resource, parts, untold, refunded, untied_refund };
        if chain.is_from_file()?
            && let Some((created_at, end_at)) = frame_of(&chain.parts, &chain.refunded)
        {
            (chain.resource.created_at, chain.resource.end_at) = (created_at, end_at);
        }
        Ok(chain)
    }

    /// True for a resource that only files tell.
    fn is_from_file(&self) -> Result<bool, DeskError> {
        Ok(self.resource.raw == file_resource()?)
    }

    /// Orders of which a part lacks its service period, as their lines are named.
    pub fn timeless(&self) -> Vec<String> {
        let names = line_names(&self.parts);
        let lacks = |part: &OrderPart| part.start_at.is_none() || part.end_at.is_none();
        self.parts.iter().zip(names).filter(|((_, part), _)| lacks(part)).map(|(_, name)| name).collect()
    }

    /// The product code: of the orders, since plans carry none themselves.
    pub fn product(&self) -> String {
        if !self.resource.product.is_empty() {
            return self.resource.product.clone();
        }
        self.parts.first().map(|(head, _)| head.product.clone()).unwrap_or_default()
    }

    fn facts(&self, unread: &BTreeSet<String>, coverage: &Coverage) -> Result<Resource, DeskError> {
        let row = &self.resource;
        let kind = Kind::from_word(&row.kind).unwrap_or(Kind::Instance);
        Ok(Resource {
            id: row.id.clone(),
            product: self.product(),
            kind,
            billing: Billing::from_word(&row.billing).unwrap_or(Billing::Subscription),
            status: if row.gone_at.is_some() {
                ResourceStatus::Released
            } else {
                ResourceStatus::from_word(&row.status).unwrap_or(ResourceStatus::Normal)
            },
            variant: Variant::from_word(&row.product_type),
            renew_status: row.renew_status.as_deref().and_then(RenewStatus::from_word),
            chain_complete: self.is_complete(unread) && !self.may_miss(coverage) && self.files_suffice()?,
            security_risk: None,
            paid_marketplace_image: None,
            transferred: None,
            usage: row.usage.as_ref().map(|json| json.read::<Usage>()).transpose()?,
        })
    }

    fn orders(&self, rows: &Rows, site: Site) -> Vec<Order> {
        let mut orders = Vec::new();
        for ((head, part), id) in self.parts.iter().zip(line_names(&self.parts)) {
            let (Some(start), Some(end)) = (part.start_at, part.end_at) else { continue };
            orders.push(Order {
                id,
                order_type: wire::order_type(&head.order_type),
                status: self.status_of(head),
                currency: head.currency.clone(),
                created_at: head.created_at,
                paid_at: head.paid_at.unwrap_or(head.created_at),
                start,
                end,
                list: part.list,
                cash: part.cash,
                coupon: part.coupon,
                tax: part.tax,
                payments: payments::of_part(rows, head, part),
                // Only the China site's rules read it.
                invoiced: (site == Site::International).then_some(false),
                marketplace: false,
                promotion: Some(Promotion { name: String::new(), refundable: None, gifts: Vec::new(), terms: None }),
                daily_before: None,
                daily_after: None,
                discounts: None,
            });
        }
        orders
    }

    fn status_of(&self, head: &OrderHead) -> OrderStatus {
        if self.refunded.contains(&head.id) {
            return OrderStatus::Refunded;
        }
        wire::payment_status(head.payment_status.as_deref())
    }

    /// Where files tell the chain: they do not contradict each other, and of a resource that only they tell, the product is known,
    /// every refund says what it gave back, and the chain begins with the purchase, since nothing else says when the resource began.
    fn files_suffice(&self) -> Result<bool, DeskError> {
        for (head, _) in self.parts.iter().filter(|(head, _)| head.source == FROM_FILE) {
            if head.raw.read::<FileMark>()?.differ {
                return Ok(false);
            }
        }
        if self.untied_refund {
            return Ok(false);
        }
        if !self.is_from_file()? {
            return Ok(true);
        }
        let paid = self.parts.iter().filter(|(head, _)| self.status_of(head) != OrderStatus::Cancelled);
        let first = paid.min_by_key(|(head, part)| (part.start_at, head.created_at));
        let begins = first.is_some_and(|(head, _)| wire::order_type(&head.order_type) == OrderType::New);
        Ok(begins && !self.product().is_empty())
    }

    /// Whether an order of this resource stands in the part of the list that was not read.
    fn may_miss(&self, coverage: &Coverage) -> bool {
        coverage.may_miss(self.resource.created_at, self.parts.iter().map(|(head, _)| head.created_at))
    }

    /// The paid orders cover the resource from its creation to its end without a gap, and nothing is still to be read.
    fn is_complete(&self, unread: &BTreeSet<String>) -> bool {
        if unread.contains("")
            || unread.contains(&self.product())
            || self.parts.iter().any(|(head, part)| !head.settled && part.start_at.is_none())
        {
            return false;
        }
        // Money was paid for a time that nobody knows: it takes part in no formula, so nothing is certain.
        let timeless = |part: &OrderPart| part.start_at.is_none() || part.end_at.is_none();
        if self
            .parts
            .iter()
            .any(|(head, part)| self.status_of(head) == OrderStatus::Paid && timeless(part) && !part.list.is_zero())
        {
            return false;
        }
        let mut periods: Vec<(DateTime<Utc>, DateTime<Utc>)> = self
            .parts
            .iter()
            .filter(|(head, _)| self.status_of(head) == OrderStatus::Paid)
            .filter_map(|(_, part)| Some((part.start_at?, part.end_at?)))
            .collect();
        periods.sort();
        let mut covered = self.resource.created_at + CHAIN_TOLERANCE;
        for (start, end) in periods {
            if start > covered + CHAIN_TOLERANCE {
                return false;
            }
            covered = covered.max(end);
        }
        self.resource.end_at.is_none_or(|end| covered + CHAIN_TOLERANCE >= end)
    }
}

/// How the lines of a chain are named: by their order, with the sub-order where the order has several of them.
pub(crate) fn line_names(parts: &[(OrderHead, OrderPart)]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    for (head, _) in parts {
        *seen.entry(head.id.as_str()).or_insert(0) += 1;
    }
    let name = |(head, part): &(OrderHead, OrderPart)| {
        if seen[head.id.as_str()] > 1 { format!("{}/{}", head.id, part.sub_order) } else { head.id.clone() }
    };
    parts.iter().map(name).collect()
}

/// When a resource began and ends, as its orders tell: the first start of service (else the first order), and the last end of what
/// was paid and not given back. `None` without orders.
pub(crate) fn frame_of(
    parts: &[(OrderHead, OrderPart)],
    refunded: &BTreeSet<String>,
) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let holds = |head: &OrderHead| {
        wire::payment_status(head.payment_status.as_deref()) == OrderStatus::Paid && !refunded.contains(&head.id)
    };
    let held = || parts.iter().filter(|(head, _)| holds(head)).map(|(_, part)| part);
    let first_order = || parts.iter().map(|(head, _)| head.created_at).min();
    let created_at = held().filter_map(|part| part.start_at).min().or_else(first_order)?;
    Some((created_at, held().filter_map(|part| part.end_at).max()))
}

/// A refund order should name its instance; where it does not, the order that it relates to tells, if that has only one.
fn refunded_without_instance(
    read: &Read<'_>,
    customer: &str,
    as_of: Option<&AsOf>,
) -> Result<BTreeSet<String>, DeskError> {
    let mut refunded = BTreeSet::new();
    for part in read.order_parts().of_instance(customer, "")? {
        let head = read.orders().get(customer, &part.order_id)?.filter(|head| wire::is_refund(&head.order_type));
        let Some(head) = head.filter(|head| AsOf::holds(as_of, head)) else { continue };
        for related in related_orders(&head, std::slice::from_ref(&part)) {
            let instances: BTreeSet<String> =
                read.order_parts().of_order(customer, &related)?.into_iter().map(|part| part.instance).collect();
            if instances.len() == 1 {
                refunded.insert(related);
            }
        }
    }
    Ok(refunded)
}

/// The orders whose money a refund order gives back: a merged one names them at its sub-orders, any other at its head.
pub(crate) fn related_orders(head: &OrderHead, parts: &[OrderPart]) -> Vec<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        related_order_id: Option<String>,
    }
    let named = |part: &OrderPart| part.raw.read::<Row>().ok().and_then(|row| row.related_order_id);
    let mut related: Vec<String> = Vec::new();
    for order in parts.iter().filter_map(named).filter(|order| !order.is_empty()) {
        if !related.contains(&order) {
            related.push(order);
        }
    }
    if related.is_empty() {
        related.extend(head.related_order.clone());
    }
    related
}

fn unread_products(read: &Read<'_>, connection: &ConnectionRow) -> Result<BTreeSet<String>, DeskError> {
    // Beside the API's own list an order of a file that names no resource says nothing new; without it, it may be of any of its
    // product. One of an unknown product is left out: it would silence every resource for good.
    let of_files_too = !connection.lists_resources();
    Ok(read.orders().unread_products(&connection.id, of_files_too)?.into_iter().collect())
}

/// The site of a connection.
pub(crate) fn site_of(connection: &ConnectionRow) -> Result<Site, DeskError> {
    Site::from_word(&connection.site).ok_or_else(|| {
        DeskError::new(
            "unknown_site",
            format!("`{}` is not a site", connection.site),
            "connect the customer again with `china` or `international`",
        )
        .at(format!("customer {}", connection.id))
    })
}

/// Full refunds without reason that the history shows: on the China site, all of a purchase's cash back within the window.
fn no_reason_refunds(
    read: &Read<'_>,
    connection: &ConnectionRow,
    as_of: Option<&AsOf>,
) -> Result<Vec<NoReasonRefund>, DeskError> {
    if site_of(connection)? != Site::China {
        return Ok(Vec::new());
    }
    let mut refunds = read.refunds().list(&connection.id)?;
    refunds.retain(|refund| as_of.is_none_or(|past| past.holds_refund(&refund.refund_order, refund.created_at)));
    // Most refunds came long after the purchase: only of the few others the purchase itself is looked at.
    let related: BTreeSet<&str> = refunds.iter().flat_map(|refund| &refund.related).map(String::as_str).collect();
    let related: Vec<&str> = related.into_iter().collect();
    let purchases: BTreeMap<String, DateTime<Utc>> =
        read.orders().paid_at(&connection.id, &related, wire::PURCHASE)?.into_iter().collect();
    let mut taken = Vec::new();
    for refund in &refunds {
        let in_window = |order: &&String| {
            purchases.get(*order).is_some_and(|paid_at| refund.created_at <= *paid_at + NO_REASON_WINDOW)
        };
        let orders: Vec<&String> = refund.related.iter().filter(in_window).collect();
        if is_no_reason(read, connection, refund, &orders)? {
            taken.push(NoReasonRefund { product: refund.product.clone(), at: refund.created_at });
        }
    }
    Ok(taken)
}

/// Whether all of the cash of one of these purchases came back.
fn is_no_reason(
    read: &Read<'_>,
    connection: &ConnectionRow,
    refund: &RefundRow,
    purchases: &[&String],
) -> Result<bool, DeskError> {
    if purchases.is_empty() {
        return Ok(false);
    }
    let parts = read.order_parts().of_instance(&connection.id, &refund.resource)?;
    let all_back = |order: &&String| {
        let cash = parts.iter().find(|part| part.order_id == **order).map(|part| part.cash);
        cash.is_some_and(|cash| cash == refund.amount && !cash.is_zero())
    };
    Ok(purchases.iter().any(all_back))
}
