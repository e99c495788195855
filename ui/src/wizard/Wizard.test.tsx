import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../app/App";
import type { Backend, ResourceRow } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";
import { chooseLanguage, t } from "../text/text";

let desk: Backend;
let row: ResourceRow;

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
    limit: 1,
  });
  row = page.rows[0] as ResourceRow;
});
afterEach(() => {
  cleanup();
  chooseLanguage("en");
});

const by = (id: string) => screen.findByTestId(id);
const click = async (id: string) => userEvent.click(await by(id));

/** Opens the wizard for the first resource and goes to the decision. */
async function toDecision(): Promise<void> {
  render(<App backend={desk} />);
  await click(`resource-row-${row.resource}`);
  await click("unsubscribe-open");
  await click("wizard-next");
  await click("settle-none-apply");
  await by("reason");
}

async function decide(): Promise<void> {
  await click("box-amount");
  await click("box-backup");
  await userEvent.type(await by("reason"), "Project ended");
}

test("the second dialog opens only with both boxes and a reason", async () => {
  await toDecision();
  const next = await by("wizard-next");
  expect(next).toHaveProperty("disabled", true);
  await click("box-amount");
  expect(next).toHaveProperty("disabled", true);
  await click("box-backup");
  expect(next).toHaveProperty("disabled", true);
  await userEvent.type(await by("reason"), "  ");
  expect(next).toHaveProperty("disabled", true);
  await userEvent.type(await by("reason"), "Project ended");
  expect(next).toHaveProperty("disabled", false);
  await click("box-backup");
  expect(next).toHaveProperty("disabled", true);
});

test("only the exact amount confirms, and Enter confirms nothing", async () => {
  const confirm = vi.spyOn(desk, "confirm");
  await toDecision();
  await decide();
  await click("wizard-next");
  const field = await by("type-amount");
  const final = await by("confirm-final");
  const amount = row.refund ?? "";

  await userEvent.type(field, amount.slice(0, -1));
  expect(final).toHaveProperty("disabled", true);
  await userEvent.type(field, `${amount.slice(-1)}{Enter}`);
  expect(final).toHaveProperty("disabled", false);
  final.focus();
  await userEvent.keyboard("{Enter}");
  expect(confirm).not.toHaveBeenCalled();

  await userEvent.click(final);
  await by("console-amount");
  expect(confirm).toHaveBeenCalledTimes(1);
  expect(confirm.mock.calls[0]?.[1]).toMatchObject({ amount_typed: amount, channel: "console", reason: "Project ended" });
});

test("by api: sent once, on a press, and accepted", async () => {
  const send = vi.spyOn(desk, "send");
  await toDecision();
  await click("channel-api");
  await decide();
  await click("wizard-next");
  await userEvent.type(await by("type-amount"), row.refund ?? "");
  await click("confirm-final");
  const button = await by("wizard-send");
  button.focus();
  await userEvent.keyboard("{Enter}");
  expect(send).not.toHaveBeenCalled();
  await userEvent.click(button);
  await by("wizard-sync");
  expect(send).toHaveBeenCalledTimes(1);
  expect((await by("wizard-state")).dataset.state).toBe("accepted");
});

test("what is to come is told in the language that is shown", async () => {
  chooseLanguage("zh");
  await toDecision();
  await click("channel-api");
  await decide();
  await click("wizard-next");
  await userEvent.type(await by("type-amount"), row.refund ?? "");
  await click("confirm-final");
  await click("wizard-send");
  expect(await screen.findByText(t.wizard.doneAccepted)).toBeTruthy();
  expect(t.wizard.doneAccepted).toMatch(/\p{Script=Han}/u);
});

/** Confirms by console and waits for the amount to be asked for. */
async function toConsole(): Promise<void> {
  await toDecision();
  await decide();
  await click("wizard-next");
  await userEvent.type(await by("type-amount"), row.refund ?? "");
  await click("confirm-final");
  await by("console-amount");
}

test("by console: the sandbox's click waits for the comparison, then the refund order is reported", async () => {
  const report = vi.spyOn(desk, "reportWithReceipt");
  await toConsole();
  expect(await by("sandbox-console-act")).toHaveProperty("disabled", true);
  expect(await by("wizard-hand-over")).toHaveProperty("disabled", true);
  await userEvent.type(await by("console-amount"), row.refund ?? "");
  await click("wizard-hand-over");
  await by("wizard-report");
  await click("sandbox-console-act");
  await by("sandbox-console-done");
  const order = ((await by("refund-order-input")) as HTMLInputElement).value;
  expect(order).toMatch(/^\d+$/);
  await click("wizard-report");
  await by("wizard-sync");
  expect(report.mock.calls[0]?.[1]).toBe(order);
  expect((await by("wizard-state")).dataset.state).toBe("reported");
});

test("another amount at the console stops it: one problem with what to do next, and a way back to the review", async () => {
  const act = vi.spyOn(desk, "sandboxConsoleAct");
  await toConsole();
  await userEvent.type(await by("console-amount"), "1.00");
  await click("wizard-hand-over");
  await by("wizard-review-again");
  const problems = await screen.findAllByTestId("error-toast");
  expect(problems).toHaveLength(1);
  expect(problems[0]?.dataset.code).toBe("console_amount_differs");
  expect(problems[0]?.textContent).toContain("do not click there");
  expect(act).not.toHaveBeenCalled();
  await click("wizard-review-again");
  await waitFor(async () => expect((await by("wizard-state")).dataset.state).toBe("reviewed"));

  // The new decision begins empty: what was ticked and written was about the old amount.
  await click("wizard-next");
  expect(((await by("reason")) as HTMLInputElement).value).toBe("");
  for (const box of ["box-amount", "box-backup"]) {
    expect((await by(box)).querySelector("input")).toHaveProperty("checked", false);
  }
});

test("a failed review says what happened instead of staying empty", async () => {
  vi.spyOn(desk, "review").mockRejectedValue(new Error("the pipe broke"));
  render(<App backend={desk} />);
  await click(`resource-row-${row.resource}`);
  await click("unsubscribe-open");
  expect((await by("error-toast")).textContent).toContain("the pipe broke");
});

test("one opening makes one review", async () => {
  const review = vi.spyOn(desk, "review");
  await toDecision();
  expect(review).toHaveBeenCalledTimes(1);
});

test("a quote that ran out while one was deciding is reviewed again, not confirmed", async () => {
  const review = vi.spyOn(desk, "review");
  const listen = vi.spyOn(desk, "onDeskChanged");
  await toDecision();
  await decide();
  expect(await by("wizard-next")).toHaveProperty("disabled", false);
  // The clock goes on behind the wizard's back.
  const status = await desk.status();
  vi.spyOn(desk, "status").mockResolvedValue({ ...status, now: "2026-06-20T02:00:00Z" });
  for (const [listener] of listen.mock.calls) listener(["status"]);
  await by("wizard-review-again");
  expect(screen.queryByTestId("wizard-next")).toBeNull();
  await click("wizard-review-again");
  await waitFor(() => expect(review).toHaveBeenCalledTimes(2));
});
