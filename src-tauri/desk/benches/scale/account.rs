//! Customers of the invented home: who they are, and how much each of them has. A few have much, most have little, as it is.

use chrono::{DateTime, Utc};
use desk_store::ConnectionRow;

use crate::draw::Draw;

/// Customers of every home, whatever its size: what grows is what each of them has.
pub const CUSTOMERS: usize = 200;

/// Of a customer's orders one in so many is a refund order.
const ORDERS_A_REFUND: usize = 10;
/// Resources are a quarter of the orders.
const ORDERS_A_RESOURCE: usize = 4;

/// How much smaller each customer is than the one before: the first of 200 has a twentieth of everything.
const LEADING: usize = 5;

const CHINESE: [&str; 16] = [
    "青岚", "澄海", "北辰", "云栈", "松石", "望舒", "锦程", "远帆", "星野", "海拓", "晨曦", "鸿图", "天衡", "瑞和",
    "百川", "清源",
];
const CHINESE_TRADES: [&str; 10] = ["科技", "物流", "数据", "教育", "医药", "影像", "网络", "能源", "制造", "传媒"];
const ENGLISH: [&str; 16] = [
    "Harbor",
    "Blue Quarry",
    "Fernwood",
    "Tidewater",
    "Copper Finch",
    "Northline",
    "Amber",
    "Stonebridge",
    "Larkfield",
    "Silver Birch",
    "Redwater",
    "Clearbrook",
    "Ironwood",
    "Maple",
    "Westgate",
    "Bright Harbor",
];
const ENGLISH_TRADES: [&str; 10] =
    ["Trading", "Games", "Analytics", "Logistics", "Media", "Robotics", "Health", "Learning", "Energy", "Textiles"];

/// A customer with what it is to have.
pub struct Account {
    pub connection: ConnectionRow,
    pub china: bool,
    /// Live resources.
    pub resources: usize,
    /// Refund orders.
    pub refunds: usize,
    /// Rows of the order list, refund orders among them.
    pub orders: usize,
}

/// Customers of a home of so many orders, the largest first.
pub fn all(orders: usize, now: DateTime<Utc>, draw: &mut Draw) -> Vec<Account> {
    let orders_of = shares(orders);
    let resources_of = shares(orders / ORDERS_A_RESOURCE);
    let refunds_of = shares(orders / ORDERS_A_REFUND);
    (0..CUSTOMERS)
        .map(|number| {
            let china = number % 2 == 0;
            let uid = format!("1{:06}{:09}", draw.below(1_000_000), number * 7_919 + draw.below(7_919));
            Account {
                connection: connection(uid, name(number, china), china, now),
                china,
                resources: resources_of[number],
                refunds: refunds_of[number],
                orders: orders_of[number],
            }
        })
        .collect()
}

/// Divides a whole among the customers by their size, to the last one.
fn shares(whole: usize) -> Vec<usize> {
    // In 60,060ths, which most of the small numbers divide.
    let weight = |number: usize| 60_060 / (number + LEADING);
    let all: usize = (0..CUSTOMERS).map(weight).sum();
    let mut shares: Vec<usize> = (0..CUSTOMERS).map(|number| whole * weight(number) / all).collect();
    shares[0] += whole - shares.iter().sum::<usize>();
    shares
}

fn name(number: usize, china: bool) -> String {
    let number = number / 2;
    if china {
        let trade = CHINESE_TRADES[(number / CHINESE.len() + number) % CHINESE_TRADES.len()];
        format!("{}{trade}有限公司", CHINESE[number % CHINESE.len()])
    } else {
        let trade = ENGLISH_TRADES[(number / ENGLISH.len() + number) % ENGLISH_TRADES.len()];
        format!("{} {trade}", ENGLISH[number % ENGLISH.len()])
    }
}

fn connection(uid: String, name: String, china: bool, now: DateTime<Utc>) -> ConnectionRow {
    ConnectionRow {
        id: uid.clone(),
        uid,
        name,
        site: if china { "china" } else { "international" }.to_owned(),
        currency: if china { "CNY" } else { "USD" }.to_owned(),
        partner: false,
        // Nobody listens there: nothing of this home is ever asked of a cloud.
        endpoint: "http://127.0.0.1:9".to_owned(),
        key_id: "LTAI5tInventedForTheBench".to_owned(),
        key_secret: "invented for the bench".into(),
        sandbox: true,
        added_at: now,
        removed_at: None,
        way: "key".to_owned(),
        role_arn: None,
        external_id: None,
    }
}
