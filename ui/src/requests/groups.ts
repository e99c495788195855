// Requests put together by what they need: the manager's attention, an act, patience, or nothing any more.

import type { RequestState, RequestView } from "../backend/backend";

export const GROUPS = ["attention", "open", "following", "done"] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: Record<RequestState, Group> = {
  unknown: "attention",
  overdue: "attention",
  returned_to_review: "attention",
  rejected: "attention",
  expired: "attention",
  reviewed: "open",
  confirmed: "open",
  handed_over: "open",
  sending: "following",
  accepted: "following",
  reported: "following",
  observed: "following",
  part_refunded: "following",
  refunded: "done",
  withdrawn: "done",
  closed: "done",
};

/** A later request on the same resource takes the place of one that was rejected or ran out: that one needs nothing more. */
export function groupOf(request: RequestView, all: readonly RequestView[]): Group {
  const group = GROUP_OF[request.state];
  if (group !== "attention" || (request.state !== "rejected" && request.state !== "expired")) return group;
  const later = all.some((one) => one.customer === request.customer && one.resource === request.resource && one.created_at > request.created_at);
  return later ? "done" : group;
}
