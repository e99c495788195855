// What a person chose of a table: which columns, and how wide. A screen setting, kept by the web view.

import { useState } from "react";

export type Layout = {
  /** Keys of the columns chosen; null: those shown from the start. */
  shown: string[] | null;
  /** Widths in px by column. */
  widths: Record<string, number>;
};

const EMPTY: Layout = { shown: null, widths: {} };

/** Narrowest and widest that a column can be drawn. */
export const WIDTH = { least: 48, most: 640 };

const place = (table: string) => `refund-desk.table.${table}`;

/** What is kept of a table; what cannot be read counts as nothing chosen. */
export function keptLayout(table: string): Layout {
  try {
    const kept = JSON.parse(localStorage.getItem(place(table)) ?? "{}") as Partial<Layout>;
    const widths = Object.entries(kept.widths ?? {}).filter(([, width]) => typeof width === "number" && width >= WIDTH.least && width <= WIDTH.most);
    const shown = Array.isArray(kept.shown) && kept.shown.every((key) => typeof key === "string") ? kept.shown : null;
    return { shown, widths: Object.fromEntries(widths) };
  } catch {
    return EMPTY;
  }
}

/** The layout of a table, remembered whenever it changes. */
export function useLayout(table: string): [Layout, (change: (old: Layout) => Layout) => void] {
  const [layout, setLayout] = useState(() => keptLayout(table));
  const change = (make: (old: Layout) => Layout) =>
    setLayout((old) => {
      const next = make(old);
      localStorage.setItem(place(table), JSON.stringify(next));
      return next;
    });
  return [layout, change];
}
