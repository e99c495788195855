import { describe, expect, test } from "vitest";
import type { BatchReview, Question } from "../backend/backend";
import { type Draft, EMPTY_DRAFT } from "../wizard/gate";
import { answersOf, confirmationsOf, decisionOf, missingOf, placeOf, sharedQuestions } from "./gate";

const question = (path: string, required = true): Question => ({ path, text: `about ${path}`, order: null, usual: required ? "false" : null, required });

const review = (questions: Question[] = []): BatchReview => ({
  customer: "c",
  customer_name: "C",
  action: "unsubscribe",
  kind: "instance",
  currency: "USD",
  items: ["r-1", "r-2"].map((request) => ({
    request,
    resource: `i-${request}`,
    product: "ecs",
    expires: null,
    refund: "5.00",
    refund_max: "5.00",
    quote_sha256: `hash of ${request}`,
    questions,
  })),
  refused: [],
  channels: ["console", "api"],
  channel_notes: [],
  total: "10.00",
  total_max: "10.00",
  type_total: "10.00",
  channel_refunds: 2,
  consequences: [],
});

const COMPLETE: Draft = { ...EMPTY_DRAFT, channel: "api", amountRead: true, dataBackedUp: true, reason: " closed " };

describe("a batch's decision", () => {
  test("names every item with the quote that was shown", () => {
    expect(decisionOf(review(), COMPLETE, "10.00")).toEqual({
      items: [
        { request: "r-1", quote_sha256: "hash of r-1" },
        { request: "r-2", quote_sha256: "hash of r-2" },
      ],
      channel: "api",
      amount_read: true,
      data_backed_up: true,
      reason: "closed",
      authorisation: null,
      total_typed: "10.00",
    });
  });

  test.each([["10"], ["10.0"], ["USD 10.00"], ["10.01"], [""]])("is not taken with %j typed", (typed) => {
    expect(decisionOf(review(), COMPLETE, typed)).toBeNull();
  });

  test.each([
    ["settle", [question("resource.security_risk")], COMPLETE],
    ["channel", [], { ...COMPLETE, channel: "ticket" as const }],
    ["amount", [], { ...COMPLETE, amountRead: false }],
    ["backup", [], { ...COMPLETE, dataBackedUp: false }],
    ["reason", [], { ...COMPLETE, reason: "  " }],
  ])("is not taken while %s is missing", (what, questions, draft) => {
    expect(missingOf(review(questions), draft)).toEqual([what]);
    expect(decisionOf(review(questions), draft, "10.00")).toBeNull();
  });

  test("asks no word on a backup where nothing is released", () => {
    expect(confirmationsOf({ ...review(), action: "cancel_renewals" })).toEqual(["amount"]);
  });
});

describe("questions asked of several items", () => {
  const asked = review([question("resource.security_risk"), question("orders[0].invoiced"), question("orders[1].invoiced"), question("orders[0].discounts", false)]);

  test("are put together by the fact they are about", () => {
    expect(sharedQuestions(asked).map((one) => [one.fact, one.asked.length])).toEqual([
      ["security_risk", 2],
      ["invoiced", 4],
    ]);
  });

  test("are answered as usual but where an item says otherwise, each with its source", () => {
    const answers = answersOf(sharedQuestions(asked), { [placeOf("r-2", "orders[1].invoiced")]: "true" }, " seen ");
    expect(answers.map((one) => [one.request, one.answers.map((answer) => answer.value).join()])).toEqual([
      ["r-1", "false,false,false"],
      ["r-2", "false,false,true"],
    ]);
    expect(answers[0]?.answers[0]?.source).toBe("seen");
    expect(answersOf(sharedQuestions(asked), {}, " ")).toEqual([]);
  });
});
