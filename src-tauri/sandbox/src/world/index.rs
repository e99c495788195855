//! Where things lie in an account: by id, by resource and by time. Nothing is scanned to answer a call, whatever the number of
//! orders; a refund moves the few entries it touches.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::money::{self, Movement};
use super::{Account, Order, RefundOrder, outcome};

/// The index of one account. Places are those in the account's own lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Index {
    resources: HashMap<String, u32>,
    /// Resources by creation, then id.
    by_creation: Vec<u32>,
    /// Per resource: places of the orders it is in.
    chains: Vec<Vec<u32>>,
    refunds: HashMap<String, u32>,
    /// Per resource: places of its refund orders.
    refunds_of: Vec<Vec<u32>>,
    /// Refund orders by creation, then number.
    refunds_by_time: Vec<u32>,
    /// Places of the resources that were given back, in the order of the account's list.
    released: Vec<u32>,
    /// All movements of money by time, with the balance after each.
    movements: Vec<Movement>,
}

/// Lists are far below the limit of 32 bits: an account has at most [`crate::MAX_ORDERS`] orders.
pub(super) fn place(nth: usize) -> u32 {
    u32::try_from(nth).expect("an account's lists are short")
}

impl Account {
    /// Builds the index anew, after orders and resources were laid.
    pub(super) fn build_index(&mut self) {
        let mut index = Index {
            resources: self.resources.iter().enumerate().map(|(nth, one)| (one.id.clone(), place(nth))).collect(),
            by_creation: (0..place(self.resources.len())).collect(),
            chains: vec![Vec::new(); self.resources.len()],
            refunds_of: vec![Vec::new(); self.resources.len()],
            ..Index::default()
        };
        index.by_creation.sort_by_key(|nth| {
            let resource = &self.resources[*nth as usize];
            (resource.created_at, &resource.id)
        });
        for (nth, order) in self.orders.iter().enumerate() {
            for id in order.parts.iter().flat_map(|part| &part.instances) {
                let chain = index.resources.get(id).map(|resource| &mut index.chains[*resource as usize]);
                // An order is named once, however many of its parts hold the resource.
                if let Some(chain) = chain.filter(|chain| chain.last() != Some(&place(nth))) {
                    chain.push(place(nth));
                }
            }
        }
        let released = self.resources.iter().enumerate().filter(|(_, resource)| resource.released_at.is_some());
        index.released = released.map(|(nth, _)| place(nth)).collect();
        self.index = index;
        for nth in 0..self.refund_orders.len() {
            self.index_refund(nth);
        }
        self.settle();
    }

    /// Works all movements of money out anew.
    pub(super) fn settle(&mut self) {
        self.index.movements = money::movements(self);
    }

    fn index_refund(&mut self, nth: usize) {
        let refund = &self.refund_orders[nth];
        if let Some(resource) = self.index.resources.get(&refund.instance) {
            self.index.refunds_of[*resource as usize].push(place(nth));
        }
        let key = (refund.created_at, &refund.order_id);
        let orders = &self.refund_orders;
        let at = self.index.refunds_by_time.partition_point(|other| {
            let other = &orders[*other as usize];
            (other.created_at, &other.order_id) <= key
        });
        self.index.refunds.insert(refund.order_id.clone(), place(nth));
        self.index.refunds_by_time.insert(at, place(nth));
    }

    /// Adds a refund order. Its money moves with the next [`Account::settle`] or [`Account::move_money`].
    pub(super) fn add_refund(&mut self, refund: RefundOrder) {
        self.refund_orders.push(refund);
        self.index_refund(self.refund_orders.len() - 1);
    }

    /// Lets the money of the refund orders from this place on arrive, each movement at its time.
    pub(super) fn move_money(&mut self, from: usize) {
        for nth in from..self.refund_orders.len() {
            for movement in money::refund_movements(nth, &self.refund_orders[nth]) {
                let mut movements = std::mem::take(&mut self.index.movements);
                let at = movements.partition_point(|other| money::is_before(self, other, &movement));
                movements.insert(at, movement);
                money::balance_from(self, &mut movements, at);
                self.index.movements = movements;
            }
        }
    }

    /// Lets a refund order's money arrive with an earlier one's, whose number is given. It moves with the next
    /// [`Account::settle`].
    pub(super) fn share_money(&mut self, payer: &str, refund: &RefundOrder) -> bool {
        let Some(nth) = self.index.refunds.get(payer).copied() else { return false };
        outcome::pay_with(&mut self.refund_orders[nth as usize], refund);
        true
    }

    /// Marks a resource as given back.
    pub(super) fn release(&mut self, resource: &str, at: DateTime<Utc>) {
        let Some(nth) = self.index.resources.get(resource).copied() else { return };
        self.resources[nth as usize].released_at = Some(at);
        if let Err(place) = self.index.released.binary_search(&nth) {
            self.index.released.insert(place, nth);
        }
    }

    pub(super) fn place_of(&self, resource: &str) -> Option<usize> {
        self.index.resources.get(resource).map(|nth| *nth as usize)
    }

    /// Orders of the resource at this place.
    pub(super) fn orders_of(&self, resource: usize) -> impl Iterator<Item = &Order> {
        let places = self.index.chains.get(resource).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|nth| &self.orders[*nth as usize])
    }

    /// Refund orders of the resource at this place, as they were made.
    pub(super) fn refunds_of(&self, resource: usize) -> impl Iterator<Item = &RefundOrder> {
        let places = self.index.refunds_of.get(resource).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|nth| &self.refund_orders[*nth as usize])
    }

    /// The refund order with this number.
    pub fn refund_order(&self, id: &str) -> Option<&RefundOrder> {
        self.index.refunds.get(id).map(|nth| &self.refund_orders[*nth as usize])
    }

    /// Places of the resources that were given back, at whatever time.
    pub(super) fn released(&self) -> impl Iterator<Item = usize> {
        self.index.released.iter().map(|nth| *nth as usize)
    }

    /// Places of all resources, newest first.
    pub(crate) fn newest_resources(&self) -> impl Iterator<Item = usize> {
        self.index.by_creation.iter().rev().map(|nth| *nth as usize)
    }

    /// All movements of money, oldest first.
    pub(crate) fn movements(&self) -> &[Movement] {
        &self.index.movements
    }

    /// Movements of money in a time, bounds included, oldest first.
    pub(crate) fn movements_within(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> &[Movement] {
        let all = self.movements();
        let begin = all.partition_point(|movement| movement.at < from);
        let end = all.partition_point(|movement| movement.at <= to);
        &all[begin..end.max(begin)]
    }

    /// Orders created in a time, bounds included, oldest first.
    pub(crate) fn orders_within(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> &[Order] {
        let begin = self.orders.partition_point(|order| order.created_at < from);
        let end = self.orders.partition_point(|order| order.created_at <= to);
        &self.orders[begin..end.max(begin)]
    }

    /// Refund orders created in a time, bounds included, oldest first.
    pub(crate) fn refunds_within(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = &RefundOrder> + ExactSizeIterator {
        let all = &self.index.refunds_by_time;
        let created = |nth: &u32| self.refund_orders[*nth as usize].created_at;
        let begin = all.partition_point(|nth| created(nth) < from);
        let end = all.partition_point(|nth| created(nth) <= to);
        all[begin..end.max(begin)].iter().map(|nth| &self.refund_orders[*nth as usize])
    }
}
