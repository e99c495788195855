import { expect, test } from "vitest";
import type { RequestState, RequestView } from "../backend/backend";
import { groupOf } from "./groups";

const request = (state: RequestState, created_at: string, resource = "i-1"): RequestView =>
  ({ id: `${state} ${created_at}`, customer: "c", resource, state, created_at }) as RequestView;

test.each([
  ["unknown", "attention"],
  ["overdue", "attention"],
  ["returned_to_review", "attention"],
  ["confirmed", "open"],
  ["accepted", "following"],
  ["refunded", "done"],
  ["withdrawn", "done"],
] as const)("a request that is %s belongs to %s", (state, group) => {
  const one = request(state, "2026-05-01T00:00:00Z");
  expect(groupOf(one, [one])).toBe(group);
});

test("what was rejected or ran out needs nothing more once the resource has a later request", () => {
  const old = request("rejected", "2026-05-01T00:00:00Z");
  const later = request("confirmed", "2026-05-02T00:00:00Z");
  expect(groupOf(old, [old])).toBe("attention");
  expect(groupOf(old, [later, old])).toBe("done");
  expect(groupOf(old, [request("confirmed", "2026-05-02T00:00:00Z", "i-2"), old])).toBe("attention");
  // An outcome that is not known stays one's business whatever came later.
  const unknown = request("unknown", "2026-05-01T00:00:00Z");
  expect(groupOf(unknown, [later, unknown])).toBe("attention");
});
