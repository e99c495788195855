// The refund over the coming time as a drawing: where the steps lie, which of them are cliffs, and what to read them out by. Places
// are fractions of a picture; amounts stay the texts that the desk gave.

import { scaleLinear, scaleUtc } from "d3-scale";
import { curveStepAfter, area, line } from "d3-shape";
import type { Curve, Point } from "../backend/backend";

/** Size of the drawing in px, and the room for its axes. */
export const SIZE = { width: 384, height: 148, left: 8, right: 8, top: 10, bottom: 20 };

/** A fall by more than this part of the largest refund is a cliff. */
const CLIFF_SHARE = 0.1;

/** Digits of a place in the drawing. */
const PLACE_DIGITS = 2;

const time = (instant: string): number => Date.parse(instant);
/** For places only. */
const height = (amount: string): number => Number(amount);

export type Cliff = { at: string; before: Point; after: Point };

/** Where the refund falls at once by much, or its type changes for the worse. */
export function cliffs(curve: Curve): Cliff[] {
  const most = Math.max(...curve.points.map((point) => height(point.refund)), 0);
  return curve.points.flatMap((after, index) => {
    const before = curve.points[index - 1];
    if (before === undefined || most === 0) return [];
    const fall = height(before.refund) - height(after.refund);
    return fall > most * CLIFF_SHARE || (fall > 0 && before.refund_type !== after.refund_type) ? [{ at: after.at, before, after }] : [];
  });
}

/** The point that holds at an instant. */
export function pointAt(curve: Curve, instant: number): Point {
  let found = curve.points[0] as Point;
  for (const point of curve.points) if (time(point.at) <= instant) found = point;
  return found;
}

/** Scales and paths. */
export function drawing(curve: Curve) {
  const { width, left, right, top, bottom } = SIZE;
  const x = scaleUtc([time(curve.at), time(curve.until)], [left, width - right]);
  const most = Math.max(...curve.points.map((point) => height(point.refund_max)), 1);
  const y = scaleLinear([0, most], [SIZE.height - bottom, top]).nice(3);
  // The last point holds to the end.
  const last = curve.points[curve.points.length - 1] as Point;
  const points = [...curve.points, { ...last, at: curve.until }];
  const least = line<Point>((point) => x(time(point.at)), (point) => y(height(point.refund))).curve(curveStepAfter).digits(PLACE_DIGITS);
  const below = area<Point>((point) => x(time(point.at)), y(0), (point) => y(height(point.refund))).curve(curveStepAfter).digits(PLACE_DIGITS);
  const between = area<Point>((point) => x(time(point.at)), (point) => y(height(point.refund)), (point) => y(height(point.refund_max)))
    .curve(curveStepAfter)
    .digits(PLACE_DIGITS);
  const range = curve.points.some((point) => point.refund !== point.refund_max);
  return {
    x: (instant: string) => x(time(instant)),
    y: (amount: string) => y(height(amount)),
    instantAt: (place: number) => x.invert(Math.min(Math.max(place, left), width - right)).getTime(),
    least: least(points) ?? "",
    below: below(points) ?? "",
    between: range ? (between(points) ?? "") : null,
    days: x.ticks(4).map((tick) => ({ place: x(tick), instant: tick.toISOString() })),
    amounts: y.ticks(3).map((tick) => ({ place: y(tick), amount: String(tick) })),
  };
}
