import { expect, test } from "vitest";
import type { DiscountStep, DiscountTable } from "../backend";
import { DeskProblem } from "../backend";
import { checkTable, discountAt, tableFor } from "./discounts";

const day = (from_day: number, factor: string): DiscountStep => ({ from_day, from_percent: null, factor });
const percent = (from_percent: string, factor: string): DiscountStep => ({ from_day: null, from_percent, factor });
const table = (steps: DiscountStep[], from: string | null = null): DiscountTable => ({
  customer: "c-harbour",
  product: "ecs",
  from,
  steps,
  source: "Contract 7",
  entered_at: null,
});

// The same tables as the desk's own test takes and refuses.
test.each([[[]], [[day(180, "0.9"), day(365, "0.85")]], [[percent("50", "0.8500")]]])("takes %j", (steps) => {
  expect(() => checkTable(table(steps))).not.toThrow();
});

test.each<[string, DiscountStep[]]>([
  ["steps[1]", [day(180, "0.9"), day(180, "0.8")]],
  ["steps[0]", [day(0, "0.9")]],
  ["steps[0]", [percent("100.5", "0.9")]],
  ["steps[1]", [percent("50", "0.9"), percent("50.0", "0.8")]],
  ["steps[0]", [day(1, "0")]],
  ["steps[0]", [day(1, "1.0001")]],
  ["steps[0]", [day(1, "0.12345")]],
])("refuses at %s: %j", (place, steps) => {
  try {
    checkTable(table(steps));
  } catch (thrown) {
    expect((thrown as DeskProblem).problem).toMatchObject({ code: "bad_discounts", place });
    return;
  }
  throw new Error("it was taken");
});

test("the newest table that had begun (UTC+8) holds for an order", () => {
  const [always, dated] = [table([]), table([], "2026-01-01")];
  expect(tableFor([always, dated], "2025-12-31T15:59:59Z")).toBe(always);
  expect(tableFor([always, dated], "2025-12-31T16:00:00Z")).toBe(dated);
  expect(tableFor([dated], "2025-06-01T00:00:00Z")).toBeNull();
});

test.each([
  [{ days: 179 }, "1", 10_000],
  [{ days: 180 }, "0.9", 9_000],
  [{ days: 400 }, "0.85", 8_500],
  [{ percent: 49 }, "1", 10_000],
  [{ percent: 50 }, "0.8", 8_000],
])("the factor at %j is %s", (used, text, tenThousandths) => {
  const steps = [day(365, "0.85"), day(180, "0.9"), percent("50", "0.8")];
  expect(discountAt(table(steps), used)).toEqual({ text, tenThousandths });
});
