import { type CSSProperties, memo, type MouseEvent } from "react";
import type { Column, Needs } from "./LedgerTable";

/** How a row was pressed: to look at it, to take it or leave it, or to take everything up to it. */
export type Press = "choose" | "toggle" | "range";

type RowProps = {
  id: string;
  index: number;
  start: number;
  row: unknown;
  columns: readonly Column<unknown, string>[];
  testId: string | undefined;
  chosen: boolean;
  /** Undefined where rows are not selected. */
  selected: boolean | undefined;
  /** Names the box of a row that can be selected. */
  selectLabel: ((row: unknown) => string) | undefined;
  press: (row: unknown, index: number, how: Press) => void;
};

/**
 * One row. While the list is scrolled, rows that stay on screen are not drawn again, and one that comes in takes the parts of one
 * that went: its texts change, nothing is made.
 */
export const LedgerRow = memo(function LedgerRow(props: RowProps) {
  const { row, index, columns, selected, press } = props;
  const place: CSSProperties = { top: props.start };
  if (row === undefined) {
    return <div className="ledger-row blank" role="row" aria-rowindex={index + 2} aria-busy="true" style={place} />;
  }
  const pressed = (event: MouseEvent) => {
    // Text that is marked to be copied is no press.
    press(row, index, event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "toggle" : "choose");
  };
  return (
    <div
      id={props.id}
      className="ledger-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected ?? props.chosen}
      data-chosen={props.chosen || undefined}
      data-testid={props.testId}
      style={place}
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      onClick={pressed}
    >
      {selected !== undefined && (
        <div role="gridcell" className="cell take">
          <input
            type="checkbox"
            className="take-box"
            tabIndex={-1}
            checked={selected}
            aria-label={props.selectLabel?.(row)}
            data-testid={props.testId?.replace(/-row-/, "-select-")}
            onChange={() => undefined}
            onClick={(event) => {
              event.stopPropagation();
              press(row, index, event.shiftKey ? "range" : "toggle");
            }}
          />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.key} role="gridcell" className={classes(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
});

/** The tracks of a list's rows, told once for all of them. A width that was drawn counts as it is. */
export function tracks(columns: readonly { key: string; width: string }[], widths: Record<string, number> | undefined, withBox: boolean): string {
  const own = columns.map((column) => (widths?.[column.key] === undefined ? column.width : `${widths[column.key]}px`));
  return [...(withBox ? [`${BOX_PX}px`] : []), ...own].join(" ");
}

/** The narrowest px that a track can have. */
const leastOf = (width: string): number => Number(/(\d+)px/.exec(width)?.[1] ?? 0);

/** The narrowest px in which all columns fit: a list that is narrower scrolls sideways. Those that drop out are not counted. */
export function leastWidth(columns: readonly { key: string; width: string; needs?: Needs }[], widths: Record<string, number> | undefined, withBox: boolean): number {
  const staying = columns.filter((column) => column.needs === undefined);
  const own = staying.reduce((sum, column) => sum + (widths?.[column.key] ?? leastOf(column.width)) + GAP_PX, 0);
  return own + (withBox ? BOX_PX + GAP_PX : 0) + EDGE_PX;
}

/** As in table.css: between columns, the box, and both sides of a row. */
const GAP_PX = 12;
const BOX_PX = 16;
const EDGE_PX = 32;

export function classes(column: { align?: "end" }): string {
  return column.align === undefined ? "cell" : `cell ${column.align}`;
}
