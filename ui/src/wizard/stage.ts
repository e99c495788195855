// How far an unsubscription has come, as the wizard shows it.

import type { Ask, RequestView } from "../backend/backend";

export type Stage = "review" | "settle" | "decide" | "act" | "done";

/** The stage at which a request is carried on with. */
export function stageOf(request: RequestView): Stage {
  switch (request.state) {
    case "reviewed":
      return "review";
    case "confirmed":
    case "sending":
    case "unknown":
    case "handed_over":
    case "rejected":
    case "returned_to_review":
    case "expired":
      return "act";
    default:
      return "done";
  }
}

/** The ask a request was made from, to review it anew. */
export function askOf(request: RequestView): Ask {
  return {
    customer: request.customer,
    resource: request.resource,
    action: request.action,
    expires: request.expires,
  };
}

/** The newer of two views of one request: every move adds to the trail. Of two equally new ones the first. */
export function newer(left: RequestView, right: RequestView | undefined): RequestView {
  return right !== undefined && right.trail.length > left.trail.length ? right : left;
}
