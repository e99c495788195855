// The desk behind the window: the generated calls, with failures as exceptions.

import { stopper, unwrap } from "./answer";
import type { Backend, Subject } from "./backend";
import { commands, events } from "./bindings";
import { work } from "./tauriWork";

export const backend: Backend = {
  ...work,
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
