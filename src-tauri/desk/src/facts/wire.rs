//! The wire's words as the facts' words (refund-rules section 16, wire spec section 2). Anything new becomes `other`: it is
//! shown, and never quoted as certain.

use bss_openapi::wire::{OrderDetailRow, Problem};
use refund_rules::case::{Method, OrderStatus, OrderType, RenewStatus, ResourceStatus};
use refund_rules::within_bounds;

/// The billing API's order type of a purchase.
pub(crate) const PURCHASE: &str = "New";

/// Order types of the billing API.
pub(crate) fn order_type(word: &str) -> OrderType {
    match word.to_ascii_lowercase().as_str() {
        "new" => OrderType::New,
        "renew" => OrderType::Renew,
        // A temporary upgrade is an upgrade over its own period.
        "upgrade" | "increaseupgrade" | "resizedisk" | "tempupgrade" => OrderType::Upgrade,
        "downgrade" => OrderType::Downgrade,
        "convert" => OrderType::Convert,
        "compensatoryrenew" => OrderType::CompensatoryRenew,
        _ => OrderType::Other,
    }
}

/// A refund order: it marks what it relates to, and is no order of the chain.
pub(crate) fn is_refund(word: &str) -> bool {
    word.eq_ignore_ascii_case("refund")
}

/// Holds the amounts of a sub-order, with what stands under these keys of `ExtendInfos`, to the bounds within which nothing that is
/// computed with them overflows (refund-rules section 2). Their decimals are not bounded: the wire documents none.
pub(crate) fn check_amounts(row: &OrderDetailRow, deductions: &[&str]) -> Result<(), Problem> {
    let mut amounts =
        vec![("PretaxAmount", row.pretax_amount), ("PretaxGrossAmount", row.pretax_gross_amount), ("Tax", row.tax)];
    for key in deductions {
        amounts.push((key, row.extend_amount(key)?));
    }
    for (name, amount) in amounts {
        if let Some(amount) = amount.filter(|amount| !within_bounds(*amount)) {
            return Err(Problem { place: name.to_owned(), reason: format!("{amount} is no sum of money") });
        }
    }
    Ok(())
}

/// Payment status of an order. Null is only documented for refund orders; anything unclear does not count as paid.
pub(crate) fn payment_status(word: Option<&str>) -> OrderStatus {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("paid") => OrderStatus::Paid,
        Some("unpaid") => OrderStatus::Unpaid,
        _ => OrderStatus::Cancelled,
    }
}

/// Status of an instance.
pub(crate) fn instance_status(word: &str) -> ResourceStatus {
    match word.to_ascii_lowercase().as_str() {
        "creating" => ResourceStatus::Changing,
        "expired" => ResourceStatus::Expired,
        // WaitForExpire runs until its end.
        _ => ResourceStatus::Normal,
    }
}

/// Status of a resource plan.
pub(crate) fn plan_status(word: &str) -> ResourceStatus {
    if word.eq_ignore_ascii_case("expired") { ResourceStatus::Expired } else { ResourceStatus::Normal }
}

/// Automatic renewal.
pub(crate) fn renew_status(word: &str) -> Option<RenewStatus> {
    match word.to_ascii_lowercase().as_str() {
        "autorenewal" => Some(RenewStatus::Auto),
        "manualrenewal" => Some(RenewStatus::Manual),
        "notrenewal" => Some(RenewStatus::None),
        _ => None,
    }
}

/// Payment method behind a transaction's channel. PayPal has no documented word; it is taken as it is spelled.
pub(crate) fn method(channel: &str) -> Method {
    match channel.to_ascii_lowercase().as_str() {
        "accountbalance" => Method::Balance,
        "banktransfer" | "offlineremittance" => Method::BankTransfer,
        "alipay" => Method::Alipay,
        "creditcard" => Method::BankCard,
        "paypal" => Method::Paypal,
        "onlinebanking" => Method::OnlineBanking,
        "wechat" | "wechatpay" => Method::Wechat,
        "unionpay" => Method::Unionpay,
        "storedvaluecard" | "prepaidcard" => Method::StoredValueCard,
        "antcreditpay" | "mybankcredit" | "regularbankcreditrefund" | "huaxiabankcinstallment" => Method::Credit,
        _ => Method::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_order_type_has_its_place() {
        let table = [
            ("New", OrderType::New),
            ("Renew", OrderType::Renew),
            ("Upgrade", OrderType::Upgrade),
            ("IncreaseUpgrade", OrderType::Upgrade),
            ("ResizeDisk", OrderType::Upgrade),
            ("TempUpgrade", OrderType::Upgrade),
            ("Downgrade", OrderType::Downgrade),
            ("Convert", OrderType::Convert),
            ("CompensatoryRenew", OrderType::CompensatoryRenew),
            ("Exchange", OrderType::Other),
            ("ChangeOperatingSystem", OrderType::Other),
            ("SomethingNew", OrderType::Other),
            // Older documents print lower case.
            ("new", OrderType::New),
        ];
        for (word, expected) in table {
            assert_eq!(order_type(word), expected, "{word}");
        }
        assert!(is_refund("Refund") && is_refund("refund") && !is_refund("Renew"));
    }

    #[test]
    fn only_paid_counts() {
        assert_eq!(payment_status(Some("Paid")), OrderStatus::Paid);
        assert_eq!(payment_status(Some("paid")), OrderStatus::Paid);
        assert_eq!(payment_status(Some("Unpaid")), OrderStatus::Unpaid);
        assert_eq!(payment_status(Some("Cancelled")), OrderStatus::Cancelled);
        assert_eq!(payment_status(None), OrderStatus::Cancelled);
    }
}
