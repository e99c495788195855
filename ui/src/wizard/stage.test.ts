import { expect, test } from "vitest";
import type { RequestState, RequestView } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";
import { newer, type Stage, stageOf } from "./stage";
import { isGreater } from "./ReviewStage";

async function request(): Promise<RequestView> {
  const desk = mockDesk(0);
  const stack = (await desk.renewals(null)).find((one) => one.candidates.length > 0);
  const expires = stack?.candidates[0]?.expires ?? null;
  if (!stack || !expires) throw new Error("the mock desk has no pending renewal");
  return (await desk.review({ customer: stack.customer, resource: stack.resource, action: "cancel_renewals", expires })).request;
}

test.each<[RequestState, Stage]>([
  ["reviewed", "review"],
  ["confirmed", "act"],
  ["sending", "act"],
  ["unknown", "act"],
  ["handed_over", "act"],
  ["rejected", "act"],
  ["returned_to_review", "act"],
  ["expired", "act"],
  ["accepted", "done"],
  ["reported", "done"],
  ["observed", "done"],
  ["part_refunded", "done"],
  ["refunded", "done"],
  ["overdue", "done"],
  ["withdrawn", "done"],
  ["closed", "done"],
])("a request that is %s is carried on with at %s", async (state, stage) => {
  expect(stageOf({ ...(await request()), state })).toBe(stage);
});

test("the longer trail is the newer view, even when the clock stood still", async () => {
  const left = await request();
  const right: RequestView = { ...left, state: "confirmed", trail: [...left.trail, { at: left.updated_at, kind: "k", text: "t" }] };
  expect(newer(left, right).state).toBe("confirmed");
  expect(newer(right, left).state).toBe("confirmed");
  expect(newer(left, undefined)).toBe(left);
});

test.each([
  ["10.00", "9.99", true],
  ["9.99", "10.00", false],
  ["563.1", "563.09", true],
  ["563.10", "563.1", false],
  ["9007199254740993.00", "9007199254740992.99", true],
  ["refundable", "1", false],
])("%s is greater than %s: %s", (left, right, greater) => {
  expect(isGreater(left, right)).toBe(greater);
});
