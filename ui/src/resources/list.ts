// The resources of a query: rows page by page as they are looked at, numbers beside them, and the same rows for another day.

import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ResourceQuery, ResourceRow, WhatIfProgressed, WhatIfRow } from "../backend/backend";
import { useDesk } from "../app/desk";

/** Rows of one read. The desk gives at most 500. */
const PAGE_ROWS = 100;

export const keyOf = (row: { customer: string; resource: string }): string => `${row.customer}/${row.resource}`;

/** Numbers do not depend on the order of the rows: sorting counts nothing again. */
const unsorted = (query: ResourceQuery): ResourceQuery => ({ ...query, sort: "resource", descending: false });

/** Rows on both sides of those on screen that are read before they are looked at. */
const AHEAD = 40;

/** A jump is read once it has come to rest for so long; what a dragged list flies over is not. */
const REST_MS = 40;

/** Pages that nobody looks at are forgotten after so long: a list can have thousands. */
const KEPT_MS = 60_000;

function usePage(query: ResourceQuery) {
  const { backend } = useDesk();
  return (index: number) => ({
    queryKey: ["resources", "rows", query, index],
    queryFn: () => backend.listed({ ...query, offset: index * PAGE_ROWS, limit: PAGE_ROWS }),
    gcTime: KEPT_MS,
  });
}

/** Numbers and the first page of a query. While a new query is read, the last one stays. */
export function useResourceList(query: ResourceQuery) {
  const { backend } = useDesk();
  const tally = useQuery({
    queryKey: ["resources", "tally", unsorted(query)],
    queryFn: () => backend.listTally(unsorted(query)),
    placeholderData: keepPreviousData,
  });
  const first = useQuery({ ...usePage(query)(0), placeholderData: keepPreviousData });
  return {
    tally: tally.data,
    first: first.data,
    total: tally.data?.total ?? 0,
    pending: tally.isPending || first.isPending,
    stale: first.isPlaceholderData || tally.isPlaceholderData,
    error: tally.error ?? first.error,
    retry: () => {
      for (const read of [tally, first]) void read.refetch();
    },
  };
}

/** The rows of a list page by page, as they are looked at. Used by the table alone: nothing around it is drawn again for a page. */
export function useResourceRows(query: ResourceQuery, first: readonly ResourceRow[] | undefined, total: number) {
  const page = usePage(query);
  const [span, look] = useSpan();
  const wanted: number[] = [];
  const lastPage = Math.min(span.last, Math.floor(Math.max(total - 1, 0) / PAGE_ROWS));
  for (let index = Math.max(1, span.first); index <= lastPage; index += 1) wanted.push(index);
  const others = useQueries({ queries: wanted.map(page) });

  const rowsOf = (index: number) => (index === 0 ? first : others[wanted.indexOf(index)]?.data);
  return {
    rowAt: (index: number): ResourceRow | undefined => rowsOf(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS],
    /** The pages that are on screen or were begun with. */
    pages: [0, ...wanted].map((index) => ({ index, rows: rowsOf(index) ?? [] })),
    look,
    error: others.find((other) => other.error)?.error ?? null,
    retry: () => {
      for (const other of others) void other.refetch();
    },
  };
}

/** The pages that are looked at, and what tells the rows on screen. */
function useSpan() {
  const [span, setSpan] = useState({ first: 0, last: 0 });
  const asked = useRef(span);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  const look = useCallback((from: number, to: number) => {
    const first = Math.floor(Math.max(from - AHEAD, 0) / PAGE_ROWS);
    const last = Math.floor((to + AHEAD) / PAGE_ROWS);
    const ask = () => {
      asked.current = { first, last };
      setSpan(asked.current);
    };
    clearTimeout(waiting.current);
    const old = asked.current;
    if (old.first === first && old.last === last) return;
    // The next page is asked for at once.
    if (first <= old.last + 1 && last >= old.first - 1) ask();
    else waiting.current = setTimeout(ask, REST_MS);
  }, []);
  return [span, look] as const;
}

type Page = { index: number; rows: readonly ResourceRow[] };

/** What the rows on screen would give back at another instant, by key; null without one. */
export function useWhatIfRows(pages: readonly Page[], at: string | null): ReadonlyMap<string, WhatIfRow> | null {
  const { backend } = useDesk();
  const keys = (page: Page) => page.rows.map(({ customer, resource }) => ({ customer, resource }));
  const asked = at === null ? [] : pages.filter((page) => page.rows.length > 0);
  const reads = useQueries({
    queries: asked.map((page) => ({
      queryKey: ["resources", "what-if", at, keys(page)],
      queryFn: () => backend.whatIf(keys(page), at ?? ""),
    })),
  });
  return at === null ? null : new Map(reads.flatMap((read) => (read.data ?? []).map((row) => [keyOf(row), row] as const)));
}

/** The sums of a query at another instant, and how far they have come. */
export function useWhatIfTotals(query: ResourceQuery, at: string | null) {
  const { backend } = useDesk();
  const [step, setStep] = useState<WhatIfProgressed | null>(null);
  useEffect(() => backend.onWhatIfProgress(setStep), [backend]);
  const read = useQuery({
    queryKey: ["resources", "what-if-totals", at, unsorted(query)],
    queryFn: () => backend.whatIfTotals(unsorted(query), at ?? ""),
    enabled: at !== null,
  });
  return { totals: at === null ? undefined : read.data, step: read.isFetching ? step : null, error: read.error };
}
