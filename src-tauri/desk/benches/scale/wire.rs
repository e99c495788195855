//! Rows as the cloud sends them, since the cache keeps them beside what was read from them: they are most of its size.

use chrono::{DateTime, Utc};
use desk_store::OrderHead;
use rust_decimal::Decimal;

use crate::product::Bought;

pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub fn instance(bought: &Bought, renews: &str, created: DateTime<Utc>, end: DateTime<Utc>, owner: &str) -> String {
    let (id, code, kind, region) = (&bought.id, bought.product.code, bought.product.product_type, bought.region);
    let (created, end) = (time(created), time(end));
    format!(
        r#"{{"InstanceID":"{id}","ProductCode":"{code}","ProductType":"{kind}","Region":"{region}","SubscriptionType":"Subscription","Status":"Normal","SubStatus":"Normal","RenewStatus":"{renews}Renewal","RenewalDuration":1,"RenewalDurationUnit":"M","CreateTime":"{created}","EndTime":"{end}","OwnerId":{owner},"Seller":"","SellerId":26842}}"#
    )
}

pub fn order(
    bought: &Bought,
    id: &str,
    kind: &str,
    created: DateTime<Utc>,
    currency: &str,
    payable: i64,
    related: Option<&str>,
) -> String {
    let (code, of, commodity) = (bought.product.code, bought.product.product_type, bought.product.commodity);
    let (created, payable, related) = (time(created), Decimal::new(payable, 2), related.unwrap_or_default());
    format!(
        r#"{{"OrderId":"{id}","RelatedOrderId":"{related}","OrderType":"{kind}","PaymentStatus":"Paid","SubscriptionType":"Subscription","ProductCode":"{code}","ProductType":"{of}","CommodityCode":"{commodity}","CreateTime":"{created}","PaymentTime":"{created}","Currency":"{currency}","PaymentCurrency":"{currency}","PretaxGrossAmount":"{payable}","PretaxAmount":"{payable}","PretaxAmountLocal":"{payable}","Tax":"0","AfterTaxAmount":"{payable}"}}"#
    )
}

pub fn detail(
    bought: &Bought,
    head: &OrderHead,
    period: Option<(DateTime<Utc>, DateTime<Utc>)>,
    related: Option<&str>,
) -> String {
    let (code, of, commodity) = (bought.product.code, bought.product.product_type, bought.product.commodity);
    let (id, config, region, instance) = (&head.id, bought.config, bought.region, &bought.id);
    let (kind, currency, created, amount) = (&head.order_type, &head.currency, time(head.created_at), head.pretax);
    let period = period.map_or(String::new(), |(start, end)| {
        format!(r#""UsageStartTime":"{}","UsageEndTime":"{}","#, time(start), time(end))
    });
    let related = related.map_or(String::new(), |order| format!(r#""RelatedOrderId":"{order}","#));
    format!(
        r#"{{"OrderId":"{id}","SubOrderId":"{id}01",{related}"OrderType":"{kind}","OrderSubType":"{kind}","PaymentStatus":"Paid","SubscriptionType":"Subscription","ProductCode":"{code}","ProductType":"{of}","CommodityCode":"{commodity}","Region":"{region}","InstanceIDs":"[\"{instance}\"]","Quantity":"1","Config":"{config};region:{region};payType:prepaid;autoRenew:false;system_disk:cloud_essd 40GB","OriginalConfig":"",{period}"CreateTime":"{created}","PaymentTime":"{created}","Currency":"{currency}","PaymentCurrency":"{currency}","PretaxGrossAmount":"{amount}","PretaxAmount":"{amount}","PretaxAmountLocal":"{amount}","Tax":"0","AfterTaxAmount":"{amount}","Operator":"","ExtendInfos":{{"IsAutoRenew":"false","DiscountAmount":"0","DeductedByCoupons":"0","CouponNo":""}}}}"#
    )
}

pub fn movement(
    number: &str,
    record: &str,
    kind: &str,
    flow: &str,
    channel: &str,
    amount: Decimal,
    at: DateTime<Utc>,
) -> String {
    let (at, cycle) = (time(at), at.format("%Y-%m"));
    format!(
        r#"{{"TransactionNumber":"{number}","TransactionTime":"{at}","TransactionType":"{kind}","TransactionFlow":"{flow}","TransactionChannel":"{channel}","TransactionChannelSN":"{number}","TransactionAccount":"","FundType":"Cash","RecordID":"{record}","Amount":"{amount}","Balance":"0","BillingCycle":"{cycle}","Remarks":""}}"#
    )
}
