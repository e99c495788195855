// The mock desk's side of the pages where the work is done.

import type { Money, Reconciled, ResourceQuery, RunProgressed, Waiting, WhatIfProgressed } from "../backend";
import type { WorkBackend } from "../work";
import { Batches } from "./batches";
import { addDays, money } from "./figures";
import { pageOfResources, passes, sums } from "./lists";
import { quoteOf, refundTypeOf, totals } from "./tell";
import type { World } from "./world";

/** Most resources of a selection. */
const SELECTION_MAX = 5_000;

/** Points of a mock curve. */
const CURVE_POINTS = 60;

export function workOf(world: World, pause: () => Promise<void>): WorkBackend {
  const batches = new Batches(world);
  const runs = new Set<(step: RunProgressed) => void>();
  const asks = new Set<(step: WhatIfProgressed) => void>();
  let stopped = false;

  const page = (query: ResourceQuery) => {
    const passed = world.live().filter((resource) => passes(resource, query));
    return pageOfResources(passed.map((resource) => world.row(resource)), query);
  };
  const everyRow = (query: ResourceQuery) => page({ ...query, offset: 0, limit: SELECTION_MAX }).rows;
  const judged = (customer: string, id: string, at: string) => {
    const resource = world.resource(customer, id);
    const eligible = refundTypeOf(resource, at) !== "nonrefundable";
    const sum = totals(resource, at);
    return { resource, eligible, least: eligible ? sum.least : 0, most: eligible ? sum.most : 0 };
  };
  const refundable = (rows: ReturnType<typeof everyRow>): Money[] =>
    sums(rows.filter((row) => row.refund_type !== "nonrefundable").map((row) => ({ amount: row.refund ?? "0.00", currency: row.currency ?? "" })));
  const run = async (requests: readonly string[]) => {
    stopped = false;
    const results = [];
    let last = null;
    for (const [done, next] of requests.entries()) {
      for (const listener of runs) listener({ progress: { done, total: requests.length, next }, last });
      if (stopped) return { results, left: requests.slice(done) };
      await pause();
      last = batches.send(next);
      results.push(last);
    }
    for (const listener of runs) listener({ progress: { done: requests.length, total: requests.length, next: null }, last });
    return { results, left: [] };
  };

  return {
    listed: async (query) => {
      await pause();
      return page(query).rows;
    },
    listTally: async (query) => {
      await pause();
      const { total, segments, products } = page(query);
      return { total, segments, products, refundable: refundable(everyRow(query)), renewing: 0 };
    },
    listKeys: async (query) => {
      const limit = query.limit === 0 ? SELECTION_MAX : query.limit;
      const { total, rows } = page({ ...query, limit });
      return { total, keys: rows.map(({ customer, resource }) => ({ customer, resource })) };
    },
    listedKeys: async (keys) => keys.map((key) => world.row(world.resource(key.customer, key.resource))),
    selectionSum: async (keys) => refundable(keys.map((key) => world.row(world.resource(key.customer, key.resource)))),
    whatIf: async (keys, at) => {
      await pause();
      return keys.map((key) => {
        const { resource, eligible, least, most } = judged(key.customer, key.resource, at);
        const currency = world.row(resource).currency;
        return { ...key, refund_type: refundTypeOf(resource, at), refund: money(least), refund_max: money(most), eligible, currency };
      });
    },
    whatIfTotals: async (query, at) => {
      const rows = everyRow(query);
      for (const listener of asks) listener({ done: 0, total: rows.length });
      await pause();
      const then = rows.map((row) => ({ amount: money(judged(row.customer, row.resource, at).least), currency: row.currency ?? "" }));
      return { at, judged: rows.length, not_judged: 0, now: refundable(rows), then: sums(then), more: 0, less: rows.length };
    },
    curve: async (customer, id, until) => {
      await pause();
      const { currency } = world.row(world.resource(customer, id));
      const span = (Date.parse(until) - Date.parse(world.now)) / 86_400_000;
      const points = Array.from({ length: CURVE_POINTS }, (_, index) => {
        const at = addDays(world.now, (span * index) / CURVE_POINTS);
        const { eligible, least, most } = judged(customer, id, at);
        return {
          at,
          after: false,
          refund: money(least),
          refund_max: money(most),
          refund_type: refundTypeOf(world.resource(customer, id), at),
          eligible,
          destinations: [],
          blockers: [],
        };
      });
      const best = { at: world.now, after: false, refund: points[0]?.refund ?? "0.00", by_waiting: "0.00" };
      return { resource: id, currency, at: world.now, until, points, best, policy: { id: "mock", version: "1" } };
    },
    questions: async (customer, id) => {
      const resource = world.resource(customer, id);
      const { quote, told } = quoteOf(resource, world.now, world.row(resource));
      return quote.unknowns.map((path, index) => world.question(path, told.unknowns[index]?.text ?? path, resource));
    },
    answerFacts: async (customer, id, answers) => {
      await pause();
      const resource = world.resource(customer, id);
      resource.unknowns = resource.unknowns.filter((path) => !answers.some((answer) => answer.path === path));
      return quoteOf(resource, world.now, world.row(resource));
    },
    plan: async (selection) => {
      await pause();
      return batches.plan(selection);
    },
    reviewBatch: async (selection) => {
      await pause();
      return batches.review(selection);
    },
    settleBatch: async (requests, answers) => {
      await pause();
      return batches.settle(requests, answers);
    },
    confirmBatch: async (decision) => {
      await pause();
      return batches.confirm(decision);
    },
    confirmBatchWithFloor: async (decision) => batches.confirm(decision),
    runBatch: async (batch) => run(batches.waiting(batch)),
    sendReady: async (requests) => run(requests),
    stopRun: async () => {
      stopped = true;
    },
    handOverBatch: async (batch) => batches.moveAll(batch, "confirmed", "handed_over"),
    reportBatch: async (batch) => {
      batches.moveAll(batch, "handed_over", "reported");
      return batches.batch(batch);
    },
    withdrawBatch: async (batch) => {
      batches.moveAll(batch, "confirmed", "withdrawn");
      return batches.batch(batch);
    },
    batches: async (customer) => batches.all(customer),
    batch: async (id) => batches.batch(id),
    ready: async (customer) => {
      const waiting = world.requests.filter((one) => one.state === "confirmed" && (customer === null || one.customer === customer));
      const told = waiting.map(
        (one): Waiting => ({
          request: one.id,
          customer: one.customer,
          resource: one.resource,
          product: one.product,
          action: one.action,
          channel: one.channel,
          state: one.state,
          currency: one.currency,
          confirmed: one.predicted,
          confirmed_max: one.predicted_max,
          now: one.predicted,
          now_max: one.predicted_max,
          until: one.waits_until,
          floor: one.floor,
          batch: one.batch,
          why: null,
        }),
      );
      return { at: world.now, ready: told.filter((one) => one.channel === "api"), by_hand: told.filter((one) => one.channel !== "api"), to_review: [] };
    },
    reconciliation: async () => ({
      moved: [],
      requests: world.requests.filter((one) => one.refund_order !== null).map(beside),
      elsewhere: world.history.filter((refund) => refund.request === null),
    }),
    wrongOne: async (request) => {
      const about = world.request(request);
      return { request, resource: about.resource, text: `Urgent: ${about.resource} was unsubscribed by mistake.`, kept: [] };
    },
    reportWithReceipt: async (id, order, receipt) => world.move(world.request(id), "reported", "Reported as done", { refund_order: order, receipt, instructions: [] }),
    confirmWithFloor: async (id, decision, floor) =>
      world.move(world.request(id), "confirmed", `Confirmed by ${decision.channel}`, { channel: decision.channel, reason: decision.reason, floor }),
    sandboxConsoleBatchTotal: async (batch) => {
      const { waiting_total, currency } = batches.batch(batch);
      return { amount: waiting_total, currency };
    },
    sandboxConsoleBatchAct: async (id) => {
      const items = batches.batch(id).items.filter((item) => item.state === "handed_over");
      for (const item of items) {
        const request = world.request(item.request);
        world.act(request.customer, request.resource, request.expires);
      }
      return items.length;
    },
    onRunProgress: (listener) => {
      runs.add(listener);
      return () => runs.delete(listener);
    },
    onWhatIfProgress: (listener) => {
      asks.add(listener);
      return () => asks.delete(listener);
    },
  };
}

function beside(request: World["requests"][number]): Reconciled {
  return {
    request: request.id,
    customer: request.customer,
    resource: request.resource,
    state: request.state,
    currency: request.currency,
    predicted: request.predicted,
    predicted_max: request.predicted_max,
    promised: request.actual,
    actual: request.actual,
    difference: "0.00",
    arrived: request.arrived,
    refund_orders: [request.refund_order ?? ""],
    predicted_to: [],
    arrived_to: [],
    predicted_on: null,
    predicted_by: request.arrives_by,
    arrived_on: null,
    differences: [],
    facts: null,
  };
}
