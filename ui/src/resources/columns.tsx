import type { RefundType, ResourceRow, ResourceSort, WhatIfRow } from "../backend/backend";
import { Amount, Mark } from "../controls/controls";
import { Foreign } from "../controls/Foreign";
import { formatDay, formatInstant } from "../figures/time";
import type { Column } from "../table/LedgerTable";
import { told } from "../text/problems";
import { t } from "../text/text";
import { keyOf } from "./list";

/** What a refund type means for the money: it comes back whole, in part, or not at all. */
export function meaningOf(type: RefundType | null): "returns" | "refused" | "plain" {
  if (type === null) return "plain";
  return type === "nonrefundable" ? "refused" : "returns";
}

type ResourceColumn = Column<ResourceRow, ResourceSort> & {
  /** Shown until somebody chooses otherwise. */
  first: boolean;
  /** Cannot be hidden. */
  fixed: boolean;
};

/** Every column a list of resources can show. The customer's is shown from the start only where several customers are listed. */
export function allColumns(withCustomer: boolean, now: string): ResourceColumn[] {
  const c = t.resources.columns;
  const foreign = (text: string) => (
    <span className="muted">
      <Foreign>{text}</Foreign>
    </span>
  );
  const muted = (text: string | null | false) => <span className="muted">{text}</span>;
  const columns: (Omit<ResourceColumn, "first" | "fixed"> & { first?: boolean; fixed?: boolean })[] = [
    { key: "resource", title: c.resource, width: "minmax(132px, 2fr)", sort: "resource", fixed: true, cell: resourceCell },
    { key: "customer", title: c.customer, width: "minmax(96px, 1fr)", sort: "customer", needs: "medium", first: withCustomer, cell: (row) => foreign(row.customer_name) },
    { key: "product", title: c.product, width: "minmax(56px, 0.3fr)", sort: "product", needs: "small", cell: (row) => row.product },
    { key: "region", title: c.region, width: "minmax(92px, 0.9fr)", sort: "region", needs: "wide", cell: (row) => foreign(row.region) },
    { key: "status", title: c.status, width: "92px", sort: "status", first: false, cell: (row) => muted(t.resourceStatus[row.status]) },
    { key: "order-time", title: c.orderTime, width: "88px", sort: "order_time", needs: "medium", cell: (row) => muted(row.ordered_at && formatDay(row.ordered_at)) },
    { key: "expires", title: c.expires, width: "88px", sort: "expires", needs: "small", cell: (row) => muted(row.expires_at && formatDay(row.expires_at)) },
    { key: "renewals", title: c.renewals, width: "72px", align: "end", sort: "renewals", first: false, cell: (row) => muted(row.pending_renewals > 0 && String(row.pending_renewals)) },
    { key: "holds", title: c.holds, width: "130px", sort: "holds_until", first: false, cell: (row) => holdsCell(row, now) },
    { key: "type", title: c.type, width: "112px", sort: "refund_type", cell: typeCell },
    { key: "refund", title: c.refund, width: "minmax(112px, 0.4fr)", align: "end", sort: "refund", fixed: true, cell: (row) => refundCell(row, now) },
  ];
  return columns.map((column) => ({ first: true, fixed: false, ...column }));
}

/** Those chosen, or those shown from the start. What was chosen by name stays however narrow the list is. */
export function shownColumns(all: readonly ResourceColumn[], chosen: readonly string[] | null): Column<ResourceRow, ResourceSort>[] {
  if (chosen === null) return all.filter((column) => column.first || column.fixed);
  return all.filter((column) => column.fixed || chosen.includes(column.key)).map(({ needs: _, ...column }) => column);
}

/** How wide a list must be for a column while another day's amounts stand beside today's. */
const BESIDE: Record<string, Column<ResourceRow, ResourceSort>["needs"]> = { product: "medium", expires: "medium", "order-time": "wide", type: "small" };

/** Another day's amounts beside today's: what is less needed then gives way first. */
export function besideToday(columns: readonly Column<ResourceRow, ResourceSort>[], then: Column<ResourceRow, ResourceSort>): Column<ResourceRow, ResourceSort>[] {
  const yielding = columns.map((column) => {
    const needs = BESIDE[column.key] ?? column.needs;
    return needs === undefined ? column : { ...column, needs };
  });
  return [...yielding, then];
}

/** What each row would give back at another instant, and whether that is more or less. */
export function whatIfColumn(title: string, then: ReadonlyMap<string, WhatIfRow>): Column<ResourceRow, ResourceSort> {
  return { key: "what-if", title, width: "minmax(112px, 0.5fr)", align: "end", cell: (row) => thenCell(row, then.get(keyOf(row))) };
}

function resourceCell(row: ResourceRow) {
  return (
    <span className="with-marks" title={row.resource}>
      <span className="cut">{row.resource}</span>
      {row.pending_renewals > 0 && (
        <span className="second" title={t.resources.plusRenewals({ count: row.pending_renewals })}>
          +{row.pending_renewals}
        </span>
      )}
      {row.request !== null && <span className="open-request" role="img" aria-label={t.resources.openRequest} title={t.resources.openRequest} />}
    </span>
  );
}

function holdsCell(row: ResourceRow, now: string) {
  if (row.valid_until === null) return <span className="muted">–</span>;
  return <span className={hasRunOut(row, now) ? "risk" : "muted"}>{formatInstant(row.valid_until)}</span>;
}

/** The quote ran out and is about to be made again: its amount is that of before. */
export function hasRunOut(row: ResourceRow, now: string): boolean {
  return row.valid_until !== null && now !== "" && Date.parse(row.valid_until) <= Date.parse(now);
}

function typeCell(row: ResourceRow) {
  if (row.refund_type === null) {
    return (
      <Mark meaning="plain">
        <span title={row.problem ? told(row.problem).message : undefined}>{t.resources.noQuote}</span>
      </Mark>
    );
  }
  return <Mark meaning={meaningOf(row.refund_type)}>{t.refundType[row.refund_type]}</Mark>;
}

function refundCell(row: ResourceRow, now: string) {
  if (row.refund === null || row.refund_type === null) return <span className="muted">–</span>;
  if (row.refund_type === "nonrefundable") return <Amount className="muted" amount={row.refund} currency={row.currency} />;
  const old = hasRunOut(row, now);
  return (
    <span title={old ? t.resources.ranOut : undefined} className={old ? "muted" : undefined}>
      {!row.exact && <span className="risk">≥ </span>}
      <Amount amount={row.refund} currency={row.currency} />
    </span>
  );
}

function thenCell(row: ResourceRow, then: WhatIfRow | undefined) {
  if (then === undefined) return <span className="muted">…</span>;
  if (then.refund === null || !then.eligible) return <span className="refused">{then.refund_type === null ? "–" : t.refundType[then.refund_type]}</span>;
  const same = then.refund === row.refund;
  return <Amount className={same ? "muted" : "strong"} amount={then.refund} currency={then.currency} />;
}
