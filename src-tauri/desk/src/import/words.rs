//! The files' words, English and Chinese, as the billing API's words: from there on an imported order is read like any other.
//! Words are compared without case and blanks. Source: billing API on the wire sections 2.1, 2.8 and 9.

/// Types of orders. A word that stands nowhere here is kept as it is: it is shown, and never quoted as certain.
const ORDER_TYPES: [(&str, &[&str]); 13] = [
    ("New", &["new", "buy", "purchase", "newpurchase", "新购", "购买", "新购订单"]),
    ("Renew", &["renew", "renewal", "续费", "自动续费", "手动续费", "续费订单"]),
    ("Upgrade", &["upgrade", "升级", "变配升级", "升配", "扩容", "升级订单"]),
    ("TempUpgrade", &["tempupgrade", "temporaryupgrade", "临时升级", "临时升配"]),
    ("IncreaseUpgrade", &["increaseupgrade"]),
    ("ResizeDisk", &["resizedisk", "磁盘扩容"]),
    ("Downgrade", &["downgrade", "降级", "降配", "变配降级"]),
    ("Convert", &["convert", "转换", "转包年包月", "按量转包年包月", "switchbillingmethod"]),
    ("CompensatoryRenew", &["compensatoryrenew", "补偿续费", "赔偿续费"]),
    ("Exchange", &["exchange", "换购"]),
    ("ChangeOperatingSystem", &["changeoperatingsystem", "更换操作系统"]),
    ("Refund", &["refund", "unsubscribe", "unsubscription", "退款", "退订", "退费", "退款订单", "退订退款"]),
    ("PostPaid", &["postpaid", "payasyougo", "后付费", "按量付费", "按量"]),
];

/// An order type that is use by the hour, not an order.
pub(super) const POSTPAID: &str = "PostPaid";

const STATUSES: [(&str, &[&str]); 3] = [
    (
        "Paid",
        &[
            "paid",
            "payfinish",
            "completed",
            "success",
            "paymentcompleted",
            "已支付",
            "支付成功",
            "已完成",
            "交易成功",
            "支付完成",
        ],
    ),
    ("Unpaid", &["unpaid", "pendingpayment", "tobepaid", "待支付", "未支付", "待付款", "未付款"]),
    ("Cancelled", &["cancelled", "canceled", "closed", "void", "已取消", "已作废", "作废", "已关闭"]),
];

const CHANNELS: [(&str, &[&str]); 9] = [
    ("AccountBalance", &["accountbalance", "balance", "余额", "账户余额", "余额支付", "现金余额"]),
    ("Alipay", &["alipay", "支付宝"]),
    ("CreditCard", &["creditcard", "bankcard", "信用卡", "银行卡"]),
    ("BankTransfer", &["banktransfer", "银行转账", "银行汇款", "线下汇款", "offlineremittance"]),
    ("OnlineBanking", &["onlinebanking", "网银", "网上银行"]),
    ("PayPal", &["paypal"]),
    ("WeChatPay", &["wechat", "wechatpay", "微信", "微信支付"]),
    ("UnionPay", &["unionpay", "银联"]),
    (STORED_VALUE_CARD, &["storedvaluecard", "prepaidcard", "储值卡"]),
];

/// The channel of stored-value cards.
pub(super) const STORED_VALUE_CARD: &str = "StoredValueCard";

/// Product codes of the names that the console writes, for the products that the rules name. An export has no codes.
const PRODUCTS: [(&str, &[&str]); 15] = [
    ("ecs", &["elasticcomputeservice", "elasticcomputeservice(ecs)", "云服务器ecs", "云服务器ecs-包年包月"]),
    (
        "rds",
        &["apsaradbrds", "apsaradbforrds", "apsaradbrdsformysql", "云数据库rds", "云数据库rds版", "云数据库rdsmysql版"],
    ),
    ("redisa", &["apsaradbforredis", "云数据库redis版", "云数据库redis"]),
    ("dds", &["apsaradbformongodb", "云数据库mongodb版", "云数据库mongodb"]),
    ("adb", &["analyticdbformysql", "云原生数据仓库analyticdbmysql版"]),
    ("swas", &["simpleapplicationserver", "轻量应用服务器"]),
    ("sas", &["securitycenter", "云安全中心"]),
    ("waf", &["webapplicationfirewall", "webapplicationfirewall(waf)", "web应用防火墙"]),
    ("cfw", &["cloudfirewall", "云防火墙"]),
    ("cas", &["sslcertificate", "certificatemanagementservice", "数字证书管理服务", "ssl证书"]),
    ("cen", &["cloudenterprisenetwork", "云企业网"]),
    ("domain", &["domain", "domains", "域名", "域名注册"]),
    ("ens", &["edgenodeservice", "边缘节点服务ens", "边缘节点服务"]),
    ("kms", &["keymanagementservice", "密钥管理服务"]),
    ("oss", &["objectstorageservice", "objectstorageservice(oss)", "对象存储oss", "对象存储"]),
];

/// What tells a plan by its name: its usage stands in no such file, so it cannot be judged from one.
const PLANS: [&str; 11] = [
    "资源包",
    "流量包",
    "存储包",
    "请求包",
    "节省计划",
    "预留实例",
    "resourceplan",
    "resourcepackage",
    "savingsplan",
    "plan(",
    "dataplan",
];

const CURRENCIES: [(&str, &[&str]); 3] =
    [("CNY", &["cny", "rmb", "人民币", "人民币(cny)"]), ("USD", &["usd", "美元"]), ("JPY", &["jpy", "日元"])];

/// Cells that begin so are formulas to a spreadsheet; as text of ours they would become one again in an export.
const FORMULA: [char; 4] = ['=', '+', '@', '-'];

fn find(table: &[(&'static str, &[&str])], word: &str) -> Option<&'static str> {
    let wanted = bare(word);
    table.iter().find(|(_, words)| words.contains(&wanted.as_str())).map(|(found, _)| *found)
}

fn bare(word: &str) -> String {
    word.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-'))
        .map(|letter| match letter {
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// The order type of a word; an unknown one as it is.
pub(super) fn order_type(word: &str) -> String {
    find(&ORDER_TYPES, word).map_or_else(|| word.trim().to_owned(), str::to_owned)
}

pub(super) fn status(word: &str) -> Option<&'static str> {
    find(&STATUSES, word)
}

pub(super) fn channel(word: &str) -> Option<&'static str> {
    find(&CHANNELS, word)
}

pub(super) fn currency(word: &str) -> Option<&'static str> {
    find(&CURRENCIES, word)
}

/// The code of a product, from its code or its name. `None`: nobody here knows the name.
pub(super) fn product(word: &str) -> Option<String> {
    if let Some(code) = find(&PRODUCTS, word) {
        return Some(code.to_owned());
    }
    let code = word.trim();
    let is_code = !code.is_empty()
        && code.len() <= 64
        && code.starts_with(|first: char| first.is_ascii_alphabetic())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    is_code.then(|| code.to_owned())
}

/// True for the name of a product or commodity that is a plan.
pub(super) fn is_plan(name: &str) -> bool {
    let name = bare(name);
    PLANS.iter().any(|plan| name.contains(plan)) || name.ends_with("plan")
}

/// A bill's line that pays back.
pub(super) fn is_refund_item(item: &str) -> bool {
    let item = bare(item);
    ["refund", "退款", "退订", "退费"].iter().any(|word| item.contains(word))
}

/// A bill's line, or an order, that is no order of a subscription: use by the hour, adjustments, rounding.
pub(super) fn is_no_order(word: &str) -> bool {
    let word = bare(word);
    let marks = ["payasyougo", "postpaid", "按量", "后付费", "adjustment", "调账", "rounding", "抹零"];
    // `Subscription pay-as-you-go fees` are of a subscription's order.
    marks.iter().any(|mark| word.contains(mark)) && !word.contains("subscription") && !word.contains("订阅")
}

/// A cell that a spreadsheet would run.
pub(super) fn is_formula(cell: &str) -> bool {
    cell.trim_start().starts_with(FORMULA)
}

/// A cell as the one meant it who wrote it: `="210001"`, `'210001` and a leading tab only keep spreadsheets from making a number
/// of an id.
pub(super) fn unguarded(cell: &str) -> &str {
    let cell = cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner.trim();
    }
    cell.strip_prefix('\'').map_or(cell, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_both_languages() {
        for (word, expected) in [
            ("新购", "New"),
            ("New", "New"),
            ("BUY", "New"),
            (" 续费 ", "Renew"),
            ("Temporary Upgrade", "TempUpgrade"),
            ("退订", "Refund"),
            ("Unheard of", "Unheard of"),
        ] {
            assert_eq!(order_type(word), expected);
        }
        for (word, expected) in [
            ("Paid", Some("Paid")),
            ("Pending Payment", Some("Unpaid")),
            ("已取消", Some("Cancelled")),
            ("Canceled", Some("Cancelled")),
            ("?", None),
        ] {
            assert_eq!(status(word), expected, "{word}");
        }
        for (word, expected) in [
            ("ecs", Some("ecs")),
            ("云服务器 ECS", Some("ecs")),
            ("Elastic Compute Service (ECS)", Some("ecs")),
            ("nat_plan", Some("nat_plan")),
            ("Some New Product", None),
            ("=cmd", None),
            ("", None),
        ] {
            assert_eq!(product(word).as_deref(), expected, "{word}");
        }
        assert!(is_plan("对象存储资源包") && is_plan("OSS Resource Plan") && !is_plan("Elastic Compute Service"));
        assert!(is_no_order("PayAsYouGoBill") && is_no_order("Adjustment") && !is_no_order("SubscriptionOrder"));
        assert!(is_refund_item("Refund") && is_refund_item("订阅-退款") && !is_refund_item("SubscriptionOrder"));
    }

    #[test]
    fn guards_against_spreadsheets_are_taken_off() {
        for (cell, expected) in
            [("=\"210001\"", "210001"), ("\t210001", "210001"), ("'210001", "210001"), ("=1+1", "=1+1"), (" x ", "x")]
        {
            assert_eq!(unguarded(cell), expected);
        }
        assert!(is_formula("=1+1") && is_formula("@x") && !is_formula("i-1"));
    }
}
