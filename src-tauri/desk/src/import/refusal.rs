//! Why a line is refused: an id, what it speaks of, and the sentence in English. Windows in other languages have their own sentence for
//! each id; the part of the id before the stop is the stable code.

use std::collections::BTreeMap;

/// Declares the reasons once: what each speaks of, its id, and its sentence.
macro_rules! reasons {
    ($($name:ident { $($param:ident),* } $id:literal $sentence:literal;)*) => {
        /// Why a line is refused.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(super) enum Reason { $($name { $($param: String),* }),* }

        impl Reason {
            pub fn id(&self) -> &'static str {
                match self { $(Self::$name { .. } => $id),* }
            }

            /// What it speaks of, by name.
            pub fn params(&self) -> BTreeMap<String, String> {
                match self { $(Self::$name { $($param),* } => BTreeMap::from([$((stringify!($param).to_owned(), $param.clone())),*])),* }
            }

            pub fn sentence(&self) -> String {
                match self { $(Self::$name { $($param),* } => format_args!($sentence).to_string()),* }
            }
        }
    };
}

reasons! {
    CellTooLong {} "cell_too_long" "a cell is longer than 32 KiB";
    ColumnCount { found, named } "column_count" "it has {found} cells, the first line names {named} columns";
    NoOrder {} "missing_order" "the row names no order";
    BadOrder { cell } "bad_order" "`{cell}` is no order id";
    OtherAccount { told, customer } "other_account" "the row is of account {told}, not {customer}";
    UnknownStatus { cell } "unknown_status.word" "`{cell}` is no known status";
    NoStatus {} "unknown_status.missing" "the status is missing";
    UnknownCurrency { cell } "unknown_currency" "`{cell}` is no known currency";
    BadInstance { cell } "bad_instance.word" "`{cell}` is no instance id";
    ManyInstances { most } "bad_instance.many" "more than {most} instances in one row";
    BadPeriod {} "bad_period" "the service period ends before it starts";
    BadTime { cell } "bad_time" "`{cell}` is no time; give yyyy-MM-dd HH:mm:ss";
    NoTime {} "missing_time" "nothing says when the order was made";
    Formula { cell } "formula" "`{cell}` is a formula";
    BadText { cell } "bad_text" "`{cell}` is no word";
    NoListPrice {} "missing_amount.list" "the list price is missing";
    NothingAsked {} "missing_amount.asked" "nothing says what was asked";
    AmountTooLong { cell } "bad_amount.too_long" "`{cell}` is too long for an amount";
    NegativeTwice { cell } "bad_amount.negative_twice" "`{cell}` is negative twice";
    Ambiguous { cell } "bad_amount.ambiguous" "`{cell}` is no amount that can be read in one way only";
    ManyDigits { cell } "bad_amount.digits" "`{cell}` has too many digits";
    ManyWholeDigits { cell, most } "bad_amount.whole_digits" "`{cell}` has more than {most} digits before the point";
    ManyDecimals { cell, most } "bad_amount.decimals" "`{cell}` has more than {most} decimals";
    FinerThanCurrency { amount, currency } "bad_amount.finer_than_currency" "{amount} has more decimals than {currency}";
    DeductionsTooLarge {} "bad_amount.deductions" "coupon and voucher together are no sum of money";
    CashTooLarge { cash } "bad_amount.cash" "{cash} in cash is no sum of money";
    CurrencyDiffers { currency } "currency_differs" "its sign is not of {currency}";
    DiscountsDiffer { before, coupons, asked } "amounts_differ.discounts" "{before} after discounts less {coupons} of coupons is not {asked}";
    CouponsTooLarge { coupons } "amounts_differ.coupons" "coupons of {coupons} are more than what was asked";
    CardsTooLarge { cards, cash } "amounts_differ.cards" "cards paid {cards} of {cash}";
    Negative { order_type } "negative_amount" "a negative amount on an order of type `{order_type}`";
    SaidTwice { first } "duplicate_line" "it says the same as line {first}";
    SaidOtherwise { first } "line_differs" "line {first} says otherwise of the same part of the order";
    NotWhole { line } "order_incomplete" "line {line} of the same order was refused";
    ManyLines { order, most } "order_out_of_bounds.lines" "order `{order}` has more than {most} lines";
    ManyParts { order, most } "order_out_of_bounds.parts" "order `{order}` has more than {most} parts";
    NoSumOfMoney { order } "order_out_of_bounds.amount" "order `{order}` has an amount that is no sum of money";
    SumTooLarge { order } "order_out_of_bounds.sum" "order `{order}` adds up to more than any sum of money";
    Damaged { why } "import_damaged" "{why}";
}

impl Reason {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        self.id().split('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_what_it_speaks_of() {
        let reason = Reason::ManyWholeDigits { cell: "12345678901".to_owned(), most: "10".to_owned() };
        assert_eq!((reason.id(), reason.code()), ("bad_amount.whole_digits", "bad_amount"));
        assert_eq!(reason.sentence(), "`12345678901` has more than 10 digits before the point");
        let params = [("cell", "12345678901"), ("most", "10")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(reason.params(), BTreeMap::from(params));
        assert_eq!(Reason::BadPeriod {}.code(), "bad_period");
    }
}
