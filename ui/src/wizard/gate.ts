// What must be there before the manager may go on. Pure: the wizard shows it, the desk checks it once more.

import type { Decision, FactAnswer, Floor, Question, RequestChannel, Review } from "../backend/backend";
import { isAmountText } from "../figures/money";
import { isCalendarDate } from "../figures/time";

/** The manager's decision while it is being made. */
export type Draft = {
  channel: RequestChannel | null;
  amountRead: boolean;
  dataBackedUp: boolean;
  reason: string;
  authorisation: string;
  /** Empty: only the amount that is confirmed. */
  floor: string;
  /** Last day on which the floor holds; counts only with a floor. */
  floorDay: string;
};

export const EMPTY_DRAFT: Draft = { channel: null, amountRead: false, dataBackedUp: false, reason: "", authorisation: "", floor: "", floorDay: "" };

/** What is still missing, in the order in which the page asks for it. */
export type Missing = "blocked" | "expired" | "settle" | "channel" | "amount" | "backup" | "reason" | "floor";

/** Questions that have to be answered before confirming. The others are carried by the quote as a range or a reading. */
export function openQuestions(review: Review): Question[] {
  return review.questions.filter((question) => question.required);
}

/** "None applies": each of the required facts is as with a resource to which nothing special applies. */
export function noneApplies(review: Review, source: string): FactAnswer[] {
  return openQuestions(review).flatMap(({ path, usual }) => (usual === null ? [] : [{ path, value: usual, source }]));
}

/** Whether the quote still says the same at `now` (RFC 3339); at its end it no longer does. */
export function holds(review: Review, now: string): boolean {
  const until = review.quote.quote.valid_until;
  return until === null || Date.parse(now) < Date.parse(until);
}

/** The floor that the draft names, to the end of its day in UTC+8; null while it is not whole. */
export function floorOf(draft: Draft): Floor | null {
  const amount = draft.floor.trim();
  if (!isAmountText(amount) || !isCalendarDate(draft.floorDay)) return null;
  const end = Date.parse(`${draft.floorDay}T00:00:00+08:00`) + 86_400_000;
  return { at_least: amount, until: new Date(end).toISOString().replace(".000", "") };
}

/** What is missing before the second dialog may open; empty when it may. */
export function missing(review: Review, draft: Draft, now: string): Missing[] {
  const { quote } = review.quote;
  const asks = (what: "amount" | "backup") => quote.confirmations.includes(what);
  const found: Missing[] = [];
  if (!quote.eligible && !quote.releasable) found.push("blocked");
  if (!holds(review, now)) found.push("expired");
  if (openQuestions(review).length > 0) found.push("settle");
  if (draft.channel === null || !review.channels.includes(draft.channel)) found.push("channel");
  if (asks("amount") && !draft.amountRead) found.push("amount");
  if (asks("backup") && !draft.dataBackedUp) found.push("backup");
  if (draft.reason.trim() === "") found.push("reason");
  if ((draft.floor.trim() !== "" || draft.floorDay !== "") && floorOf(draft) === null) found.push("floor");
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
