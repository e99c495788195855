// What must be there before a batch may be confirmed, and its questions put together. Pure; the desk checks it once more.

import type { BatchAnswers, BatchDecision, BatchReview, Confirmation, Question } from "../backend/backend";
import { type Draft, floorOf, type Missing } from "../wizard/gate";

/** The boxes that a batch asks for: cancelling renewals releases nothing. */
export function confirmationsOf(review: BatchReview): Confirmation[] {
  return review.action === "cancel_renewals" ? ["amount"] : ["amount", "backup"];
}

/** One question asked of several items: they differ in the item only. */
export type SharedQuestion = {
  /** The last part of the path, by which they are put together. */
  fact: string;
  text: string;
  usual: string | null;
  asked: { request: string; resource: string; question: Question }[];
};

/** The required questions of all items, the same ones together. */
export function sharedQuestions(review: BatchReview): SharedQuestion[] {
  const shared = new Map<string, SharedQuestion>();
  for (const item of review.items) {
    for (const question of item.questions.filter((one) => one.required)) {
      const fact = question.path.split(".").pop() ?? question.path;
      const one = shared.get(fact) ?? { fact, text: question.text, usual: question.usual, asked: [] };
      one.asked.push({ request: item.request, resource: item.resource, question });
      shared.set(fact, one);
    }
  }
  return [...shared.values()];
}

/** Where an answer is kept while it is being given. */
export const placeOf = (request: string, path: string): string => `${request} ${path}`;

/** The answers given, item by item; an item without its own has the usual one. Empty where one is still missing. */
export function answersOf(questions: readonly SharedQuestion[], own: Readonly<Record<string, string>>, source: string): BatchAnswers[] {
  const answers = new Map<string, BatchAnswers>();
  for (const { usual, asked } of questions) {
    for (const { request, question } of asked) {
      const value = own[placeOf(request, question.path)] ?? usual;
      if (value === null || source.trim() === "") return [];
      const of = answers.get(request) ?? { request, answers: [] };
      of.answers.push({ path: question.path, value, source: source.trim() });
      answers.set(request, of);
    }
  }
  return [...answers.values()];
}

/** What is missing before the second dialog may open; empty when it may. */
export function missingOf(review: BatchReview, draft: Draft): Missing[] {
  const boxes = confirmationsOf(review);
  const found: Missing[] = [];
  if (sharedQuestions(review).length > 0) found.push("settle");
  if (draft.channel === null || !review.channels.includes(draft.channel)) found.push("channel");
  if (boxes.includes("amount") && !draft.amountRead) found.push("amount");
  if (boxes.includes("backup") && !draft.dataBackedUp) found.push("backup");
  if (draft.reason.trim() === "") found.push("reason");
  if ((draft.floor.trim() !== "" || draft.floorDay !== "") && floorOf(draft) === null) found.push("floor");
  return found;
}

/** The decision to hand to the desk, or null while anything is missing. The sum must be typed exactly as the review says. */
export function decisionOf(review: BatchReview, draft: Draft, typed: string): BatchDecision | null {
  if (missingOf(review, draft).length > 0 || draft.channel === null || typed.trim() !== review.type_total) return null;
  return {
    items: review.items.map(({ request, quote_sha256 }) => ({ request, quote_sha256 })),
    channel: draft.channel,
    amount_read: draft.amountRead,
    data_backed_up: draft.dataBackedUp,
    reason: draft.reason.trim(),
    authorisation: draft.authorisation.trim() || null,
    total_typed: typed.trim(),
  };
}
