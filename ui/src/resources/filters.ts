// The filters of the resource list, and those that were saved under a name. Screen settings, kept by the web view.

import { useState } from "react";
import type { RefundType, ResourceQuery, ResourceSort } from "../backend/backend";

export type Tab = "regular" | "plans";

export type Filters = { refund_type: RefundType | null; product: string | null; text: string; from: string; to: string };

export const NO_FILTERS: Filters = { refund_type: null, product: null, text: "", from: "", to: "" };

export type Sorting = { by: ResourceSort; descending: boolean };

export type SavedFilter = { name: string; tab: Tab; filters: Filters; sort: Sorting };

/** Longest name of a saved filter. */
export const NAME_MAX = 60;

export const isFiltered = (filters: Filters): boolean => JSON.stringify(filters) !== JSON.stringify(NO_FILTERS);

/** What the desk is asked for; the page is added by who reads it. */
export function queryOf(customer: string | null, tab: Tab, filters: Filters, sort: Sorting): ResourceQuery {
  return {
    customer,
    tab,
    refund_type: filters.refund_type,
    product: filters.product,
    text: filters.text.trim(),
    ordered_from: filters.from || null,
    ordered_to: filters.to || null,
    sort: sort.by,
    descending: sort.descending,
    offset: 0,
    limit: 0,
  };
}

const KEPT = "refund-desk.filters";

function kept(): SavedFilter[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(read) ? read.filter(isSaved) : [];
  } catch {
    return [];
  }
}

function isSaved(value: unknown): value is SavedFilter {
  const one = value as Partial<SavedFilter> | null;
  return typeof one?.name === "string" && (one.tab === "regular" || one.tab === "plans") && typeof one.filters === "object" && typeof one.sort?.by === "string";
}

/** The saved filters by name; saving under a name that exists replaces it. */
export function useSavedFilters() {
  const [saved, setSaved] = useState(kept);
  const put = (next: SavedFilter[]) => {
    localStorage.setItem(KEPT, JSON.stringify(next));
    setSaved(next);
  };
  return {
    saved,
    save: (filter: SavedFilter) => put([...saved.filter((one) => one.name !== filter.name), filter].sort((a, b) => a.name.localeCompare(b.name))),
    remove: (name: string) => put(saved.filter((one) => one.name !== name)),
    restore: put,
  };
}
