//! Reading page by page. Each page is given on its own, with its number, so that the desk can keep rows and cursor together.
//!
//! Rows can move between pages while one reads (a new order pushes an old one over the edge), so rows must be kept by their id;
//! a total that changes on the way is told.

use super::{Client, Reply, ReplyMeta};
use crate::error::{BssError, Failure, Kind};
use crate::wire::{self, Request};

/// A reading that passes this many pages has lost its way.
const MAX_PAGES: u32 = 200_000;

/// A page of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// From 1.
    pub number: u32,
    /// Rows that a full page holds, as the API says; else as asked for.
    pub size: u32,
    /// Rows in all, when the API says so.
    pub total: Option<u32>,
    /// Nothing follows.
    pub last: bool,
    pub meta: ReplyMeta,
}

impl<T> Page<T> {
    /// The same page without its rows' content, and the rows.
    pub fn split(self) -> (Page<()>, Vec<T>) {
        let counts = Page {
            rows: vec![(); self.rows.len()],
            number: self.number,
            size: self.size,
            total: self.total,
            last: self.last,
            meta: self.meta,
        };
        (counts, self.rows)
    }
}

/// The counts of a reply, as the API gave them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub number: Option<u32>,
    pub size: Option<u32>,
    pub total: Option<u32>,
}

/// An operation that answers in numbered pages.
pub trait Paged: Request {
    type Row: Send;
    /// The page that the request asks for, from 1.
    fn page_num(&self) -> u32;
    fn set_page_num(&mut self, number: u32);
    fn page_size(&self) -> u32;
    fn rows(data: Self::Data) -> (Vec<Self::Row>, Counts);
}

macro_rules! paged {
    ($($request:ident => $row:ident: |$data:ident| $rows:expr, $counts:expr;)*) => {$(
        impl Paged for wire::$request {
            type Row = wire::$row;
            fn page_num(&self) -> u32 {
                self.page_num
            }
            fn set_page_num(&mut self, number: u32) {
                self.page_num = number;
            }
            fn page_size(&self) -> u32 {
                self.page_size
            }
            fn rows($data: Self::Data) -> (Vec<Self::Row>, Counts) {
                let counts = $counts;
                ($rows, counts)
            }
        }
    )*};
}

paged! {
    QueryOrdersRequest => OrderRow: |data| data.order_list.order,
        Counts { number: data.page_num, size: data.page_size, total: data.total_count };
    QueryAvailableInstancesRequest => InstanceRow: |data| data.instance_list,
        Counts { number: data.page_num, size: data.page_size, total: data.total_count };
    QueryResourcePackageInstancesRequest => PlanRow: |data| data.instances.instance,
        Counts {
            number: data.page_num.map(|count| count.0),
            size: data.page_size.map(|count| count.0),
            total: data.total_count.map(|count| count.0),
        };
    QueryAccountTransactionsRequest => TransactionRow: |data| data.account_transactions_list.account_transactions_list,
        Counts { number: data.page_num, size: data.page_size, total: data.total_count };
    QueryRelationListRequest => RelationRow: |data| data.financial_relation_info_list,
        Counts { number: data.page_num, size: data.page_size, total: data.total_count };
    GetCustomerOrdersRequest => CustomerOrderRow: |data| data.orders,
        Counts { number: data.page_num, size: data.page_size, total: data.total_count };
}

impl Client {
    /// The page that the request asks for.
    pub(crate) async fn page<R: Paged>(&self, request: &R) -> Result<Page<R::Row>, BssError> {
        let Reply { data, meta } = self.call(request).await?;
        let (rows, counts) = R::rows(data);
        let number = request.page_num();
        if let Some(given) = counts.number.filter(|given| *given != 0 && *given != number) {
            let message = format!("page {number} was asked for, page {given} came");
            return Err(Failure {
                request_id: meta.request_id,
                server_date: meta.server_date,
                http_status: Some(200),
                ..Failure::new(Kind::Malformed, R::ACTION, message)
            }
            .into());
        }
        let size = counts.size.filter(|size| *size > 0).unwrap_or_else(|| request.page_size());
        // A total of 0 beside rows is no total.
        let total = counts.total.filter(|total| *total > 0 || rows.is_empty());
        let last = is_last(number, size, total, rows.len());
        Ok(Page { rows, number, size, total, last, meta })
    }
}

/// Whether nothing can follow: the page is empty, or holds exactly the rows that the total leaves for it. Any other number
/// contradicts the counts (a row moved, or smaller pages are served than admitted), and one more call tells.
fn is_last(number: u32, size: u32, total: Option<u32>, rows: usize) -> bool {
    let Some(total) = total else { return rows == 0 };
    let before = u64::from(number.saturating_sub(1)) * u64::from(size);
    rows == 0 || rows as u64 == u64::from(total).saturating_sub(before)
}

/// Reads page after page: call [`Pager::next_page`] until it gives `None`.
pub struct Pager<'c, R> {
    client: &'c Client,
    request: R,
    done: bool,
    total: Option<u32>,
    shifted: bool,
    /// A page in the middle was not full, so the counts cannot be trusted to find the end: only an empty page is it.
    short_pages: bool,
}

impl<'c, R: Paged> Pager<'c, R> {
    pub(crate) fn new(client: &'c Client, mut request: R) -> Self {
        let first = request.page_num().max(1);
        request.set_page_num(first);
        Self { client, request, done: false, total: None, shifted: false, short_pages: false }
    }

    /// The next page; `None` after the last. After an error the same page is asked for again.
    pub async fn next_page(&mut self) -> Result<Option<Page<R::Row>>, BssError> {
        if self.done {
            return Ok(None);
        }
        let mut page = self.client.page(&self.request).await?;
        page.last = if self.short_pages { page.rows.is_empty() } else { page.last };
        self.short_pages |= !page.last && page.rows.len() < page.size as usize;
        self.shifted |= self.total.is_some() && page.total.is_some() && self.total != page.total;
        self.total = page.total.or(self.total);
        self.done = page.last;
        if !page.last {
            if page.number >= MAX_PAGES {
                let message = format!("the pages do not end after {MAX_PAGES}");
                return Err(Failure::new(Kind::Malformed, R::ACTION, message).into());
            }
            self.request.set_page_num(page.number + 1);
        }
        Ok(Some(page))
    }

    /// Whether the total changed while reading, so that rows may have been skipped: read the same window again.
    pub fn shifted(&self) -> bool {
        self.shifted
    }
}

#[cfg(test)]
mod tests {
    use super::is_last;

    #[test]
    fn the_last_page_is_known_by_rows_and_total() {
        // (number, size, total, rows) -> last
        let cases = [
            ((1, 20, Some(0), 0), true),
            ((1, 20, Some(20), 20), true),
            ((1, 20, Some(21), 20), false),
            ((2, 20, Some(21), 1), true),
            ((3, 20, Some(21), 0), true),
            ((1, 20, None, 20), false),
            ((2, 20, None, 3), false),
            ((3, 20, None, 0), true),
            // Asked 300 and told 300, served 20 of 50: go on.
            ((1, 300, Some(50), 20), false),
            // More rows than promised, or rows after the end: the counts are wrong somewhere.
            ((2, 20, Some(25), 6), false),
            ((3, 20, Some(25), 2), false),
            // No rows at all ends it whatever the total says.
            ((2, 20, Some(60), 0), true),
        ];
        for ((number, size, total, rows), last) in cases {
            assert_eq!(
                is_last(number, size, total, rows),
                last,
                "page {number} of {size}, total {total:?}, {rows} rows"
            );
        }
    }
}
