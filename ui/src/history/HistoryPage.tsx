import "./history.css";
import { useDeferredValue, useState } from "react";
import { type Exported, type HistoryPage as PageOfRefunds, type HistoryQuery, type Money, problemOf, type RefundRow } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Amount, Button, DateSpan, EmptyState, FailedState, FilterLine, LoadingState, Mark } from "../controls/controls";
import { Foreign } from "../controls/Foreign";
import { Pair } from "../controls/Pair";
import { formatAmount, isZero } from "../figures/money";
import { formatDay, formatInstant } from "../figures/time";
import { type Column, LedgerTable } from "../table/LedgerTable";
import { useLongList } from "../table/pages";
import { t } from "../text/text";
import { RefundPanel } from "./RefundPanel";

/** Unsubscribe Order Details: every refund order, made here or elsewhere, with what was predicted beside what came. */
export function HistoryPage() {
  const { backend, customer, chosenRefund, chooseRefund } = useDesk();
  const [text, setText] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const picked = chosenRefund;
  const deferred = useDeferredValue(text.trim());
  const query: Omit<HistoryQuery, "offset" | "limit"> = { customer, text: deferred, from: from || null, to: to || null };
  const list = useLongList<RefundRow, PageOfRefunds>(["history", query], (offset, limit) =>
    backend.history({ ...query, offset, limit }),
  );
  const write = useAct((what: HistoryQuery) => backend.exportHistory(what), { writes: ["status"] });
  const rows = Array.from({ length: Math.min(list.total, list.head?.rows.length ?? 0) }, (_, index) => list.rowAt(index));
  const shown = rows.find((row) => row?.refund_order === picked) ?? null;
  const [remembered, remember] = useState<RefundRow | null>(null);
  const detail = shown ?? (remembered?.refund_order === picked ? remembered : null);
  return (
    <main className="page">
      <section className="page-main">
        <div className="page-head">
          <div className="row">
            <h1>{t.history.title}</h1>
            <span className="grow" />
            <Totals totals={list.head?.totals ?? []} count={list.total} />
          </div>
          <div className="row" role="search">
            <FilterLine label={t.history.filter} value={text} onChange={setText} testId="history-filter-text" />
            <DateSpan name="history-filter" label={t.history.refunded} from={from} to={to} onFrom={setFrom} onTo={setTo} />
            <Button
              disabled={write.isPending || list.total === 0}
              data-testid="export-csv"
              onClick={() => write.mutate({ ...query, text: text.trim(), offset: 0, limit: Math.max(list.total, 1) })}
            >
              {write.isPending ? t.history.exporting : t.history.export}
            </Button>
          </div>
          {write.data && <ExportResult exported={write.data} />}
        </div>
        {list.pending && <LoadingState label={t.history.listLabel} />}
        {list.error !== null && <FailedState title={t.history.failed} problem={problemOf(list.error)} onRetry={list.retry} />}
        {list.head && list.error === null && list.total === 0 && <EmptyState title={t.history.empty} next={t.history.emptyNext} />}
        {list.error === null && list.total > 0 && (
          <LedgerTable<RefundRow>
            list={JSON.stringify(query)}
            label={t.history.listLabel}
            columns={columns(customer === null)}
            total={list.total}
            rowAt={list.rowAt}
            look={list.look}
            busy={list.stale}
            rowKey={(row) => row.refund_order}
            rowTestId={(row) => `history-row-${row.refund_order}`}
            chosen={picked}
            choose={(row) => {
              chooseRefund(row.refund_order);
              remember(row);
            }}
          />
        )}
      </section>
      <aside className="page-side" aria-label={t.history.title}>
        {detail ? <RefundPanel refund={detail} /> : <EmptyState title={t.history.nothing} next={t.history.nothingNext} />}
      </aside>
    </main>
  );
}

function Totals(props: { totals: readonly Money[]; count: number }) {
  return (
    <span className="history-totals small">
      <span className="muted">{t.history.count({ count: props.count })}</span>
      {props.totals.map((money) => (
        <Amount key={money.currency} className="strong" amount={money.amount} currency={money.currency} />
      ))}
    </span>
  );
}

function ExportResult(props: { exported: Exported }) {
  const { path, rows, sha256 } = props.exported;
  return (
    <div className="export-result small" role="status" data-testid="export-result" data-path={path} data-rows={rows} data-sha256={sha256}>
      <p className="strong">{t.history.exported({ rows })}</p>
      <dl>
        <Pair name={t.history.exportPath} muted copyable>
          {path}
        </Pair>
        <Pair name={t.history.exportHash} muted copyable>
          {sha256}
        </Pair>
      </dl>
    </div>
  );
}

/** An order's status with its meaning: the money is here, on its way, or partly here. */
export function OrderStatus(props: { status: string }) {
  return (
    <Mark meaning={props.status === "refunded" ? "returns" : "plain"}>{t.history.status[props.status] ?? props.status}</Mark>
  );
}

function columns(withCustomer: boolean): Column<RefundRow, never>[] {
  const all: (Column<RefundRow, never> | null)[] = [
    { key: "time", title: t.history.columns.time, width: "84px", cell: (row) => <span className="muted" title={formatInstant(row.refunded_at)}>{formatDay(row.refunded_at)}</span> },
    { key: "resource", title: t.history.columns.resource, width: "minmax(100px, 2fr)", cell: (row) => row.resource },
    { key: "order", title: t.history.columns.order, width: "minmax(112px, 1fr)", needs: "wide", cell: (row) => <span className="muted">{row.refund_order}</span> },
    withCustomer
      ? { key: "customer", title: t.resources.columns.customer, width: "minmax(96px, 1fr)", needs: "medium", cell: (row) => <span className="muted"><Foreign>{row.customer_name}</Foreign></span> }
      : null,
    { key: "status", title: t.history.columns.status, width: "104px", needs: "small", cell: (row) => <OrderStatus status={row.order_status} /> },
    { key: "amount", title: t.history.columns.amount, width: "minmax(108px, 0.4fr)", align: "end", cell: (row) => <Amount amount={row.amount} currency={row.currency} /> },
    { key: "to", title: t.history.unsubscribeTo, width: "minmax(92px, 0.8fr)", needs: "wide", cell: (row) => <span className="muted">{places(row)}</span> },
    { key: "difference", title: t.history.columns.difference, width: "76px", align: "end", cell: difference },
  ];
  return all.filter((column) => column !== null);
}

/** Where the money went, each place once. */
function places(row: RefundRow): string {
  return [...new Set(row.unsubscribe_to.map((part) => t.destination[part.to] ?? part.to))].join(", ");
}

function difference(row: RefundRow) {
  if (row.difference === null) return <span className="muted">{row.request === null ? t.history.elsewhereShort : "–"}</span>;
  return (
    <span className={isZero(row.difference) ? "muted" : "risk strong"}>{formatAmount(row.difference, row.currency)}</span>
  );
}
