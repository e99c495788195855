import "./table.css";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";

/** Height of a row in px: `--row` of styles/tokens.css, which the virtual rows must know in advance. */
const ROW_PX = 32;

/** How wide a list must be for a column; the widths stand in table.css. */
type Needs = "small" | "medium" | "wide";

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

type Props<Row, Sort extends string> = {
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
};

/**
 * A ledger of any length: only the rows on screen exist. One tab stop; arrows, Page Up/Down, Home and End move the choice.
 */
export function LedgerTable<Row, Sort extends string = never>(props: Props<Row, Sort>) {
  const { total, rowAt, look } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => look(first, last), [look, first, last]);

  const { list } = props;
  const shown = useRef(list);
  useEffect(() => {
    if (shown.current !== list && scroller.current) scroller.current.scrollTop = 0;
    shown.current = list;
  }, [list]);

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

  const move = (event: KeyboardEvent) => {
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
    if (target === undefined || total === 0) return;
    event.preventDefault();
    const index = Math.min(Math.max(target, 0), total - 1);
    virtual.scrollToIndex(index);
    lastAt.current = index;
    awaited.current = index;
    const row = rowAt(index);
    if (row === undefined) return;
    awaited.current = -1;
    props.choose(row);
  };

  return (
    <div
      className="ledger"
      role="grid"
      aria-label={props.label}
      aria-rowcount={total + 1}
      aria-busy={props.busy ?? false}
      aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
      tabIndex={0}
      onKeyDown={move}
    >
      <Head {...props} />
      <div className="ledger-body" ref={scroller} role="rowgroup" tabIndex={-1}>
        <div className="ledger-length" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rowAt(index);
            return (
              <Row
                key={row === undefined ? `blank-${index}` : props.rowKey(row)}
                id={`${id}-${index}`}
                index={index}
                start={start}
                row={row}
                table={props}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head<Row, Sort extends string>(props: Props<Row, Sort>) {
  return (
    <div className="ledger-head" role="row" aria-rowindex={1} style={tracks(props.columns)}>
      {props.columns.map((column) => {
        const sorted = column.sort !== undefined && props.sort?.by === column.sort;
        const direction = props.sort?.descending ? "descending" : "ascending";
        return (
          <div key={column.key} role="columnheader" className={classes(column)} aria-sort={sorted ? direction : undefined}>
            {column.sort !== undefined && props.onSort ? (
              <button type="button" data-testid={`sort-${column.key}`} onClick={() => props.onSort?.(column.sort as Sort)}>
                {column.title}
                <span className="arrow" aria-hidden="true">
                  {sorted ? (props.sort?.descending ? "↓" : "↑") : ""}
                </span>
              </button>
            ) : (
              column.title
            )}
          </div>
        );
      })}
    </div>
  );
}

function Row<Row, Sort extends string>(props: {
  id: string;
  index: number;
  start: number;
  row: Row | undefined;
  table: Props<Row, Sort>;
}) {
  const { row, table } = props;
  const place: CSSProperties = { ...tracks(table.columns), transform: `translateY(${props.start}px)` };
  if (row === undefined) {
    return <div className="ledger-row blank" role="row" aria-rowindex={props.index + 2} aria-busy="true" style={place} />;
  }
  return (
    <div
      id={props.id}
      className="ledger-row"
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={table.rowKey(row) === table.chosen}
      data-testid={table.rowTestId(row)}
      style={place}
      onClick={() => table.choose(row)}
    >
      {table.columns.map((column) => (
        <div key={column.key} role="gridcell" className={classes(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

/** The tracks of the four widths; the style sheet picks one by the list's own width. */
function tracks(columns: readonly { width: string; needs?: Needs }[]): CSSProperties {
  const of = (keep: (needs: Needs | undefined) => boolean) =>
    columns
      .filter((column) => keep(column.needs))
      .map((column) => column.width)
      .join(" ");
  return {
    "--tracks-wide": of(() => true),
    "--tracks-medium": of((needs) => needs !== "wide"),
    "--tracks-small": of((needs) => needs === undefined || needs === "small"),
    "--tracks-narrow": of((needs) => needs === undefined),
  } as CSSProperties;
}

function classes(column: { align?: "end"; needs?: Needs }): string {
  return ["cell", column.align, column.needs && `needs-${column.needs}`].filter(Boolean).join(" ");
}
