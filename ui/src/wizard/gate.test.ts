import { describe, expect, test } from "vitest";
import type { Review } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";
import { type Draft, decision, EMPTY_DRAFT, floorOf, holds, type Missing, missing, noneApplies, openQuestions } from "./gate";

const NOW = "2026-05-20T02:00:00Z";
const COMPLETE: Draft = {
  channel: "console",
  amountRead: true,
  dataBackedUp: true,
  reason: "Project ended",
  authorisation: "",
  floor: "",
  floorDay: "",
};

/** A review of a resource with a partial refund, its required questions still open. */
async function reviewed(): Promise<Review> {
  const desk = mockDesk(0);
  const page = await desk.resources({
    customer: null,
    tab: "regular",
    refund_type: "partial",
    product: null,
    text: "",
    ordered_from: null,
    ordered_to: null,
    sort: "resource",
    descending: false,
    offset: 0,
    limit: 1,
  });
  const row = page.rows[0];
  if (!row) throw new Error("the mock desk has no partial refund");
  return desk.review({ customer: row.customer, resource: row.resource, action: "unsubscribe", expires: null });
}

async function settled(): Promise<Review> {
  return { ...(await reviewed()), questions: [] };
}

describe("missing", () => {
  test("nothing is missing from a complete decision", async () => {
    expect(missing(await settled(), COMPLETE, NOW)).toEqual([]);
  });

  test("an empty decision lacks everything, in the order of the page", async () => {
    expect(missing(await reviewed(), EMPTY_DRAFT, NOW)).toEqual(["settle", "channel", "amount", "backup", "reason"]);
  });

  test.each<[Partial<Draft>, Missing]>([
    [{ channel: null }, "channel"],
    [{ channel: "ticket" }, "channel"],
    [{ amountRead: false }, "amount"],
    [{ dataBackedUp: false }, "backup"],
    [{ reason: "" }, "reason"],
    [{ reason: "   " }, "reason"],
  ])("%j is refused for want of %s", async (part, what) => {
    expect(missing(await settled(), { ...COMPLETE, ...part }, NOW)).toEqual([what]);
  });

  test("an open required question holds it up, an optional one does not", async () => {
    const review = await settled();
    const question = { path: "resource.transferred", text: "?", order: null, usual: "false", required: true };
    expect(missing({ ...review, questions: [question] }, COMPLETE, NOW)).toEqual(["settle"]);
    expect(missing({ ...review, questions: [{ ...question, required: false }] }, COMPLETE, NOW)).toEqual([]);
  });

  test("what cannot be unsubscribed is not confirmed, unless it can be released for nothing", async () => {
    const review = await settled();
    const refuse = (releasable: boolean): Review => ({
      ...review,
      quote: { ...review.quote, quote: { ...review.quote.quote, eligible: false, releasable } },
    });
    expect(missing(refuse(false), COMPLETE, NOW)).toEqual(["blocked"]);
    expect(missing(refuse(true), COMPLETE, NOW)).toEqual([]);
  });

  test("a renewal alone needs one box", async () => {
    const review = await settled();
    const renewal: Review = {
      ...review,
      quote: { ...review.quote, quote: { ...review.quote.quote, confirmations: ["amount"] } },
    };
    expect(missing(renewal, { ...COMPLETE, dataBackedUp: false }, NOW)).toEqual([]);
    expect(missing(renewal, { ...COMPLETE, dataBackedUp: false, amountRead: false }, NOW)).toEqual(["amount"]);
  });
});

test.each([
  ["2026-05-20T03:59:59Z", true],
  // At its end a quote no longer says the same.
  ["2026-05-20T04:00:00Z", false],
  ["2026-05-21T00:00:00Z", false],
])("a quote valid until 04:00 holds at %s: %s", async (now, expected) => {
  const review = await settled();
  const until = { ...review.quote.quote, valid_until: "2026-05-20T04:00:00Z" };
  expect(holds({ ...review, quote: { ...review.quote, quote: until } }, now)).toBe(expected);
});

describe("decision", () => {
  test("carries what was decided and the hash of what was shown", async () => {
    const review = await settled();
    expect(decision(review, { ...COMPLETE, authorisation: " mail 42 " }, review.type_amount, NOW)).toEqual({
      channel: "console",
      amount_read: true,
      data_backed_up: true,
      reason: "Project ended",
      amount_typed: review.type_amount,
      quote_sha256: review.quote.quote.sha256,
      authorisation: "mail 42",
    });
  });

  test.each([
    ["nothing", () => ""],
    ["another amount", () => "0.01"],
    ["the beginning of it", (amount: string) => amount.slice(0, -1)],
    ["more than it", (amount: string) => `${amount}0`],
    ["it with its currency", (amount: string) => `USD ${amount}`],
  ])("is refused when what was typed is %s", async (_name, typed) => {
    const review = await settled();
    expect(decision(review, COMPLETE, typed(review.type_amount), NOW)).toBeNull();
  });

  test("is refused without the hash of the quote", async () => {
    const review = await settled();
    const bare: Review = {
      ...review,
      request: { ...review.request, quote_sha256: null },
      quote: { ...review.quote, quote: { ...review.quote.quote, sha256: null } },
    };
    expect(decision(bare, COMPLETE, review.type_amount, NOW)).toBeNull();
  });
});

test("none applies: the usual answer to each required question, and to no other", async () => {
  const review: Review = {
    ...(await reviewed()),
    questions: [
      { path: "resource.security_risk", text: "?", order: null, usual: "false", required: true },
      { path: "orders[0].promotion.refundable", text: "?", order: "1", usual: "true", required: true },
      { path: "orders[0].discounts", text: "?", order: "1", usual: null, required: false },
      { path: "resource.renew_status", text: "?", order: null, usual: null, required: false },
    ],
  };
  expect(openQuestions(review).map((question) => question.path)).toEqual([
    "resource.security_risk",
    "orders[0].promotion.refundable",
  ]);
  expect(noneApplies(review, "console")).toEqual([
    { path: "resource.security_risk", value: "false", source: "console" },
    { path: "orders[0].promotion.refundable", value: "true", source: "console" },
  ]);
});

describe("a floor", () => {
  test.each([
    // amount, day, at least, until (the end of the day in UTC+8)
    ["100.00", "2026-05-31", "100.00", "2026-05-31T16:00:00Z"],
    ["", "2026-05-31", null, null],
    ["100.00", "", null, null],
    ["1,000.00", "2026-05-31", null, null],
    ["-1", "2026-05-31", null, null],
  ])("of %j until %j", (floor, floorDay, least, until) => {
    expect(floorOf({ ...COMPLETE, floor, floorDay })).toEqual(least === null ? null : { at_least: least, until });
  });
});
