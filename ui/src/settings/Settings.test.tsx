import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../app/App";
import { type Backend, DeskProblem, type ResourceRow } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";

let desk: Backend;
/** Resources whose quote is a range. */
let ranges: ResourceRow[];
let exact: ResourceRow[];

beforeEach(async () => {
  desk = mockDesk(0);
  const page = await desk.resources({
    customer: null,
    tab: "regular",
    refund_type: "partial",
    product: null,
    text: "",
    ordered_from: null,
    ordered_to: null,
    sort: "refund",
    descending: true,
    offset: 0,
    limit: 100,
  });
  ranges = page.rows.filter((row) => !row.exact);
  exact = page.rows.filter((row) => row.exact);
});
afterEach(cleanup);

const by = (id: string) => screen.findByTestId(id);
const click = async (id: string) => userEvent.click(await by(id));
const type = async (id: string, text: string) => userEvent.type(await by(id), text);

async function openSettings(customer: string): Promise<void> {
  render(<App backend={desk} />);
  await click("nav-settings");
  await click("settings-discounts");
  await click(`customer-${customer}`);
  await by("discounts-enter");
}

async function fillStep(index: number, threshold: string, factor: string): Promise<void> {
  await type(`discounts-step-${index}-threshold`, threshold);
  await type(`discounts-step-${index}-factor`, factor);
}

test("tables are a customer's: with all of them one is to be chosen first", async () => {
  render(<App backend={desk} />);
  await click("nav-settings");
  await click("settings-discounts");
  await screen.findByText("No customer chosen");
  expect(screen.queryByTestId("discounts-enter")).toBeNull();
  await click("customer-c-harbour");
  await screen.findByText("No discount table yet");
});

test("the product of the quote that is a range is filled in, and its amount becomes exact", async () => {
  const row = ranges[0];
  if (!row) throw new Error("the mock desk has no range");
  render(<App backend={desk} />);
  await click(`resource-row-${row.resource}`);
  await click("discounts-open");
  expect(await by("discounts-product")).toHaveProperty("value", row.product);
  expect((await by(`customer-${row.customer}`)).getAttribute("aria-pressed")).toBe("true");
  await fillStep(0, "1", "0.85");
  await type("discounts-source", "Contract 7");
  await click("discounts-enter");
  const entered = await by(`discounts-table-${row.product}`);
  for (const part of ["from day 1", "0.85", "Contract 7", "from the beginning"]) expect(entered.textContent).toContain(part);
  await click("discounts-back");
  // The resource is still the chosen one.
  await waitFor(async () => expect((await by("quote-refund")).textContent).not.toContain("–"));
  expect(screen.queryByTestId("discounts-open")).toBeNull();
});

test("an exact quote asks for no table", async () => {
  render(<App backend={desk} />);
  await click(`resource-row-${exact[0]?.resource}`);
  await by("quote-refund");
  expect(screen.queryByTestId("discounts-open")).toBeNull();
});

test("a factor the desk refuses is told at its step, with what to do next, until it is corrected", async () => {
  await openSettings("c-harbour");
  await type("discounts-product", "ecs");
  await fillStep(0, "180", "0.9");
  await click("discounts-add-step");
  await fillStep(1, "365", "1.5");
  await type("discounts-source", "Contract 7");
  await click("discounts-enter");
  expect((await by("discounts-step-1-fault")).textContent).toContain("at most 1");
  expect(screen.queryByTestId("discounts-step-0-fault")).toBeNull();
  expect((await by("discounts-step-1-factor")).getAttribute("aria-invalid")).toBe("true");
  const rest = await by("discounts-refused");
  expect(rest.textContent).toContain("correct the table");
  expect(rest.dataset.code).toBe("bad_discounts");
  expect(await desk.discounts("c-harbour")).toEqual([]);

  const factor = await by("discounts-step-1-factor");
  await userEvent.clear(factor);
  await userEvent.type(factor, "0.85");
  expect(screen.queryByTestId("discounts-step-1-fault")).toBeNull();
  await click("discounts-enter");
  await by("discounts-table-ecs");
});

test("two steps that begin at the same place: the second one is named", async () => {
  await openSettings("c-harbour");
  await type("discounts-product", "ecs");
  await fillStep(0, "180", "0.9");
  await click("discounts-add-step");
  await fillStep(1, "180", "0.8");
  await type("discounts-source", "Contract 7");
  await click("discounts-enter");
  expect((await by("discounts-step-1-fault")).textContent).toContain("the same place");
});

test("a factor that is no decimal does not reach the desk", async () => {
  const enter = vi.spyOn(desk, "enterDiscounts");
  await openSettings("c-harbour");
  await type("discounts-product", "ecs");
  await fillStep(0, "180", "0,9");
  await type("discounts-source", "Contract 7");
  await click("discounts-enter");
  await by("discounts-step-0-fault");
  expect(enter).not.toHaveBeenCalled();
  expect((document.activeElement as HTMLElement).dataset.testid).toBe("discounts-step-0-threshold");
});

test("no discount is entered by removing the step, not by leaving it empty", async () => {
  const enter = vi.spyOn(desk, "enterDiscounts");
  await openSettings("c-harbour");
  await type("discounts-product", "rds");
  await type("discounts-source", "No clause in contract 7");
  await click("discounts-enter");
  await by("discounts-step-0-fault");
  expect(enter).not.toHaveBeenCalled();
  await click("discounts-step-0-remove");
  expect((await by("discounts-enter")).textContent).toContain("no discount");
  await click("discounts-enter");
  expect((await by("discounts-table-rds")).textContent).toContain("No discount");
  expect(enter.mock.calls[0]?.[0]).toMatchObject({ customer: "c-harbour", product: "rds", from: null, steps: [] });
});

test("a table is changed in the form and replaces the one of its product and day", async () => {
  await desk.enterDiscounts({
    customer: "c-harbour",
    product: "ecs",
    from: "2026-01-01",
    steps: [{ from_day: 180, from_percent: null, factor: "0.9" }],
    source: "Contract 7",
    entered_at: null,
  });
  await openSettings("c-harbour");
  await userEvent.click(within(await by("discounts-table-ecs")).getByText("Change…"));
  expect(await by("discounts-from")).toHaveProperty("value", "2026-01-01");
  const factor = await by("discounts-step-0-factor");
  await userEvent.clear(factor);
  await userEvent.type(factor, "0.8");
  await click("discounts-enter");
  await by("discounts-done");
  const tables = await desk.discounts("c-harbour");
  expect(tables.map((table) => [table.from, table.steps[0]?.factor])).toEqual([["2026-01-01", "0.8"]]);
});

test("a product's tables stand in the order in which they begin to hold", async () => {
  const table = (product: string, from: string | null) => ({
    customer: "c-harbour",
    product,
    from,
    steps: [],
    source: "Contract 7",
    entered_at: "2026-05-20T02:00:00Z",
  });
  vi.spyOn(desk, "discounts").mockResolvedValue([table("rds", null), table("ecs", "2026-01-01"), table("ecs", "2025-06-01"), table("ecs", null)]);
  await openSettings("c-harbour");
  const rows = await screen.findAllByTestId(/^discounts-table-/);
  expect(rows.map((row) => [row.dataset.testid, row.dataset.from])).toEqual([
    ["discounts-table-ecs", ""],
    ["discounts-table-ecs", "2025-06-01"],
    ["discounts-table-ecs", "2026-01-01"],
    ["discounts-table-rds", ""],
  ]);
});

test("a problem at no place of the form is told in full", async () => {
  vi.spyOn(desk, "enterDiscounts").mockRejectedValue(
    new DeskProblem({ code: "journal_full", message: "the disk is full", place: "journal.db", next: "make room" }),
  );
  await openSettings("c-harbour");
  await type("discounts-product", "ecs");
  await click("discounts-step-0-remove");
  await type("discounts-source", "Contract 7");
  await click("discounts-enter");
  const told = await by("error-toast");
  for (const part of ["journal_full", "the disk is full", "journal.db", "make room"]) expect(told.textContent).toContain(part);
});
