// The mock desk's world: resources, requests and refunds, and how acts move them.

import type { Ask, DiscountTable, Ending, Question, RefundRow, RenewalStack, RequestState, RequestView, ResourceRow, Review } from "../backend";
import { checkTable } from "./discounts";
import { addDays, money } from "./figures";
import { refuse } from "./refuse";
import { type MockResource, seedResources, START } from "./seed";
import { candidates, quoteOf, refundTypeOf, rowOf, totals } from "./tell";

const MOVES: Partial<Record<RequestState, string[]>> = {
  reviewed: ["confirm", "review_again", "withdraw"],
  handed_over: ["report", "ask_again", "withdraw"],
  accepted: ["ask_again"],
  reported: ["ask_again"],
  observed: ["ask_again"],
  unknown: ["ask_again"],
  returned_to_review: ["review_again", "withdraw"],
};

const QUESTIONS: Record<string, string> = {
  "resource.security_risk": "Is the instance flagged for a security risk?",
  "resource.paid_marketplace_image": "Does the instance run a paid image from the marketplace?",
  "orders[0].invoiced": "Has an invoice been issued for this order?",
  "resource.renew_status": "Is automatic renewal on?",
};

/** Facts that need no answer before confirming. */
const OPTIONAL = ["discounts", "renew_status"];

/** How long the mock cloud takes to pay, in days. */
const PAYS_AFTER = 2;

/** A decimal string with two places as whole cents. */
const cents = (amount: string) => Number(amount.replace(".", ""));

export class World {
  readonly resources = seedResources();
  tables: DiscountTable[] = [];
  requests: RequestView[] = [];
  readonly notes = new Map<string, string>();
  readonly history: RefundRow[] = [];
  now = START;
  synced = addDays(START, -0.12);
  serial = 0;

  constructor() {
    this.#seedHistory();
  }

  live(): MockResource[] {
    return this.resources.filter((resource) => !resource.released);
  }

  resource(customer: string, id: string): MockResource {
    const found = this.resources.find((one) => one.customer === customer && one.resource === id);
    const next = "sync the customer, then look again; a released resource is only in the history";
    return found ?? refuse({ code: "unknown_resource", message: `resource \`${id}\` is not in the cache`, place: "resource", next });
  }

  request(id: string): RequestView {
    const found = this.requests.find((one) => one.id === id);
    const next = "take the id from the list of requests";
    return found ?? refuse({ code: "unknown_request", message: `there is no request \`${id}\``, place: "request", next });
  }

  discounts(customer: string): DiscountTable[] {
    const key = (table: DiscountTable) => `${table.product} ${table.from ?? ""}`;
    return this.tables.filter((table) => table.customer === customer).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /** Enters a table, or replaces the one of the same product and date. */
  enterDiscounts(table: DiscountTable): DiscountTable[] {
    checkTable(table);
    const same = (one: DiscountTable) => one.customer === table.customer && one.product === table.product;
    this.tables = [...this.tables.filter((one) => !same(one) || one.from !== table.from), { ...table, entered_at: this.now }];
    for (const resource of this.resources) {
      if (resource.customer === table.customer && resource.product === table.product) resource.tables = this.tables.filter(same);
    }
    return this.discounts(table.customer);
  }

  row(resource: MockResource): ResourceRow {
    return rowOf(resource, this.now, this.synced, this.#openRequest(resource.resource));
  }

  stack(resource: MockResource): RenewalStack {
    const row = this.row(resource);
    const pending = resource.orders.filter((order) => order.start > this.now);
    const possible = resource.blocker === null ? candidates(resource, this.now) : [];
    return {
      customer: resource.customer,
      customer_name: row.customer_name,
      resource: resource.resource,
      product: resource.product,
      currency: row.currency ?? "",
      renew_status: resource.renew,
      current_end: resource.orders[0]?.end ?? "",
      expires_at: resource.orders[resource.orders.length - 1]?.end ?? "",
      pending: pending.map(({ order, start, end, cash }) => ({ order, start, end, cash: money(cash), compensatory: false })),
      candidates: possible.map((expires) => ({
        expires,
        falls: pending.filter((order) => order.start >= expires).map((order) => order.order),
        refund: money(totals(resource, this.now, expires).least),
      })),
      blockers: resource.blocker === null ? [] : quoteOf(resource, this.now, row).told.blockers,
      request: row.request,
    };
  }

  /** A request in state `reviewed`: the open one on the resource, or a new one. */
  begin(ask: Ask): RequestView {
    const resource = this.resource(ask.customer, ask.resource);
    const row = this.row(resource);
    const { quote } = quoteOf(resource, this.now, row, ask.expires);
    this.serial += 1;
    const fresh: RequestView = {
      id: `r-${String(1000 + this.serial)}`,
      customer: ask.customer,
      customer_name: row.customer_name,
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
      created_at: this.now,
      updated_at: this.now,
      arrives_by: quote.arrives_by,
      quote_sha256: quote.sha256 ?? null,
      problem: null,
      waits_until: null,
      floor: null,
      batch: null,
      receipt: null,
      warnings: [],
      moves: [],
      refunds_to_choose: [],
      endings: [],
      closed: null,
      instructions: [],
      trail: [],
    };
    const open = this.requests.find((one) => one.id === row.request);
    const again = open && { ...fresh, id: open.id, created_at: open.created_at, trail: open.trail };
    return this.move(again ?? fresh, "reviewed", `Reviewed: ${quote.refund} ${quote.currency}`);
  }

  review(request: RequestView): Review {
    const resource = this.resource(request.customer, request.resource);
    const quote = quoteOf(resource, this.now, this.row(resource), request.expires);
    const renewal = request.action === "cancel_renewals";
    const note = { text: "No published API call cancels a renewal alone: the console does.", rule: null, source: null };
    return {
      request,
      quote,
      channels: renewal ? ["console"] : ["console", "api"],
      channel_notes: renewal ? [note] : [],
      questions: quote.quote.unknowns.map((path, index) => this.question(path, quote.told.unknowns[index]?.text ?? path, resource)),
      type_amount: quote.quote.refund,
    };
  }

  question(path: string, told: string, resource: MockResource): Question {
    const required = !OPTIONAL.some((fact) => path.endsWith(fact));
    const order = path.startsWith("orders[0]") ? (resource.orders[0]?.order ?? null) : null;
    return { path, text: QUESTIONS[path] ?? told, order, usual: required ? "false" : null, required };
  }

  /** One move of a request, added to its trail; the request comes first in the list. */
  move(request: RequestView, state: RequestState, text: string, more: Partial<RequestView> = {}): RequestView {
    const next = { ...request, ...more, state, updated_at: this.now };
    const confirmed = [next.channel === "api" ? "send" : "hand_over", "withdraw"];
    const moved = {
      ...next,
      moves: state === "confirmed" ? confirmed : (MOVES[state] ?? []),
      trail: [...request.trail, { at: this.now, kind: `request_${state}`, text }],
    };
    this.requests = [moved, ...this.requests.filter((one) => one.id !== request.id)];
    return moved;
  }

  /** The manager's word on whose a refund order is. */
  chooseRefund(request: RequestView, order: string): RequestView {
    const refund = this.history.find((one) => one.refund_order === order);
    if (!refund) return refuse({ code: "unknown_refund", message: `${order} is no refund order`, place: "refund_order", next: "sync first" });
    refund.request = request.id;
    const seen = { refund_order: order, actual: refund.amount, refunds_to_choose: [], endings: [] };
    return this.move(request, "observed", `Seen in the cloud: ${order}`, seen);
  }

  /** What ended otherwise is closed with the difference. */
  close(request: RequestView, ending: Ending, note: string): RequestView {
    const difference = money(cents(request.arrived) - cents(request.predicted));
    const closed = { ending, note, expected: request.predicted, arrived: request.arrived, difference, elsewhere: [] };
    return this.move(request, "closed", `Closed: ${note}`, { closed, endings: [], refunds_to_choose: [] });
  }

  /** What the click at the console, or the call, does in the cloud. Returns the refund orders. */
  act(customer: string, id: string, expires: string | null): string[] {
    const resource = this.resource(customer, id);
    const row = this.row(resource);
    const sum = totals(resource, this.now, expires);
    this.serial += 1;
    const order = `9${String(20_260_520_000_000 + this.serial * 37)}`;
    this.history.unshift({
      customer,
      customer_name: row.customer_name,
      refund_order: order,
      resource: id,
      product: resource.product,
      related_orders: sum.lines.map((line) => line.order.order),
      order_status: "refunding",
      currency: row.currency ?? "",
      amount: money(sum.least),
      arrived: "0.00",
      unsubscribe_to: [],
      refunded_at: this.now,
      arrived_at: null,
      request: null,
      also_answers: [],
      predicted: null,
      difference: null,
      reason: null,
    });
    if (expires === null) resource.released = true;
    else resource.orders = resource.orders.filter((one) => one.start < expires);
    return [order];
  }

  /** Pays what is due and moves the requests that a sync sees. Returns their ids. */
  reconcile(): string[] {
    this.synced = this.now;
    return this.history.flatMap((refund) => {
      if (refund.order_status === "refunding" && addDays(refund.refunded_at, PAYS_AFTER) <= this.now) this.#pay(refund, this.now);
      const request = this.requests.find(
        (one) => one.resource === refund.resource && ["accepted", "reported", "observed"].includes(one.state),
      );
      if (!request) return [];
      Object.assign(refund, { request: request.id, predicted: request.predicted, difference: "0.00", reason: request.reason });
      const state = refund.order_status === "refunded" ? "refunded" : "observed";
      if (request.state === state) return [];
      const text = state === "refunded" ? `All money has arrived: ${refund.arrived}` : `Seen in the cloud: ${refund.refund_order}`;
      this.move(request, state, text, { refund_order: refund.refund_order, actual: refund.amount, arrived: refund.arrived });
      return [request.id];
    });
  }

  #openRequest(resource: string): string | null {
    const closed = ["refunded", "withdrawn", "rejected", "closed"];
    return this.requests.find((one) => one.resource === resource && !closed.includes(one.state))?.id ?? null;
  }

  #pay(refund: RefundRow, at: string): void {
    const part = { to: "balance", amount: refund.amount, at };
    Object.assign(refund, { order_status: "refunded", arrived: refund.amount, arrived_at: at, unsubscribe_to: [part] });
  }

  /** A few refunds of the weeks before, the newest still on its way, one of them made elsewhere. */
  #seedHistory(): void {
    const partial = this.resources.filter((resource) => refundTypeOf(resource, this.now) === "partial");
    for (const resource of partial.slice(3, 9)) this.act(resource.customer, resource.resource, null);
    for (const [index, refund] of this.history.entries()) {
      refund.refunded_at = addDays(START, -1 - index * 11);
      if (index > 0) this.#pay(refund, addDays(refund.refunded_at, PAYS_AFTER));
      if (index === 2) continue;
      Object.assign(refund, { request: `r-09${index}0`, predicted: refund.amount, difference: "0.00", reason: "Project ended" });
    }
  }
}
