import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../app/App";
import { mockDesk } from "../backend/mock/mock";
import { keptLayout, WIDTH } from "../table/layout";

afterEach(() => {
  cleanup();
  localStorage.clear();
});
const by = (id: string) => screen.findByTestId(id);
const click = async (id: string) => userEvent.click(await by(id));

/** Selects the first partial refunds of one customer by Shift. */
async function selected(desk = mockDesk(0), count = 5) {
  render(<App backend={desk} />);
  await click("nav-resources");
  await click("customer-c-harbour");
  await click("segment-partial");
  // While the filtered list is read, the rows of the last one stay on screen.
  await waitFor(() => {
    expect(screen.getByRole("grid").getAttribute("aria-busy")).toBe("false");
    expect(screen.getAllByTestId(/^resource-select-/).length).toBeGreaterThan(count);
  });
  const boxes = () => screen.getAllByTestId(/^resource-select-/);
  await userEvent.click(boxes()[0] as HTMLElement);
  const user = userEvent.setup();
  await user.keyboard("{Shift>}");
  await user.click(boxes()[count - 1] as HTMLElement);
  await user.keyboard("{/Shift}");
  await waitFor(async () => expect((await by("selection-count")).dataset.count).toBe(String(count)));
  return desk;
}

test("a range is selected by Shift, cleared, and taken back", async () => {
  await selected();
  await click("select-none");
  expect(screen.queryByTestId("selection-bar")).toBeNull();
  await userEvent.keyboard("{Control>}z{/Control}");
  expect((await by("selection-count")).dataset.count).toBe("5");
});

test("a batch is planned, settled, decided with its sum typed, and run with a receipt for each item", async () => {
  const desk = await selected();
  const confirm = vi.spyOn(desk, "confirmBatch");
  await click("plan-open");
  expect((await by("plan-batch-1")).dataset.items).toBe("5");
  await click("plan-review-1");
  await click("wizard-next");
  await click("batch-settle");
  await click("channel-api");
  await click("box-amount");
  await click("box-backup");
  await userEvent.type(await by("reason"), "closed");
  await click("wizard-next");
  const field = (await by("type-amount")) as HTMLInputElement;
  const total = field.dataset.expected ?? "";
  await userEvent.type(field, "1.00");
  expect(await by("confirm-final")).toHaveProperty("disabled", true);
  await userEvent.clear(field);
  await userEvent.type(field, `${total}{Enter}`);
  expect(confirm).not.toHaveBeenCalled();
  (await by("confirm-final")).focus();
  await userEvent.keyboard("{Enter}");
  expect(confirm).not.toHaveBeenCalled();
  await userEvent.keyboard(" ");
  await waitFor(() => expect(confirm).toHaveBeenCalledTimes(1));
  await click("batch-run");
  const told = await by("run-told");
  expect(told.dataset).toMatchObject({ done: "5", failed: "0", left: "0" });
  const states = screen.getAllByTestId(/^batch-item-/).map((row) => row.dataset.state);
  expect(states).toEqual(Array.from({ length: 5 }, () => "accepted"));
});

test("a run that was stopped leaves the rest waiting, and it is carried on with from the requests", async () => {
  const desk = await selected(mockDesk(40), 4);
  await click("plan-open");
  await click("plan-review-1");
  await click("wizard-next");
  await click("batch-settle");
  await click("channel-api");
  await click("box-amount");
  await click("box-backup");
  await userEvent.type(await by("reason"), "closed");
  await click("wizard-next");
  const field = (await by("type-amount")) as HTMLInputElement;
  await userEvent.type(field, field.dataset.expected ?? "");
  await click("confirm-final");
  await click("batch-run");
  await click("run-stop");
  const told = await by("run-told");
  expect(Number(told.dataset.left)).toBeGreaterThan(0);
  await click("wizard-close");
  await click("nav-requests");
  await click("tab-batches");
  await userEvent.click((await screen.findAllByTestId(/^batch-row-/))[0] as HTMLElement);
  await click("batch-continue");
  await click("batch-run");
  await waitFor(async () => expect((await by("run-told")).dataset.left).toBe("0"));
  const [batch] = await desk.batches(null);
  expect(batch?.items.every((item) => item.state === "accepted")).toBe(true);
});

test("a filter is saved under a name, used, removed and taken back", async () => {
  render(<App backend={mockDesk(0)} />);
  await click("nav-resources");
  await click("segment-partial");
  await userEvent.type(await by("filter-text"), "waf");
  await click("filter-save");
  await userEvent.type(await by("filter-name"), "Firewalls");
  await click("filter-save-yes");
  await click("filter-clear");
  await click("saved-open");
  await click("saved-Firewalls");
  expect(((await by("filter-text")) as HTMLInputElement).value).toBe("waf");
  await click("saved-open");
  await click("saved-remove-Firewalls");
  expect(screen.queryByTestId("saved-open")).toBeNull();
  await click("undo");
  expect(screen.queryByTestId("saved-open")).not.toBeNull();
});

test("the columns that are chosen and their widths are remembered", async () => {
  const { unmount } = render(<App backend={mockDesk(0)} />);
  await click("nav-resources");
  await click("columns-open");
  await click("column-status");
  await userEvent.keyboard("{Escape}");
  const edge = await by("edge-status");
  edge.focus();
  await userEvent.keyboard("{ArrowRight}");
  unmount();
  render(<App backend={mockDesk(0)} />);
  await click("nav-resources");
  expect(await by("sort-status")).not.toBeNull();
  // Nothing has a width in this test's page: a drawn column has the least.
  expect(keptLayout("resources").widths).toEqual({ status: WIDTH.least });
});
