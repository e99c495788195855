import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Backend, RequestView } from "../backend/backend";
import { MOCK_BACKUP, MOCK_PASSPHRASE } from "../backend/mock/house";
import { mockDesk } from "../backend/mock/mock";
import { chooseLanguage } from "../text/text";
import { App } from "./App";

let desk: Backend;
beforeEach(() => {
  localStorage.clear();
  desk = mockDesk(0);
});
afterEach(() => {
  cleanup();
  chooseLanguage("en");
});

const by = (id: string) => screen.findByTestId(id);
const click = async (id: string) => userEvent.click(await by(id));

test("a first start offers the sandbox, connecting and importing", async () => {
  const home = await desk.home();
  let made = false;
  const first: Backend = { ...desk, home: async () => (made ? home : { ...home, state: "first_start", dir: "" }) };
  const create = vi.spyOn(first, "createHome");
  create.mockImplementation(async () => {
    made = true;
    return "46V9-YB7D-PA5W-HYFE-PYJ4-ATH3-R18S-81R6";
  });
  render(<App backend={first} start="today" />);
  await by("first-start");
  await click("start-connect");
  // Two that differ make nothing.
  await userEvent.type(await by("passphrase-new"), MOCK_PASSPHRASE);
  await userEvent.type(await by("passphrase-again"), "harbour lights");
  expect(await by("home-make")).toHaveProperty("disabled", true);
  await userEvent.clear(await by("passphrase-again"));
  await userEvent.type(await by("passphrase-again"), MOCK_PASSPHRASE);
  await click("home-make");
  expect(create).toHaveBeenCalledWith(MOCK_PASSPHRASE);
  // The code stays until it was written down.
  expect((await by("recovery-code")).textContent).toContain("46V9");
  expect(await by("recovery-go-on")).toHaveProperty("disabled", true);
  await userEvent.click(screen.getByText("I have written it down"));
  await click("recovery-go-on");
  // What it was made for is open.
  await waitFor(() => expect(screen.getByTestId("settings-connections").getAttribute("aria-current")).toBe("true"));
  expect(document.body.textContent).not.toContain("46V9");
});

test("a backup becomes the home where there is none: what it holds, what opens it, and what is to be reviewed again", async () => {
  const home = await desk.home();
  let made = false;
  const first: Backend = { ...desk, home: async () => (made ? home : { ...home, state: "first_start", dir: "" }) };
  const restore = vi.spyOn(first, "restoreHome");
  restore.mockImplementation(async (path, by, secret) => {
    const restored = await desk.restoreHome(path, by, secret);
    made = true;
    return restored;
  });
  render(<App backend={first} start="today" />);
  await click("start-restore");
  await userEvent.type(await by("backup-path"), "~/elsewhere");
  await click("backup-look");
  expect((await by("error-toast")).dataset.code).toBe("backup_missing");
  expect(screen.queryByTestId("backup-restore")).toBeNull();
  await userEvent.clear(await by("backup-path"));
  await userEvent.type(await by("backup-path"), MOCK_BACKUP);
  await click("backup-look");
  expect((await by("backup-found")).textContent).toContain("41 journal entries, 5.0 MiB");
  await userEvent.type(await by("backup-passphrase"), "not it");
  await click("backup-restore");
  expect((await by("error-toast")).dataset.code).toBe("wrong_passphrase");
  await userEvent.clear(await by("backup-passphrase"));
  await userEvent.type(await by("backup-passphrase"), MOCK_PASSPHRASE);
  await click("backup-restore");
  expect((await by("restored-to-review")).textContent).toContain("1 decision that waited is back in review");
  await click("restored-go-on");
  await by("today-closing");
});

test("a backup that was looked at is not restored under another folder's name", async () => {
  const home = await desk.home();
  render(<App backend={{ ...desk, home: async () => ({ ...home, state: "first_start", dir: "" }) }} />);
  await click("start-restore");
  await userEvent.type(await by("backup-path"), MOCK_BACKUP);
  await click("backup-look");
  await by("backup-restore");
  await userEvent.type(await by("backup-path"), "-other");
  expect(screen.queryByTestId("backup-restore")).toBeNull();
});

test("the security part makes a backup, and says where it is and what opens it", async () => {
  const home = await desk.home();
  const status = await desk.status();
  const real: Backend = { ...desk, home: async () => ({ ...home, real: true }), status: async () => ({ ...status, sandbox: false }) };
  render(<App backend={real} start="settings" />);
  await click("settings-security");
  await click("back-up");
  expect((await by("backup-made")).dataset.folder).toBe(MOCK_BACKUP);
  expect(document.body.textContent).toContain("the recovery code is still needed");
});

test("a locked home shows nothing of what it holds, and opens by its passphrase", async () => {
  render(<App backend={desk} />);
  await by("segment-partial");
  await desk.lockHome();
  await by("locked");
  expect(document.body.textContent).not.toContain("Harbour Freight Lines");
  await userEvent.type(await by("unlock-passphrase"), "not it");
  await click("unlock");
  expect((await by("error-toast")).dataset.code).toBe("wrong_passphrase");
  await userEvent.clear(await by("unlock-passphrase"));
  await userEvent.type(await by("unlock-passphrase"), MOCK_PASSPHRASE);
  await click("unlock");
  await by("segment-partial");
});

test("a home that another desk has open is read, and says so", async () => {
  const status = await desk.status();
  render(<App backend={{ ...desk, status: async () => ({ ...status, read_only: true }) }} />);
  await by("read-only-banner");
  expect(screen.queryByTestId("sync-now")).toBeNull();
});

test("the palette finds a command by a word and runs it; shortcuts run the same", async () => {
  render(<App backend={desk} />);
  await by("segment-partial");
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await by("palette-input"), "go to hist");
  expect(screen.queryByTestId("command-go.today")).toBeNull();
  await userEvent.keyboard("{ArrowDown}{Enter}");
  await waitFor(() => expect(screen.getByTestId("nav-history").getAttribute("aria-current")).toBe("page"));
  expect(screen.queryByTestId("palette")).toBeNull();
  await userEvent.keyboard("{Control>}1{/Control}");
  await by("today-closing");
  // Keys are beside the command.
  await userEvent.keyboard("{Control>}k{/Control}");
  expect((await by("command-go.today")).textContent).toContain("Ctrl+1");
});

test("the language changes at once and loses nothing that was typed", async () => {
  const told = vi.spyOn(desk, "setLanguage");
  render(<App backend={desk} />);
  await userEvent.type(await by("filter-text"), "ecs");
  chooseLanguage("zh");
  await screen.findByText("资源", { selector: ".nav" });
  expect(screen.getByTestId("filter-text")).toHaveProperty("value", "ecs");
  await waitFor(() => expect(told).toHaveBeenLastCalledWith("zh"));
  expect(screen.getByTestId("sandbox-banner").textContent).toContain("沙箱");
});

test("today tells windows by their money, and leads to the resource", async () => {
  render(<App backend={desk} start="today" />);
  const list = await by("today-closing");
  const first = within(list).getAllByRole("button")[0];
  const resource = first?.textContent ?? "";
  await userEvent.click(first as HTMLElement);
  await waitFor(() => expect(screen.getByTestId("nav-resources").getAttribute("aria-current")).toBe("page"));
  expect((await screen.findAllByText(resource)).length).toBeGreaterThan(0);
});

test("money that arrives and refunds that are overdue are told, and what was so before is not", async () => {
  const request = (id: string, state: RequestView["state"]): RequestView => ({
    id, customer: "c-harbour", customer_name: "Harbour Freight Lines", resource: `i-${id}`,
    product: "ecs", action: "unsubscribe", expires: null, state, channel: "console", currency: "USD", predicted: "10.00", predicted_max: "10.00",
    actual: null, arrived: "10.00", reason: null, refund_order: null, created_at: "2026-05-20T02:00:00Z", updated_at: "2026-05-20T02:00:00Z",
    arrives_by: null, quote_sha256: null, problem: null, waits_until: null, floor: null, batch: null, receipt: null, warnings: [], moves: [],
    refunds_to_choose: [], endings: [], closed: null, instructions: [], trail: [],
  });
  let list = [request("1", "observed"), request("2", "reported"), request("3", "refunded")];
  const listeners: ((subjects: ("requests")[]) => void)[] = [];
  const watched: Backend = {
    ...desk,
    requests: async () => list,
    onDeskChanged: (listener) => {
      listeners.push(listener as (subjects: "requests"[]) => void);
      return () => undefined;
    },
  };
  localStorage.setItem("refund-desk.told-windows", "[]");
  vi.spyOn(watched, "today").mockResolvedValue({ at: "2026-05-20T02:00:00Z", until: "2026-05-27T02:00:00Z", closing: [], unknown: [], overdue: [], rescue: [], stale: [] });
  const notify = vi.spyOn(watched, "notify");
  render(<App backend={watched} />);
  await by("segment-partial");
  list = [request("1", "refunded"), request("2", "overdue"), request("3", "refunded")];
  for (const tell of listeners) tell(["requests"]);
  const news = await screen.findAllByTestId("news");
  expect(news.map((card) => card.dataset.meaning)).toEqual(["returns", "risk"]);
  expect(notify.mock.calls.map(([title]) => title)).toEqual(["USD 10.00 has arrived", "USD 10.00 is overdue"]);
});

test("a note is kept and can be put back", async () => {
  render(<App backend={desk} />);
  await click("customer-c-harbour");
  await click("note-change");
  await userEvent.type(await by("note-text"), "calls on Mondays");
  await click("note-keep");
  expect((await by("note")).textContent).toBe("calls on Mondays");
  await click("note-undo");
  await waitFor(() => expect(screen.queryByTestId("note")).toBeNull());
});

test("a link leads to its order", async () => {
  const row = (await desk.resources({ customer: null, tab: "all", refund_type: "partial", product: null, text: "", ordered_from: null, ordered_to: null, sort: "refund", descending: true, offset: 0, limit: 1 })).rows[0];
  if (!row) throw new Error("the mock desk has no resource");
  const order = (await desk.quote(row.customer, row.resource, null)).orders[0]?.order ?? "";
  render(<App backend={{ ...desk, takeLink: async () => order }} start="today" />);
  await waitFor(() => expect(screen.getByTestId("nav-resources").getAttribute("aria-current")).toBe("page"));
  cleanup();
  render(<App backend={{ ...desk, takeLink: async () => "nothing" }} />);
  expect((await by("error-toast")).dataset.code).toBe("unknown_order");
});

test("nobody there for the chosen time locks the home of real customers", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    localStorage.setItem("refund-desk.lock-minutes", "1");
    const status = await desk.status();
    const lock = vi.fn(async () => desk.home());
    render(<App backend={{ ...desk, status: async () => ({ ...status, sandbox: false }), lockHome: lock }} />);
    await by("segment-partial");
    await vi.advanceTimersByTimeAsync(45_000);
    window.dispatchEvent(new Event("keydown"));
    await vi.advanceTimersByTimeAsync(45_000);
    expect(lock).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lock).toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

test("what the desk refuses is told in a failed act of the settings", async () => {
  render(<App backend={desk} />);
  await click("nav-settings");
  await userEvent.type(await by("pace"), "250");
  await click("pace-keep");
  expect((await by("error-toast")).dataset.code).toBe("bad_share");
});
