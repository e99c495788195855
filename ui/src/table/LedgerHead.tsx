import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { t } from "../text/text";
import { classes } from "./LedgerRow";
import type { Column, LedgerProps } from "./LedgerTable";
import { WIDTH } from "./layout";

/** How far an arrow key draws a column, in px. */
const STEP_PX = 16;

/** Titles that sort, and edges that draw a column wider. */
export function LedgerHead<Row, Sort extends string>(props: LedgerProps<Row, Sort>) {
  return (
    <div className="ledger-head" role="row" aria-rowindex={1}>
      {props.selecting && <div role="columnheader" className="cell take"><span className="unseen">{t.table.select}</span></div>}
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
            {props.onWidth && <Edge column={column} width={props.widths?.[column.key]} onWidth={props.onWidth} />}
          </div>
        );
      })}
    </div>
  );
}

/** The right edge of a column: drawn by the pointer, by arrow keys, and given up by a double click or Delete. */
function Edge<Row, Sort extends string>(props: {
  column: Column<Row, Sort>;
  width: number | undefined;
  onWidth: (column: string, width: number | null) => void;
}) {
  const { column, onWidth } = props;
  const drawn = useRef<{ from: number; width: number } | null>(null);
  const within = (width: number) => Math.min(Math.max(Math.floor(width), WIDTH.least), WIDTH.most);
  const measured = (edge: HTMLElement) => edge.parentElement?.getBoundingClientRect().width ?? WIDTH.least;
  const begin = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    drawn.current = { from: event.clientX, width: measured(event.currentTarget) };
  };
  const draw = (event: PointerEvent<HTMLElement>) => {
    if (drawn.current) onWidth(column.key, within(drawn.current.width + event.clientX - drawn.current.from));
  };
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const width = measured(event.currentTarget);
    if (event.key === "ArrowRight") onWidth(column.key, within(width + STEP_PX));
    else if (event.key === "ArrowLeft") onWidth(column.key, within(width - STEP_PX));
    else if (event.key === "Delete") onWidth(column.key, null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span
      className="edge"
      role="separator"
      aria-orientation="vertical"
      aria-label={t.table.width({ column: column.title })}
      aria-valuenow={props.width ?? WIDTH.least}
      aria-valuemin={WIDTH.least}
      aria-valuemax={WIDTH.most}
      tabIndex={0}
      data-testid={`edge-${column.key}`}
      onPointerDown={begin}
      onPointerMove={draw}
      onPointerUp={() => {
        drawn.current = null;
      }}
      onDoubleClick={() => onWidth(column.key, null)}
      onKeyDown={keys}
    />
  );
}
