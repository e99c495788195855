import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { type Backend, DeskProblem, type Subject } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";
import { App } from "./App";
import { PAGES } from "./desk";

afterEach(cleanup);
const by = (id: string) => screen.findByTestId(id);

test("the sandbox banner stands on every page, and not in a home of real customers", async () => {
  const desk = mockDesk(0);
  const { unmount } = render(<App backend={desk} />);
  for (const page of PAGES) {
    await userEvent.click(await by(`nav-${page}`));
    expect(screen.queryByTestId("sandbox-banner")).not.toBeNull();
  }
  unmount();
  const status = await desk.status();
  render(<App backend={{ ...desk, status: async () => ({ ...status, sandbox: false }) }} />);
  await by("nav-resources");
  expect(screen.queryByTestId("sandbox-banner")).toBeNull();
  expect(screen.queryByTestId("clock-plus-1d")).toBeNull();
});

test("the clock buttons turn by a day and by three", async () => {
  const desk = mockDesk(0);
  const turn = vi.spyOn(desk, "sandboxClockAdvance");
  render(<App backend={desk} />);
  await userEvent.click(await by("clock-plus-1d"));
  await waitFor(() => expect(turn).toHaveBeenLastCalledWith(24));
  await waitFor(async () => expect(await by("clock-plus-3d")).toHaveProperty("disabled", false));
  await userEvent.click(await by("clock-plus-3d"));
  await waitFor(() => expect(turn).toHaveBeenLastCalledWith(72));
});

test("a failed act is told with its code, place and next step, and stays until dismissed", async () => {
  const desk = mockDesk(0);
  vi.spyOn(desk, "sync").mockRejectedValue(
    new DeskProblem({ code: "clock_skew", message: "the clock is off by 20 minutes", place: "sync", next: "set the clock" }),
  );
  render(<App backend={desk} />);
  await userEvent.click(await by("sync-now"));
  const toast = await by("error-toast");
  for (const part of ["clock_skew", "the clock is off by 20 minutes", "sync", "set the clock"]) {
    expect(toast.textContent).toContain(part);
  }
  await userEvent.click(within(toast).getByText("Dismiss"));
  expect(screen.queryByTestId("error-toast")).toBeNull();
});

test("a list that cannot be read says so and can be read again", async () => {
  const desk = mockDesk(0);
  const read = vi.spyOn(desk, "listed").mockRejectedValueOnce(
    new DeskProblem({ code: "cache_locked", message: "the cache is locked", place: null, next: "close the other desk" }),
  );
  render(<App backend={desk} />);
  expect((await by("error-toast")).textContent).toContain("cache_locked");
  await userEvent.click(screen.getByText("Try again"));
  await by("segment-partial");
  expect(screen.queryByTestId("error-toast")).toBeNull();
  expect(read).toHaveBeenCalledTimes(2);
});

test("what the desk names as changed is read again, and nothing else", async () => {
  const desk = mockDesk(0);
  const listeners: ((subjects: Subject[]) => void)[] = [];
  const listening: Backend = {
    ...desk,
    onDeskChanged: (listener) => {
      const stop = desk.onDeskChanged(listener);
      listeners.push(listener);
      return stop;
    },
  };
  const resources = vi.spyOn(listening, "listed");
  const customers = vi.spyOn(listening, "customers");
  render(<App backend={listening} />);
  await by("segment-partial");
  await by("customer-all");
  const before = { resources: resources.mock.calls.length, customers: customers.mock.calls.length };
  for (const tell of listeners) tell(["resources"]);
  await waitFor(() => expect(resources.mock.calls.length).toBe(before.resources + 1));
  expect(customers.mock.calls.length).toBe(before.customers);
});

test("filters and segments become the desk's query; sorting a column turns it over", async () => {
  const desk = mockDesk(0);
  const read = vi.spyOn(desk, "listed");
  render(<App backend={desk} />);
  await userEvent.click(await by("segment-partial"));
  await userEvent.type(await by("filter-text"), "waf");
  await userEvent.click(await by("sort-expires"));
  await userEvent.click(await by("sort-expires"));
  await waitFor(() =>
    expect(read.mock.lastCall?.[0]).toMatchObject({
      tab: "regular",
      refund_type: "partial",
      text: "waf",
      sort: "expires",
      descending: true,
      offset: 0,
    }),
  );
  await userEvent.click(await by("tab-plans"));
  await waitFor(() => expect(read.mock.lastCall?.[0]).toMatchObject({ tab: "plans", refund_type: null }));
});

test("how long a quote holds is told once, and what stands in the way of a refund is told", async () => {
  const desk = mockDesk(0);
  render(<App backend={desk} />);
  await userEvent.click(await by("segment-partial"));
  await userEvent.click((await screen.findAllByTestId(/^resource-row-/))[0] as HTMLElement);
  await by("quote-refund");
  expect((await by("inspector")).textContent?.match(/holds until/gi)).toHaveLength(1);
  await userEvent.click(await by("segment-nonrefundable"));
  const first = () => screen.getAllByTestId(/^resource-row-/)[0] as HTMLElement;
  await waitFor(() => expect(first().textContent).toContain("Nonrefundable"));
  await userEvent.click(first());
  await waitFor(async () => expect((await by("inspector")).textContent).toContain("Cannot be unsubscribed for money now."));
});

test("the steps of an order unfold to sentence and source", async () => {
  const desk = mockDesk(0);
  render(<App backend={desk} />);
  const row = (await screen.findAllByTestId(/^resource-row-/))[0] as HTMLElement;
  await userEvent.click(row);
  const toggle = (await screen.findAllByTestId(/^step-toggle-/))[0] as HTMLElement;
  const order = (toggle.dataset.testid ?? "").replace("step-toggle-", "");
  expect(screen.queryByTestId(`quote-steps-${order}`)).toBeNull();
  await userEvent.click(toggle);
  const steps = await by(`quote-steps-${order}`);
  expect(steps.textContent).toContain("Consumed");
  expect(steps.textContent).toMatch(/\d+ of \d+ days/);
  expect(steps.textContent).toContain("Unsubscription rules");
});

test("an export tells its file, rows and hash, over the filters of the page", async () => {
  const desk = mockDesk(0);
  const write = vi.spyOn(desk, "exportHistory");
  render(<App backend={desk} />);
  await userEvent.click(await by("nav-history"));
  await screen.findAllByTestId(/^history-row-/);
  await userEvent.click(await by("export-csv"));
  const result = await by("export-result");
  const written = await desk.exportHistory({ customer: null, text: "", from: null, to: null, offset: 0, limit: 500 });
  expect(result.dataset).toMatchObject({ path: written.path, rows: String(written.rows), sha256: written.sha256 });
  expect(write.mock.calls[0]?.[0]).toMatchObject({ customer: null, text: "", offset: 0 });
});

test("a date filters once it is a day of the calendar, and clearing the filters clears it", async () => {
  const desk = mockDesk(0);
  const read = vi.spyOn(desk, "listed");
  render(<App backend={desk} />);
  await by("segment-partial");
  const field = (await by("filter-from")) as HTMLInputElement;
  await userEvent.type(field, "2999-02-3");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(read.mock.calls.every(([query]) => query.ordered_from === null)).toBe(true);
  await userEvent.type(field, "{Backspace}28");
  await waitFor(() => expect(read.mock.lastCall?.[0].ordered_from).toBe("2999-02-28"));
  await userEvent.click(await by("filter-clear"));
  await screen.findAllByTestId(/^resource-row-/);
  expect(field.value).toBe("");
});

test("a step that no sentence tells stands with its id and its numbers", async () => {
  const desk = mockDesk(0);
  const quote = desk.quote;
  vi.spyOn(desk, "quote").mockImplementation(async (...args) => {
    const view = await quote(...args);
    return { ...view, told: { ...view.told, lines: [] } };
  });
  render(<App backend={desk} />);
  await userEvent.click((await screen.findAllByTestId(/^resource-row-/))[0] as HTMLElement);
  await userEvent.click((await screen.findAllByTestId(/^step-toggle-/))[0] as HTMLElement);
  const steps = (await screen.findAllByTestId(/^quote-steps-/))[0] as HTMLElement;
  expect(steps.textContent).toContain("consumed.time");
  expect(steps.textContent).toContain("used days");
});

test("a resource that was released is told as gone, not as a failure", async () => {
  const desk = mockDesk(0);
  render(<App backend={desk} />);
  await userEvent.click((await screen.findAllByTestId(/^resource-row-/))[0] as HTMLElement);
  await by("quote-refund");
  vi.spyOn(desk, "quote").mockRejectedValue(
    new DeskProblem({ code: "unknown_resource", message: "it is not in the cache", place: "resource", next: "sync" }),
  );
  await userEvent.click(await by("clock-plus-1d"));
  await screen.findByText("No longer listed");
  expect(screen.queryByTestId("error-toast")).toBeNull();
});

test("a sync tells its counts and how long it may take, and can be stopped", async () => {
  render(<App backend={mockDesk(150)} />);
  await waitFor(async () => expect(await by("sync-now")).toHaveProperty("disabled", false));
  await userEvent.click(await by("sync-now"));
  await screen.findByText(/orders \d+ of 100 · about \d+ s left/);
  await userEvent.click(await by("sync-stop"));
  await screen.findByText("Stopped. The next sync goes on where it stopped.");
  expect(screen.queryByTestId("error-toast")).toBeNull();
  expect(screen.queryByTestId("sync-stop")).toBeNull();
});

test("a home that was never synced shows its first sync as running until it ends", async () => {
  const desk = mockDesk(0);
  const customers = desk.customers;
  let synced = false;
  vi.spyOn(desk, "customers").mockImplementation(async () =>
    (await customers()).map((row) => ({ ...row, synced_at: synced ? row.synced_at : null })),
  );
  const listen = vi.spyOn(desk, "onDeskChanged");
  render(<App backend={desk} />);
  await by("customer-all");
  expect(await by("sync-now")).toHaveProperty("disabled", true);
  synced = true;
  for (const [listener] of listen.mock.calls) listener(["customers", "history"]);
  await waitFor(async () => expect(await by("sync-now")).toHaveProperty("disabled", false));
});
