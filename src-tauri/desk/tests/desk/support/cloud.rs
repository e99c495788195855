//! A billing API that says what a test writes down, for what the sandbox's customers never do: orders that are paid later, refund
//! orders that appear one by one, rows without ids.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::clock::at;
use super::d;
use super::wire::{Call, call_of, read_head};

/// What the account holds.
#[derive(Default)]
pub struct Account {
    /// Rows a page; 0: all on one.
    pub page: usize,
    pub instances: Vec<Value>,
    pub orders: Vec<Order>,
    pub transactions: Vec<Value>,
    /// What `InquiryPriceRefundInstance` and `RefundInstance` say.
    pub inquiry: Reply,
    pub refund: Reply,
    pub relations: Vec<Value>,
    pub calls: Vec<Call>,
}

/// What an acting call, or the inquiry before it, is answered.
#[derive(Debug, Clone, Copy, Default)]
pub enum Reply {
    #[default]
    NotWrittenDown,
    Amount(&'static str),
    RefundOrder(i64),
    /// HTTP 200, `Success: false`, this code.
    Refused(&'static str),
}

/// An order with its sub-orders, in USD.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: &'static str,
    kind: &'static str,
    pub status: Option<&'static str>,
    pub created: DateTime<Utc>,
    related: Option<&'static str>,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    instances: Vec<&'static str>,
    period: Option<(&'static str, &'static str)>,
    list: Decimal,
    payable: Decimal,
    coupon: Decimal,
}

impl Order {
    /// A paid order without parts.
    pub fn new(id: &'static str, kind: &'static str, created: &str) -> Self {
        Self { id, kind, status: Some("Paid"), created: at(created), related: None, parts: Vec::new() }
    }

    /// A refund order: no payment status, no period.
    pub fn refund(
        id: &'static str,
        related: &'static str,
        instances: &[&'static str],
        amount: &str,
        created: &str,
    ) -> Self {
        let part = Part {
            instances: instances.to_vec(),
            period: None,
            list: d(amount),
            payable: d(amount),
            coupon: Decimal::ZERO,
        };
        Self { status: None, related: Some(related), parts: vec![part], ..Self::new(id, "Refund", created) }
    }

    /// A sub-order at list price.
    pub fn part(self, instances: &[&'static str], start: &'static str, end: &'static str, list: &str) -> Self {
        self.discounted(instances, start, end, list, list, "0")
    }

    /// A sub-order for which `payable` was asked, `coupon` of it settled by a coupon.
    pub fn discounted(
        mut self,
        instances: &[&'static str],
        start: &'static str,
        end: &'static str,
        list: &str,
        payable: &str,
        coupon: &str,
    ) -> Self {
        self.parts.push(Part {
            instances: instances.to_vec(),
            period: Some((start, end)),
            list: d(list),
            payable: d(payable),
            coupon: d(coupon),
        });
        self
    }

    pub fn unpaid(mut self) -> Self {
        self.status = Some("Unpaid");
        self
    }

    fn head(&self) -> Value {
        let (list, payable): (Decimal, Decimal) =
            (self.parts.iter().map(|p| p.list).sum(), self.parts.iter().map(|p| p.payable).sum());
        let paid = self.status == Some("Paid");
        json!({
            "OrderId": self.id, "OrderType": self.kind, "PaymentStatus": self.status, "ProductCode": "ecs", "SubscriptionType": "Subscription",
            "CreateTime": self.created, "PaymentTime": paid.then_some(self.created), "Currency": "USD", "RelatedOrderId": self.related,
            "PretaxGrossAmount": list, "PretaxAmount": payable, "Tax": "0",
        })
    }

    fn rows(&self) -> Vec<Value> {
        let row = |(nth, part): (usize, &Part)| {
            let mut row = self.head();
            row["SubOrderId"] = json!(format!("{}{nth}", self.id));
            row["InstanceIDs"] = json!(serde_json::to_string(&part.instances).expect("texts"));
            row["PretaxGrossAmount"] = json!(part.list);
            row["PretaxAmount"] = json!(part.payable);
            row["UsageStartTime"] = json!(part.period.map(|(start, _)| start));
            row["UsageEndTime"] = json!(part.period.map(|(_, end)| end));
            row["ExtendInfos"] = json!({"DeductedByCoupons": part.coupon.to_string()});
            row
        };
        self.parts.iter().enumerate().map(row).collect()
    }
}

/// A subscription ecs that runs from `start` to `end`.
pub fn instance(id: &str, start: &str, end: &str) -> Value {
    json!({
        "InstanceID": id, "ProductCode": "ecs", "ProductType": "", "Region": "ap-southeast-1", "SubscriptionType": "Subscription",
        "Status": "Normal", "RenewStatus": "ManualRenewal", "CreateTime": start, "EndTime": end, "OwnerId": 5_000_000_000_000_001_i64,
    })
}

/// Money spent on an order.
pub fn payment(number: &str, order: &str, channel: &str, amount: &str, at: &str) -> Value {
    transaction(number, order, "Payment", "Expense", channel, amount, at)
}

/// Money of a refund order that arrived.
pub fn arrival(number: &str, refund_order: &str, channel: &str, amount: &str, at: &str) -> Value {
    transaction(number, refund_order, "Refund", "Income", channel, amount, at)
}

fn transaction(number: &str, record: &str, kind: &str, flow: &str, channel: &str, amount: &str, at: &str) -> Value {
    json!({
        "TransactionNumber": number, "TransactionTime": at, "TransactionType": kind, "TransactionFlow": flow,
        "TransactionChannel": channel, "FundType": "DirectPay", "RecordID": record, "Amount": amount, "Balance": "0.00",
    })
}

#[derive(Clone)]
pub struct Cloud {
    pub address: String,
    account: Arc<Mutex<Account>>,
}

impl Cloud {
    pub async fn start(account: Account) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let account = Arc::new(Mutex::new(account));
        let shared = Arc::clone(&account);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let account = Arc::clone(&shared);
                tokio::spawn(async move { serve(client, &account).await });
            }
        });
        Self { address, account }
    }

    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().expect("no test panics while it holds the account")
    }

    /// The calls of one operation so far.
    pub fn calls(&self, operation: &str) -> Vec<Call> {
        self.account().calls.iter().filter(|call| call.operation == operation).cloned().collect()
    }
}

async fn serve(mut client: TcpStream, account: &Mutex<Account>) {
    while let Some(head) = read_head(&mut client).await {
        let call = call_of(&head);
        let body = {
            let mut account = account.lock().expect("no test panics while it holds the account");
            account.calls.push(call.clone());
            match account.refusal(&call) {
                Some(code) => json!({"RequestId": "R", "Success": false, "Code": code, "Message": "not for you"}),
                None => {
                    let data = account.answer(&call);
                    json!({"RequestId": "R", "Success": true, "Code": "Success", "Message": "Successful!", "Data": data})
                }
            }
            .to_string()
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if client.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

impl Account {
    fn reply(&self, call: &Call) -> Reply {
        match call.operation.as_str() {
            "InquiryPriceRefundInstance" => self.inquiry,
            "RefundInstance" => self.refund,
            _ => Reply::NotWrittenDown,
        }
    }

    fn refusal(&self, call: &Call) -> Option<&'static str> {
        if let Reply::Refused(code) = self.reply(call) { Some(code) } else { None }
    }

    fn answer(&self, call: &Call) -> Value {
        let inside = |created: DateTime<Utc>| {
            let (from, to) = (at(&call.query["CreateTimeStart"]), at(&call.query["CreateTimeEnd"]));
            from <= created && created <= to
        };
        match self.reply(call) {
            Reply::Amount(amount) => return json!({"Currency": "USD", "RefundAmount": amount}),
            Reply::RefundOrder(id) => return json!({"OrderId": id}),
            Reply::Refused(_) | Reply::NotWrittenDown => {}
        }
        match call.operation.as_str() {
            "QueryAvailableInstances" => page("InstanceList", call, &self.instances, self.page, |rows| json!(rows)),
            "QueryResourcePackageInstances" => {
                json!({"PageNum": "1", "PageSize": "300", "TotalCount": "0", "Instances": {"Instance": []}})
            }
            "QueryOrders" => {
                let rows: Vec<Value> =
                    self.orders.iter().filter(|order| inside(order.created)).map(Order::head).collect();
                page("OrderList", call, &rows, self.page, |rows| json!({"Order": rows}))
            }
            "GetOrderDetail" => {
                let rows = self
                    .orders
                    .iter()
                    .find(|order| order.id == call.query["OrderId"])
                    .map(Order::rows)
                    .unwrap_or_default();
                json!({"OrderList": {"Order": rows}})
            }
            "QueryAccountTransactions" => {
                let time = |row: &&Value| inside(at(row["TransactionTime"].as_str().expect("a time")));
                let rows: Vec<Value> = self.transactions.iter().filter(time).cloned().collect();
                page("AccountTransactionsList", call, &rows, self.page, |rows| json!({"AccountTransactionsList": rows}))
            }
            "QueryRelationList" => {
                page("FinancialRelationInfoList", call, &self.relations, self.page, |rows| json!(rows))
            }
            other => panic!("no answer is written down for {other}"),
        }
    }
}

/// The page that the call asks for.
fn page(list: &str, call: &Call, rows: &[Value], size: usize, wrapped: impl Fn(&[Value]) -> Value) -> Value {
    let size = if size == 0 { rows.len().max(1) } else { size };
    let number: usize = call.query["PageNum"].parse().expect("a number");
    let from = ((number - 1) * size).min(rows.len());
    let to = (from + size).min(rows.len());
    json!({"PageNum": number, "PageSize": size, "TotalCount": rows.len(), list: wrapped(&rows[from..to])})
}
