//! Which column holds what: headers in English and Chinese are matched by alias, and the manager mends what is not.
//!
//! The console documents no headers for its order export, so nothing here may depend on one spelling: a header is compared without
//! case, blanks, dashes and underscores, with full-width brackets taken for plain ones, and besides whole also without the group
//! that the bill of version 2 writes before it (`标识信息/订单号`) or around it (`LineItemDetails(OrderId)`), and without a unit
//! behind it (`List Price (USD)`). Source: billing API on the wire section 9.

use serde::{Deserialize, Serialize};

use crate::error::DeskError;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// The console's export of orders: no service periods.
    Orders,
    /// The bill detail in its old form.
    Bill,
    /// The bill detail of version 2, with groups in its headers.
    BillV2,
}

impl FileKind {
    /// The word it has in files and commands.
    pub fn word(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Bill => "bill",
            Self::BillV2 => "bill_v2",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Orders, Self::Bill, Self::BillV2].into_iter().find(|kind| kind.word() == word)
    }

    pub(super) fn is_bill(self) -> bool {
        self != Self::Orders
    }
}

/// Declares the fields once: the word in `--map FIELD=HEADER`, and the aliases of its header, the surest first.
macro_rules! fields {
    ($($name:ident $word:literal: $($alias:literal)*;)*) => {
        /// What a column can hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Field { $($name),* }

        impl Field {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($alias),*]),* }
            }
        }
    };
}

fields! {
    Order "order": "orderid" "orderno" "ordernumber" "订单号" "订单id" "订单编号" "订单号/账单号" "recordid" "账单号";
    Line "line": "suborderid" "子订单号" "子订单id" "lineitemid" "账单明细id" "明细id";
    Related "related_order": "relatedorderid" "relatedrecordid" "originalorderid" "associatedorderid" "关联订单号" "原订单号"
        "关联订单号/账单号";
    OrderType "order_type": "ordertype" "订单类型" "transactiontype" "交易类型";
    Item "item": "item" "billtype" "lineitemtype" "账单类型" "费用类型";
    Status "status": "orderstatus" "订单状态" "paymentstatus" "支付状态" "status" "状态";
    CreatedAt "created_at": "createdat" "createtime" "creationtime" "createdtime" "ordertime" "创建时间" "下单时间" "订单创建时间"
        "订单时间";
    PaidAt "paid_at": "paid/activatedat" "paidat" "paymenttime" "paidtime" "支付/开通时间" "支付时间" "付款时间" "消费时间"
        "billingdate" "账单日期";
    Start "start": "usagestarttime" "servicestarttime" "starttime" "服务开始时间" "使用开始时间" "账单开始时间" "用量开始时间"
        "开始时间" "生效时间";
    End "end": "usageendtime" "serviceendtime" "endtime" "服务结束时间" "使用结束时间" "账单结束时间" "用量结束时间" "结束时间"
        "到期时间" "失效时间";
    Product "product": "productcode" "产品code" "产品代码" "产品编码";
    ProductName "product_name": "productname" "产品名称" "product" "产品";
    CommodityName "commodity_name": "commodityname" "商品名称" "commodity" "商品" "commoditycode" "商品code" "商品代码";
    Detail "detail": "billingitemcode" "计费项code" "productdetail" "产品明细" "billingitem" "计费项";
    Instance "instance": "instanceid" "resourceid" "asset/resourceinstanceid" "resourceinstanceid" "instanceids" "实例id" "资源id"
        "资产/资源实例id" "资源实例id" "实例id(出账粒度)";
    Region "region": "region" "regionid" "regioncode" "地域code" "地域id" "地域";
    Currency "currency": "currency" "currencycode" "币种" "货币" "定价币种" "pricingcurrency" "结算币种";
    List "list": "listprice" "listamount" "pretaxgrossamount" "originalprice" "listcost" "目录总价" "官网价" "官网原价" "原价";
    Discounted "discounted": "discountedprice" "discountedamount" "优惠后金额" "优惠后价格" "折后价";
    Discount "discount": "discountamount" "invoicediscount" "优惠金额" "折扣金额";
    Coupon "coupon": "deductedbycoupons" "deductedbycoupon" "couponamount" "优惠券抵扣金额" "优惠券抵扣";
    Voucher "voucher": "deductedbycashcoupons" "voucheramount" "代金券抵扣金额" "代金券抵扣";
    StoredValueCard "stored_value_card": "deductedbyprepaidcard" "储值卡抵扣金额" "储值卡抵扣" "储值卡支付";
    Payable "payable": "taxinclusivepayableamount" "payableamount(taxinclusive)" "应付金额(含税)" "应付金额含税" "含税应付金额"
        "payableamount" "aftertaxamount";
    Pretax "pretax": "pretaxamount" "应付金额(不含税)" "不含税金额" "应付金额";
    Tax "tax": "tax" "taxamount" "税额" "税费" "税";
    PaymentMethod "payment_method": "paymentmethod" "paymentchannel" "支付方式" "付款方式" "支付渠道";
    Account "account": "resourcepurchaseaccountid" "accountid" "资源购买账号id" "账号id" "resourcepurchaseaccount" "资源购买账号";
    Owner "owner": "resourceowneraccountid" "ownerid" "资源归属账号id" "归属账号id" "资源归属账号";
    Billing "billing": "subscriptiontype" "billingmethod" "付费方式" "付费类型" "消费类型" "计费方式";
}

/// A field and the column that it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct MappedColumn {
    pub field: String,
    pub header: String,
}

/// Columns of a file by what they hold.
pub(super) struct Mapping {
    /// Place of each field's column, in the order of the fields.
    places: Vec<(Field, usize)>,
    headers: Vec<String>,
}

impl Mapping {
    /// Maps by aliases, then as the manager says: `(FIELD, HEADER)`, an empty header takes the field from no column.
    /// Errors: `import_unknown_field`, `import_unknown_header`.
    pub fn of(headers: &[String], mended: &[(String, String)]) -> Result<Self, DeskError> {
        let mut places = Vec::new();
        let names: Vec<Vec<String>> = headers.iter().map(|header| names_of(header)).collect();
        for &field in Field::ALL {
            let found =
                field.aliases().iter().find_map(|alias| names.iter().position(|n| n.iter().any(|n| n == alias)));
            places.extend(found.map(|at| (field, at)));
        }
        let mut mapping = Self { places, headers: headers.to_vec() };
        for (field, header) in mended {
            mapping.mend(field, header)?;
        }
        Ok(mapping)
    }

    fn mend(&mut self, word: &str, header: &str) -> Result<(), DeskError> {
        let field = Field::ALL.iter().copied().find(|field| field.word() == word).ok_or_else(|| {
            let words = Field::ALL.iter().map(|field| field.word().to_owned()).collect();
            DeskError::new("import_unknown_field", format!("`{word}` is no field"), "give one of the fields listed")
                .at("--map")
                .with_details(words)
        })?;
        self.places.retain(|(other, _)| *other != field);
        if header.trim().is_empty() {
            return Ok(());
        }
        let place = self.headers.iter().position(|other| other == header.trim()).or_else(|| {
            let wanted = plain(header);
            self.headers.iter().position(|other| plain(other) == wanted)
        });
        let place = place.ok_or_else(|| {
            let next = "give one of the headers listed, as the file writes it";
            DeskError::new("import_unknown_header", format!("the file has no column `{header}`"), next)
                .at("--map")
                .with_details(self.headers.clone())
        })?;
        self.places.push((field, place));
        self.places.sort_unstable();
        Ok(())
    }

    /// The cell of a field; `None` when no column holds it.
    pub fn cell<'a>(&self, field: Field, cells: &'a [String]) -> Option<&'a str> {
        let place = self.places.iter().find(|(other, _)| *other == field)?.1;
        cells.get(place).map(String::as_str)
    }

    pub fn has(&self, field: Field) -> bool {
        self.places.iter().any(|(other, _)| *other == field)
    }

    /// As it is told and journaled.
    pub fn columns(&self) -> Vec<MappedColumn> {
        let told = |&(field, at): &(Field, usize)| MappedColumn {
            field: field.word().to_owned(),
            header: self.headers[at].clone(),
        };
        self.places.iter().map(told).collect()
    }

    /// Headers that no field is taken from.
    pub fn unmapped(&self) -> Vec<String> {
        let used = |at: &usize| self.places.iter().any(|(_, place)| place == at);
        (0..self.headers.len()).filter(|at| !used(at)).map(|at| self.headers[at].clone()).collect()
    }

    /// Fields without which no row of this kind can be read; alternatives are joined by `|`.
    pub fn missing(&self, kind: FileKind) -> Vec<String> {
        let alternatives: &[&[Field]] = match kind {
            FileKind::Orders => &[
                &[Field::Order],
                &[Field::OrderType],
                &[Field::Status],
                &[Field::CreatedAt],
                &[Field::Product, Field::ProductName],
                &[Field::List],
                &[Field::Payable, Field::Pretax, Field::Discounted],
            ],
            FileKind::Bill | FileKind::BillV2 => &[
                &[Field::Order],
                &[Field::OrderType, Field::Item],
                &[Field::PaidAt, Field::CreatedAt],
                &[Field::Product, Field::ProductName],
                &[Field::List],
                &[Field::Payable, Field::Pretax, Field::Discounted],
            ],
        };
        let lacking = alternatives.iter().filter(|fields| !fields.iter().any(|&field| self.has(field)));
        lacking.map(|fields| fields.iter().map(|f| f.word()).collect::<Vec<_>>().join("|")).collect()
    }
}

/// What kind of file has these headers.
pub(super) fn recognise(headers: &[String]) -> Option<FileKind> {
    let has = |alias: &str| headers.iter().any(|header| names_of(header).iter().any(|name| name == alias));
    let of = |field: Field| field.aliases().iter().any(|alias| has(alias));
    let months = ["billingcycle", "billingmonth", "账期", "账单月份"];
    if of(Field::Order) && (has("recordid") || months.iter().any(|month| has(month))) {
        return Some(bill_of(headers));
    }
    if headers.iter().any(|header| grouped(header).is_some()) && of(Field::Order) && of(Field::List) {
        return Some(FileKind::BillV2);
    }
    (of(Field::Order) && of(Field::CreatedAt) && (of(Field::Status) || of(Field::OrderType)))
        .then_some(FileKind::Orders)
}

/// The old or the new form of a bill.
pub(super) fn bill_of(headers: &[String]) -> FileKind {
    if headers.iter().any(|header| grouped(header).is_some()) { FileKind::BillV2 } else { FileKind::Bill }
}

/// What a header may be called by, its whole name first.
fn names_of(header: &str) -> Vec<String> {
    let whole = plain(header);
    let mut names = vec![whole.clone()];
    names.extend(grouped(header).map(|inner| plain(&inner)));
    let last = names.last().cloned().unwrap_or(whole);
    names.extend(last.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).and_then(|(name, unit)| {
        let is_unit = ["cny", "usd", "jpy", "元", "¥", "$"].contains(&unit);
        is_unit.then(|| name.to_owned())
    }));
    names
}

/// The header without the group of the bill of version 2: `标识信息/订单号`, `LineItemDetails(OrderId)`, `LineItemDetails/OrderId`.
fn grouped(header: &str) -> Option<String> {
    let header = header.trim();
    if let Some((group, inner)) = header.split_once('/')
        && (group.trim().ends_with("信息") || group.trim().ends_with("Details"))
    {
        return Some(inner.trim().to_owned());
    }
    let (group, inner) = header.strip_suffix([')', '）'])?.split_once(['(', '（'])?;
    group.trim().ends_with("Details").then(|| inner.trim().to_owned())
}

/// A header as it is compared.
fn plain(header: &str) -> String {
    header
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-' | '\u{feff}'))
        .map(|letter| match letter {
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(line: &str) -> Vec<String> {
        line.split(',').map(|header| header.trim().to_owned()).collect()
    }

    #[test]
    fn no_two_fields_share_an_alias() {
        let all: Vec<&str> = Field::ALL.iter().flat_map(|field| field.aliases()).copied().collect();
        let mut once = all.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), all.len());
        for alias in all {
            assert_eq!(plain(alias), alias, "an alias is written as headers are compared");
        }
    }

    #[test]
    fn a_header_is_known_by_its_aliases() {
        for (header, field) in [
            ("Order ID", "order"),
            ("ORDER_ID", "order"),
            ("订单号", "order"),
            ("标识信息/订单号", "order"),
            ("LineItemDetails(OrderId)", "order"),
            ("LineItemDetails/OrderId", "order"),
            ("订单号/账单号", "order"),
            ("RelatedRecordID", "related_order"),
            ("Asset/Resource Instance ID", "instance"),
            ("资源信息/资源ID", "instance"),
            ("Paid/Activated At", "paid_at"),
            ("应付信息/应付金额（含税）", "payable"),
            ("Tax-inclusive Payable Amount", "payable"),
            ("PretaxAmount", "pretax"),
            ("List Price (USD)", "list"),
            ("官网价（元）", "list"),
            ("费用信息/目录总价", "list"),
            ("优惠券抵扣信息/优惠券抵扣金额", "coupon"),
            ("Deducted by Coupon", "coupon"),
            ("产品信息/产品Code", "product"),
            ("账单信息/交易类型", "order_type"),
        ] {
            let mapping = Mapping::of(&headers(header), &[]).expect("a mapping");
            let found: Vec<String> = mapping.columns().into_iter().map(|column| column.field).collect();
            assert_eq!(found, [field], "{header}");
        }
        for header in ["标签", "NickName", "InternetIP", "Operator", "资源购买账号备注"] {
            assert_eq!(Mapping::of(&headers(header), &[]).expect("a mapping").unmapped(), [header]);
        }
    }

    #[test]
    fn a_file_is_known_by_its_headers() {
        for (line, kind) in [
            ("Order ID,Order Type,Order Status,Created At,List Price", Some(FileKind::Orders)),
            ("订单号,订单类型,订单状态,创建时间", Some(FileKind::Orders)),
            ("BillingCycle,RecordID,Item,PretaxGrossAmount", Some(FileKind::Bill)),
            ("账期,订单号/账单号,账单类型,原价", Some(FileKind::Bill)),
            ("标识信息/订单号,账单信息/账单月份,费用信息/目录总价", Some(FileKind::BillV2)),
            ("LineItemDetails(OrderId),CostDetails(ListCost)", Some(FileKind::BillV2)),
            ("Order ID,Total", None),
            ("名称,数量", None),
        ] {
            assert_eq!(recognise(&headers(line)), kind, "{line}");
        }
    }

    #[test]
    fn the_manager_mends_the_mapping() {
        let named = headers("编号,订单号,List Price");
        let mend = |field: &str, header: &str| Mapping::of(&named, &[(field.to_owned(), header.to_owned())]);
        let order = |mapping: &Mapping| mapping.cell(Field::Order, &headers("a,b,c")).map(str::to_owned);
        assert_eq!(order(&mend("list", "").expect("unmapped")), Some("b".to_owned()));
        assert_eq!(order(&mend("order", "编号").expect("mended")), Some("a".to_owned()));
        assert_eq!(order(&mend("order", " list price ").expect("mended")), Some("c".to_owned()));
        assert_eq!(order(&mend("order", "").expect("unmapped")), None);
        assert_eq!(
            mend("list", "").expect("unmapped").missing(FileKind::Bill).last().map(String::as_str),
            Some("payable|pretax|discounted")
        );
        assert_eq!(mend("colour", "编号").map(drop).expect_err("refused").code(), "import_unknown_field");
        let error = mend("order", "x").map(drop).expect_err("refused");
        assert_eq!((error.code(), error.details()), ("import_unknown_header", &named[..]));
    }
}
