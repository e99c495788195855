// Filtering, sorting and paging of the mock desk's lists.

import type { HistoryPage, HistoryQuery, Money, RefundRow, ResourcePage, ResourceQuery, ResourceRow } from "../backend";
import { money } from "./figures";
import type { MockResource } from "./seed";

/** An amount of two decimals in whole cents. */
export const cents = (amount: string | null): bigint => BigInt((amount ?? "0").replace(".", ""));

/** Amounts summed by currency. */
export function sums(amounts: readonly Money[]): Money[] {
  return [...new Set(amounts.map((one) => one.currency))].map((currency) => {
    const own = amounts.filter((one) => one.currency === currency);
    return { currency, amount: money(Number(own.reduce((sum, one) => sum + cents(one.amount), 0n))) };
  });
}

/** Amounts of one currency summed. */
export function sumOf(amounts: readonly string[]): string {
  return money(Number(amounts.reduce((sum, amount) => sum + cents(amount), 0n)));
}

/** Whether a resource passes the filters that stand above the segments. */
export function passes(resource: MockResource, query: ResourceQuery): boolean {
  const ordered = resource.orders[0]?.start.slice(0, 10) ?? "";
  const text = query.text.toLowerCase();
  return (
    (query.customer === null || resource.customer === query.customer) &&
    (query.tab === "all" || (query.tab === "plans") === (resource.kind === "resource_plan")) &&
    [resource.resource, resource.product, resource.region].some((field) => field.toLowerCase().includes(text)) &&
    (query.ordered_from === null || ordered >= query.ordered_from) &&
    (query.ordered_to === null || ordered <= query.ordered_to)
  );
}

const SORT_KEYS: Record<ResourceQuery["sort"], (row: ResourceRow) => bigint | string> = {
  refund: (row) => cents(row.refund),
  expires: (row) => row.expires_at ?? "",
  product: (row) => row.product,
  resource: (row) => row.resource,
  customer: (row) => row.customer_name,
  order_time: (row) => row.ordered_at ?? "",
  region: (row) => row.region,
  status: (row) => row.status,
  refund_type: (row) => row.refund_type ?? "",
  holds_until: (row) => row.valid_until ?? "",
  renewals: (row) => BigInt(row.pending_renewals),
};

/** One page of the rows that passed. */
export function pageOfResources(passed: readonly ResourceRow[], query: ResourceQuery): ResourcePage {
  const inProduct = passed.filter((row) => query.product === null || row.product === query.product);
  const types = [...new Set(inProduct.map((row) => row.refund_type))].filter((type) => type !== null).sort();
  const key = SORT_KEYS[query.sort];
  const order = (a: ResourceRow, b: ResourceRow) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (query.descending ? -1 : 1);
  const rows = inProduct.filter((row) => query.refund_type === null || row.refund_type === query.refund_type).sort(order);
  return {
    total: rows.length,
    offset: query.offset,
    rows: rows.slice(query.offset, query.offset + query.limit),
    segments: types.map((refund_type) => ({ refund_type, count: inProduct.filter((row) => row.refund_type === refund_type).length })),
    products: [...new Set(passed.map((row) => row.product))].sort(),
  };
}

/** The refunds that pass the filters. */
export function refundsOf(history: readonly RefundRow[], query: HistoryQuery): RefundRow[] {
  const text = query.text.toLowerCase();
  return history.filter(
    (refund) =>
      (query.customer === null || refund.customer === query.customer) &&
      [refund.resource, refund.refund_order, refund.product].some((field) => field.toLowerCase().includes(text)) &&
      (query.from === null || refund.refunded_at.slice(0, 10) >= query.from) &&
      (query.to === null || refund.refunded_at.slice(0, 10) <= query.to),
  );
}

/** One page of the refunds. */
export function pageOfRefunds(history: readonly RefundRow[], query: HistoryQuery): HistoryPage {
  const rows = refundsOf(history, query);
  return {
    total: rows.length,
    offset: query.offset,
    rows: rows.slice(query.offset, query.offset + query.limit),
    totals: sums(rows),
  };
}
