import "./resources.css";
import { memo, useCallback, useMemo, useRef, useState } from "react";
import { problemOf, type RefundType, type ResourceQuery, type ResourceRow, type ResourceSort, type Segment } from "../backend/backend";
import { useDesk, useNow } from "../app/desk";
import { useResting, useStable } from "../app/stable";
import { Button, EmptyState, FailedState, LoadingState } from "../controls/controls";
import { OfflineNote } from "../controls/Offline";
import { UndoBar, useUndo } from "../controls/Undo";
import { formatCalendarDate } from "../figures/time";
import { Inspector } from "../inspector/Inspector";
import { ColumnMenu } from "../table/ColumnMenu";
import { LedgerTable, type Selecting } from "../table/LedgerTable";
import { useLayout } from "../table/layout";
import { t, useLanguage } from "../text/text";
import { allColumns, besideToday, shownColumns, whatIfColumn } from "./columns";
import { asTsv, copyLater } from "./copy";
import { FilterBar } from "./FilterBar";
import { type Filters, isFiltered, NO_FILTERS, queryOf, type SavedFilter, type Sorting, type Tab, useSavedFilters } from "./filters";
import { keyOf, useResourceList, useResourceRows, useWhatIfRows, useWhatIfTotals } from "./list";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";
import { instantOn, Totals, WhatIfField } from "./WhatIf";

const LARGEST_FIRST: Sorting = { by: "refund", descending: true };

/** Unsubscribe Resource: the resources by the console's two tabs, and the quote of the one chosen. */
export function ResourcesPage() {
  const { customer, chosen, choose, backend } = useDesk();
  const now = useNow() ?? "";
  const [tab, setTab] = useState<Tab>("regular");
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const [sort, setSort] = useState<Sorting>(LARGEST_FIRST);
  const [day, setDay] = useState("");
  const { saved, save, remove, restore } = useSavedFilters();
  const undo = useUndo();
  const at = day === "" ? null : instantOn(day, now);

  // Typing shows at once; the list follows when the hand rests, not letter by letter.
  const text = useResting(filters.text.trim());
  const asked = useMemo(() => queryOf(customer, tab, { ...filters, text }, sort), [
    customer,
    tab,
    text,
    filters.refund_type,
    filters.product,
    filters.from,
    filters.to,
    sort,
  ]);
  const list = useResourceList(asked);
  // A range is of the rows on screen, which stay those of the last query until the new one is read.
  const onScreen = useRef(asked);
  if (!list.stale) onScreen.current = asked;
  const selection = useSelection(onScreen.current);
  const sums = useWhatIfTotals(asked, at);
  const change = useCallback((part: Partial<Filters>) => setFilters((old) => ({ ...old, ...part })), []);
  const sortBy = useStable((by: ResourceSort) => setSort((old) => (old.by === by ? { by, descending: !old.descending } : { by, descending: by === "refund" })));
  const apply = (filter: SavedFilter) => {
    setTab(filter.tab);
    setFilters(filter.filters);
    setSort(filter.sort);
  };
  const clear = () => {
    if (selection.selected.size === 0) return;
    const before = selection.selected;
    selection.set(new Map());
    undo.offer(t.resources.unselected({ count: before.size }), () => selection.set(before));
  };

  const chooseRow = useCallback((row: ResourceRow) => choose({ customer: row.customer, resource: row.resource }), [choose]);
  const { selected, toggle, range, all, anchor } = selection;
  const clearNow = useStable(clear);
  const selecting = useMemo(
    () => ({ toggle, range, all, anchor, clear: clearNow, has: (key: string) => selected.has(key), rowLabel: (row: ResourceRow) => t.resources.selectOne({ resource: row.resource }) }),
    [selected, toggle, range, all, anchor, clearNow],
  );
  const copy = useStable(() => {
    const keys = selected.size > 0 ? [...selected.values()] : chosen ? [chosen] : [];
    void copyLater(backend.listedKeys(keys).then(asTsv));
  });

  return (
    <main className="page">
      <section className="page-main">
        <OfflineNote />
        <div className="page-head">
          <div className="row">
            <h1>{t.resources.title}</h1>
            <span className="grow" />
            <WhatIfField date={day} now={now} onDate={setDay} />
          </div>
          <Tabs
            tab={tab}
            onTab={(next) => {
              setTab(next);
              change({ refund_type: null, product: null });
            }}
          />
          <FilterBar
            filters={filters}
            products={list.tally?.products ?? []}
            onChange={change}
            onClear={() => setFilters(NO_FILTERS)}
            saved={saved}
            onUse={apply}
            onSave={(name) => save({ name, tab, filters, sort })}
            onRemove={(filter) => {
              const before = saved;
              remove(filter.name);
              undo.offer(t.resources.removedSaved({ name: filter.name }), () => restore([...before]));
            }}
          />
          <Segments segments={list.tally?.segments ?? []} chosen={filters.refund_type} onChoose={(refund_type) => change({ refund_type })} />
        </div>
        {list.pending && <LoadingState label={t.resources.listLabel} />}
        {list.error !== null && <FailedState title={t.resources.failed} problem={problemOf(list.error)} onRetry={list.retry} />}
        {!list.pending && list.error === null && list.total === 0 && (
          <NothingListed filtered={isFiltered(filters)} onClear={() => setFilters(NO_FILTERS)} />
        )}
        {list.error === null && list.total > 0 && (
          <ResourceTable
            query={asked}
            first={list.first}
            total={list.total}
            stale={list.stale}
            day={day}
            at={at}
            // Whether a quote ran out is seen to the minute: rows are not drawn again for every tick of the clock.
            minute={now.slice(0, 16)}
            withCustomer={customer === null}
            chosen={chosen && keyOf(chosen)}
            onChoose={chooseRow}
            sort={sort}
            onSort={sortBy}
            selecting={selecting}
            onCopy={copy}
          />
        )}
        {list.error === null && <Totals tally={list.tally} date={day} at={at} {...sums} />}
        <UndoBar done={undo.done} onForget={undo.forget} />
        {selection.selected.size > 0 && (
          <SelectionBar selected={selection.selected} total={list.total} cut={selection.cut} onAll={selection.all} onClear={clear} />
        )}
      </section>
      <Inspector at={at} onDay={setDay} />
    </main>
  );
}

/** The list itself. It reads its pages, so that what stands around it is not drawn again while it is scrolled. */
const ResourceTable = memo(function ResourceTable(props: {
  query: ResourceQuery;
  first: readonly ResourceRow[] | undefined;
  total: number;
  stale: boolean;
  day: string;
  at: string | null;
  minute: string;
  withCustomer: boolean;
  chosen: string | null;
  onChoose: (row: ResourceRow) => void;
  sort: Sorting;
  onSort: (by: ResourceSort) => void;
  selecting: Selecting<ResourceRow>;
  onCopy: () => void;
}) {
  const { query, total, minute, day } = props;
  const language = useLanguage();
  const rows = useResourceRows(query, props.first, total);
  const then = useWhatIfRows(rows.pages, props.at);
  const [layout, change] = useLayout("resources");
  const all = useMemo(() => allColumns(props.withCustomer, minute === "" ? "" : `${minute}:00Z`), [props.withCustomer, minute, language]);
  const own = useMemo(() => shownColumns(all, layout.shown), [all, layout.shown]);
  const columns = then === null ? own : besideToday(own, whatIfColumn(t.resources.columns.then({ day: formatCalendarDate(day) }), then));
  if (rows.error !== null) return <FailedState title={t.resources.failed} problem={problemOf(rows.error)} onRetry={rows.retry} />;
  return (
    <>
      <div className="table-tools">
        <span className="muted small" data-testid="resource-count">
          {t.resources.count({ count: total })}
        </span>
        <span className="grow" />
        <ColumnMenu
          columns={all}
          shown={own.map((column) => column.key)}
          onShown={(shown) => change((old) => ({ ...old, shown }))}
          onReset={() => change(() => ({ shown: null, widths: {} }))}
        />
      </div>
      <LedgerTable<ResourceRow, ResourceSort>
        list={JSON.stringify(query)}
        label={t.resources.listLabel}
        columns={columns}
        total={total}
        rowAt={rows.rowAt}
        look={rows.look}
        busy={props.stale}
        rowKey={keyOf}
        rowTestId={(row) => `resource-row-${row.resource}`}
        chosen={props.chosen}
        choose={props.onChoose}
        sort={props.sort}
        onSort={props.onSort}
        selecting={props.selecting}
        widths={layout.widths}
        onWidth={(column, width) =>
          change((old) => {
            const { [column]: _, ...others } = old.widths;
            return { ...old, widths: width === null ? others : { ...others, [column]: width } };
          })
        }
        onCopy={props.onCopy}
      />
    </>
  );
});

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
