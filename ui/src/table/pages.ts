// A long list read page by page, as far as it is looked at.

import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";

/** Rows of one read. The desk gives at most 500 (`ResourceQuery.limit`). */
export const PAGE_ROWS = 100;

type PageOf<Row> = { total: number; rows: Row[] };

/** What a table needs of a long list. */
export type LongList<Row, Head> = {
  /** The first page with everything that came beside its rows; the last list's while a new one is on its way. */
  head: Head | undefined;
  total: number;
  /** Undefined while the row's page is on its way. */
  rowAt: (index: number) => Row | undefined;
  /** To be told which rows are on screen. */
  look: (first: number, last: number) => void;
  pending: boolean;
  /** Still the last list, while the new one is on its way. */
  stale: boolean;
  error: unknown;
  retry: () => void;
};

/** Reads the pages of the list that `key` names; a new key starts a new list. */
export function useLongList<Row, Head extends PageOf<Row>>(
  key: readonly unknown[],
  read: (offset: number, limit: number) => Promise<Head>,
): LongList<Row, Head> {
  const [span, setSpan] = useState({ first: 0, last: 0 });
  const page = (index: number) => ({
    queryKey: [...key, index],
    queryFn: () => read(index * PAGE_ROWS, PAGE_ROWS),
  });
  const head = useQuery({ ...page(0), placeholderData: keepPreviousData });
  const total = head.data?.total ?? 0;

  const wanted: number[] = [];
  const lastPage = Math.floor(Math.min(span.last, Math.max(total - 1, 0)) / PAGE_ROWS);
  for (let index = Math.max(1, Math.floor(span.first / PAGE_ROWS)); index <= lastPage; index += 1) wanted.push(index);
  const others = useQueries({ queries: wanted.map(page) });

  const rowAt = (index: number): Row | undefined => {
    const number = Math.floor(index / PAGE_ROWS);
    const rows = number === 0 ? head.data?.rows : others[wanted.indexOf(number)]?.data?.rows;
    return rows?.[index % PAGE_ROWS];
  };
  return {
    head: head.data,
    total,
    rowAt,
    look: (first, last) => setSpan((old) => (old.first === first && old.last === last ? old : { first, last })),
    pending: head.isPending,
    stale: head.isPlaceholderData,
    error: head.error ?? others.find((other) => other.error)?.error ?? null,
    retry: () => {
      void head.refetch();
      for (const other of others) void other.refetch();
    },
  };
}
