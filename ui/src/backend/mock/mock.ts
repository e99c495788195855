// A desk in memory for looking at the pages and for their tests. It keeps the desk's manners (states, refusals, events), not
// its rules. Built only with `--mode mock`.

import { sameAmount } from "../../figures/money";
import type { House } from "../house";
import type { Backend, RequestView, Subject, SyncProgress, SyncReport } from "../backend";
import type { WorkBackend } from "../work";
import { addDays, money } from "./figures";
import { pageOfRefunds, pageOfResources, passes, refundsOf, sums } from "./lists";
import { refuse } from "./refuse";
import { mockHouse } from "./house";
import { CUSTOMERS } from "./seed";
import { quoteOf, totals } from "./tell";
import { workOf } from "./work";
import { World } from "./world";

/** Steps that a mock sync tells of each customer, in per cent. */
const SYNC_STEPS = [0, 25, 50, 75, 100];

/** A fresh mock desk. `wait` is how long a call takes, in ms. */
export function mockDesk(wait = 60): Backend {
  const world = new World();
  const changes = new Set<(subjects: Subject[]) => void>();
  const steps = new Set<(step: SyncProgress) => void>();
  let stopped = false;
  const pause = () => new Promise<void>((done) => setTimeout(done, wait));
  const tell = (subjects: Subject[]) => {
    for (const listener of changes) listener(subjects);
  };
  return {
    ...reads(world, pause),
    ...acts(world, pause),
    ...workOf(world, pause),
    ...mockHouse(world, pause, tell),
    sync: async (customer) => {
      stopped = false;
      const which = CUSTOMERS.filter((one) => customer === null || one.id === customer);
      for (const { id } of which) {
        for (const done of SYNC_STEPS) {
          for (const listener of steps) listener({ customer: id, phase: "orders", done, total: 100, seconds_left: (100 - done) / 5 });
          await pause();
          if (stopped) return [stoppedReport(id, world.now)];
        }
      }
      const moved = world.reconcile();
      tell(["customers", "resources", "requests", "history", "status", "today"]);
      return which.map(({ id }, index) => ({
        customer: id,
        started_at: world.now,
        finished_at: world.now,
        calls: 14,
        resources: world.live().filter((resource) => resource.customer === id).length,
        orders: 200,
        refunds: world.history.filter((refund) => refund.customer === id).length,
        transactions: 40,
        moved: index === 0 ? moved : [],
        problem: null,
      }));
    },
    cancelSync: async () => {
      stopped = true;
    },
    onSyncProgress: (listener) => {
      steps.add(listener);
      return () => steps.delete(listener);
    },
    onDeskChanged: (listener) => {
      changes.add(listener);
      return () => changes.delete(listener);
    },
  };
}

function stoppedReport(customer: string, at: string): SyncReport {
  const problem = { code: "sync_cancelled", message: "the sync was stopped", place: `customer ${customer}`, next: "sync again: it goes on where it stopped", details: [] };
  return { customer, started_at: at, finished_at: at, calls: 2, resources: 0, orders: 0, refunds: 0, transactions: 0, moved: [], problem };
}

type Reads = Pick<Backend, "status" | "customers" | "resources" | "quote" | "renewals" | "discounts" | "requests" | "history" | "exportHistory">;

function reads(world: World, pause: () => Promise<void>): Reads {
  return {
    status: async () => ({
      sandbox: true,
      read_only: false,
      home: "~/refund-desk/sandbox",
      now: world.now,
      version: "0.1.0",
      device: "mock",
      journal_head: null,
      journal_entries: world.serial,
    }),
    customers: async () => {
      await pause();
      return CUSTOMERS.map((customer) => {
        const own = world.live().filter((resource) => resource.customer === customer.id);
        const amounts = own.map((resource) => ({ amount: world.row(resource).refund ?? "0.00", currency: customer.currency }));
        return { ...customer, imported: false, resources: own.length, refundable: sums(amounts), synced_at: world.synced, sync_error: null, note: world.notes.get(customer.id) ?? null };
      });
    },
    resources: async (query) => {
      await pause();
      const passed = world.live().filter((resource) => passes(resource, query));
      return pageOfResources(passed.map((resource) => world.row(resource)), query);
    },
    quote: async (customer, id, at) => {
      await pause();
      const resource = world.resource(customer, id);
      return quoteOf(resource, at ?? world.now, world.row(resource));
    },
    renewals: async (customer) => {
      await pause();
      const own = world.live().filter((resource) => customer === null || resource.customer === customer);
      return own.map((resource) => world.stack(resource)).filter((stack) => stack.pending.length > 0);
    },
    discounts: async (customer) => {
      await pause();
      return world.discounts(customer);
    },
    requests: async (customer) => world.requests.filter((request) => customer === null || request.customer === customer),
    history: async (query) => {
      await pause();
      return pageOfRefunds(world.history, query);
    },
    exportHistory: async (query) => {
      await pause();
      return {
        path: "~/refund-desk/sandbox/exports/sandbox-refund-history-20260520.csv",
        rows: refundsOf(world.history, query).length,
        sha256: "5c1d7e0b9a4f3826d1c0be97a52f4483e6d9b0178a3c5f2e4d6b8091a7c3e5f2",
      };
    },
  };
}

type Acts = Omit<Backend, keyof Reads | keyof House | keyof WorkBackend | "sync" | "cancelSync" | "onSyncProgress" | "onDeskChanged">;

function acts(world: World, pause: () => Promise<void>): Acts {
  return {
    review: async (ask) => {
      await pause();
      return world.review(world.begin(ask));
    },
    settle: async (id, answers) => {
      await pause();
      const request = world.request(id);
      const resource = world.resource(request.customer, request.resource);
      resource.unknowns = resource.unknowns.filter((path) => !answers.some((answer) => answer.path === path));
      return world.review(world.move(request, "reviewed", `${answers.length} facts entered: ${answers[0]?.source ?? ""}`));
    },
    confirm: async (id, decision) => {
      await pause();
      const request = world.request(id);
      if (!sameAmount(decision.amount_typed, request.predicted)) {
        refuse({ code: "amount_differs", message: "the amount typed is another one", place: "amount_typed", next: "type the amount of the quote" });
      }
      const { channel, reason } = decision;
      const instructions = channel === "console" ? consoleSteps(request) : [];
      return world.move(request, "confirmed", `Confirmed by ${channel}: ${reason}`, { channel, reason, instructions });
    },
    send: async (id) => {
      await pause();
      const request = world.request(id);
      const [order = null] = world.act(request.customer, request.resource, request.expires);
      return world.move(request, "accepted", `Accepted as refund order ${order}`, { refund_order: order, actual: request.predicted });
    },
    handOver: async (id, amount) => {
      await pause();
      const request = world.request(id);
      if (sameAmount(amount, request.predicted)) return world.move(request, "handed_over", `Handed over; the console shows ${amount}`);
      const problem = {
        code: "console_amount_differs",
        message: `the console shows ${amount}, confirmed was ${request.predicted}`,
        place: "console_amount",
        next: "do not click there; sync, then review again with both numbers",
      };
      world.move(request, "returned_to_review", `Back to review: ${request.predicted} was confirmed, now it is ${amount}`, { problem });
      return refuse(problem);
    },
    report: async (id, order) => {
      await pause();
      const text = order === null ? "Reported as done; the next sync finds the refund order" : `Reported as done: refund order ${order}`;
      return world.move(world.request(id), "reported", text, { refund_order: order, instructions: [] });
    },
    askAgain: async (id) => {
      await pause();
      world.reconcile();
      return world.request(id);
    },
    withdraw: async (id) => {
      await pause();
      return world.move(world.request(id), "withdrawn", "Withdrawn");
    },
    chooseRefund: async (id, order) => {
      await pause();
      return world.chooseRefund(world.request(id), order);
    },
    closeRequest: async (id, ending, note) => {
      await pause();
      return world.close(world.request(id), ending, note);
    },
    enterDiscounts: async (table) => {
      await pause();
      return world.enterDiscounts(table);
    },
    sandboxClockAdvance: async (hours) => {
      await pause();
      world.now = addDays(world.now, hours / 24);
      return reads(world, pause).status();
    },
    sandboxConsoleAmount: async (ask) => {
      await pause();
      const resource = world.resource(ask.customer, ask.resource);
      return { amount: money(totals(resource, world.now, ask.expires).least), currency: world.row(resource).currency ?? "" };
    },
    sandboxConsoleAct: async (ask) => {
      await pause();
      return world.act(ask.customer, ask.resource, ask.expires);
    },
  };
}

function consoleSteps(request: RequestView): string[] {
  const tab = request.expires === null ? "Unsubscribe Resource" : "Unsubscribe Renewal That Does Not Take Effect";
  return [
    "Open Expenses and Costs, then Subscription Orders, then Resource Unsubscription.",
    `On the tab ${tab}, search for the instance id ${request.resource}.`,
    "Tick the boxes and stop before the last click.",
  ];
}

export const backend: Backend = mockDesk();
