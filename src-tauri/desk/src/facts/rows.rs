//! What the cache holds of some resources, read in a handful of statements however many they are: a case looks at some thirty rows,
//! and asking for them one by one takes longer than everything that is made of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use desk_store::{FactRow, OrderHead, OrderPart, Read, ResourceRow};
use refund_rules::case::Method;
use rust_decimal::Decimal;

use super::wire;
use crate::discounts;
use crate::error::DeskError;
use crate::periods;

/// Rows of some resources of one customer.
pub(crate) struct Rows {
    resources: HashMap<String, ResourceRow>,
    /// By resource.
    parts: HashMap<String, Vec<OrderPart>>,
    heads: HashMap<String, OrderHead>,
    /// Sum of the cash of an order's parts, those on other resources too.
    cash: HashMap<String, Decimal>,
    /// What was spent on an order, by method.
    paid: HashMap<String, BTreeMap<Method, Decimal>>,
    /// By scope, in the order of their paths.
    facts: HashMap<String, Vec<FactRow>>,
}

/// Scope of facts about the customer.
pub(super) const CUSTOMER: &str = "customer";

impl Rows {
    pub fn of<S: AsRef<str>>(read: &Read<'_>, customer: &str, resources: &[S]) -> Result<Self, DeskError> {
        let mut parts: HashMap<String, Vec<OrderPart>> = HashMap::new();
        for part in read.order_parts().of_instances(customer, resources)? {
            parts.entry(part.instance.clone()).or_default().push(part);
        }
        let orders: HashSet<&str> = parts.values().flatten().map(|part| part.order_id.as_str()).collect();
        let orders: Vec<&str> = orders.into_iter().collect();
        let heads = by_key(read.orders().among(customer, &orders)?, |head| head.id.clone());
        let mut cash: HashMap<String, Decimal> = HashMap::new();
        for (order, amount) in read.order_parts().cash_of(customer, &orders)? {
            *cash.entry(order).or_default() += amount;
        }
        let paid = paid(read, customer, &orders)?;
        let resources = by_key(read.resources().among(customer, resources)?, |row| row.id.clone());
        let mut facts: HashMap<String, Vec<FactRow>> = HashMap::new();
        let scopes: Vec<String> = scopes(&resources, &parts, &heads).into_iter().collect();
        for fact in read.facts().of_scopes(customer, &scopes)? {
            facts.entry(fact.scope.clone()).or_default().push(fact);
        }
        Ok(Self { resources, parts, heads, cash, paid, facts })
    }

    pub fn resource(&self, id: &str) -> Option<&ResourceRow> {
        self.resources.get(id)
    }

    /// Parts on a resource, by start of their service period.
    pub fn parts_of(&self, resource: &str) -> Vec<OrderPart> {
        let mut parts = self.parts.get(resource).cloned().unwrap_or_default();
        parts.sort_by(|a, b| (a.start_at, &a.order_id, &a.sub_order).cmp(&(b.start_at, &b.order_id, &b.sub_order)));
        parts
    }

    pub fn head(&self, order: &str) -> Option<&OrderHead> {
        self.heads.get(order)
    }

    /// Cash of all parts of an order, in its currency.
    pub fn cash_of(&self, order: &str) -> Decimal {
        self.cash.get(order).copied().unwrap_or_default()
    }

    /// What was spent on an order, in the account's currency.
    pub fn paid_for(&self, order: &str) -> Option<&BTreeMap<Method, Decimal>> {
        self.paid.get(order)
    }

    /// Facts of one scope, by path.
    pub fn facts_of(&self, scope: &str) -> &[FactRow] {
        self.facts.get(scope).map_or(&[], Vec::as_slice)
    }
}

fn paid(
    read: &Read<'_>,
    customer: &str,
    orders: &[&str],
) -> Result<HashMap<String, BTreeMap<Method, Decimal>>, DeskError> {
    let mut paid: HashMap<String, BTreeMap<Method, Decimal>> = HashMap::new();
    for movement in read.transactions().of_records(customer, orders)? {
        if movement.flow.eq_ignore_ascii_case("expense") {
            let by_method = paid.entry(movement.record_id).or_default();
            *by_method.entry(wire::method(&movement.channel)).or_default() += movement.amount.abs();
        }
    }
    Ok(paid)
}

/// Every scope that a fact about these resources can stand in.
fn scopes(
    resources: &HashMap<String, ResourceRow>,
    parts: &HashMap<String, Vec<OrderPart>>,
    heads: &HashMap<String, OrderHead>,
) -> HashSet<String> {
    let mut scopes = HashSet::from([CUSTOMER.to_owned()]);
    scopes.extend(resources.keys().map(|id| resource_scope(id)));
    let products = resources.values().map(|row| &row.product).chain(heads.values().map(|head| &head.product));
    scopes.extend(products.map(|product| discounts::scope(product)));
    for part in parts.values().flatten() {
        scopes.insert(periods::scope(&part.order_id));
        scopes.insert(periods::scope(&format!("{}/{}", part.order_id, part.sub_order)));
    }
    scopes
}

pub(super) fn resource_scope(resource: &str) -> String {
    format!("resource:{resource}")
}

fn by_key<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> HashMap<String, T> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}
