import { expect, test } from "vitest";
import type { DiscountTable } from "../backend/backend";
import { t } from "../text/text";
import { draftOf, emptyDraft, emptyStep, nextStep, type StepDraft, type TableDraft, tableOf } from "./draft";

const { missing } = t.settings;

const step = (by: StepDraft["by"], threshold: string, factor: string): StepDraft => ({ ...emptyStep(by), threshold, factor });

const draft = (part: Partial<TableDraft>): TableDraft => ({
  product: " ecs ",
  from: "",
  steps: [step("day", "180", "0.90"), step("percent", "50.5", "0.8")],
  source: " contract 7 ",
  ...part,
});

test("a draft becomes a table whose decimals are the text that was typed", () => {
  expect(tableOf("c-1", draft({ from: "2026-01-01" }))).toEqual({
    table: {
      customer: "c-1",
      product: "ecs",
      from: "2026-01-01",
      steps: [
        { from_day: 180, from_percent: null, factor: "0.90" },
        { from_day: null, from_percent: "50.5", factor: "0.8" },
      ],
      source: "contract 7",
      entered_at: null,
    },
  });
});

test("no step is a table without a discount, holding from the beginning", () => {
  const read = tableOf("c-1", draft({ steps: [] }));
  expect(read).toMatchObject({ table: { from: null, steps: [] } });
});

test.each<[string, Partial<TableDraft>, string, string]>([
  ["no product", { product: "  " }, "product", missing.product],
  ["no calendar day", { from: "2026-02-30" }, "from", t.date.wrong],
  ["no source", { source: " " }, "source", missing.source],
  ["an empty step", { steps: [step("day", "", "")] }, "steps[0]", missing.step],
  ["a step without factor", { steps: [step("day", "180", "0.9"), step("day", "365", "")] }, "steps[1]", missing.step],
  ["a day that is no whole number", { steps: [step("day", "1.5", "0.9")] }, "steps[0]", missing.day],
  ["a day beyond 32 bits", { steps: [step("day", "4294967296", "0.9")] }, "steps[0]", missing.day],
  ["a per cent with its sign", { steps: [step("percent", "50 %", "0.9")] }, "steps[0]", missing.percent],
  ["a decimal comma", { steps: [step("day", "180", "0,9")] }, "steps[0]", missing.factor],
  ["a binary float's writing", { steps: [step("day", "180", "9e-1")] }, "steps[0]", missing.factor],
])("%s is told at its place", (_, part, place, text) => {
  expect(tableOf("c-1", draft(part))).toEqual({ fault: { place, text } });
});

test("what the desk itself judges is left to it", () => {
  for (const factor of ["0", "1.5", "0.12345"]) {
    expect(tableOf("c-1", draft({ steps: [step("day", "0", factor)] }))).toHaveProperty("table");
  }
});

test("a table that is changed keeps its product, day, steps and source", () => {
  const table: DiscountTable = {
    customer: "c-1",
    product: "oss",
    from: "2026-01-01",
    steps: [
      { from_day: 180, from_percent: null, factor: "0.9" },
      { from_day: null, from_percent: "50", factor: "0.8500" },
    ],
    source: "contract 7",
    entered_at: "2026-05-20T02:00:00Z",
  };
  expect(tableOf("c-1", draftOf(table))).toEqual({ table: { ...table, entered_at: null } });
});

test("a new step is counted as the one before it", () => {
  expect(nextStep(emptyDraft("oss", "percent"), "day").by).toBe("percent");
  expect(nextStep({ ...emptyDraft("oss", "percent"), steps: [] }, "day").by).toBe("day");
});
