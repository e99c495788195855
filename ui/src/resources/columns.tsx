import type { RefundType, ResourceRow, ResourceSort } from "../backend/backend";
import { Amount, Mark } from "../controls/controls";
import { formatDay } from "../figures/time";
import type { Column } from "../table/LedgerTable";
import { t } from "../text/text";

/** What a refund type means for the money: it comes back whole, in part, or not at all. */
export function meaningOf(type: RefundType | null): "returns" | "refused" | "plain" {
  if (type === null) return "plain";
  return type === "nonrefundable" ? "refused" : "returns";
}

/** The columns of the list; the customer's only where several customers are listed. */
export function resourceColumns(withCustomer: boolean): Column<ResourceRow, ResourceSort>[] {
  const columns: Column<ResourceRow, ResourceSort>[] = [
    { key: "resource", title: t.resources.columns.resource, width: "minmax(132px, 2fr)", sort: "resource", cell: resourceCell },
    { key: "product", title: t.resources.columns.product, width: "minmax(56px, 0.3fr)", sort: "product", needs: "small", cell: (row) => row.product },
    { key: "region", title: t.resources.columns.region, width: "minmax(92px, 0.9fr)", needs: "wide", cell: (row) => <span className="muted">{row.region}</span> },
    {
      key: "order-time",
      title: t.resources.columns.orderTime,
      width: "84px",
      sort: "order_time",
      needs: "medium",
      cell: (row) => <span className="muted">{row.ordered_at && formatDay(row.ordered_at)}</span>,
    },
    {
      key: "expires",
      title: t.resources.columns.expires,
      width: "84px",
      sort: "expires",
      needs: "small",
      cell: (row) => <span className="muted">{row.expires_at && formatDay(row.expires_at)}</span>,
    },
    { key: "type", title: t.resources.columns.type, width: "106px", cell: typeCell },
    { key: "refund", title: t.resources.columns.refund, width: "minmax(112px, 0.4fr)", align: "end", sort: "refund", cell: refundCell },
  ];
  if (withCustomer) {
    columns.splice(1, 0, {
      key: "customer",
      title: t.resources.columns.customer,
      width: "minmax(96px, 1fr)",
      sort: "customer",
      needs: "medium",
      cell: (row) => <span className="muted">{row.customer_name}</span>,
    });
  }
  return columns;
}

function resourceCell(row: ResourceRow) {
  return (
    <span className="with-marks" title={row.resource}>
      <span className="cut">{row.resource}</span>
      {row.pending_renewals > 0 && <span className="second" title={t.resources.plusRenewals({ count: row.pending_renewals })}>+{row.pending_renewals}</span>}
      {row.request !== null && <span className="open-request" role="img" aria-label={t.resources.openRequest} title={t.resources.openRequest} />}
    </span>
  );
}

function typeCell(row: ResourceRow) {
  if (row.refund_type === null) {
    return (
      <Mark meaning="plain">
        <span title={row.problem?.message}>{t.resources.noQuote}</span>
      </Mark>
    );
  }
  return <Mark meaning={meaningOf(row.refund_type)}>{t.refundType[row.refund_type]}</Mark>;
}

function refundCell(row: ResourceRow) {
  if (row.refund === null || row.refund_type === null) return <span className="muted">–</span>;
  if (row.refund_type === "nonrefundable") return <Amount className="muted" amount={row.refund} currency={row.currency} />;
  return (
    <>
      {!row.exact && <span className="risk">≥ </span>}
      <Amount amount={row.refund} currency={row.currency} />
    </>
  );
}
