//! What is asked of the desk: pages in every order, filters, and searches, drawn anew for each round.

use chrono::NaiveDate;
use desk::Desk;
use desk::views::{HistoryQuery, ResourceQuery, ResourceSort, ResourceTab};
use refund_rules::quote::RefundType;

use crate::draw::Draw;

/// Rows of a page, as the window asks for them.
const ROWS: u32 = 100;

/// Questions of one kind in a round.
const A_ROUND: usize = 60;

const SORTS: [ResourceSort; 11] = [
    ResourceSort::Refund,
    ResourceSort::Expires,
    ResourceSort::Product,
    ResourceSort::Resource,
    ResourceSort::Customer,
    ResourceSort::OrderTime,
    ResourceSort::Region,
    ResourceSort::Status,
    ResourceSort::RefundType,
    ResourceSort::HoldsUntil,
    ResourceSort::Renewals,
];

const TYPES: [RefundType; 3] = [RefundType::FullNoReason, RefundType::Partial, RefundType::Nonrefundable];

/// What questions are drawn from.
pub struct Known {
    /// Ids of resources from all over the list.
    ids: Vec<String>,
    refund_orders: Vec<String>,
    /// Names of customers, and the products that they have.
    names: Vec<String>,
    products: Vec<String>,
    /// The customer with the most resources.
    pub largest: String,
}

/// Questions of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    FirstPage,
    MiddlePage,
    LastPage,
    Filter,
    LongSearch,
    ShortSearch,
    ChineseSearch,
    TypeAhead,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::FirstPage,
        Kind::MiddlePage,
        Kind::LastPage,
        Kind::Filter,
        Kind::LongSearch,
        Kind::ShortSearch,
        Kind::ChineseSearch,
        Kind::TypeAhead,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::FirstPage => "first page by each column",
            Kind::MiddlePage => "page in the middle by each column",
            Kind::LastPage => "last page by each column",
            Kind::Filter => "filters",
            Kind::LongSearch => "search of 3 to 8 characters",
            Kind::ShortSearch => "search of 1 or 2 characters",
            Kind::ChineseSearch => "search of a Chinese word",
            Kind::TypeAhead => "type-ahead",
        }
    }
}

impl Known {
    pub fn of(desk: &Desk, draw: &mut Draw) -> Self {
        let customers = desk.customers_kept().expect("the customers");
        let largest = customers.iter().max_by_key(|row| row.resources).expect("a home has customers").id.clone();
        let tally = desk.list_tally(&plain(None)).expect("the numbers of the list");
        let refunds = desk.history(&history("", 0)).expect("the history").total;
        let mut ids = Vec::new();
        let mut refund_orders = Vec::new();
        for _ in 0..40 {
            let offset = draw.below(tally.total as usize) as u32;
            let page = desk.listed(&ResourceQuery { offset, sort: ResourceSort::Resource, ..plain(None) });
            ids.extend(page.expect("a page").into_iter().step_by(20).map(|row| row.resource));
            let page = desk.history(&history("", draw.below(refunds as usize) as u32)).expect("a page of the history");
            refund_orders.extend(page.rows.into_iter().step_by(20).map(|row| row.refund_order));
        }
        let names = customers.into_iter().map(|row| row.name).collect();
        Self { ids, refund_orders, names, products: tally.products, largest }
    }

    /// A round of questions about all customers, or about one.
    pub fn asks(&self, kind: Kind, customer: Option<&str>, total: u32, draw: &mut Draw) -> Vec<ResourceQuery> {
        let all = plain(customer);
        let sorted = |offset: u32| {
            let both = SORTS.into_iter().flat_map(|sort| [(sort, false), (sort, true)]);
            both.map(|(sort, descending)| ResourceQuery { sort, descending, offset, ..all.clone() }).collect()
        };
        match kind {
            Kind::FirstPage => sorted(0),
            Kind::MiddlePage => sorted(total / 2),
            Kind::LastPage => sorted(total.saturating_sub(ROWS)),
            Kind::Filter => (0..A_ROUND).map(|_| self.filter(&all, draw)).collect(),
            Kind::LongSearch => self.searches(&all, draw, |known, draw| {
                let length = 3 + draw.below(6);
                known.part_of_id(length, draw)
            }),
            Kind::ShortSearch => self.searches(&all, draw, |known, draw| {
                let length = 1 + draw.below(2);
                known.part_of_id(length, draw)
            }),
            Kind::ChineseSearch => self.searches(&all, draw, Known::chinese_word),
            Kind::TypeAhead => {
                let ids = (0..A_ROUND / 10).map(|_| draw.pick(&self.ids).clone()).collect::<Vec<_>>();
                let typed = ids.iter().flat_map(|id| (1..=10).map(|length| id[..length.min(id.len())].to_owned()));
                typed.map(|text| ResourceQuery { text, ..all.clone() }).collect()
            }
        }
    }

    fn searches(
        &self,
        all: &ResourceQuery,
        draw: &mut Draw,
        text: impl Fn(&Self, &mut Draw) -> String,
    ) -> Vec<ResourceQuery> {
        (0..A_ROUND)
            .map(|_| {
                let text = text(self, draw);
                ResourceQuery { text, sort: *draw.pick(&SORTS), descending: draw.percent(50), ..all.clone() }
            })
            .collect()
    }

    /// One, two or three filters together.
    fn filter(&self, all: &ResourceQuery, draw: &mut Draw) -> ResourceQuery {
        let mut query = ResourceQuery { sort: *draw.pick(&SORTS), descending: draw.percent(50), ..all.clone() };
        let begins = NaiveDate::from_ymd_opt(2025, 1 + draw.below(12) as u32, 1).expect("a day");
        match draw.below(4) {
            0 => query.product = Some(draw.pick(&self.products).clone()),
            1 => query.refund_type = Some(*draw.pick(&TYPES)),
            2 => {
                (query.ordered_from, query.ordered_to) = (Some(begins), begins.checked_add_days(chrono::Days::new(90)))
            }
            _ => {
                query.product = Some(draw.pick(&self.products).clone());
                query.refund_type = Some(*draw.pick(&TYPES));
                query.ordered_from = Some(begins);
            }
        }
        query
    }

    fn part_of_id(&self, length: usize, draw: &mut Draw) -> String {
        let id = draw.pick(&self.ids);
        let from = draw.below(id.len() - length + 1);
        id[from..from + length].to_owned()
    }

    fn chinese_word(&self, draw: &mut Draw) -> String {
        let names: Vec<&String> = self.names.iter().filter(|name| !name.is_ascii()).collect();
        let name: Vec<char> = draw.pick(&names).chars().collect();
        let from = draw.below(name.len() - 1);
        name[from..from + 2].iter().collect()
    }

    /// A round of searches in the history.
    pub fn history_asks(&self, length: std::ops::Range<usize>, draw: &mut Draw) -> Vec<HistoryQuery> {
        (0..A_ROUND)
            .map(|_| {
                let (order, length) = (draw.pick(&self.refund_orders), length.start + draw.below(length.len()));
                let from = draw.below(order.len() - length + 1);
                history(&order[from..from + length], 0)
            })
            .collect()
    }

    pub fn refund_orders(&self) -> &[String] {
        &self.refund_orders
    }
}

/// The list as the window opens it.
pub fn plain(customer: Option<&str>) -> ResourceQuery {
    ResourceQuery {
        customer: customer.map(str::to_owned),
        tab: ResourceTab::Regular,
        refund_type: None,
        product: None,
        text: String::new(),
        ordered_from: None,
        ordered_to: None,
        sort: ResourceSort::Refund,
        descending: true,
        offset: 0,
        limit: ROWS,
    }
}

pub fn history(text: &str, offset: u32) -> HistoryQuery {
    HistoryQuery { customer: None, text: text.to_owned(), from: None, to: None, offset, limit: ROWS }
}
