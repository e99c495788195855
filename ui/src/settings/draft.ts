// A discount table while it is typed in. Pure: what the desk can read at all is told apart here; the rules of a table are the
// desk's, and it names the place of what it refuses.

import type { DiscountStep, DiscountTable } from "../backend/backend";
import { isCalendarDate } from "../figures/time";
import { t } from "../text/text";

/** What a step's beginning is counted by: days used, or per cent of the quota used. */
export type StepBy = "day" | "percent";

/** `id` tells the rows apart while they come and go. */
export type StepDraft = { id: number; by: StepBy; threshold: string; factor: string };

export type TableDraft = { product: string; from: string; steps: StepDraft[]; source: string };

/** Something to correct, at the place the desk names: `product`, `from`, `source` or `steps[1]`. */
export type Fault = { place: string; text: string };

let lastStep = 0;

export function emptyStep(by: StepBy): StepDraft {
  lastStep += 1;
  return { id: lastStep, by, threshold: "", factor: "" };
}

/** A new table begins with a step to fill in: "no discount" is said by removing it, not by leaving it. */
export function emptyDraft(product: string, by: StepBy): TableDraft {
  return { product, from: "", steps: [emptyStep(by)], source: "" };
}

/** A table that is to be changed. */
export function draftOf(table: DiscountTable): TableDraft {
  const steps = table.steps.map((step) =>
    step.from_day === null
      ? { ...emptyStep("percent"), threshold: step.from_percent ?? "", factor: step.factor }
      : { ...emptyStep("day"), threshold: String(step.from_day), factor: step.factor },
  );
  return { product: table.product, from: table.from ?? "", steps, source: table.source };
}

/** What the next step is counted by: as the one before it. */
export function nextStep(draft: TableDraft, by: StepBy): StepDraft {
  return emptyStep(draft.steps[draft.steps.length - 1]?.by ?? by);
}

/** The table as the desk takes it, or the first place that says nothing it could read. */
export function tableOf(customer: string, draft: TableDraft): { table: DiscountTable } | { fault: Fault } {
  const { missing } = t.settings;
  const [product, from, source] = [draft.product.trim(), draft.from.trim(), draft.source.trim()];
  if (product === "") return fault("product", missing.product);
  if (from !== "" && !isCalendarDate(from)) return fault("from", t.date.wrong);
  const steps: DiscountStep[] = [];
  for (const [index, step] of draft.steps.entries()) {
    const read = stepOf(step);
    if (typeof read === "string") return fault(`steps[${index}]`, read);
    steps.push(read);
  }
  if (source === "") return fault("source", missing.source);
  return { table: { customer, product, from: from === "" ? null : from, steps, source, entered_at: null } };
}

const fault = (place: string, text: string): { fault: Fault } => ({ fault: { place, text } });

/** Days fit the desk's whole numbers of 32 bits; decimals stay the text they are. */
const DAYS = /^\d{1,9}$/;
const DECIMAL = /^\d{1,9}(\.\d{1,9})?$/;

/** The step, or why it cannot be read. */
function stepOf(step: StepDraft): DiscountStep | string {
  const { missing } = t.settings;
  const [threshold, factor] = [step.threshold.trim(), step.factor.trim()];
  if (threshold === "" || factor === "") return missing.step;
  if (step.by === "day" && !DAYS.test(threshold)) return missing.day;
  if (step.by === "percent" && !DECIMAL.test(threshold)) return missing.percent;
  if (!DECIMAL.test(factor)) return missing.factor;
  return step.by === "day"
    ? { from_day: Number.parseInt(threshold, 10), from_percent: null, factor }
    : { from_day: null, from_percent: threshold, factor };
}
