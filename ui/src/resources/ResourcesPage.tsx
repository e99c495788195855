import { useDeferredValue, useState } from "react";
import {
  problemOf,
  type RefundType,
  type ResourcePage as PageOfResources,
  type ResourceQuery,
  type ResourceRow,
  type ResourceSort,
  type Segment,
} from "../backend/backend";
import { useDesk } from "../app/desk";
import { Button, DateSpan, EmptyState, FailedState, FilterLine, LoadingState } from "../controls/controls";
import { Inspector } from "../inspector/Inspector";
import { LedgerTable } from "../table/LedgerTable";
import { useLongList } from "../table/pages";
import { t } from "../text/text";
import { resourceColumns } from "./columns";

type Tab = "regular" | "plans";
type Filters = { refund_type: RefundType | null; product: string | null; text: string; from: string; to: string };

const NO_FILTERS: Filters = { refund_type: null, product: null, text: "", from: "", to: "" };

/** Unsubscribe Resource: the resources by the console's two tabs, and the quote of the one chosen. */
export function ResourcesPage() {
  const { backend, customer, chosen, choose } = useDesk();
  const [tab, setTab] = useState<Tab>("regular");
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const [sort, setSort] = useState<{ by: ResourceSort; descending: boolean }>({ by: "refund", descending: true });
  // Typing shows at once; the list follows when the window has time for it.
  const text = useDeferredValue(filters.text.trim());

  const query: Omit<ResourceQuery, "offset" | "limit"> = {
    customer,
    tab,
    refund_type: filters.refund_type,
    product: filters.product,
    text,
    ordered_from: filters.from || null,
    ordered_to: filters.to || null,
    sort: sort.by,
    descending: sort.descending,
  };
  const list = useLongList<ResourceRow, PageOfResources>(["resources", query], (offset, limit) =>
    backend.resources({ ...query, offset, limit }),
  );
  const change = (part: Partial<Filters>) => setFilters((old) => ({ ...old, ...part }));
  const sortBy = (by: ResourceSort) =>
    setSort((old) => (old.by === by ? { by, descending: !old.descending } : { by, descending: by === "refund" }));

  return (
    <main className="page">
      <section className="page-main">
        <div className="page-head">
          <div className="row">
            <h1>{t.resources.title}</h1>
            <span className="grow" />
            <span className="muted small" data-testid="resource-count">
              {list.head && t.resources.count({ count: list.total })}
            </span>
          </div>
          <Tabs
            tab={tab}
            onTab={(next) => {
              setTab(next);
              change({ refund_type: null, product: null });
            }}
          />
          <FilterRow filters={filters} products={list.head?.products ?? []} onChange={change} />
          <Segments segments={list.head?.segments ?? []} chosen={filters.refund_type} onChoose={(refund_type) => change({ refund_type })} />
        </div>
        {list.pending && <LoadingState label={t.resources.listLabel} />}
        {list.error !== null && (
          <FailedState title={t.resources.failed} problem={problemOf(list.error)} onRetry={list.retry} />
        )}
        {list.head && list.error === null && list.total === 0 && (
          <NothingListed filtered={JSON.stringify(filters) !== JSON.stringify(NO_FILTERS)} onClear={() => setFilters(NO_FILTERS)} />
        )}
        {list.error === null && list.total > 0 && (
          <LedgerTable<ResourceRow, ResourceSort>
            list={JSON.stringify(query)}
            label={t.resources.listLabel}
            columns={resourceColumns(customer === null)}
            total={list.total}
            rowAt={list.rowAt}
            look={list.look}
            busy={list.stale}
            rowKey={(row) => `${row.customer}/${row.resource}`}
            rowTestId={(row) => `resource-row-${row.resource}`}
            chosen={chosen && `${chosen.customer}/${chosen.resource}`}
            choose={(row) => choose({ customer: row.customer, resource: row.resource })}
            sort={sort}
            onSort={sortBy}
          />
        )}
      </section>
      <Inspector />
    </main>
  );
}

/** Nothing passes the filters, or there is nothing to filter yet. */
function NothingListed(props: { filtered: boolean; onClear: () => void }) {
  if (!props.filtered) return <EmptyState title={t.resources.none} next={t.resources.noneNext} />;
  return (
    <EmptyState
      title={t.resources.empty}
      next={t.resources.emptyNext}
      action={<Button onClick={props.onClear}>{t.resources.clear}</Button>}
    />
  );
}

function Tabs(props: { tab: Tab; onTab: (tab: Tab) => void }) {
  const tabs: readonly Tab[] = ["regular", "plans"];
  return (
    <div className="tabs" role="tablist" aria-label={t.resources.title}>
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          className="tab"
          aria-selected={props.tab === tab}
          data-testid={`tab-${tab}`}
          onClick={() => props.onTab(tab)}
        >
          {t.resources.tabs[tab]}
        </button>
      ))}
    </div>
  );
}

function FilterRow(props: { filters: Filters; products: readonly string[]; onChange: (part: Partial<Filters>) => void }) {
  const { filters, products, onChange } = props;
  // The chosen product stays in the list even when the other filters leave none of it.
  const options = filters.product && !products.includes(filters.product) ? [filters.product, ...products] : products;
  return (
    <div className="row" role="search">
      <FilterLine label={t.resources.filter} value={filters.text} onChange={(text) => onChange({ text })} testId="filter-text" />
      <select
        className="select"
        aria-label={t.resources.product}
        value={filters.product ?? ""}
        data-testid="filter-product"
        onChange={(event) => onChange({ product: event.target.value || null })}
      >
        <option value="">{t.resources.allProducts}</option>
        {options.map((product) => (
          <option key={product} value={product}>
            {product}
          </option>
        ))}
      </select>
      <DateSpan
        name="filter"
        label={t.resources.ordered}
        from={filters.from}
        to={filters.to}
        onFrom={(from) => onChange({ from })}
        onTo={(to) => onChange({ to })}
      />
    </div>
  );
}

function Segments(props: {
  segments: readonly Segment[];
  chosen: RefundType | null;
  onChoose: (type: RefundType | null) => void;
}) {
  const all = props.segments.reduce((sum, segment) => sum + segment.count, 0);
  return (
    <div className="segments" role="group" aria-label={t.resources.segmentsLabel}>
      <button
        type="button"
        className="segment"
        aria-pressed={props.chosen === null}
        data-testid="segment-all"
        onClick={() => props.onChoose(null)}
      >
        {t.resources.all} <span className="count">{all}</span>
      </button>
      {props.segments.map((segment) => (
        <button
          key={segment.refund_type}
          type="button"
          className="segment"
          aria-pressed={props.chosen === segment.refund_type}
          data-testid={`segment-${segment.refund_type}`}
          onClick={() => props.onChoose(segment.refund_type)}
        >
          {t.refundType[segment.refund_type]} <span className="count">{segment.count}</span>
        </button>
      ))}
    </div>
  );
}
