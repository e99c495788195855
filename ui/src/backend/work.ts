// The desk's use cases of the pages where the work is done: lists, plans, batches, the queue, what follows a decision.

import type {
  Ask,
  BatchAnswers,
  BatchDecision,
  BatchPlan,
  BatchReview,
  BatchView,
  Curve,
  Decision,
  FactAnswer,
  Floor,
  ListedKey,
  ListKeys,
  ListTally,
  Money,
  Question,
  QuoteView,
  Ready,
  Reconciliation,
  RequestView,
  ResourceQuery,
  ResourceRow,
  Run,
  RunProgressed,
  UrgentTicket,
  WhatIfProgressed,
  WhatIfRow,
  WhatIfTotals,
} from "./bindings";

export interface WorkBackend {
  /** The rows of a page as they are kept: at once, though some may be about to be made again. */
  listed(query: ResourceQuery): Promise<ResourceRow[]>;
  /** Counts and sums of everything that the query's filters let through. */
  listTally(query: ResourceQuery): Promise<ListTally>;
  /** Keys from the query's offset on; with limit 0 as many as a selection may have. */
  listKeys(query: ResourceQuery): Promise<ListKeys>;
  /** The rows of a selection, in its order. */
  listedKeys(keys: ListedKey[]): Promise<ResourceRow[]>;
  selectionSum(keys: ListedKey[]): Promise<Money[]>;
  whatIf(keys: ListedKey[], at: string): Promise<WhatIfRow[]>;
  /** A new question ends the one under way, which then answers with what it had so far. */
  whatIfTotals(query: ResourceQuery, at: string): Promise<WhatIfTotals>;
  curve(customer: string, resource: string, until: string): Promise<Curve>;
  questions(customer: string, resource: string): Promise<Question[]>;
  answerFacts(customer: string, resource: string, answers: FactAnswer[]): Promise<QuoteView>;
  plan(selection: Ask[]): Promise<BatchPlan>;
  reviewBatch(selection: Ask[]): Promise<BatchReview>;
  settleBatch(requests: string[], answers: BatchAnswers[]): Promise<BatchReview>;
  confirmBatch(decision: BatchDecision): Promise<BatchView>;
  /** With a floor under the sum, which the desk shares out over the items. */
  confirmBatchWithFloor(decision: BatchDecision, floor: Floor): Promise<BatchView>;
  runBatch(batch: string): Promise<Run>;
  sendReady(requests: string[]): Promise<Run>;
  /** Stops the run under way once its item is done. */
  stopRun(): Promise<void>;
  handOverBatch(batch: string, consoleTotal: string): Promise<Run>;
  reportBatch(batch: string): Promise<BatchView>;
  withdrawBatch(batch: string): Promise<BatchView>;
  batches(customer: string | null): Promise<BatchView[]>;
  batch(id: string): Promise<BatchView>;
  ready(customer: string | null): Promise<Ready>;
  reconciliation(customer: string | null): Promise<Reconciliation>;
  wrongOne(request: string): Promise<UrgentTicket>;
  reportWithReceipt(request: string, refundOrder: string | null, receipt: string | null): Promise<RequestView>;
  confirmWithFloor(request: string, decision: Decision, floor: Floor): Promise<RequestView>;
  sandboxConsoleBatchTotal(batch: string): Promise<Money>;
  /** Answers how many of the handed-over items went through. */
  sandboxConsoleBatchAct(batch: string): Promise<number>;
  onRunProgress(listener: (step: RunProgressed) => void): () => void;
  onWhatIfProgress(listener: (step: WhatIfProgressed) => void): () => void;
}
