// Plans and batches of the mock desk: the shape of the real ones over its simple rules.

import type { Ask, BatchDecision, BatchItemView, BatchPlan, BatchReview, BatchView, PlannedBatch, PlannedItem, PlannedTotal, Run, RunResult } from "../backend";
import { cents, sumOf } from "./lists";
import { refuse } from "./refuse";
import type { World } from "./world";

/** Most items of one batch. */
const BATCH_MAX = 50;

type Kept = { id: string; requests: string[]; decision: BatchDecision; at: string };

export class Batches {
  #kept: Kept[] = [];

  constructor(readonly world: World) {}

  plan(selection: readonly Ask[]): BatchPlan {
    const plan: BatchPlan = { at: this.world.now, selected: selection.length, batches: [], singly: [], left_out: [], chances: [], totals: [], singly_totals: [] };
    const groups = new Map<string, Ask[]>();
    for (const ask of selection) {
      const row = this.world.row(this.world.resource(ask.customer, ask.resource));
      const about = { customer: ask.customer, resource: ask.resource };
      const open = this.world.requests.find((one) => one.id === row.request);
      if (open && open.state !== "reviewed") {
        plan.left_out.push({ ...about, code: "request_open", sentence: `${ask.resource} has an open request already.`, details: [open.id] });
      } else if (row.refund_type === "nonrefundable" && ask.action === "unsubscribe") {
        plan.left_out.push({ ...about, code: "blocked", sentence: `${ask.resource} cannot be unsubscribed: ${row.blockers.join(", ")}.`, details: row.blockers });
      } else if (row.batchable || ask.action === "cancel_renewals") {
        const key = `${ask.customer} ${ask.action} ${row.kind}`;
        groups.set(key, [...(groups.get(key) ?? []), ask]);
      } else {
        plan.singly.push({
          ...about,
          product: row.product,
          action: ask.action,
          expires: ask.expires,
          code: "full_refund",
          sentence: `${ask.resource} gets a full refund: such a one is unsubscribed by itself.`,
          channel: "console",
          refund_type: row.refund_type ?? "partial",
          currency: row.currency ?? "",
          refund: row.refund ?? "0.00",
          refund_max: row.refund_max ?? "0.00",
          at_risk: "0.00",
          loses_at: null,
        });
      }
    }
    for (const asks of groups.values()) {
      for (let at = 0; at < asks.length; at += BATCH_MAX) plan.batches.push(this.#planned(asks.slice(at, at + BATCH_MAX), plan.batches.length + 1));
    }
    plan.totals = totals(plan.batches);
    return plan;
  }

  review(selection: readonly Ask[]): BatchReview {
    const reviews = selection.map((ask) => this.world.review(this.world.begin(ask)));
    return this.#reviewed(reviews.map((review) => review.request.id));
  }

  settle(requests: readonly string[], answers: readonly { request: string; answers: { path: string }[] }[]): BatchReview {
    for (const { request, answers: given } of answers) {
      const about = this.world.request(request);
      const resource = this.world.resource(about.customer, about.resource);
      resource.unknowns = resource.unknowns.filter((path) => !given.some((answer) => answer.path === path));
    }
    return this.#reviewed(requests);
  }

  confirm(decision: BatchDecision): BatchView {
    const requests = decision.items.map((item) => this.world.request(item.request));
    const total = sumOf(requests.map((request) => request.predicted));
    if (cents(decision.total_typed) !== cents(total)) {
      refuse({ code: "amount_differs", message: "the amount typed is another one", place: "total_typed", next: "type the amount of the quote" });
    }
    const id = `b-${String(this.#kept.length + 1)}`;
    for (const request of requests) {
      this.world.move(request, "confirmed", `Confirmed by ${decision.channel}`, { channel: decision.channel, reason: decision.reason, batch: id });
    }
    this.#kept.unshift({ id, requests: requests.map((request) => request.id), decision, at: this.world.now });
    return this.batch(id);
  }

  all(customer: string | null): BatchView[] {
    return this.#kept.map(({ id }) => this.batch(id)).filter((batch) => customer === null || batch.customer === customer);
  }

  batch(id: string): BatchView {
    const kept = this.#kept.find((one) => one.id === id) ?? refuse({ code: "unknown_batch", message: `there is no batch ${id}`, place: "batch", next: "look at the list" });
    const requests = kept.requests.map((request) => this.world.request(request));
    const first = requests[0]!;
    const waiting = requests.filter((request) => request.state === "confirmed");
    const handed = requests.some((request) => request.state === "handed_over");
    const items: BatchItemView[] = requests.map((request) => ({
      request: request.id,
      resource: request.resource,
      state: request.state,
      predicted: request.predicted,
      predicted_max: request.predicted_max,
      actual: request.actual,
      arrived: request.arrived,
      refund_order: request.refund_order,
      problem: request.problem,
      floor: request.floor,
    }));
    const states = [...new Set(items.map((item) => item.state))];
    return {
      id,
      customer: first.customer,
      customer_name: first.customer_name,
      action: first.action,
      channel: kept.decision.channel,
      currency: first.currency,
      total: sumOf(items.map((item) => item.predicted)),
      total_max: sumOf(items.map((item) => item.predicted_max)),
      reason: kept.decision.reason,
      authorisation: kept.decision.authorisation,
      floor: null,
      confirmed_at: kept.at,
      items,
      counts: states.map((state) => ({ state, count: items.filter((item) => item.state === state).length })),
      waiting: waiting.length,
      waiting_total: sumOf(waiting.map((request) => request.predicted)),
      waiting_total_max: sumOf(waiting.map((request) => request.predicted_max)),
      arrived: sumOf(items.map((item) => item.arrived)),
      channel_refunds: items.length,
      instructions: kept.decision.channel === "console" ? ["Select all items.", "Compare the sum before the last click."] : [],
      moves: [...(waiting.length > 0 ? [kept.decision.channel === "api" ? "run" : "hand_over", "withdraw"] : []), ...(handed ? ["report"] : [])],
    };
  }

  /** Sends one; what it became. */
  send(id: string): RunResult {
    const request = this.world.request(id);
    const [order = null] = this.world.act(request.customer, request.resource, request.expires);
    const moved = this.world.move(request, "accepted", `Accepted as refund order ${order}`, { refund_order: order, actual: request.predicted });
    return { request: id, resource: moved.resource, state: moved.state, refund_order: order, problem: null };
  }

  waiting(id: string): string[] {
    return this.batch(id).items.filter((item) => item.state === "confirmed").map((item) => item.request);
  }

  moveAll(id: string, from: "confirmed" | "handed_over", to: "handed_over" | "reported" | "withdrawn"): Run {
    const items = this.batch(id).items.filter((item) => item.state === from);
    const results = items.map((item): RunResult => {
      const moved = this.world.move(this.world.request(item.request), to, to);
      return { request: moved.id, resource: moved.resource, state: moved.state, refund_order: null, problem: null };
    });
    return { results, left: [] };
  }

  #planned(asks: readonly Ask[], number: number): PlannedBatch {
    const rows = asks.map((ask) => this.world.row(this.world.resource(ask.customer, ask.resource)));
    const items: PlannedItem[] = asks.map((ask, index) => ({
      resource: ask.resource,
      product: rows[index]!.product,
      expires: ask.expires,
      refund: rows[index]!.refund ?? "0.00",
      refund_max: rows[index]!.refund_max ?? "0.00",
      at_risk: "1.00",
      loses_at: rows[index]!.valid_until,
      open_questions: [],
    }));
    const refund = sumOf(items.map((item) => item.refund));
    return {
      number,
      customer: asks[0]!.customer,
      customer_name: rows[0]!.customer_name,
      action: asks[0]!.action,
      kind: rows[0]!.kind,
      currency: rows[0]!.currency ?? "",
      refund,
      refund_max: sumOf(items.map((item) => item.refund_max)),
      destinations: [{ to: "balance", amount: refund, until: null }],
      channel_refunds: items.length,
      at_risk: sumOf(items.map((item) => item.at_risk)),
      loses_at: rows[0]!.valid_until,
      valid_until: rows[0]!.valid_until,
      items,
      search: items.map((item) => item.resource).join(","),
    };
  }

  #reviewed(requests: readonly string[]): BatchReview {
    const reviews = requests.map((id) => this.world.review(this.world.request(id)));
    const first = reviews[0]!;
    const total = sumOf(reviews.map((review) => review.quote.quote.refund));
    return {
      customer: first.request.customer,
      customer_name: first.request.customer_name,
      action: first.request.action,
      kind: first.quote.row.kind,
      currency: first.request.currency,
      items: reviews.map((review) => ({
        request: review.request.id,
        resource: review.request.resource,
        product: review.request.product,
        expires: review.request.expires,
        refund: review.quote.quote.refund,
        refund_max: review.quote.quote.refund_max,
        quote_sha256: review.quote.quote.sha256 ?? "",
        questions: review.questions,
      })),
      refused: [],
      channels: first.channels,
      channel_notes: first.channel_notes,
      total,
      total_max: sumOf(reviews.map((review) => review.quote.quote.refund_max)),
      type_total: total,
      channel_refunds: reviews.length,
      consequences: first.quote.told.consequences,
    };
  }
}

function totals(batches: readonly PlannedBatch[]): PlannedTotal[] {
  return [...new Set(batches.map((batch) => batch.currency))].map((currency) => {
    const own = batches.filter((batch) => batch.currency === currency);
    const refund = sumOf(own.map((batch) => batch.refund));
    return {
      currency,
      resources: own.reduce((count, batch) => count + batch.items.length, 0),
      refund,
      refund_max: sumOf(own.map((batch) => batch.refund_max)),
      destinations: [{ to: "balance", amount: refund, until: null }],
    };
  });
}
