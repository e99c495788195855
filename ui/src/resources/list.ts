// The resources of a query: rows page by page as they are looked at, numbers beside them, and the same rows for another day.

import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { ResourceQuery, ResourceRow, WhatIfProgressed, WhatIfRow } from "../backend/backend";
import { useDesk } from "../app/desk";

/** Rows of one read. The desk gives at most 500. */
const PAGE_ROWS = 100;

export const keyOf = (row: { customer: string; resource: string }): string => `${row.customer}/${row.resource}`;

/** Numbers do not depend on the order of the rows: sorting counts nothing again. */
const unsorted = (query: ResourceQuery): ResourceQuery => ({ ...query, sort: "resource", descending: false });

/** Rows and numbers of a query. While a new query is read, the last one stays. */
export function useResourceList(query: ResourceQuery) {
  const { backend } = useDesk();
  const tally = useQuery({
    queryKey: ["resources", "tally", unsorted(query)],
    queryFn: () => backend.listTally(unsorted(query)),
    placeholderData: keepPreviousData,
  });
  // The pages that are looked at: while the list is scrolled within them, nothing around it is drawn again.
  const [span, setSpan] = useState({ first: 0, last: 0 });
  const page = (index: number) => ({
    queryKey: ["resources", "rows", query, index],
    queryFn: () => backend.listed({ ...query, offset: index * PAGE_ROWS, limit: PAGE_ROWS }),
  });
  const first = useQuery({ ...page(0), placeholderData: keepPreviousData });
  const total = tally.data?.total ?? 0;
  const wanted: number[] = [];
  const lastPage = Math.min(span.last, Math.floor(Math.max(total - 1, 0) / PAGE_ROWS));
  for (let index = Math.max(1, span.first); index <= lastPage; index += 1) wanted.push(index);
  const others = useQueries({ queries: wanted.map(page) });

  const rowsOf = (index: number) => (index === 0 ? first.data : others[wanted.indexOf(index)]?.data);
  const look = useCallback((from: number, to: number) => {
    const [first, last] = [Math.floor(from / PAGE_ROWS), Math.floor(to / PAGE_ROWS)];
    setSpan((old) => (old.first === first && old.last === last ? old : { first, last }));
  }, []);
  return {
    tally: tally.data,
    total,
    rowAt: (index: number): ResourceRow | undefined => rowsOf(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS],
    /** The pages that are on screen or were begun with. */
    pages: [0, ...wanted].map((index) => ({ index, rows: rowsOf(index) ?? [] })),
    look,
    pending: tally.isPending || first.isPending,
    stale: first.isPlaceholderData || tally.isPlaceholderData,
    error: tally.error ?? first.error ?? others.find((other) => other.error)?.error ?? null,
    retry: () => {
      for (const read of [tally, first, ...others]) void read.refetch();
    },
  };
}

type Page = { index: number; rows: readonly ResourceRow[] };

/** What the rows on screen would give back at another instant, by key. Empty without one. */
export function useWhatIfRows(pages: readonly Page[], at: string | null): ReadonlyMap<string, WhatIfRow> {
  const { backend } = useDesk();
  const keys = (page: Page) => page.rows.map(({ customer, resource }) => ({ customer, resource }));
  const reads = useQueries({
    queries: pages.map((page) => ({
      queryKey: ["resources", "what-if", at, keys(page)],
      queryFn: () => backend.whatIf(keys(page), at ?? ""),
      enabled: at !== null && page.rows.length > 0,
    })),
  });
  return new Map(at === null ? [] : reads.flatMap((read) => (read.data ?? []).map((row) => [keyOf(row), row] as const)));
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
