//! The wire types read what documents, samples and captures show, and write it back with the same names.

#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use bss_openapi::wire::*;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn amounts_keep_their_digits() {
    // text -> the same amount with the same decimals, or refused
    let cases = [
        ("10000.00", Some("10000.00")),
        ("0.1", Some("0.1")),
        ("1234.10", Some("1234.10")),
        ("-12.5", Some("-12.5")),
        ("10,000.00", Some("10000.00")),
        ("-1,234,567.8", Some("-1234567.8")),
        (" 5 ", Some("5")),
        ("1e2", Some("100")),
        ("1.5E-3", Some("0.0015")),
        ("1.23e1", Some("12.3")),
        ("0.30000000000000004", Some("0.30000000000000004")),
        ("79228162514264337593543950335", Some("79228162514264337593543950335")),
        ("1,5", None),
        ("1,23,456", None),
        ("1234,567", None),
        (",123", None),
        ("1.234,567", None),
        ("1_000", None),
        ("12 3", None),
        ("0x10", None),
        ("NaN", None),
        ("", None),
        ("CNY 5", None),
        // More digits than can be kept are refused, never rounded.
        ("0.12345678901234567890123456789", None),
        ("79228162514264337593543950336", None),
        ("1e-30", None),
    ];
    for (text, expected) in cases {
        let read = read_amount(text).ok().map(|amount| amount.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

#[test]
fn times_with_and_without_seconds() {
    let cases = [
        ("2026-11-01T02:03:04Z", Some("2026-11-01T02:03:04Z")),
        ("2021-03-02T15:12Z", Some("2021-03-02T15:12:00Z")),
        (" 2026-11-01T02:03:04Z ", Some("2026-11-01T02:03:04Z")),
        ("2026-11-01T10:03:04+08:00", Some("2026-11-01T02:03:04Z")),
        ("2026-11-01T02:03:04.567Z", Some("2026-11-01T02:03:04Z")),
        ("2026-11-01 02:03:04", None),
        ("2026-13-01T02:03:04Z", None),
        ("1790000000", None),
        // A year of more or less than four digits is none of the cloud's, and could not be written and read again.
        ("-2027-01-01T00:00Z", None),
        ("+12026-01-01T00:00Z", None),
        ("0000-01-01T00:00:00+23:00", None),
    ];
    for (text, expected) in cases {
        assert_eq!(read_time(text).map(|time| write_time(&time)).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_refund_amount_is_its_own_digits() {
    // The number as it stands in the reply -> the amount -> the number as a server writes it.
    for (number, amount) in [
        ("1234.10", "1234.10"),
        ("1e2", "100"),
        ("0.1", "0.1"),
        ("0", "0"),
        ("12", "12"),
        ("100000000000000000.01", "100000000000000000.01"),
        ("\"1234.10\"", "1234.10"),
        ("\"1,234.10\"", "1234.10"),
    ] {
        let json = format!(r#"{{"HostId":"cn","InstanceId":"i-1","Currency":"CNY","RefundAmount":{number}}}"#);
        let data: InquiryData = serde_json::from_str(&json).unwrap();
        assert_eq!(data.refund_amount.unwrap().0.to_string(), amount, "{number}");
        let written = serde_json::to_string(&data).unwrap();
        assert!(written.contains(&format!(r#""RefundAmount":{amount}"#)), "{written}");
    }
    let absent: InquiryData = serde_json::from_str(r#"{"RefundAmount":null}"#).unwrap();
    assert_eq!(absent.refund_amount, None);
}

#[test]
fn an_order_row_reads_and_writes_every_member() {
    let wire = json!({
        "OrderId": "200000000000002", "RelatedOrderId": "200000000000001", "OrderType": "Refund",
        "PaymentStatus": null, "SubscriptionType": "Subscription", "ProductCode": "ecs", "ProductType": "ecs",
        "CommodityCode": "vm", "CreateTime": "2026-11-01T02:03:04Z", "PaymentTime": "2026-11-01T02:03:05Z",
        "Currency": "CNY", "PaymentCurrency": "CNY", "PretaxGrossAmount": "120.00", "PretaxAmount": "100.50",
        "PretaxAmountLocal": "100.50", "Tax": "0", "AfterTaxAmount": "100.50",
    });
    let row: OrderRow = serde_json::from_str(&wire.to_string()).unwrap();
    assert_eq!(row.order_id, "200000000000002");
    assert_eq!(row.related_order_id.as_deref(), Some("200000000000001"));
    assert_eq!(row.order_type, Some(OrderType::Refund));
    assert_eq!(row.payment_status, None);
    assert_eq!(row.create_time, Some(at("2026-11-01T02:03:04Z")));
    assert_eq!(row.pretax_gross_amount, Some(dec("120.00")));
    assert_eq!(row.tax, Some(Decimal::ZERO));
    assert!(row.extra.is_empty());
    assert_eq!(serde_json::to_value(&row).unwrap(), wire);
}

#[test]
fn leniency_of_members() {
    let row = |json: Value| serde_json::from_str::<OrderDetailRow>(&json.to_string()).unwrap();
    // Blank text is none; blanks around text go; numbers are taken as text and text as numbers.
    let read =
        row(json!({"OrderId": 200000000000001i64, "Currency": " CNY ", "Operator": "", "Region": null, "Quantity": 2}));
    assert_eq!(read.order_id, "200000000000001");
    assert_eq!(read.currency.as_deref(), Some("CNY"));
    assert_eq!((read.operator, read.region), (None, None));
    assert_eq!(read.quantity, Some(dec("2")));
    // Words in any case, unknown ones kept.
    let read = row(
        json!({"OrderId": "1", "OrderType": "new", "PaymentStatus": "PAID", "OrderSubType": "refundsuborder", "SubscriptionType": "Weekly"}),
    );
    assert_eq!(read.order_type, Some(OrderType::New));
    assert_eq!(read.payment_status, Some(PaymentStatus::Paid));
    assert_eq!(read.order_sub_type, Some(OrderSubType::RefundSubOrder));
    assert_eq!(read.subscription_type, Some(SubscriptionType::Other("Weekly".into())));
    assert_eq!(serde_json::to_value(&read).unwrap()["SubscriptionType"], "Weekly");
    // Member names in any case (the newer generation writes InstanceIds).
    let read = row(json!({"orderId": "1", "InstanceIds": "[\"i-1\"]"}));
    assert_eq!((read.order_id.as_str(), read.instances().unwrap()), ("1", vec!["i-1".to_owned()]));
    // Unknown members are kept with their own digits.
    let read: OrderRow = serde_json::from_str(r#"{"OrderId":"1","NewThing":{"a":1.10},"Rate":0.10}"#).unwrap();
    assert_eq!(read.extra["NewThing"], r#"{"a":1.10}"#);
    assert_eq!(read.extra["Rate"], "0.10");
    let written = serde_json::to_string(&read).unwrap();
    assert!(written.contains(r#""NewThing":{"a":1.10}"#) && written.contains(r#""Rate":0.10"#), "{written}");
}

#[test]
fn lists_may_be_null_absent_or_empty() {
    for json in [
        "{}",
        r#"{"OrderList":null}"#,
        r#"{"OrderList":{}}"#,
        r#"{"OrderList":{"Order":null}}"#,
        r#"{"OrderList":{"Order":[]}}"#,
    ] {
        assert!(serde_json::from_str::<OrdersData>(json).unwrap().order_list.order.is_empty(), "{json}");
        assert!(serde_json::from_str::<OrderDetailData>(json).unwrap().order_list.order.is_empty(), "{json}");
    }
    for json in ["{}", r#"{"InstanceList":null}"#, r#"{"InstanceList":[]}"#] {
        assert!(serde_json::from_str::<InstancesData>(json).unwrap().instance_list.is_empty(), "{json}");
    }
    for json in ["{}", r#"{"Instances":null}"#, r#"{"Instances":{"Instance":null}}"#] {
        assert!(serde_json::from_str::<PlansData>(json).unwrap().instances.instance.is_empty(), "{json}");
    }
    for json in
        ["{}", r#"{"AccountTransactionsList":null}"#, r#"{"AccountTransactionsList":{"AccountTransactionsList":null}}"#]
    {
        let data: TransactionsData = serde_json::from_str(json).unwrap();
        assert!(data.account_transactions_list.account_transactions_list.is_empty(), "{json}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let cases = [
        (
            r#"{"OrderList":{"Order":[{"OrderId":"1"},{"OrderId":"2","PretaxAmount":"1,5"}]}}"#,
            "OrderList.Order[1].PretaxAmount: `1,5` is not an amount that can be read exactly",
        ),
        (
            r#"{"OrderList":{"Order":[{"CreateTime":"2026-01-01T00:00:00Z"}]}}"#,
            "OrderList.Order[0].OrderId: a value is required",
        ),
        (r#"{"OrderList":{"Order":[{"OrderId":" "}]}}"#, "OrderList.Order[0].OrderId: a value is required"),
        (
            r#"{"OrderList":{"Order":[{"OrderId":"1","CreateTime":"yesterday"}]}}"#,
            "OrderList.Order[0].CreateTime: `yesterday` is not a time like 2026-01-31T08:00:00Z",
        ),
        (r#"{"OrderList":{"Order":{"OrderId":"1"}}}"#, "OrderList.Order: a list is expected here"),
        (r#"{"OrderList":["x"]}"#, "OrderList: an object is expected here"),
        (r#"{"TotalCount":-1}"#, "TotalCount: `-1` is not a whole number from 0 to 4294967295"),
        (r#"{"PageNum":{}}"#, "PageNum: a plain value is expected here, not an object or a list"),
    ];
    for (json, expected) in cases {
        let error = serde_json::from_str::<OrdersData>(json).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{json}: {error}");
    }
}

#[test]
fn instance_ids_are_a_list_inside_a_text() {
    let cases: [(Value, &[&str]); 6] = [
        (json!(r#"["rm-1","rm-2"]"#), &["rm-1", "rm-2"]),
        (json!("[]"), &[]),
        (json!(null), &[]),
        (json!(""), &[]),
        (json!("i-1"), &["i-1"]),
        (json!("i-1, i-2"), &["i-1", "i-2"]),
    ];
    for (value, expected) in cases {
        let row: OrderDetailRow =
            serde_json::from_str(&json!({"OrderId": "1", "InstanceIDs": value}).to_string()).unwrap();
        assert_eq!(row.instances().unwrap(), expected, "{value}");
    }
    let broken: OrderDetailRow = serde_json::from_str(r#"{"OrderId":"1","InstanceIDs":"[\"rm-1\""}"#).unwrap();
    assert_eq!(broken.instances().unwrap_err().place, "InstanceIDs");

    let mut row = OrderDetailRow { order_id: "1".into(), ..OrderDetailRow::default() };
    row.set_instances(&["i-1", "i-2"]);
    assert_eq!(serde_json::to_value(&row).unwrap()["InstanceIDs"], r#"["i-1","i-2"]"#);
}

#[test]
fn extend_infos_hold_json_texts() {
    let row: OrderDetailRow = serde_json::from_str(
        r#"{"OrderId":"1","ExtendInfos":{"DeductedByCoupons":"\"12.30\"","DiscountAmount":"1,000.5","IsAutoRenew":"false","CouponNo":"","Bare":12.30,"Bad":"much"}}"#,
    )
    .unwrap();
    assert_eq!(row.extend_amount("DeductedByCoupons").unwrap(), Some(dec("12.30")));
    assert_eq!(row.extend_amount("DiscountAmount").unwrap(), Some(dec("1000.5")));
    assert_eq!(row.extend_amount("Bare").unwrap().unwrap().to_string(), "12.30");
    assert_eq!(row.extend_amount("CouponNo").unwrap(), None);
    assert_eq!(row.extend_amount("Absent").unwrap(), None);
    assert_eq!(row.extend_amount("Bad").unwrap_err().place, "ExtendInfos.Bad");
    assert_eq!(row.extend_info("IsAutoRenew").as_deref(), Some("false"));
    let as_text: OrderDetailRow =
        serde_json::from_str(r#"{"OrderId":"1","ExtendInfos":"{\"DeductedByCoupons\":\"5\"}"}"#).unwrap();
    assert_eq!(as_text.extend_amount("DeductedByCoupons").unwrap(), Some(dec("5")));
}

#[test]
fn nested_modules_have_lower_camel_inner_names() {
    let wire = json!({
        "OrderId": "1",
        "BillModuleConfig": {"billModuleConfig": [{"Name": "n", "Code": "c", "ApiCode": "a",
            "BillModuleProperties": {"billModuleProperties": [{"ModuleApiCode": "m", "AttrApiCode": "t", "Value": "v"}]}}]},
        "OriginalModuleConfig": {"originalModuleConfig": [{"Name": "n", "Code": "c",
            "ModuleProperties": {"moduleProperties": [{"Code": "c", "Name": "n", "Value": "v"}]}}]},
    });
    let row: OrderDetailRow = serde_json::from_str(&wire.to_string()).unwrap();
    assert_eq!(row.bill_module_config.modules[0].properties.properties[0].value.as_deref(), Some("v"));
    assert_eq!(row.original_module_config.modules[0].properties.properties[0].name.as_deref(), Some("n"));
    let written = serde_json::to_value(&row).unwrap();
    assert_eq!(written["BillModuleConfig"], wire["BillModuleConfig"]);
    assert_eq!(written["OriginalModuleConfig"], wire["OriginalModuleConfig"]);
}

#[test]
fn counts_travel_as_the_operation_writes_them() {
    // Plans write counts as text, the others as numbers; either is read.
    for json in
        [r#"{"PageNum":"2","PageSize":"300","TotalCount":"301"}"#, r#"{"PageNum":2,"PageSize":300,"TotalCount":301}"#]
    {
        let plans: PlansData = serde_json::from_str(json).unwrap();
        assert_eq!(plans.total_count, Some(TextCount(301)));
        assert_eq!(serde_json::to_value(&plans).unwrap()["TotalCount"], "301");
        let orders: OrdersData = serde_json::from_str(json).unwrap();
        assert_eq!((orders.page_num, orders.page_size, orders.total_count), (Some(2), Some(300), Some(301)));
        assert_eq!(serde_json::to_value(&orders).unwrap()["TotalCount"], 301);
    }
}

#[test]
fn instances_plans_transactions_and_balance() {
    let instance: InstanceRow = serde_json::from_str(
        r#"{"InstanceID":"i-1","Status":"normal","SubStatus":"WaitForLimit","RenewStatus":"AutoRenewal","RenewalDuration":1,"RenewalDurationUnit":"M","EndTime":"2026-12-01T16:00Z","OwnerId":1234567890123456,"SellerId":"26842"}"#,
    )
    .unwrap();
    assert_eq!(instance.status, Some(InstanceStatus::Normal));
    assert_eq!(instance.renewal_duration_unit, Some(DurationUnit::Month));
    assert_eq!((instance.owner_id, instance.seller_id), (Some(1_234_567_890_123_456), Some(26842)));
    let written = serde_json::to_value(&instance).unwrap();
    assert_eq!(written["OwnerId"], 1_234_567_890_123_456_i64);
    assert_eq!(written["EndTime"], "2026-12-01T16:00:00Z");

    let plan: PlanRow = serde_json::from_str(
        r#"{"InstanceId":"OSSBAG-1","TotalAmount":"40.000","RemainingAmount":"12.345","Status":"available","ApplicableProducts":{"Product":["oss","{\"a\":1}"]}}"#,
    )
    .unwrap();
    assert_eq!(plan.total_amount.unwrap().to_string(), "40.000");
    assert_eq!(plan.status, Some(PlanStatus::Available));
    assert_eq!(plan.applicable_products.product, ["oss", r#"{"a":1}"#]);

    let transaction: TransactionRow = serde_json::from_str(
        r#"{"TransactionType":"pay_fail_refund","TransactionFlow":"Income","TransactionChannel":"PayPal","RecordID":"2","Amount":"-5.00","FundType":"cash"}"#,
    )
    .unwrap();
    assert_eq!(transaction.transaction_type, Some(TransactionType::PayFailRefund));
    assert_eq!(transaction.transaction_channel, Some(TransactionChannel::Other("PayPal".into())));
    assert_eq!(transaction.amount, Some(dec("-5.00")));
    assert_eq!(serde_json::to_value(&transaction).unwrap()["TransactionType"], "Pay_Fail_Refund");

    let balance: BalanceData =
        serde_json::from_str(r#"{"AvailableAmount":"10,000.00","CreditAmount":"","Currency":"CNY"}"#).unwrap();
    assert_eq!((balance.available_amount, balance.credit_amount), (Some(dec("10000.00")), None));
    assert_eq!(serde_json::to_value(&balance).unwrap()["AvailableAmount"], "10000.00");
}

#[test]
fn requests_write_what_a_server_reads() {
    let mut orders = QueryOrdersRequest::new(at("2026-10-31T16:00:00Z"), at("2026-11-01T16:00:00Z"));
    orders.order_type = Some(OrderType::New);
    orders.owner_id = Some(7);
    let params = orders.to_params();
    let expected = [
        ("CreateTimeStart", "2026-10-31T16:00:00Z"),
        ("CreateTimeEnd", "2026-11-01T16:00:00Z"),
        ("OrderType", "New"),
        ("PageNum", "1"),
        ("PageSize", "20"),
        ("OwnerId", "7"),
    ];
    assert_eq!(params, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(QueryOrdersRequest::from_params(&params).unwrap(), orders);
    assert_eq!(QueryOrdersRequest::from_params(&params[1..]).unwrap_err(), ParameterError::Missing("CreateTimeStart"));

    let instances = QueryAvailableInstancesRequest { instance_ids: vec!["a".into(), "b".into()], ..Default::default() };
    let params = instances.to_params();
    assert!(params.contains(&("InstanceIDs".into(), "a,b".into())), "{params:?}");
    assert_eq!(QueryAvailableInstancesRequest::from_params(&params).unwrap(), instances);
    let defaults = QueryAvailableInstancesRequest::from_params(&[]).unwrap();
    assert_eq!((defaults.page_num, defaults.page_size), (1, 20));

    let plans =
        |value: &str| QueryResourcePackageInstancesRequest::from_params(&[("IncludePartner".into(), value.into())]);
    assert_eq!(plans("True").unwrap().include_partner, Some(true));
    assert_eq!(plans("false").unwrap().include_partner, Some(false));
    assert_eq!(plans("maybe").unwrap_err().api_code(), "InvalidParameter");
    let written =
        QueryResourcePackageInstancesRequest { include_partner: Some(true), ..Default::default() }.to_params();
    assert!(written.contains(&("IncludePartner".into(), "true".into())));
}

#[test]
fn a_refund_request_survives_the_journal_and_the_wire() {
    let request = RefundInstanceRequest {
        instance_id: "i-1".into(),
        product_code: "ecs".into(),
        product_type: String::new(),
        client_token: "t".into(),
        immediately_release: ImmediatelyRelease::AtOnce,
    };
    let params = request.to_params();
    assert!(params.contains(&("ProductType".into(), String::new())), "{params:?}");
    assert_eq!(RefundInstanceRequest::from_params(&params).unwrap(), request);
    let journaled = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<RefundInstanceRequest>(&journaled).unwrap(), request);
    // What the official SDK leaves out, a server fills in.
    let least = [("InstanceId".to_owned(), "i-1".to_owned()), ("ProductCode".to_owned(), "ecs".to_owned())];
    let read = RefundInstanceRequest::from_params(&least).unwrap();
    assert_eq!((read.product_type.as_str(), read.immediately_release), ("", ImmediatelyRelease::AtOnce));
    assert_eq!(RefundInstanceRequest::from_params(&least[1..]).unwrap_err().api_code(), "MissingParameter");

    let acts = [
        (QueryOrdersRequest::ACTS, false),
        (GetOrderDetailRequest::ACTS, false),
        (InquiryPriceRefundInstanceRequest::ACTS, false),
        (RefundInstanceRequest::ACTS, true),
    ];
    assert!(acts.iter().all(|(is, should)| is == should), "{acts:?}");
}

#[test]
fn envelopes_as_a_server_writes_them() {
    let data = OrdersData {
        page_num: Some(1),
        order_list: OrderList {
            order: vec![OrderRow { order_id: "1".into(), ..Default::default() }],
            ..Default::default()
        },
        ..Default::default()
    };
    let mut envelope = Envelope::new("R-1", data);
    envelope.extra.insert("Page".into(), "1".into());
    let written = serde_json::to_value(&envelope).unwrap();
    assert_eq!(written["Success"], true);
    assert_eq!((&written["Code"], &written["Message"]), (&json!("Success"), &json!("Successful!")));
    assert_eq!(written["Data"]["OrderList"]["Order"][0]["OrderId"], "1");
    assert_eq!(written["Page"], 1);

    let mut refusal = Refusal { success: Some(false), code: Some("ResourceNotExists".into()), ..Default::default() };
    refusal.extra.insert("Data".into(), r#"{"HostId":"cn","OrderId":0}"#.into());
    let written = serde_json::to_value(&refusal).unwrap();
    assert_eq!(written["Success"], false);
    assert_eq!(written["Data"]["OrderId"], 0);
}

/// Compares the member names that a type writes with those of the published metadata, level by level. Lists must hold one row.
fn check_names(place: &str, written: &Value, published: &Value) {
    let written = match written {
        Value::Array(rows) => rows.first().unwrap_or_else(|| panic!("{place} has no row to look at")),
        other => other,
    };
    let (Some(published), Some(written)) = (published.as_object(), written.as_object()) else { return };
    let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names(written), names(published), "{place}");
    for (name, below) in published {
        // A map of free texts has no members of its own to compare.
        if below.is_object() {
            check_names(&format!("{place}.{name}"), &written[name], below);
        }
    }
}

fn check_operation<R: Request>(request: &R, data: &R::Data) {
    let file: Value = serde_json::from_str(include_str!("member-names.json")).unwrap();
    let published = &file[R::ACTION];
    let mut names: Vec<String> = request.to_params().into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(json!(names), published["request"], "{} request", R::ACTION);
    check_names(R::ACTION, &serde_json::to_value(data).unwrap(), &published["data"]);
}

#[test]
fn every_member_name_is_the_published_one() {
    let now = at("2026-11-01T00:00:00Z");
    let some = || Some("x".to_owned());
    let order = OrderList { order: vec![OrderRow::default()], ..Default::default() };
    check_operation(
        &QueryOrdersRequest {
            order_type: Some(OrderType::New),
            payment_status: Some(PaymentStatus::Paid),
            product_code: some(),
            product_type: some(),
            subscription_type: Some(SubscriptionType::Subscription),
            owner_id: Some(1),
            ..QueryOrdersRequest::new(now, now)
        },
        &OrdersData { order_list: order, ..Default::default() },
    );

    let mut detail = OrderDetailRow::default();
    let properties = BillModuleProperties { properties: vec![Default::default()], ..Default::default() };
    detail.bill_module_config.modules = vec![BillModule { properties, ..Default::default() }];
    let properties = OriginalModuleProperties { properties: vec![Default::default()], ..Default::default() };
    detail.original_module_config.modules = vec![OriginalModule { properties, ..Default::default() }];
    let order_list = OrderDetailList { order: vec![detail], ..Default::default() };
    check_operation(
        &GetOrderDetailRequest { owner_id: Some(1), ..GetOrderDetailRequest::new("1") },
        &OrderDetailData { order_list, ..Default::default() },
    );

    check_operation(
        &QueryAvailableInstancesRequest {
            product_code: some(),
            product_type: some(),
            subscription_type: Some(SubscriptionType::Subscription),
            instance_ids: vec!["i".into()],
            region: some(),
            renew_status: Some(RenewStatus::NotRenewal),
            create_time_start: Some(now),
            create_time_end: Some(now),
            end_time_start: Some(now),
            end_time_end: Some(now),
            owner_id: Some(1),
            ..Default::default()
        },
        &InstancesData { instance_list: vec![InstanceRow::default()], ..Default::default() },
    );

    let instances = PlanList { instance: vec![PlanRow::default()], ..Default::default() };
    check_operation(
        &QueryResourcePackageInstancesRequest {
            product_code: some(),
            expiry_time_start: Some(now),
            expiry_time_end: Some(now),
            include_partner: Some(true),
            owner_id: Some(1),
            ..Default::default()
        },
        &PlansData { instances, ..Default::default() },
    );

    let list = TransactionList { account_transactions_list: vec![Default::default()], ..Default::default() };
    check_operation(
        &QueryAccountTransactionsRequest {
            record_id: some(),
            transaction_number: some(),
            transaction_type: Some(TransactionType::Refund),
            transaction_flow: Some(TransactionFlow::Income),
            transaction_channel: Some(TransactionChannel::Alipay),
            transaction_channel_sn: some(),
            ..QueryAccountTransactionsRequest::new(now, now)
        },
        &TransactionsData { account_transactions_list: list, ..Default::default() },
    );
    check_operation(&QueryAccountBalanceRequest {}, &BalanceData::default());

    let (instance_id, product_code, client_token) = ("i".to_owned(), "ecs".to_owned(), "t".to_owned());
    check_operation(
        &InquiryPriceRefundInstanceRequest {
            instance_id: instance_id.clone(),
            product_code: product_code.clone(),
            product_type: String::new(),
            client_token: client_token.clone(),
        },
        &InquiryData::default(),
    );
    check_operation(
        &RefundInstanceRequest {
            instance_id,
            product_code,
            product_type: String::new(),
            client_token,
            immediately_release: ImmediatelyRelease::AtOnce,
        },
        &RefundData::default(),
    );

    check_operation(
        &QueryRelationListRequest {
            status_list: NumberedList(vec![RelationState::Related]),
            ..QueryRelationListRequest::new(1)
        },
        &RelationsData { financial_relation_info_list: vec![RelationRow::default()], ..Default::default() },
    );
    check_operation(
        &GetCustomerOrdersRequest {
            order_id: Some(1),
            customer_account: some(),
            order_type: Some(CustomerOrderType::Buy),
            order_status: Some(customer_order_status::PAID),
            customer_manager: some(),
            product_type: some(),
            order_source: Some(0),
            ..GetCustomerOrdersRequest::new(1, now.naive_utc(), now.naive_utc())
        },
        &CustomerOrdersData { orders: vec![CustomerOrderRow::default()], ..Default::default() },
    );
}
