import "./table.css";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useMemo, useRef } from "react";
import { LedgerHead } from "./LedgerHead";
import { LedgerRow, leastWidth, type Press, tracks } from "./LedgerRow";
import { fits, useRoom } from "./room";

/** Height of a row in px: `--row` of styles/tokens.css, which the virtual rows must know in advance. */
const ROW_PX = 32;

/** Rows kept above and below those on screen, so that a turn of the wheel finds them drawn. */
const BEYOND = 8;

/** How wide a list must be for a column; the widths stand in room.ts. */
export type Needs = "small" | "medium" | "wide";

export type Column<Row, Sort extends string> = {
  key: string;
  title: string;
  /** A grid track, e.g. `minmax(120px, 2fr)`. */
  width: string;
  align?: "end";
  sort?: Sort;
  /** Drops out when the list is narrow: `wide` first, `small` last. */
  needs?: Needs;
  cell: (row: Row) => ReactNode;
};

/** Several rows at once, for lists that have a use for it. */
export type Selecting<Row> = {
  has: (key: string) => boolean;
  /** One more or one less; it is where a range begins. */
  toggle: (row: Row, index: number) => void;
  /** Everything from where the last one was toggled or chosen. */
  range: (index: number) => void;
  all: () => void;
  clear: () => void;
  /** Where a range begins from now on. */
  anchor: (index: number) => void;
  rowLabel: (row: Row) => string;
};

export type LedgerProps<Row, Sort extends string> = {
  label: string;
  columns: readonly Column<Row, Sort>[];
  total: number;
  rowAt: (index: number) => Row | undefined;
  look: (first: number, last: number) => void;
  rowKey: (row: Row) => string;
  rowTestId: (row: Row) => string;
  chosen: string | null;
  /** Names the list; another name starts at its top. */
  list?: string;
  busy?: boolean;
  choose: (row: Row) => void;
  sort?: { by: Sort; descending: boolean };
  onSort?: (by: Sort) => void;
  selecting?: Selecting<Row>;
  /** Widths that a person drew, and what keeps a new one. */
  widths?: Record<string, number>;
  onWidth?: (column: string, width: number | null) => void;
  onCopy?: () => void;
};

/**
 * A ledger of any length: only the rows on screen exist. One tab stop; arrows, Page Up/Down, Home and End move the choice; where
 * several rows can be selected, the space bar takes one, Shift a range, Ctrl-A all of them and Escape none.
 */
export function LedgerTable<Row, Sort extends string = never>(props: LedgerProps<Row, Sort>) {
  const { total, rowAt, look, selecting } = props;
  const list = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const room = useRoom(list);
  const columns = useMemo(() => props.columns.filter((column) => fits(column.needs, room)), [props.columns, room]);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    initialRect: { width: 800, height: 600 },
    // A frame's work must end with the frame: React draws the rows when it is ready, not inside the scroll event.
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => look(first, last), [look, first, last]);

  const { list: name } = props;
  const shown = useRef(name);
  useEffect(() => {
    if (shown.current !== name && scroller.current) scroller.current.scrollTop = 0;
    shown.current = name;
  }, [name]);

  // The chosen row by place; -1 when it is not on a page that was read.
  let at = -1;
  for (const { index } of items) {
    const row = rowAt(index);
    if (row !== undefined && props.rowKey(row) === props.chosen) at = index;
  }
  const lastAt = useRef(-1);
  // Where the keyboard went before that row's page was read; it is chosen once it is here.
  const awaited = useRef(-1);
  useEffect(() => {
    if (at >= 0) lastAt.current = at;
    const row = awaited.current >= 0 ? rowAt(awaited.current) : undefined;
    if (row === undefined) return;
    awaited.current = -1;
    props.choose(row);
  });

  const go = (index: number) => {
    virtual.scrollToIndex(index);
    lastAt.current = index;
    awaited.current = index;
    const row = rowAt(index);
    if (row === undefined) return;
    awaited.current = -1;
    props.choose(row);
  };
  const move = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const from = at >= 0 ? at : lastAt.current;
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: total - 1,
    };
    const target = steps[event.key];
    if (target !== undefined && total > 0) {
      event.preventDefault();
      const index = Math.min(Math.max(target, 0), total - 1);
      go(index);
      if (event.shiftKey) selecting?.range(index);
      else selecting?.anchor(index);
      return;
    }
    const command = event.ctrlKey || event.metaKey;
    const row = from >= 0 ? rowAt(from) : undefined;
    if (event.key === " " && selecting && row !== undefined) selecting.toggle(row, from);
    else if (event.key === "Escape" && selecting) selecting.clear();
    else if (command && event.key.toLowerCase() === "a" && selecting) selecting.all();
    else if (command && event.key.toLowerCase() === "c" && props.onCopy && String(window.getSelection()) === "") props.onCopy();
    else return;
    event.preventDefault();
  };

  // The rows are drawn once and stay as they are while the list is scrolled: what they call must be the same function.
  const now = useRef(props);
  now.current = props;
  const press = useCallback((row: unknown, index: number, how: Press) => {
    const { selecting: many, choose } = now.current;
    if (how === "toggle" && many) return many.toggle(row as Row, index);
    if (how === "range" && many) return many.range(index);
    many?.anchor(index);
    choose(row as Row);
  }, []);
  const rowLabel = useCallback((row: unknown) => now.current.selecting?.rowLabel(row as Row) ?? "", []);
  const places = usePlaces(items, virtual.isScrolling);

  const page = { minWidth: leastWidth(columns, props.widths, selecting !== undefined), "--tracks": tracks(columns, props.widths, selecting !== undefined) } as CSSProperties;
  return (
    <div
      ref={list}
      className="ledger"
      role="grid"
      aria-label={props.label}
      aria-rowcount={total + 1}
      aria-busy={props.busy ?? false}
      aria-multiselectable={selecting ? true : undefined}
      aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
      tabIndex={0}
      onKeyDown={move}
    >
      <div className="ledger-page" role="presentation" style={page}>
        <LedgerHead {...props} columns={columns} />
        <div className="ledger-body" ref={scroller} role="rowgroup" tabIndex={-1}>
          <div className="ledger-length" role="presentation" style={{ height: virtual.getTotalSize() }}>
            {places.inOrder.map(({ index, start }) => {
              const row = rowAt(index);
              const key = row === undefined ? null : props.rowKey(row);
              return (
                <LedgerRow
                  key={index % places.count}
                  id={`${id}-${index}`}
                  index={index}
                  start={start}
                  row={row}
                  columns={columns as readonly Column<unknown, string>[]}
                  testId={row === undefined ? undefined : props.rowTestId(row)}
                  chosen={key !== null && key === props.chosen}
                  selected={selecting === undefined ? undefined : key !== null && selecting.has(key)}
                  selectLabel={selecting === undefined ? undefined : rowLabel}
                  press={press}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

/**
 * Rows in places that stay: the row that comes in stands in the place of the one that went. As long as the list moves no part of
 * the page is moved either; at rest they stand in the order that is read aloud.
 */
function usePlaces<Item extends { index: number }>(items: readonly Item[], moving: boolean) {
  const count = useRef(1);
  count.current = Math.max(count.current, items.length);
  const first = useRef(0);
  if (!moving) first.current = (items[0]?.index ?? 0) % count.current;
  const place = ({ index }: Item) => (index - first.current + count.current) % count.current;
  return { count: count.current, inOrder: [...items].sort((a, b) => place(a) - place(b)) };
}
