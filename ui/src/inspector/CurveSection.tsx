import { useQuery } from "@tanstack/react-query";
import { type PointerEvent, useId, useState } from "react";
import { type Curve, type Point, problemOf, type QuoteView } from "../backend/backend";
import { useDesk } from "../app/desk";
import { Button, LoadingState, ProblemCard } from "../controls/controls";
import { formatAmount, formatMoney, isZero } from "../figures/money";
import { formatDay, formatInstant, formatRuleBeside } from "../figures/time";
import { dayOf } from "../resources/WhatIf";
import { t } from "../text/text";
import { cliffs, drawing, pointAt, SIZE } from "./curve";
import { Section } from "./QuoteSections";

const DAY_MS = 86_400_000;
const SPANS = [30, 90, 365] as const;

/** The refund over the coming days: its cliffs and its best instant, drawn and as a table. */
export function CurveSection(props: { view: QuoteView; now: string; at: string | null; onDay: (day: string) => void }) {
  const { row } = props.view;
  const { backend } = useDesk();
  const [span, setSpan] = useState<number>(90);
  // The curve begins anew with each day, not with each tick of the clock.
  const from = props.now.slice(0, 10);
  const until = new Date(Date.parse(`${from}T00:00:00Z`) + (span + 1) * DAY_MS).toISOString().replace(".000", "");
  const read = useQuery({
    queryKey: ["quote", "curve", row.customer, row.resource, until],
    queryFn: () => backend.curve(row.customer, row.resource, until),
    enabled: props.now !== "",
  });
  return (
    <Section title={t.inspector.curve}>
      <div className="curve-tools segments" role="group" aria-label={t.inspector.curveSpan}>
        {SPANS.map((days) => (
          <button key={days} type="button" className="segment" aria-pressed={span === days} data-testid={`curve-${days}`} onClick={() => setSpan(days)}>
            {t.inspector.curveDays({ count: days })}
          </button>
        ))}
      </div>
      {read.isPending && <LoadingState label={t.inspector.curve} />}
      {read.isError && <ProblemCard problem={problemOf(read.error)} />}
      {read.data && <Drawn curve={read.data} at={props.at} onDay={props.onDay} />}
    </Section>
  );
}

function Drawn(props: { curve: Curve; at: string | null; onDay: (day: string) => void }) {
  const { curve, at, onDay } = props;
  const [table, setTable] = useState(false);
  const currency = curve.currency ?? "";
  const falls = cliffs(curve);
  if (curve.points.every((point) => isZero(point.refund_max))) return <p className="small muted">{t.inspector.bestNone}</p>;
  return (
    <>
      <Picture curve={curve} at={at} onDay={onDay} />
      <Best curve={curve} onDay={onDay} />
      {falls.slice(0, 3).map((cliff) => (
        <p key={cliff.at} className="small">
          <span className="risk strong">{t.inspector.cliff}</span> {formatInstant(cliff.at)}: {formatMoney(cliff.before.refund, currency)} →{" "}
          {formatMoney(cliff.after.refund, currency)}
          {cliff.before.refund_type !== cliff.after.refund_type && ` · ${t.refundType[cliff.after.refund_type]}`}
        </p>
      ))}
      <Button aria-expanded={table} data-testid="curve-table" onClick={() => setTable(!table)}>
        {table ? t.inspector.curveHide : t.inspector.curveTable({ count: curve.points.length })}
      </Button>
      {table && <Table points={curve.points} currency={currency} />}
    </>
  );
}

function Best(props: { curve: Curve; onDay: (day: string) => void }) {
  const { best, currency } = props.curve;
  if (best === null) return <p className="small muted">{t.inspector.bestNone}</p>;
  const amount = formatMoney(best.refund, currency ?? "");
  if (isZero(best.by_waiting)) return <p className="small" data-testid="curve-best">{t.inspector.bestNow({ amount })}</p>;
  return (
    <p className="small" data-testid="curve-best">
      <span className="returns strong">{t.inspector.bestLater({ when: formatInstant(best.at), amount, more: formatMoney(best.by_waiting, currency ?? "") })}</span>{" "}
      <button type="button" className="link" onClick={() => props.onDay(dayOf(best.at))}>
        {t.inspector.lookThen}
      </button>
    </p>
  );
}

/** A point is read out under the pointer; a press moves the whole page to its day. The table below says the same in words. */
function Picture(props: { curve: Curve; at: string | null; onDay: (day: string) => void }) {
  const { curve, at, onDay } = props;
  const [read, setRead] = useState<number | null>(null);
  const id = useId();
  const drawn = drawing(curve);
  const currency = curve.currency ?? "";
  const placeOf = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return drawn.instantAt(((event.clientX - box.left) / box.width) * SIZE.width);
  };
  const point = read === null ? null : pointAt(curve, read);
  const first = curve.points[0] as Point;
  const summary = t.inspector.curveSummary({
    now: formatMoney(first.refund, currency),
    end: formatDay(curve.until),
    then: formatMoney((curve.points[curve.points.length - 1] as Point).refund, currency),
  });
  return (
    <figure className="curve" data-testid="curve">
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        role="img"
        aria-labelledby={id}
        onPointerMove={(event) => setRead(placeOf(event))}
        onPointerLeave={() => setRead(null)}
        onClick={() => read !== null && onDay(dayOf(new Date(read).toISOString()))}
      >
        <title id={id}>{summary}</title>
        {drawn.amounts.map((tick) => (
          <g key={tick.amount}>
            <line className="grid" x1={SIZE.left} x2={SIZE.width - SIZE.right} y1={tick.place} y2={tick.place} />
            <text className="tick" x={SIZE.width - SIZE.right} y={tick.place - 3} textAnchor="end">
              {formatAmount(tick.amount, "JPY")}
            </text>
          </g>
        ))}
        {drawn.days.map((tick) => (
          <text key={tick.instant} className="tick" x={tick.place} y={SIZE.height - 6} textAnchor="middle">
            {formatDay(tick.instant)}
          </text>
        ))}
        <path className="below" d={drawn.below} />
        {drawn.between && <path className="between" d={drawn.between} />}
        <path className="least" d={drawn.least} />
        {cliffs(curve).map((cliff) => (
          <line key={cliff.at} className="cliff" x1={drawn.x(cliff.at)} x2={drawn.x(cliff.at)} y1={SIZE.top} y2={SIZE.height - SIZE.bottom} />
        ))}
        {curve.best && <circle className="best" cx={drawn.x(curve.best.at)} cy={drawn.y(curve.best.refund)} r={4} />}
        {at !== null && Date.parse(at) <= Date.parse(curve.until) && (
          <line className="asked" x1={drawn.x(at)} x2={drawn.x(at)} y1={SIZE.top} y2={SIZE.height - SIZE.bottom} />
        )}
        {read !== null && (
          <line className="cursor" x1={drawn.x(new Date(read).toISOString())} x2={drawn.x(new Date(read).toISOString())} y1={SIZE.top} y2={SIZE.height - SIZE.bottom} />
        )}
      </svg>
      <figcaption className="small muted">
        {read === null || point === null ? (
          t.inspector.curveHint
        ) : (
          <>
            {formatInstant(new Date(read).toISOString())} · {formatRuleBeside(new Date(read).toISOString())} {t.inspector.utc8}:{" "}
            <span className="strong">{amountOf(point, currency)}</span> · {t.refundType[point.refund_type]}
          </>
        )}
      </figcaption>
    </figure>
  );
}

function Table(props: { points: readonly Point[]; currency: string }) {
  return (
    <div className="curve-table" tabIndex={0} role="region" aria-label={t.inspector.curve}>
      <table className="items small">
        <thead>
          <tr>
            <th scope="col">{t.inspector.from}</th>
            <th scope="col">{t.resources.columns.type}</th>
            <th scope="col" className="end">
              {t.resources.columns.refund}
            </th>
          </tr>
        </thead>
        <tbody>
          {props.points.map((point) => (
            <tr key={`${point.at}/${String(point.after)}`}>
              <td>{formatInstant(point.at)}</td>
              <td>{t.refundType[point.refund_type]}</td>
              <td className="end">{amountOf(point, props.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function amountOf(point: Point, currency: string): string {
  const least = formatMoney(point.refund, currency);
  return point.refund === point.refund_max ? least : `${least} – ${formatAmount(point.refund_max, currency)}`;
}
