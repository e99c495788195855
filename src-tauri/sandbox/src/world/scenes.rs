//! What every account has: one scene for each situation the desk must cope with, then some ordinary resources.

use chrono::TimeDelta;
use refund_rules::case::{Billing, Discount, Kind, Method, Promotion, RenewStatus, ResourceStatus, Site, Variant};
use rust_decimal::Decimal;

use super::catalog::{
    self, CFW, ECS, NAT_PLAN, OSS_PLAN, Product, RDS, REDIS, SAS, SHORT_VIDEO_SDK, SWAS, VOD_PLAN, WAF,
};
use super::generate::{Laying, Pay, Terms};
use super::{OrderKind, Quota};

/// End of a pay-as-you-go service on the wire.
const NEVER_ENDS: &str = "2099-12-31T16:00:00Z";

/// Lays all scenes of the account at this place; gives the resource that was unsubscribed before the sandbox began.
pub(super) fn lay(laying: &mut Laying, place: u32) -> String {
    pending_renewals(laying, if place.is_multiple_of(4) { 3 } else { 2 });
    bought_these_days(laying);
    plans(laying);
    upgraded(laying);
    discounted(laying);
    with_coupon(laying);
    unpaid_renewal(laying);
    several_in_one_order(laying);
    compensated(laying);
    hidden_state(laying, place);
    pay_as_you_go(laying);
    expired(laying);
    extras(laying, place);
    let days = some_days(laying, 65, 40);
    let config = laying.pick(&[0, 1]);
    laying.buy(&REDIS, config, &Terms::list(days, 6))
}

/// From `least` days on, up to `more` days longer.
fn some_days(laying: &mut Laying, least: i64, more: u64) -> i64 {
    least + laying.below(more) as i64
}

fn direct(laying: &Laying) -> Method {
    if laying.site() == Site::China { Method::Alipay } else { Method::BankCard }
}

/// An ecs with renewals that have not taken effect, all at list price: its quote is exact.
fn pending_renewals(laying: &mut Laying, renewals: i64) {
    let by = Pay::By(direct(laying));
    let days = some_days(laying, 290, 40);
    let config = laying.pick(&[0, 1, 2]);
    let id = laying.buy(&ECS, config, &Terms::list(days, 12).pay(by));
    for nth in 0..renewals {
        laying.renew(&id, &Terms::list(60 - 15 * nth, if nth == 0 { 6 } else { 3 }).pay(by));
    }
    laying.change(&id, |resource| resource.renew_status = RenewStatus::Manual);
}

/// Inside the five days: an ecs on both sites (no reason needed in China), Security Center on the international one.
fn bought_these_days(laying: &mut Laying) {
    let by = Pay::By(direct(laying));
    laying.buy(&ECS, 3, &Terms::list(2, 1).pay(by));
    if laying.site() == Site::China {
        laying.buy(&RDS, 0, &Terms::list(1, 12).pay(by));
    } else {
        laying.buy(&SAS, 0, &Terms::list(2, 12).pay(by));
    }
}

fn plans(laying: &mut Laying) {
    let unused = match laying.site() {
        Site::China => Terms::list(3, 12),
        Site::International => Terms { coupon: Decimal::from(20), ..Terms::list(40, 6) },
    };
    plan(laying, &NAT_PLAN, 1, &unused, (1000, 0, "CU"));
    let (days, used) = (some_days(laying, 60, 60), 20 + laying.below(60) as i64);
    plan(laying, &NAT_PLAN, 0, &Terms::list(days, 12), (100, used, "CU"));
    let (days, used) = (some_days(laying, 90, 90), 100 + laying.below(300) as i64);
    plan(laying, &OSS_PLAN, 0, &Terms::list(days, 12), (500, used, "GB"));
}

/// Buys a resource plan with a quota that never resets; gives its id.
pub(super) fn plan(
    laying: &mut Laying,
    product: &Product,
    config: usize,
    terms: &Terms,
    (total, used, unit): (i64, i64, &str),
) -> String {
    let id = laying.buy(product, config, terms);
    laying.change(&id, |resource| {
        resource.kind = Kind::ResourcePlan;
        resource.renew_status = RenewStatus::Manual;
        resource.renewal_months = None;
        resource.quota = Some(Quota {
            total: Decimal::new(total * 1000, 3),
            used: Decimal::new(used * 1000, 3),
            unit: unit.to_owned(),
            resets: false,
            package_type: format!("FPT_{}", product.commodity),
            remark: product.configs[config].0.to_owned(),
            applies_to: vec![product.code.to_owned()],
        });
    });
    id
}

/// An rds upgraded twice; its renewal was paid before, so it cannot fall alone.
fn upgraded(laying: &mut Laying) {
    let days = some_days(laying, 160, 120);
    let id = laying.buy(&RDS, 0, &Terms::list(days, 12));
    laying.renew(&id, &Terms::list(100, 3));
    let more = Decimal::new(if laying.site() == Site::China { 40_000 } else { 7_400 }, 2);
    laying.upgrade(&id, OrderKind::Upgrade, more, "mysql.n4.large.2c 4C16G 100GB", &Terms::list(50, 1));
    laying.upgrade(
        &id,
        OrderKind::ResizeDisk,
        more / Decimal::from(4),
        "mysql.n4.large.2c 4C16G 300GB",
        &Terms::list(33, 1),
    );
}

/// A year at 85 %, with a discount table that the wire does not tell: the desk can only give a range.
fn discounted(laying: &mut Laying) {
    let pay = Pay::WithBalance(direct(laying));
    let days = some_days(laying, 195, 60);
    let terms = Terms {
        factor: Decimal::new(85, 2),
        discounts: vec![from_day(180, 90), from_day(365, 85)],
        ..Terms::list(days, 12).pay(pay)
    };
    let config = laying.pick(&[0, 1, 3]);
    laying.buy(&ECS, config, &terms);
}

fn from_day(day: u32, percent: i64) -> Discount {
    Discount { from_day: Some(day), from_percent: None, factor: Decimal::new(percent, 2) }
}

fn with_coupon(laying: &mut Laying) {
    let days = some_days(laying, 50, 80);
    let terms = Terms { coupon: Decimal::new(5_000, 2), ..Terms::list(days, 6) };
    laying.buy(&REDIS, 1, &terms);
}

fn unpaid_renewal(laying: &mut Laying) {
    let days = some_days(laying, 250, 90);
    let id = laying.buy(&SWAS, 0, &Terms::list(days, 12));
    laying.renew(&id, &Terms { paid: false, ..Terms::list(0, 12) });
}

/// Three servers in one part whose price does not divide by three, and two products in one order.
fn several_in_one_order(laying: &mut Laying) {
    let days = some_days(laying, 45, 60);
    let terms = Terms {
        factor: Decimal::new(8_333, 4),
        discounts: vec![Discount { factor: Decimal::new(8_333, 4), ..from_day(150, 100) }],
        ..Terms::list(days, 6)
    };
    laying.buy_several(&ECS, 3, 3, &terms);
    laying.buy_together(&[(&ECS, 2), (&REDIS, 0)], &Terms::list(22, 3));
}

/// Extended for nothing after an outage: seven days that are worth nothing when they fall.
fn compensated(laying: &mut Laying) {
    let id = laying.buy(&ECS, 3, &Terms::list(140, 6));
    laying.renew(&id, &Terms::list(12, 0));
    laying.renew(&id, &Terms::list(9, 1));
}

/// Normal on the wire, refused at the refund.
fn hidden_state(laying: &mut Laying, place: u32) {
    let days = some_days(laying, 35, 25);
    let id = laying.buy(&ECS, 0, &Terms::list(days, 3));
    let hidden =
        if place.is_multiple_of(4) || place % 4 == 3 { ResourceStatus::Changing } else { ResourceStatus::Overdue };
    laying.change(&id, |resource| resource.status = hidden);
}

fn pay_as_you_go(laying: &mut Laying) {
    let id = laying.buy(&ECS, 3, &Terms::list(70, 0));
    laying.change(&id, |resource| {
        resource.billing = Billing::PayAsYouGo;
        resource.renew_status = RenewStatus::None;
        resource.renewal_months = None;
    });
    laying.change_order(&id, |order| {
        order.billing = Billing::PayAsYouGo;
        order.parts[0].end = NEVER_ENDS.parse().expect("a constant instant");
    });
}

/// Bought for a month that ended six days ago; it is kept a while before it is released.
fn expired(laying: &mut Laying) {
    let id = laying.buy(&SWAS, 1, &Terms::list(37, 1));
    let end = laying.anchor - TimeDelta::days(6);
    laying.change(&id, |resource| resource.renew_status = RenewStatus::None);
    laying.change_order(&id, |order| order.parts[0].end = end);
}

/// Rarer things: the first account of each site has them all, the others some; ordinary resources fill up.
fn extras(laying: &mut Laying, place: u32) {
    let all = place < 2;
    let scenes: [fn(&mut Laying); 5] = [short_video_sdk, promotion, paid_image, firewall, video_plan];
    for scene in scenes {
        if all || laying.below(2) == 0 {
            scene(laying);
        }
    }
    for _ in 0..laying.below(2) {
        let product = laying.pick(catalog::COMMON);
        let days = 31 + laying.below(90) as i64;
        laying.buy(&product, 0, &Terms::list(days, 12));
    }
}

/// Never returned.
fn short_video_sdk(laying: &mut Laying) {
    let id = laying.buy(&SHORT_VIDEO_SDK, 0, &Terms::list(100, 12));
    laying.change(&id, |resource| resource.variant = Some(Variant::ShortVideoSdk));
}

/// Bought in a promotion that forbids its return.
fn promotion(laying: &mut Laying) {
    let promotion = Promotion {
        name: "New customer package".to_owned(),
        refundable: Some(false),
        gifts: vec!["3 months".to_owned()],
        terms: None,
    };
    laying.buy(&ECS, 3, &Terms { promotion: Some(promotion), ..Terms::list(55, 12) });
}

fn paid_image(laying: &mut Laying) {
    let id = laying.buy(&ECS, 0, &Terms::list(34, 3));
    laying.change(&id, |resource| resource.paid_marketplace_image = true);
}

/// Products with a coefficient of their own on the international site.
fn firewall(laying: &mut Laying) {
    let product = if laying.below(2) == 0 { WAF } else { CFW };
    laying.buy(&product, 0, &Terms::list(18, 3));
}

/// Returned by ticket only.
fn video_plan(laying: &mut Laying) {
    plan(laying, &VOD_PLAN, 0, &Terms::list(15, 6), (1024, 0, "GB"));
}
