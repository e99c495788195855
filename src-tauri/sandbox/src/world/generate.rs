//! A world from a seed. Each account has a random stream of its own, so that more customers do not change the first ones.

use chrono::{DateTime, Months, NaiveTime, TimeDelta, Utc};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use refund_rules::case::{Billing, Discount, Kind, Method, Promotion, RenewStatus, ResourceStatus, Site};
use rust_decimal::{Decimal, RoundingStrategy};

use super::catalog::{self, IdStyle, Product};
use super::{Account, Door, Order, OrderKind, Paid, Part, Resource, World, act, bulk, scenes};
use crate::config::{Arrival, MAX_CUSTOMERS, MAX_ORDERS, SandboxError};

/// The calendar day of service periods is that of UTC+8.
const DAY_ZONE: TimeDelta = TimeDelta::hours(8);
/// Order numbers of an account begin at this plus its place times [`ORDER_IDS_EACH`].
const FIRST_ORDER_ID: u64 = 210_000_000_000_000;
const ORDER_IDS_EACH: u64 = 100_000_000_000;

impl World {
    /// The customers of a seed, laid around `anchor` (taken to the whole second, as the wire knows no more).
    pub fn generate(seed: u64, customers: u32, anchor: DateTime<Utc>) -> Result<Self, SandboxError> {
        Self::generate_with_orders(seed, customers, None, anchor)
    }

    /// The same with `orders` rows of `QueryOrders` in all, refund orders included, spread evenly over the customers.
    pub fn generate_with_orders(
        seed: u64,
        customers: u32,
        orders: Option<u32>,
        anchor: DateTime<Utc>,
    ) -> Result<Self, SandboxError> {
        if customers == 0 || customers > MAX_CUSTOMERS {
            return Err(SandboxError::Customers(customers));
        }
        if orders.is_some_and(|orders| orders > MAX_ORDERS) {
            return Err(SandboxError::Orders(orders.unwrap_or_default()));
        }
        let anchor = whole_second(anchor);
        let mut world = Self { seed, anchor, accounts: Vec::new() };
        for place in 0..customers {
            let mut laying = Laying::begin(seed, place, anchor);
            let returned = scenes::lay(&mut laying, place);
            let share = orders.map(|orders| orders / customers + u32::from(place < orders % customers));
            let returns = match share {
                Some(share) => {
                    // What was returned before the sandbox began is a row, too.
                    let scenes = u32::try_from(laying.account.orders.len()).unwrap_or(u32::MAX) + 1;
                    let more = share.checked_sub(scenes).ok_or(SandboxError::TooFewOrders {
                        orders: orders.unwrap_or_default(),
                        share,
                        scenes,
                    })?;
                    bulk::lay(&mut laying, more)
                }
                None => Vec::new(),
            };
            world.accounts.push(laying.finish());
            world.refund_earlier(place as usize, &returned)?;
            bulk::give_back(&mut world.accounts[place as usize], seed, &returns)?;
        }
        Ok(world)
    }

    /// The refund that was made at the console before the sandbox began, so that the history is not empty.
    fn refund_earlier(&mut self, place: usize, resource: &str) -> Result<(), SandboxError> {
        let at = self.anchor - TimeDelta::days(20);
        let account = &self.accounts[place];
        let act = act::unsubscribe(account, resource, Door::Console, None, at, &Arrival::BusinessDays.into())
            .map_err(|refusal| SandboxError::Generate { seed: self.seed, why: refusal.to_string() })?;
        self.apply(&act);
        Ok(())
    }
}

/// An account while its scenes are laid.
pub(super) struct Laying {
    pub account: Account,
    pub anchor: DateTime<Utc>,
    rng: ChaCha12Rng,
}

/// Terms of a purchase, renewal or upgrade.
#[derive(Clone)]
pub(super) struct Terms {
    pub days_ago: i64,
    pub months: u32,
    /// What is paid of the list price.
    pub factor: Decimal,
    pub discounts: Vec<Discount>,
    pub coupon: Decimal,
    pub promotion: Option<Promotion>,
    pub paid: bool,
    pub pay: Pay,
}

/// How an order is paid.
#[derive(Clone, Copy)]
pub(super) enum Pay {
    /// One of the site's usual methods, at random.
    Usual,
    By(Method),
    /// Three quarters by this method, the rest from the balance.
    WithBalance(Method),
}

impl Terms {
    /// At list price, by one of the usual methods.
    pub fn list(days_ago: i64, months: u32) -> Self {
        Self {
            days_ago,
            months,
            factor: Decimal::ONE,
            discounts: Vec::new(),
            coupon: Decimal::ZERO,
            promotion: None,
            paid: true,
            pay: Pay::Usual,
        }
    }

    pub fn pay(self, pay: Pay) -> Self {
        Self { pay, ..self }
    }
}

impl Laying {
    fn begin(seed: u64, place: u32, anchor: DateTime<Utc>) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        rng.set_stream(u64::from(place));
        let site = if place.is_multiple_of(2) { Site::China } else { Site::International };
        let names = catalog::names(site);
        let nth = (place / 2) as usize;
        let round = nth / names.len();
        let name = names[(nth + (seed % names.len() as u64) as usize) % names.len()];
        let middle = rng.next_u64() % 100_000_000_000;
        let account = Account {
            uid: format!("{}{middle:011}{place:04}", if site == Site::China { 1 } else { 5 }),
            name: if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) },
            site,
            currency: if site == Site::China { "CNY" } else { "USD" }.to_owned(),
            opening: Decimal::ZERO,
            opened_at: anchor - TimeDelta::days(800),
            ecs_quota: 30,
            resources: Vec::new(),
            orders: Vec::new(),
            refund_orders: Vec::new(),
            next_order_id: FIRST_ORDER_ID + u64::from(place) * ORDER_IDS_EACH + rng.next_u64() % 1_000_000,
            index: Default::default(),
        };
        Self { account, anchor, rng }
    }

    /// Numbers the orders in the order of time and tops the balance up by what was paid from it.
    fn finish(mut self) -> Account {
        let mut orders = std::mem::take(&mut self.account.orders);
        orders.sort_by_key(|order| order.created_at);
        for order in &mut orders {
            order.id = self.account.next_order_id.to_string();
            for (index, part) in order.parts.iter_mut().enumerate() {
                part.sub_order_id = (self.account.next_order_id + 1 + index as u64).to_string();
            }
            self.account.next_order_id += 1_009 + self.below(99_000);
        }
        let from_balance: Decimal = orders
            .iter()
            .flat_map(|order| &order.payments)
            .filter(|paid| paid.method == Method::Balance)
            .map(|paid| paid.amount)
            .sum();
        self.account.opening = from_balance + Decimal::from(500 + self.below(5_000));
        self.account.orders = orders;
        self.account.build_index();
        self.account
    }

    pub fn site(&self) -> Site {
        self.account.site
    }

    /// A number from 0 to `limit` - 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.rng.next_u64() % limit
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// An instant that many days before the anchor, and up to ten hours more.
    fn days_ago(&mut self, days: i64) -> DateTime<Utc> {
        self.anchor - TimeDelta::days(days) - TimeDelta::seconds(self.below(36_000) as i64)
    }

    /// Buys `count` resources of one configuration in one order of one part; gives their ids.
    pub fn buy_several(&mut self, product: &Product, config: usize, count: u32, terms: &Terms) -> Vec<String> {
        let paid_at = self.days_ago(terms.days_ago);
        let part = self.new_part(product, config, count, paid_at, terms);
        let ids = part.instances.clone();
        self.push_order(OrderKind::New, paid_at, vec![part], terms);
        ids
    }

    pub fn buy(&mut self, product: &Product, config: usize, terms: &Terms) -> String {
        self.buy_several(product, config, 1, terms).swap_remove(0)
    }

    /// Buys one resource of each configuration in one order with a part for each.
    pub fn buy_together(&mut self, configs: &[(&Product, usize)], terms: &Terms) -> Vec<String> {
        let paid_at = self.days_ago(terms.days_ago);
        let parts: Vec<Part> =
            configs.iter().map(|(product, config)| self.new_part(product, *config, 1, paid_at, terms)).collect();
        let ids = parts.iter().flat_map(|part| part.instances.clone()).collect();
        self.push_order(OrderKind::New, paid_at, parts, terms);
        ids
    }

    /// Creates the resources and the part of the order that pays for them.
    fn new_part(&mut self, product: &Product, config: usize, count: u32, start: DateTime<Utc>, terms: &Terms) -> Part {
        let (region, region_code) = self.pick(catalog::regions(self.account.site));
        let instances: Vec<String> = (0..count).map(|_| self.new_id(product.id_style, region, region_code)).collect();
        for id in &instances {
            let renew_status =
                self.pick(&[RenewStatus::Manual, RenewStatus::Manual, RenewStatus::Auto, RenewStatus::None]);
            self.account.resources.push(Resource {
                id: id.clone(),
                product: product.code.to_owned(),
                product_type: product.product_type.to_owned(),
                commodity: product.commodity.to_owned(),
                kind: Kind::Instance,
                region: region.to_owned(),
                billing: Billing::Subscription,
                status: ResourceStatus::Normal,
                variant: None,
                renew_status,
                renewal_months: (renew_status == RenewStatus::Auto).then_some(1),
                created_at: start,
                paid_marketplace_image: false,
                security_risk: false,
                transferred: false,
                quota: None,
                released_at: None,
            });
        }
        let list = product.monthly(config, self.account.site) * Decimal::from(terms.months * count);
        let end = service_end(start, terms.months);
        let settled = self.settle(list, terms);
        Part {
            sub_order_id: String::new(),
            instances,
            product: product.code.to_owned(),
            product_type: product.product_type.to_owned(),
            commodity: product.commodity.to_owned(),
            region: region.to_owned(),
            config: product.configs[config].0.to_owned(),
            original_config: String::new(),
            start,
            end,
            ..settled
        }
    }

    /// The amounts of a part; its other fields are the caller's.
    fn settle(&self, list: Decimal, terms: &Terms) -> Part {
        let payable = to_cents(list * terms.factor);
        let coupon = terms.coupon.min(payable);
        Part {
            sub_order_id: String::new(),
            instances: Vec::new(),
            product: String::new(),
            product_type: String::new(),
            commodity: String::new(),
            region: String::new(),
            config: String::new(),
            original_config: String::new(),
            start: self.anchor,
            end: self.anchor,
            list: to_cents(list),
            cash: payable - coupon,
            coupon,
            tax: Decimal::new(0, 2),
            discounts: terms.discounts.clone(),
            promotion: terms.promotion.clone(),
        }
    }

    fn push_order(&mut self, kind: OrderKind, paid_at: DateTime<Utc>, parts: Vec<Part>, terms: &Terms) {
        let cash: Decimal = parts.iter().map(|part| part.cash).sum();
        let payments = if terms.paid { self.payments(cash, terms.pay) } else { Vec::new() };
        let created_at = if terms.paid { paid_at - TimeDelta::seconds(15 + self.below(240) as i64) } else { paid_at };
        self.account.orders.push(Order {
            id: String::new(),
            kind,
            paid: terms.paid,
            billing: Billing::Subscription,
            created_at,
            paid_at,
            parts,
            payments,
        });
    }

    /// Splits an order's cash over payment methods.
    fn payments(&mut self, cash: Decimal, pay: Pay) -> Vec<Paid> {
        let method = match pay {
            Pay::By(method) => method,
            Pay::WithBalance(method) => {
                let direct = to_cents(cash * Decimal::new(75, 2));
                return vec![Paid { method, amount: direct }, Paid { method: Method::Balance, amount: cash - direct }];
            }
            Pay::Usual if self.account.site == Site::China => {
                self.pick(&[Method::Alipay, Method::Alipay, Method::Balance, Method::BankTransfer])
            }
            Pay::Usual => self.pick(&[Method::BankCard, Method::BankCard, Method::Paypal, Method::Balance]),
        };
        if cash.is_zero() { Vec::new() } else { vec![Paid { method, amount: cash }] }
    }

    /// Renews a resource from where its chain ends. `terms.months` 0: a compensation of seven days, for nothing.
    pub fn renew(&mut self, id: &str, terms: &Terms) {
        let (last, list_per_month) = self.last_part(id);
        self.renew_from(id, last, list_per_month * Decimal::from(terms.months), terms);
    }

    /// The same, where the part that ends the chain is known; gives the part that ends it now.
    pub fn renew_from(&mut self, id: &str, last: Part, list: Decimal, terms: &Terms) -> Part {
        let paid_at = self.days_ago(terms.days_ago);
        let start = last.end;
        let (kind, end) = if terms.months == 0 {
            (OrderKind::CompensatoryRenew, start + TimeDelta::days(7))
        } else {
            (OrderKind::Renew, months_later(start, terms.months))
        };
        let settled = self.settle(list, terms);
        let part = Part { instances: vec![id.to_owned()], start, end, ..with_amounts(last, settled) };
        self.push_order(kind, paid_at, vec![part.clone()], terms);
        part
    }

    /// Upgrades a resource from the day of payment to the end of its chain; the list amount is that of the difference.
    pub fn upgrade(&mut self, id: &str, kind: OrderKind, monthly_more: Decimal, config: &str, terms: &Terms) {
        let (last, _) = self.last_part(id);
        self.upgrade_from(id, last, kind, monthly_more, config, terms);
    }

    /// The same, where the part that ends the chain is known; gives the part that ends it now.
    pub fn upgrade_from(
        &mut self,
        id: &str,
        last: Part,
        kind: OrderKind,
        monthly_more: Decimal,
        config: &str,
        terms: &Terms,
    ) -> Part {
        let paid_at = self.days_ago(terms.days_ago);
        let days = (last.end - paid_at).num_days();
        let list = to_cents(monthly_more * Decimal::from(12 * days) / Decimal::from(365));
        let settled = self.settle(list, terms);
        let part = Part {
            instances: vec![id.to_owned()],
            original_config: last.config.clone(),
            config: config.to_owned(),
            start: paid_at,
            end: last.end,
            ..with_amounts(last, settled)
        };
        self.push_order(kind, paid_at, vec![part.clone()], terms);
        part
    }

    /// The part that ends a resource's chain, and its list price a month.
    fn last_part(&self, id: &str) -> (Part, Decimal) {
        let chain = || self.account.orders.iter().filter(|order| order.paid).filter_map(|order| order.part_of(id));
        let last = chain().max_by_key(|part| part.end).expect("a scene renews and upgrades what it bought").clone();
        let first = chain().min_by_key(|part| part.start).expect("as above");
        let months = ((first.end - first.start).num_days() / 30).max(1);
        let each = first.list / Decimal::from(first.instances.len()) / Decimal::from(months);
        (last, to_cents(each))
    }

    /// Changes the resource that was laid last or earlier.
    pub fn change(&mut self, id: &str, change: impl FnOnce(&mut Resource)) {
        let resource = self.account.resources.iter_mut().rev().find(|resource| resource.id == id);
        change(resource.expect("a scene changes what it bought"));
    }

    /// Changes the order a resource was bought in.
    pub fn change_order(&mut self, id: &str, change: impl FnOnce(&mut Order)) {
        let is_in = |order: &&mut Order| order.parts.iter().any(|part| part.instances.iter().any(|other| other == id));
        change(self.account.orders.iter_mut().find(is_in).expect("a scene changes what it bought"));
    }

    fn new_id(&mut self, style: IdStyle, region: &str, region_code: &str) -> String {
        const SMALL: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let (prefix, alphabet, length) = match style {
            IdStyle::Regional(prefix) => (format!("{prefix}{region_code}"), SMALL, 17),
            IdStyle::Named(prefix) => (format!("{prefix}-{region}-"), SMALL, 12),
            IdStyle::Hex => (String::new(), &SMALL[..16], 32),
        };
        let tail: String = (0..length).map(|_| char::from(self.pick(alphabet))).collect();
        prefix + &tail
    }
}

/// What was bought stays; the amounts are the new ones.
fn with_amounts(bought: Part, settled: Part) -> Part {
    Part {
        list: settled.list,
        cash: settled.cash,
        coupon: settled.coupon,
        tax: settled.tax,
        discounts: settled.discounts,
        promotion: settled.promotion,
        original_config: String::new(),
        ..bought
    }
}

fn to_cents(amount: Decimal) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).expect("an instant without its fraction is in range too")
}

/// A service bought at `start` for `months` ends at the midnight (UTC+8) after its last day.
fn service_end(start: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    midnight(start, months, 1)
}

/// A renewal moves the midnight on.
fn months_later(end: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    midnight(end, months, 0)
}

fn midnight(from: DateTime<Utc>, months: u32, days: i64) -> DateTime<Utc> {
    let day = (from + DAY_ZONE).date_naive() + Months::new(months) + TimeDelta::days(days);
    day.and_time(NaiveTime::MIN).and_utc() - DAY_ZONE
}
