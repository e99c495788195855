// The one door between the pages and the desk. Pages call a `Backend`; only this folder knows how it is reached.

import type {
  Action,
  Ask,
  CustomerRow,
  Decision,
  DeskStatus,
  DiscountTable,
  Ending,
  Exported,
  FactAnswer,
  HistoryPage,
  HistoryQuery,
  Money,
  Problem,
  QuoteView,
  RenewalStack,
  RequestView,
  ResourcePage,
  ResourceQuery,
  Review,
  SyncProgress,
  SyncReport,
} from "./bindings";
import type { WorkBackend } from "./work";

import type { House } from "./house";

export type * from "./bindings";

/** What a page can be told to read again. */
export type Subject = "customers" | "resources" | "requests" | "history" | "status" | "today" | "home";

/** What the manager asks of the simulated console of a sandbox home. */
export type ConsoleAsk = { customer: string; resource: string; action: Action; expires: string | null };

/** The desk's use cases. Every call rejects with a `DeskProblem`, never with anything else. */
export interface Backend extends House, WorkBackend {
  status(): Promise<DeskStatus>;
  customers(): Promise<CustomerRow[]>;
  resources(query: ResourceQuery): Promise<ResourcePage>;
  /** `at`: the instant to quote for; null is now. */
  quote(customer: string, resource: string, at: string | null): Promise<QuoteView>;
  renewals(customer: string | null): Promise<RenewalStack[]>;
  review(ask: Ask): Promise<Review>;
  settle(request: string, answers: FactAnswer[]): Promise<Review>;
  confirm(request: string, decision: Decision): Promise<RequestView>;
  send(request: string): Promise<RequestView>;
  handOver(request: string, consoleAmount: string): Promise<RequestView>;
  /** `refundOrder`: null lets the next sync find it. */
  report(request: string, refundOrder: string | null): Promise<RequestView>;
  /** Asks the cloud what became of a request; reads only. */
  askAgain(request: string): Promise<RequestView>;
  withdraw(request: string): Promise<RequestView>;
  /** The manager says that a refund order of the resource is the request's. */
  chooseRefund(request: string, refundOrder: string): Promise<RequestView>;
  /** Closes what ended otherwise than it was decided. */
  closeRequest(request: string, ending: Ending, note: string): Promise<RequestView>;
  /** The discount tables that were entered for a customer. */
  discounts(customer: string): Promise<DiscountTable[]>;
  /** Enters a table, or replaces the one of the same product and date; returns the customer's tables. */
  enterDiscounts(table: DiscountTable): Promise<DiscountTable[]>;
  requests(customer: string | null): Promise<RequestView[]>;
  history(query: HistoryQuery): Promise<HistoryPage>;
  exportHistory(query: HistoryQuery): Promise<Exported>;
  sync(customer: string | null): Promise<SyncReport[]>;
  /** Stops the syncs under way; what came until then is kept. */
  cancelSync(): Promise<void>;
  sandboxClockAdvance(hours: number): Promise<DeskStatus>;
  sandboxConsoleAmount(ask: ConsoleAsk): Promise<Money>;
  /** Does the click at the simulated console; returns the refund orders it made. */
  sandboxConsoleAct(ask: ConsoleAsk): Promise<string[]>;
  /** Calls back on every step of a running sync; returns how to stop listening. */
  onSyncProgress(listener: (progress: SyncProgress) => void): () => void;
  /** Calls back with what has to be read again; returns how to stop listening. */
  onDeskChanged(listener: (subjects: Subject[]) => void): () => void;
}

/** A `Problem` that travels as an exception. */
export class DeskProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "DeskProblem";
    this.problem = problem;
  }
}

/** Any thrown value as a problem to show; what is not a `DeskProblem` is a fault of the window itself. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof DeskProblem) return thrown.problem;
  return {
    code: "window_fault",
    message: thrown instanceof Error ? thrown.message : String(thrown),
    place: null,
    next: "Try once more; if it comes back, start the desk anew: nothing that was confirmed is lost.",
  };
}
