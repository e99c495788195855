// Discount tables of the mock desk: what it refuses, which table holds for an order, and the factor at the time really used.

import type { DiscountStep, DiscountTable } from "../backend";
import { ruleDate } from "./figures";
import { refuse } from "./refuse";

/** Factors are counted in ten-thousandths: they have at most four decimals. */
export const FACTOR_ONE = 10_000;

/** A plain decimal string in whole ten-thousandths, or null where it has more decimals. */
function tenThousandths(decimal: string): number | null {
  const match = /^(\d{1,9})(?:\.(\d*?)0*)?$/.exec(decimal);
  const fraction = match?.[2] ?? "";
  return match && fraction.length <= 4 ? Number.parseInt(`${match[1]}${fraction.padEnd(4, "0")}`, 10) : null;
}

/** Refuses what the desk refuses, at the same places. */
export function checkTable(table: DiscountTable): void {
  if (table.product === "" || /\s/.test(table.product)) bad("product", "a table is for one product code");
  if (table.source.trim() === "") bad("source", "a table needs its source: the contract or page it comes from");
  const begins = new Set<string>();
  for (const [index, step] of table.steps.entries()) {
    const place = `steps[${index}]`;
    const percent = step.from_percent === null ? null : tenThousandths(step.from_percent);
    const begun = step.from_day === null ? percent !== null && percent <= 100 * FACTOR_ONE : step.from_day > 0;
    if (!begun) bad(place, "a step begins at a day from 1 on, or at a per cent of the quota from 0 to 100");
    const begin = step.from_day === null ? `percent ${percent}` : `day ${step.from_day}`;
    if (begins.has(begin)) bad(place, "two steps begin at the same place");
    begins.add(begin);
    const factor = tenThousandths(step.factor);
    if (factor === null || factor === 0 || factor > FACTOR_ONE) {
      bad(place, "a factor is above 0, at most 1, with at most four decimals");
    }
  }
}

function bad(place: string, message: string): never {
  return refuse({ code: "bad_discounts", message, place, next: "correct the table and enter it again" });
}

/** The table that holds for an order paid then: the newest that had begun. */
export function tableFor(tables: readonly DiscountTable[], paidAt: string): DiscountTable | null {
  const begun = tables.filter((table) => table.from === null || table.from <= ruleDate(paidAt));
  return begun.sort((a, b) => ((a.from ?? "") < (b.from ?? "") ? 1 : -1))[0] ?? null;
}

/** How much of a resource was used. */
type Used = { days: number } | { percent: number };

/** The factor of the farthest step that was reached, else 1. */
export function discountAt(table: DiscountTable | null, used: Used): { text: string; tenThousandths: number } {
  const begin = (step: DiscountStep): number | null =>
    "days" in used ? step.from_day : step.from_percent === null ? null : tenThousandths(step.from_percent);
  const reached = "days" in used ? used.days : used.percent * FACTOR_ONE;
  let farthest = -1;
  let text = "1";
  for (const step of table?.steps ?? []) {
    const from = begin(step);
    if (from === null || from > reached || from <= farthest) continue;
    farthest = from;
    text = step.factor;
  }
  return { text, tenThousandths: tenThousandths(text) ?? FACTOR_ONE };
}
