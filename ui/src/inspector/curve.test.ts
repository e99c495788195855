import { describe, expect, test } from "vitest";
import type { Curve, Point, RefundType } from "../backend/backend";
import { cliffs, drawing, pointAt, SIZE } from "./curve";

const point = (day: number, refund: string, refund_type: RefundType = "partial"): Point => ({
  at: `2026-05-${String(day).padStart(2, "0")}T00:00:00Z`,
  after: false,
  refund,
  refund_max: refund,
  refund_type,
  eligible: true,
  destinations: [],
  blockers: [],
});

/** 100.00 for two days, then a day's use, then out of its window, then less by the day. */
const curve: Curve = {
  resource: "i-1",
  currency: "USD",
  at: "2026-05-01T00:00:00Z",
  until: "2026-05-11T00:00:00Z",
  points: [point(1, "100.00", "full_no_reason"), point(3, "99.00", "full_no_reason"), point(6, "60.00"), point(7, "58.00")],
  best: { at: "2026-05-01T00:00:00Z", after: false, refund: "100.00", by_waiting: "0.00" },
  policy: { id: "china", version: "1" },
};

describe("the curve", () => {
  test("has a cliff where much is lost at once, not where a day is used", () => {
    expect(cliffs(curve).map((cliff) => [cliff.before.refund, cliff.after.refund])).toEqual([["99.00", "60.00"]]);
  });

  test("holds each point until the next", () => {
    expect(pointAt(curve, Date.parse("2026-05-02T23:59:59Z")).refund).toBe("100.00");
    expect(pointAt(curve, Date.parse("2026-05-03T00:00:00Z")).refund).toBe("99.00");
    expect(pointAt(curve, Date.parse("2026-06-01T00:00:00Z")).refund).toBe("58.00");
  });

  test("is drawn from edge to edge, larger amounts higher", () => {
    const drawn = drawing(curve);
    expect(drawn.x(curve.at)).toBe(SIZE.left);
    expect(drawn.x(curve.until)).toBe(SIZE.width - SIZE.right);
    expect(drawn.y("100.00")).toBeLessThan(drawn.y("58.00"));
    expect(drawn.between).toBeNull();
    expect(drawn.least).toMatch(/^M/);
    expect(drawn.instantAt(-50)).toBe(Date.parse(curve.at));
  });

  test("draws a range where the amount is one", () => {
    const ranged = { ...curve, points: curve.points.map((one) => ({ ...one, refund_max: "120.00" })) };
    expect(drawing(ranged).between).toMatch(/^M/);
  });
});
