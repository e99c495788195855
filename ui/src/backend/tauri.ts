// The desk behind the window: the generated calls, with failures as exceptions.

import { type Backend, DeskProblem, problemOf, type Problem, type Subject } from "./backend";
import { commands, events } from "./bindings";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Problem };

async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (thrown) {
    throw new DeskProblem(problemOf(thrown));
  }
  if (settled.status === "error") throw new DeskProblem(settled.error);
  return settled.data;
}

/** Listening starts asynchronously; a stop that comes earlier still takes effect. */
function stopper(started: Promise<() => void>): () => void {
  return () => void started.then((stop) => stop());
}

export const backend: Backend = {
  status: () => unwrap(commands.status()),
  customers: () => unwrap(commands.customers()),
  resources: (query) => unwrap(commands.resources(query)),
  quote: (customer, resource, at) => unwrap(commands.quote(customer, resource, at)),
  renewals: (customer) => unwrap(commands.renewals(customer)),
  review: (ask) => unwrap(commands.review(ask)),
  settle: (request, answers) => unwrap(commands.settle(request, answers)),
  confirm: (request, decision) => unwrap(commands.confirm(request, decision)),
  send: (request) => unwrap(commands.send(request)),
  handOver: (request, consoleAmount) => unwrap(commands.handOver(request, consoleAmount)),
  report: (request, refundOrder) => unwrap(commands.report(request, refundOrder)),
  askAgain: (request) => unwrap(commands.askAgain(request)),
  withdraw: (request) => unwrap(commands.withdraw(request)),
  chooseRefund: (request, refundOrder) => unwrap(commands.chooseRefund(request, refundOrder)),
  closeRequest: (request, ending, note) => unwrap(commands.closeRequest(request, ending, note)),
  discounts: (customer) => unwrap(commands.discounts(customer)),
  enterDiscounts: (table) => unwrap(commands.enterDiscounts(table)),
  requests: (customer) => unwrap(commands.requests(customer)),
  history: (query) => unwrap(commands.history(query)),
  exportHistory: (query) => unwrap(commands.exportHistory(query)),
  sync: (customer) => unwrap(commands.sync(customer)),
  cancelSync: async () => void (await commands.cancelSync()),
  sandboxClockAdvance: (hours) => unwrap(commands.sandboxClockAdvance(hours)),
  sandboxConsoleAmount: ({ customer, resource, action, expires }) =>
    unwrap(commands.sandboxConsoleAmount(customer, resource, action, expires)),
  sandboxConsoleAct: ({ customer, resource, action, expires }) =>
    unwrap(commands.sandboxConsoleAct(customer, resource, action, expires)),
  onSyncProgress: (listener) => stopper(events.syncProgressed.listen((event) => listener(event.payload))),
  onDeskChanged: (listener) => stopper(events.deskChanged.listen((event) => listener(event.payload as Subject[]))),
};
