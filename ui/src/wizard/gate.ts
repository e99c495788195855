// What must be there before the manager may go on. Pure: the wizard shows it, the desk checks it once more.

import type { Channel, Decision, FactAnswer, Review } from "../backend/backend";

/** The manager's decision while it is being made. */
export type Draft = {
  channel: Channel | null;
  amountRead: boolean;
  dataBackedUp: boolean;
  reason: string;
  authorisation: string;
};

export const EMPTY_DRAFT: Draft = { channel: null, amountRead: false, dataBackedUp: false, reason: "", authorisation: "" };

/** What is still missing, in the order in which the page asks for it. */
export type Missing = "blocked" | "expired" | "settle" | "channel" | "amount" | "backup" | "reason";

/** Facts that are answered with yes or no, by the last words of their path. */
const YES_NO_FACTS = ["paid_marketplace_image", "security_risk", "transferred", "invoiced", "promotion.refundable"] as const;

/** The fact that a path names, or null when it takes no yes or no. */
export function yesNoFact(path: string): (typeof YES_NO_FACTS)[number] | null {
  return YES_NO_FACTS.find((fact) => path === fact || path.endsWith(`.${fact}`)) ?? null;
}

/** Unknowns that have to be settled before confirming. The others are carried by the quote as a range or a reading. */
export function openFacts(review: Review): string[] {
  return review.quote.quote.unknowns.filter((path) => yesNoFact(path) !== null);
}

/** "None applies" for each path: nothing stands against the refund. A promotion then allows it. */
export function noneApplies(paths: readonly string[], source: string): FactAnswer[] {
  return paths.map((path) => ({
    path,
    value: yesNoFact(path) === "promotion.refundable" ? "true" : "false",
    source,
  }));
}

/** Whether the quote still says the same at `now` (RFC 3339). */
export function holds(review: Review, now: string): boolean {
  const until = review.quote.quote.valid_until;
  return until === null || Date.parse(now) <= Date.parse(until);
}

/** What is missing before the second dialog may open; empty when it may. */
export function missing(review: Review, draft: Draft, now: string): Missing[] {
  const { quote } = review.quote;
  const asks = (what: "amount" | "backup") => quote.confirmations.includes(what);
  const found: Missing[] = [];
  if (!quote.eligible && !quote.releasable) found.push("blocked");
  if (!holds(review, now)) found.push("expired");
  if (openFacts(review).length > 0) found.push("settle");
  if (draft.channel === null || !review.channels.includes(draft.channel)) found.push("channel");
  if (asks("amount") && !draft.amountRead) found.push("amount");
  if (asks("backup") && !draft.dataBackedUp) found.push("backup");
  if (draft.reason.trim() === "") found.push("reason");
  return found;
}

/**
 * The decision to hand to the desk, or null while anything is missing. The amount must be typed exactly as the review says:
 * the same digits, without the currency.
 */
export function decision(review: Review, draft: Draft, typed: string, now: string): Decision | null {
  const hash = review.quote.quote.sha256 ?? review.request.quote_sha256;
  if (missing(review, draft, now).length > 0 || draft.channel === null || !hash) return null;
  if (typed.trim() !== review.type_amount) return null;
  return {
    channel: draft.channel,
    amount_read: draft.amountRead,
    data_backed_up: draft.dataBackedUp,
    reason: draft.reason.trim(),
    amount_typed: typed.trim(),
    quote_sha256: hash,
    authorisation: draft.authorisation.trim() || null,
  };
}
