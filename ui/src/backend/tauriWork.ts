// The generated calls of the pages where the work is done.

import { stopper, unwrap } from "./answer";
import { commands, events } from "./bindings";
import type { WorkBackend } from "./work";

export const work: WorkBackend = {
  listed: (query) => unwrap(commands.listed(query)),
  listTally: (query) => unwrap(commands.listTally(query)),
  listKeys: (query) => unwrap(commands.listKeys(query)),
  listedKeys: (keys) => unwrap(commands.listedKeys(keys)),
  selectionSum: (keys) => unwrap(commands.selectionSum(keys)),
  whatIf: (keys, at) => unwrap(commands.whatIf(keys, at)),
  whatIfTotals: (query, at) => unwrap(commands.whatIfTotals(query, at)),
  curve: (customer, resource, until) => unwrap(commands.curve(customer, resource, until)),
  questions: (customer, resource) => unwrap(commands.questions(customer, resource)),
  answerFacts: (customer, resource, answers) => unwrap(commands.answerFacts(customer, resource, answers)),
  plan: (selection) => unwrap(commands.plan(selection)),
  reviewBatch: (selection) => unwrap(commands.reviewBatch(selection)),
  settleBatch: (requests, answers) => unwrap(commands.settleBatch(requests, answers)),
  confirmBatch: (decision) => unwrap(commands.confirmBatch(decision)),
  confirmBatchWithFloor: (decision, floor) => unwrap(commands.confirmBatchWithFloor(decision, floor)),
  runBatch: (batch) => unwrap(commands.runBatch(batch)),
  sendReady: (requests) => unwrap(commands.sendReady(requests)),
  stopRun: async () => void (await commands.stopRun()),
  handOverBatch: (batch, consoleTotal) => unwrap(commands.handOverBatch(batch, consoleTotal)),
  reportBatch: (batch) => unwrap(commands.reportBatch(batch)),
  withdrawBatch: (batch) => unwrap(commands.withdrawBatch(batch)),
  batches: (customer) => unwrap(commands.batches(customer)),
  batch: (id) => unwrap(commands.batch(id)),
  ready: (customer) => unwrap(commands.ready(customer)),
  reconciliation: (customer) => unwrap(commands.reconciliation(customer)),
  wrongOne: (request) => unwrap(commands.wrongOne(request)),
  reportWithReceipt: (request, refundOrder, receipt) => unwrap(commands.reportWithReceipt(request, refundOrder, receipt)),
  confirmWithFloor: (request, decision, floor) => unwrap(commands.confirmWithFloor(request, decision, floor)),
  sandboxConsoleBatchTotal: (batch) => unwrap(commands.sandboxConsoleBatchTotal(batch)),
  sandboxConsoleBatchAct: (batch) => unwrap(commands.sandboxConsoleBatchAct(batch)),
  onRunProgress: (listener) => stopper(events.runProgressed.listen((event) => listener(event.payload))),
  onWhatIfProgress: (listener) => stopper(events.whatIfProgressed.listen((event) => listener(event.payload))),
};
