// The mock desk's quotes: the shape and the words of the real ones, over simple arithmetic in whole cents.

import type { Change, Quote, QuoteView, RefundType, ResourceRow, Sentence, Step, Told } from "../backend";
import { discountAt, FACTOR_ONE, tableFor } from "./discounts";
import { addDays, begunDays, money, ruleDate, ruleMinute, share } from "./figures";
import { CUSTOMERS, type MockOrder, type MockResource } from "./seed";

const SOURCE = "Unsubscription rules, Refund amount, 2026-03-30";
const sentence = (text: string, rule: string, source = SOURCE): Sentence => ({ text, rule, source });

type OrderMoney = {
  order: MockOrder;
  days: number;
  total: number;
  /** The factor for longer use, as the table writes it. */
  discount: string;
  consumed: number;
  least: number;
  most: number;
  pending: boolean;
};

/** The coefficient of the first month, in tenths. */
function tenths(product: string, days: number): number {
  if (product === "waf") return 15;
  return ["ecs", "cfw"].includes(product) && days < 30 ? 15 : 10;
}

function orderMoney(resource: MockResource, order: MockOrder, at: string): OrderMoney {
  const pending = order.start > at;
  const total = begunDays(order.start, order.end);
  const days = pending ? 0 : Math.min(total, begunDays(order.start, at));
  const table = tableFor(resource.tables, order.start);
  const discount = discountAt(table, resource.kind === "resource_plan" ? { percent: resource.usedPercent } : { days });
  const coefficient = tenths(resource.product, days);
  const consumed = pending ? 0 : share(order.list, days * coefficient * discount.tenThousandths, 10 * total * FACTOR_ONE);
  const least = Math.max(0, order.cash - consumed);
  const most = resource.range && !table && !pending ? Math.max(least, order.cash - share(consumed, order.cash, order.list)) : least;
  return { order, days, total, discount: discount.text, consumed, least, most, pending };
}

export function refundTypeOf(resource: MockResource, at: string): RefundType {
  if (resource.blocker !== null) return "nonrefundable";
  const lines = resource.orders.map((order) => orderMoney(resource, order, at));
  if (lines.every((line) => line.most === 0)) return "nonrefundable";
  const first = resource.orders[0]!;
  if (resource.kind === "resource_plan") return resource.usedPercent === 0 ? "full_unused" : "partial";
  return begunDays(first.start, at) <= 5 && ["ecs", "rds", "redisa", "sas"].includes(resource.product) ? "full_no_reason" : "partial";
}

const BLOCKERS: Record<string, string> = {
  promotion_nonrefundable: "The order was bought in promotion “Anniversary”, which forbids refunds.",
  status_changing: "The configuration is being changed: the console answers “Failed to obtain unsubscription resource information”.",
  unpaid_order: "An order of this resource is unpaid. Pay or cancel it first.",
  refund_is_zero: "Nothing would come back: the use so far is worth what was paid.",
};

/** The amounts of a resource, all its orders or only those that start at or after an instant. */
export function totals(resource: MockResource, at: string, fallsFrom: string | null = null) {
  const full = ["full_unused", "full_no_reason"].includes(refundTypeOf(resource, at));
  const lines = resource.orders
    .filter((order) => fallsFrom === null || order.start >= fallsFrom)
    .map((order) => orderMoney(resource, order, at))
    .map((line) => (full ? { ...line, consumed: 0, least: line.order.cash, most: line.order.cash } : line));
  return {
    lines,
    least: lines.reduce((sum, line) => sum + line.least, 0),
    most: lines.reduce((sum, line) => sum + line.most, 0),
  };
}

export function rowOf(resource: MockResource, at: string, factsAt: string, request: string | null): ResourceRow {
  const customer = CUSTOMERS.find((one) => one.id === resource.customer)!;
  const type = refundTypeOf(resource, at);
  const sum = totals(resource, at);
  const eligible = type !== "nonrefundable";
  const last = resource.orders[resource.orders.length - 1]!;
  return {
    customer: customer.id,
    customer_name: customer.name,
    resource: resource.resource,
    product: resource.product,
    kind: resource.kind,
    region: resource.region,
    status: resource.blocker === "status_changing" ? "changing" : resource.status,
    renew_status: resource.renew,
    ordered_at: resource.orders[0]!.start,
    expires_at: last.end,
    refund_type: type,
    refund: money(eligible ? sum.least : 0),
    refund_max: money(eligible ? sum.most : 0),
    exact: sum.least === sum.most,
    currency: customer.currency,
    batchable: type === "partial",
    blockers: resource.blocker === null ? [] : [resource.blocker],
    valid_until: addDays(at, 0.4),
    pending_renewals: sum.lines.filter((line) => line.pending).length,
    facts_at: factsAt,
    request,
    problem: null,
  };
}

export function quoteOf(resource: MockResource, at: string, row: ResourceRow, expires: string | null = null): QuoteView {
  const sum = totals(resource, at, expires);
  const eligible = row.refund_type !== "nonrefundable";
  const methods = [...new Set(sum.lines.map((line) => line.order.method))].sort();
  const blocker = resource.blocker ?? "refund_is_zero";
  const quote: Quote = {
    resource: resource.resource,
    at,
    valid_until: row.valid_until,
    currency: row.currency,
    eligible,
    refund_type: expires === null ? (row.refund_type ?? "partial") : "renewal",
    batchable: row.batchable,
    releasable: !eligible && resource.blocker === null,
    refund: money(eligible ? sum.least : 0),
    refund_max: money(eligible ? sum.most : 0),
    would_be: money(sum.least),
    would_be_max: money(sum.most),
    exact: sum.least === sum.most,
    lines: sum.lines.map((line) => ({
      order: line.order.order,
      state: line.pending ? "pending" : "in_effect",
      cash: money(line.order.cash),
      consumed: money(line.consumed),
      refund: money(line.least),
      refund_max: money(line.most),
      steps: stepsOf(resource, line),
    })),
    destinations: eligible
      ? methods.map((method) => {
          const part = sum.lines.filter((line) => line.order.method === method);
          return {
            to: method,
            amount: money(part.reduce((all, line) => all + line.least, 0)),
            until: method === "balance" ? null : addDays(resource.orders[0]!.start, method === "paypal" ? 180 : 150),
          };
        })
      : [],
    blockers: eligible ? [] : [{ code: blocker, rule: blocker, params: {} }],
    why_not: [{ refund_type: "full_no_reason", rule: "no-reason-window", condition: "within_window", params: { days: 5 } }],
    readings: ["order-tax-outside"],
    unknowns: resource.unknowns.filter((path) => path !== DISCOUNTS || tableFor(resource.tables, resource.orders[0]!.start) === null),
    channel: "console",
    channel_refunds: methods.length,
    processed_by: ruleDate(addDays(at, 2)),
    arrives_by: ruleDate(addDays(at, 43)),
    consequences: [{ id: "released", params: {} }],
    forfeits: [],
    confirmations: expires === null ? ["amount", "backup"] : ["amount"],
    candidates: expires === null ? [] : candidates(resource, at),
    next_changes: eligible && expires === null ? changes(resource, at) : [],
    policy: { id: CUSTOMERS.find((one) => one.id === resource.customer)!.site, version: "2026-05-22" },
    sha256: "9f2c41d07be85a3366c1f0e4b27d9a8c5e1b3f7049d6a2c8e0f4b6d81a3c5e79",
  };
  return { row, orders: resource.orders.map((order) => orderRow(order, row.currency ?? "")), quote, told: told(quote, sum.lines) };
}

function stepsOf(resource: MockResource, line: OrderMoney): Step[] {
  if (line.pending) return [{ rule: "pending-whole", id: "refund.pending", params: { cash: money(line.order.cash) } }];
  const coefficient = money(tenths(resource.product, line.days) * 10);
  const share = { list: money(line.order.list), used_days: line.days, sub_days: line.total, discount: line.discount, coefficient };
  return [
    { rule: "time-share", id: "consumed.time", params: share },
    { rule: "refund-rest", id: "refund.rest", params: { cash: money(line.order.cash), consumed: money(line.consumed) } },
  ];
}

/** The possible Updated Expiration Times: the start of the first pending renewal, the ends of all but the last. */
export function candidates(resource: MockResource, at: string): string[] {
  return resource.orders.filter((order) => order.start > at).map((order) => order.start);
}

function changes(resource: MockResource, at: string): Change[] {
  const first = resource.orders[0]!;
  const next = begunDays(first.start, at);
  return [0, 1, 2, 3].map((ahead) => {
    const boundary = addDays(first.start, next + ahead);
    const before = totals(resource, addDays(boundary, -0.01)).least;
    return { at: boundary, what: "amount", before: money(before), after: money(totals(resource, addDays(boundary, 0.01)).least) };
  });
}

function orderRow(order: MockOrder, currency: string) {
  return {
    order: order.order,
    order_type: order.type,
    status: "paid",
    currency,
    created_at: order.start,
    paid_at: order.start,
    start: order.start,
    end: order.end,
    list: money(order.list),
    cash: money(order.cash),
    coupon: money(order.coupon),
    tax: "0.00",
  };
}

function told(quote: Quote, lines: readonly OrderMoney[]): Told {
  const range = quote.refund === quote.refund_max ? quote.refund : `${quote.refund} to ${quote.refund_max}`;
  return {
    headline: quote.eligible
      ? `Unsubscribing now returns ${quote.currency} ${range} of ${quote.currency} ${money(lines.reduce((sum, line) => sum + line.order.cash, 0))} paid. This holds until ${ruleMinute(quote.valid_until ?? quote.at)} UTC+8.`
      : "Cannot be unsubscribed for money now.",
    lines: lines.map((line, index) => ({
      order: line.order.order,
      title: line.order.type,
      steps: line.pending
        ? [sentence("The renewal has not begun: its whole cash comes back.", "pending-whole")]
        : [
            sentence(
              `Consumed ${quote.lines[index]?.consumed}: list ${money(line.order.list)} × ${line.days} of ${line.total} days × discount ${line.discount} × coefficient ${String(quote.lines[index]?.steps[0]?.params.coefficient)}.`,
              "time-share",
            ),
            sentence(`Refund ${money(line.least)}: cash ${money(line.order.cash)} less consumed.`, "refund-rest"),
          ],
    })),
    blockers: quote.blockers.map((blocker) => sentence(BLOCKERS[blocker.code] ?? blocker.code, blocker.rule, "FAQ, Unsubscription failures, 2026-02-11")),
    why_not: [sentence("Full refund without reason: more than 5 days since the purchase was paid.", "no-reason-window", "Security Center, Refund policy, 2026-03-31")],
    destinations: [sentence("A refund that the card or PayPal refuses ends in the account balance.", "destination-fallback")],
    consequences: [
      sentence("The resource is released and its data permanently deleted. This cannot be undone.", "consequence-released", "Initiate an unsubscription, 2026-04-02"),
      ...(quote.lines.some((line) => line.state === "pending") ? [sentence("Its pending renewals are cancelled with it.", "consequence-renewals")] : []),
      sentence("Coupons are not returned.", "consequence-coupons"),
    ],
    next_changes: quote.next_changes.map((change) => sentence(`${change.before} becomes ${change.after}.`, "time-share")),
    readings: [sentence("Tax takes part in no formula: no page says whether it returns.", "order-tax-outside", "reading")],
    unknowns: quote.unknowns.map((path) => sentence(UNKNOWN[path] ?? path, "unknown-fact", "the billing API does not tell it")),
  };
}

/** Where the first order's discount table is missing. */
const DISCOUNTS = "orders[0].discounts";

const UNKNOWN: Record<string, string> = {
  "resource.security_risk": "Whether the resource is marked as a security risk is not known.",
  "resource.paid_marketplace_image": "Whether it runs a paid Marketplace image is not known.",
  "orders[0].invoiced": "Whether an invoice was issued for the first order is not known.",
  "resource.renew_status": "Whether automatic renewal is on is not known.",
  [DISCOUNTS]: "The discount table of the first order is not known: the amount is a range.",
};
