// A desk in memory for looking at the pages and for their tests. It keeps the desk's manners (states, refusals, events), not
// its rules. Built only with `--mode mock`.

import {
  type Ask,
  type Backend,
  type ConsoleAsk,
  DeskProblem,
  type Decision,
  type FactAnswer,
  type HistoryQuery,
  type RefundRow,
  type RequestState,
  type RequestView,
  type ResourceQuery,
  type ResourceRow,
  type Review,
  type Subject,
  type SyncProgress,
} from "../backend";
import { sameAmount } from "../../figures/money";
import { addDays, money } from "./figures";
import { CUSTOMERS, type MockResource, seedResources, START } from "./seed";
import { candidates, quoteOf, refundTypeOf, rowOf, totals } from "./tell";

const MOVES: Partial<Record<RequestState, string[]>> = {
  reviewed: ["confirm", "withdraw"],
  handed_over: ["report", "ask_again", "withdraw"],
  reported: ["ask_again"],
  accepted: ["ask_again"],
  observed: ["ask_again"],
  unknown: ["ask_again"],
  rejected: ["review_again"],
  returned_to_review: ["review_again", "withdraw"],
};

const QUESTIONS: Record<string, string> = {
  "resource.security_risk": "Is the instance flagged for a security risk?",
  "resource.paid_marketplace_image": "Does the instance run a paid image from the marketplace?",
  "orders[0].invoiced": "Has an invoice been issued for this order?",
  "resource.renew_status": "Is automatic renewal on?",
};

/** A fresh mock desk. `wait` is how long a call takes, in ms. */
export function mockDesk(wait = 60): Backend {
  const resources = seedResources();
  const requests: RequestView[] = [];
  const history: RefundRow[] = [];
  const refunded = new Map<string, string[]>();
  const listeners = new Set<(subjects: Subject[]) => void>();
  const progress = new Set<(step: SyncProgress) => void>();
  let now = START;
  let synced = addDays(START, -0.12);
  let serial = 0;

  const pause = (ms = wait) => new Promise<void>((done) => setTimeout(done, ms));
  const refuse = (code: string, message: string, next: string, place: string | null = null): never => {
    throw new DeskProblem({ code, message, next, place });
  };
  const findResource = (customer: string, id: string): MockResource =>
    resources.find((one) => one.customer === customer && one.resource === id) ??
    refuse("unknown_resource", `resource \`${id}\` is not in the cache`, "Sync the customer, then look again.", "resource");
  const findRequest = (id: string): RequestView =>
    requests.find((one) => one.id === id) ?? refuse("unknown_request", `there is no request \`${id}\``, "Take the id from the list of requests.");
  const openRequest = (resource: string) =>
    requests.find((one) => one.resource === resource && !["refunded", "withdrawn", "rejected"].includes(one.state))?.id ?? null;
  const row = (resource: MockResource): ResourceRow => rowOf(resource, now, synced, openRequest(resource.resource));
  const changed = () => {
    for (const listener of listeners) listener(["customers", "resources", "requests", "history", "status"]);
  };
  const move = (request: RequestView, state: RequestState, text: string, more: Partial<RequestView> = {}): RequestView => {
    serial += 1;
    const at = new Date(Date.parse(now) + serial * 1000).toISOString();
    const acts = state === "confirmed" ? [(more.channel ?? request.channel) === "api" ? "send" : "hand_over", "withdraw"] : (MOVES[state] ?? []);
    const moved = { ...request, ...more, state, updated_at: at, moves: acts, trail: [...request.trail, { at, kind: `request_${state}`, text }] };
    requests.splice(0, requests.length, moved, ...requests.filter((one) => one.id !== request.id));
    return moved;
  };
  const review = (request: RequestView): Review => {
    const resource = findResource(request.customer, request.resource);
    const quote = quoteOf(resource, now, row(resource), request.expires);
    const renewal = request.action === "cancel_renewals";
    return {
      request,
      quote,
      channels: renewal ? ["console"] : ["console", "api"],
      channel_notes: renewal
        ? [{ text: "No published API call cancels a renewal alone.", rule: "renewal-console", source: "API reference, 2026-05-01" }]
        : [],
      questions: quote.quote.unknowns.map((path, index) => {
        const table = path.endsWith("discounts");
        return {
          path,
          text: QUESTIONS[path] ?? quote.told.unknowns[index]?.text ?? path,
          order: path.startsWith("orders[0]") ? (resource.orders[0]?.order ?? null) : null,
          usual: table || path.endsWith("renew_status") ? null : "false",
          required: !table && !path.endsWith("renew_status"),
        };
      }),
      type_amount: quote.quote.refund,
    };
  };
  const begin = (ask: Ask): Review => {
    const resource = findResource(ask.customer, ask.resource);
    const quote = quoteOf(resource, now, row(resource), ask.expires).quote;
    serial += 1;
    const request: RequestView = {
      id: `r-${String(1000 + serial)}`,
      customer: ask.customer,
      customer_name: CUSTOMERS.find((one) => one.id === ask.customer)?.name ?? "",
      resource: ask.resource,
      product: resource.product,
      action: ask.action,
      expires: ask.expires,
      state: "reviewed",
      channel: null,
      currency: quote.currency ?? "",
      predicted: quote.refund,
      predicted_max: quote.refund_max,
      actual: null,
      arrived: "0.00",
      reason: null,
      refund_order: null,
      created_at: now,
      updated_at: now,
      arrives_by: quote.arrives_by,
      quote_sha256: quote.sha256 ?? null,
      problem: null,
      moves: [],
      instructions: [],
      trail: [],
    };
    return review(move(request, "reviewed", `Reviewed: ${quote.currency} ${quote.refund}.`));
  };
  const act = (ask: { customer: string; resource: string; expires: string | null }): string[] => {
    const resource = findResource(ask.customer, ask.resource);
    serial += 1;
    const order = `9${String(20_260_520_000_000 + serial * 37)}`;
    const sum = totals(resource, now, ask.expires);
    refunded.set(resource.resource, [order]);
    history.unshift({
      customer: ask.customer,
      customer_name: CUSTOMERS.find((one) => one.id === ask.customer)?.name ?? "",
      refund_order: order,
      resource: resource.resource,
      product: resource.product,
      related_orders: sum.lines.map((line) => line.order.order),
      order_status: "refunding",
      currency: row(resource).currency ?? "",
      amount: money(sum.least),
      arrived: "0.00",
      unsubscribe_to: [],
      refunded_at: now,
      arrived_at: null,
      request: null,
      predicted: null,
      difference: null,
      reason: null,
    });
    if (ask.expires === null) resource.released = true;
    else resource.orders = resource.orders.filter((one) => one.start < (ask.expires ?? ""));
    return [order];
  };
  const settleHistory = (): string[] => {
    const moved: string[] = [];
    for (const entry of history) {
      const request = requests.find((one) => one.resource === entry.resource && one.state !== "withdrawn" && one.state !== "reviewed");
      if (request) Object.assign(entry, { request: request.id, predicted: request.predicted, difference: "0.00", reason: request.reason });
      const arrived = Date.parse(now) - Date.parse(entry.refunded_at) >= 2 * 86_400_000;
      if (arrived && entry.order_status === "refunding") {
        Object.assign(entry, { order_status: "refunded", arrived: entry.amount, arrived_at: now, unsubscribe_to: [{ to: "balance", amount: entry.amount, at: now }] });
      }
      const state = entry.order_status === "refunded" ? "refunded" : "observed";
      if (request && request.state !== state && ["accepted", "reported", "observed"].includes(request.state)) {
        move(request, state, state === "refunded" ? "The money has arrived." : `Sync saw refund order ${entry.refund_order}.`, {
          refund_order: entry.refund_order,
          actual: entry.amount,
          arrived: entry.arrived,
        });
        moved.push(request.id);
      }
    }
    return moved;
  };

  // A few refunds that were made before today, one of them elsewhere.
  for (const resource of resources.filter((one) => refundTypeOf(one, now) === "partial").slice(3, 9)) {
    act({ customer: resource.customer, resource: resource.resource, expires: null });
  }
  for (const [index, entry] of history.entries()) {
    const at = addDays(START, -3 - index * 11);
    const done = index > 0;
    Object.assign(entry, {
      refunded_at: at,
      order_status: done ? "refunded" : "refunding",
      arrived: done ? entry.amount : "0.00",
      arrived_at: done ? addDays(at, 2) : null,
      unsubscribe_to: done ? [{ to: "bank_card", amount: entry.amount, at: addDays(at, 2) }] : [],
      request: index === 2 ? null : `r-09${index}0`,
      predicted: index === 2 ? null : entry.amount,
      difference: index === 2 ? null : "0.00",
      reason: index === 2 ? null : "Project ended",
    });
  }

  const live = () => resources.filter((one) => !one.released);
  const inQuery = (query: ResourceQuery) => (one: MockResource) =>
    (query.customer === null || one.customer === query.customer) &&
    (query.tab === "all" || (query.tab === "plans") === (one.kind === "resource_plan")) &&
    [one.resource, one.product, one.region].some((field) => field.toLowerCase().includes(query.text.toLowerCase())) &&
    (query.ordered_from === null || one.orders[0]!.start.slice(0, 10) >= query.ordered_from) &&
    (query.ordered_to === null || one.orders[0]!.start.slice(0, 10) <= query.ordered_to);
  const inHistory = (query: HistoryQuery) => (one: RefundRow) =>
    (query.customer === null || one.customer === query.customer) &&
    [one.resource, one.refund_order, one.product].some((field) => field.toLowerCase().includes(query.text.toLowerCase())) &&
    (query.from === null || one.refunded_at.slice(0, 10) >= query.from) &&
    (query.to === null || one.refunded_at.slice(0, 10) <= query.to);
  const cents = (amount: string | null) => BigInt((amount ?? "0").replace(".", ""));
  const sumOf = (amounts: readonly { amount: string; currency: string }[]) =>
    [...new Set(amounts.map((one) => one.currency))].map((currency) => ({
      currency,
      amount: money(Number(amounts.filter((one) => one.currency === currency).reduce((sum, one) => sum + cents(one.amount), 0n))),
    }));

  const status = () => ({
    sandbox: true,
    home: "~/refund-desk/sandbox",
    now,
    version: "0.1.0",
    device: "mock",
    journal_head: null,
    journal_entries: serial,
  });

  return {
    status: async () => status(),
    customers: async () => {
      await pause();
      return CUSTOMERS.map((customer) => {
        const own = live().filter((one) => one.customer === customer.id);
        const refundable = sumOf(own.map((one) => ({ amount: row(one).refund ?? "0.00", currency: customer.currency })));
        return { ...customer, resources: own.length, refundable, synced_at: synced, sync_error: null };
      });
    },
    resources: async (query) => {
      await pause();
      const filtered = live().filter(inQuery(query));
      const products = [...new Set(filtered.map((one) => one.product))].sort();
      const inProduct = filtered.map(row).filter((one) => query.product === null || one.product === query.product);
      const types = [...new Set(inProduct.map((one) => one.refund_type))].filter((type) => type !== null).sort();
      const rows = inProduct.filter((one) => query.refund_type === null || one.refund_type === query.refund_type);
      const by: Record<ResourceQuery["sort"], (one: ResourceRow) => bigint | string> = {
        refund: (one) => cents(one.refund),
        expires: (one) => one.expires_at ?? "",
        product: (one) => one.product,
        resource: (one) => one.resource,
        customer: (one) => one.customer_name,
        order_time: (one) => one.ordered_at ?? "",
      };
      const key = by[query.sort];
      rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (query.descending ? -1 : 1));
      return {
        total: rows.length,
        offset: query.offset,
        rows: rows.slice(query.offset, query.offset + query.limit),
        segments: types.map((refund_type) => ({ refund_type, count: inProduct.filter((one) => one.refund_type === refund_type).length })),
        products,
      };
    },
    quote: async (customer, id, at) => {
      await pause();
      const resource = findResource(customer, id);
      return quoteOf(resource, at ?? now, row(resource));
    },
    renewals: async (customer) => {
      await pause();
      return live()
        .filter((one) => (customer === null || one.customer === customer) && one.orders.some((order) => order.start > now))
        .map((one) => ({
          customer: one.customer,
          customer_name: row(one).customer_name,
          resource: one.resource,
          product: one.product,
          currency: row(one).currency ?? "",
          renew_status: one.renew,
          current_end: one.orders[0]!.end,
          expires_at: one.orders[one.orders.length - 1]!.end,
          pending: one.orders
            .filter((order) => order.start > now)
            .map((order) => ({ order: order.order, start: order.start, end: order.end, cash: money(order.cash), compensatory: false })),
          candidates:
            one.blocker === null
              ? candidates(one, now).map((expires) => ({
                  expires,
                  falls: one.orders.filter((order) => order.start >= expires).map((order) => order.order),
                  refund: money(totals(one, now, expires).least),
                }))
              : [],
          blockers: one.blocker === null ? [] : quoteOf(one, now, row(one)).told.blockers,
          request: openRequest(one.resource),
        }));
    },
    review: async (ask) => {
      await pause();
      const result = begin(ask);
      changed();
      return result;
    },
    settle: async (id, answers: FactAnswer[]) => {
      await pause();
      const request = findRequest(id);
      const resource = findResource(request.customer, request.resource);
      resource.unknowns = resource.unknowns.filter((path) => !answers.some((answer) => answer.path === path));
      return review(move(request, "reviewed", `${answers.length} facts entered (${answers[0]?.source ?? ""}).`));
    },
    confirm: async (id, decision: Decision) => {
      await pause();
      const request = findRequest(id);
      if (decision.amount_typed !== request.predicted) {
        refuse("amount_differs", "the typed amount is not the amount of the quote", "Type it exactly as shown.", "amount_typed");
      }
      return move(request, "confirmed", `Confirmed by ${decision.channel}: ${decision.reason}`, {
        channel: decision.channel,
        reason: decision.reason,
        instructions: [
          "Sign in to the Expenses and Costs console, Expenses > Subscription Orders.",
          request.expires === null ? "Open the Unsubscribe Resource tab." : "Open the Unsubscribe Renewal That Does Not Take Effect tab.",
          `Filter by Instance ID ${request.resource}.`,
          "Select the check boxes and stop before the last click.",
        ],
      });
    },
    send: async (id) => {
      await pause(500);
      const request = findRequest(id);
      const [order] = act(request);
      return move(request, "accepted", `Accepted: refund order ${order}.`, { refund_order: order ?? null, actual: request.predicted });
    },
    handOver: async (id, amount) => {
      await pause();
      const request = findRequest(id);
      if (!sameAmount(amount, request.predicted)) {
        const problem = {
          code: "console_amount_differs",
          message: `the console shows ${amount}, confirmed was ${request.predicted}`,
          place: "console_amount",
          next: "do not click there; sync, then review again with both numbers",
        };
        move(request, "returned_to_review", `Back to review: ${request.predicted} was confirmed, now it is ${amount}`, { problem });
        throw new DeskProblem(problem);
      }
      return move(request, "handed_over", `The console shows ${amount}, as predicted.`);
    },
    report: async (id, order) => {
      await pause();
      return move(findRequest(id), "reported", order === null ? "Reported; the sync finds the refund order." : `Reported: refund order ${order}.`, { refund_order: order });
    },
    askAgain: async (id) => {
      await pause(300);
      return findRequest(id);
    },
    withdraw: async (id) => {
      await pause();
      return move(findRequest(id), "withdrawn", "Withdrawn.");
    },
    requests: async (customer) => requests.filter((one) => customer === null || one.customer === customer),
    history: async (query) => {
      await pause();
      const rows = history.filter(inHistory(query));
      return { total: rows.length, offset: query.offset, rows: rows.slice(query.offset, query.offset + query.limit), totals: sumOf(rows) };
    },
    exportHistory: async (query) => {
      await pause(200);
      return {
        path: "~/refund-desk/sandbox/exports/refunds-2026-05-20.csv",
        rows: history.filter(inHistory(query)).length,
        sha256: "5c1d7e0b9a4f3826d1c0be97a52f4483e6d9b0178a3c5f2e4d6b8091a7c3e5f2",
      };
    },
    sync: async (customer) => {
      const which = CUSTOMERS.filter((one) => customer === null || one.id === customer);
      for (const one of which) {
        for (let done = 0; done <= 100; done += 25) {
          for (const listener of progress) listener({ customer: one.id, phase: "Orders", done, total: 100 });
          await pause();
        }
      }
      synced = now;
      const moved = settleHistory();
      return which.map((one, index) => ({
        customer: one.id,
        started_at: now,
        finished_at: now,
        calls: 14,
        resources: live().filter((resource) => resource.customer === one.id).length,
        orders: 200,
        refunds: history.filter((entry) => entry.customer === one.id).length,
        transactions: 40,
        moved: index === 0 ? moved : [],
        problem: null,
      }));
    },
    sandboxClockAdvance: async (hours) => {
      await pause();
      now = addDays(now, hours / 24);
      return status();
    },
    sandboxConsoleAmount: async (ask: ConsoleAsk) => {
      await pause();
      const resource = findResource(ask.customer, ask.resource);
      return { amount: money(totals(resource, now, ask.expires).least), currency: row(resource).currency ?? "" };
    },
    sandboxConsoleAct: async (ask: ConsoleAsk) => {
      await pause();
      return act(ask);
    },
    onSyncProgress: (listener) => {
      progress.add(listener);
      return () => progress.delete(listener);
    },
    onDeskChanged: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const backend: Backend = mockDesk();
