// The desk behind the window: the generated calls, with failures as exceptions.

import { stopper, unwrap } from "./answer";
import { type Backend, DeskProblem, problemOf, type Subject } from "./backend";
import { commands, events } from "./bindings";
import { work } from "./tauriWork";

/** A call that cannot fail but by the window's own fault. */
function plain<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((thrown: unknown) => {
    throw new DeskProblem(problemOf(thrown));
  });
}

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

  home: () => plain(commands.home()),
  openSandbox: () => unwrap(commands.openSandbox()),
  createHome: (passphrase) => unwrap(commands.createHome(passphrase)),
  unlockHome: (by, secret) => unwrap(commands.unlockHome(by, secret)),
  lockHome: () => unwrap(commands.lockHome()),
  openAgain: () => unwrap(commands.openAgain()),
  backUpHome: (title) => unwrap(commands.backUpHome(title)),
  chooseBackup: (title) => plain(commands.chooseBackup(title)),
  backupAt: (path) => unwrap(commands.backupAt(path)),
  restoreHome: (path, by, secret) => unwrap(commands.restoreHome(path, by, secret)),
  waysIn: () => unwrap(commands.waysIn()),
  setPassphrase: (by, current, next) => unwrap(commands.setPassphrase(by, current, next)),
  addKeyring: (passphrase) => unwrap(commands.addKeyring(passphrase)),
  removeWay: (way, passphrase) => unwrap(commands.removeWay(way, passphrase)),

  about: () => plain(commands.about()),
  openNotices: async () => void (await unwrap(commands.openNotices())),

  connections: () => unwrap(commands.connections()),
  tryConnection: (ask) => unwrap(commands.tryConnection(ask)),
  testConnection: (customer) => unwrap(commands.testConnection(customer)),
  addConnection: (ask) => unwrap(commands.addConnection(ask)),
  switchApi: (customer, on) => unwrap(commands.switchApi(customer, on)),
  removeCustomer: (customer) => unwrap(commands.removeCustomer(customer)),
  ramPolicies: (roleArn) => plain(commands.ramPolicies(roleArn)),
  setNote: (customer, text) => unwrap(commands.setNote(customer, text)),

  chooseFile: (title, endings) => plain(commands.chooseFile(title, endings)),
  previewImport: (ask) => unwrap(commands.previewImport(ask)),
  importFile: (ask) => unwrap(commands.importFile(ask)),

  setLanguage: async (language) => void (await unwrap(commands.setLanguage(language))),
  pace: () => unwrap(commands.pace()),
  setPace: (percent) => unwrap(commands.setPace(percent)),
  enteredFacts: (customer) => unwrap(commands.enteredFacts(customer)),
  enterFacts: (customer, resource, answers) => unwrap(commands.enterFacts(customer, resource, answers)),
  policies: () => unwrap(commands.policies()),
  comparePack: (path) => unwrap(commands.comparePack(path)),
  sandboxFault: (kind, times) => unwrap(commands.sandboxFault(kind, times)),
  sandboxClearFaults: () => unwrap(commands.sandboxClearFaults()),

  reportKinds: () => unwrap(commands.reportKinds()),
  previewReport: (ask) => unwrap(commands.previewReport(ask)),
  reportPage: (page) => unwrap(commands.reportPage(page)),
  writeReport: (ask) => unwrap(commands.writeReport(ask)),
  saveReport: (ask, title) => unwrap(commands.saveReport(ask, title)),
  cancelReport: async () => void (await plain(commands.cancelReport())),
  openReport: async (path) => void (await unwrap(commands.openReport(path))),
  showReportFolder: async (path) => void (await unwrap(commands.showReportFolder(path))),
  verifyReport: (path) => unwrap(commands.verifyReport(path)),
  letterhead: () => unwrap(commands.letterhead()),
  setLetterhead: (name, lines) => unwrap(commands.setLetterhead(name, lines)),
  setLogo: (path) => unwrap(commands.setLogo(path)),
  onReportProgress: (listener) => stopper(events.reportProgressed.listen((event) => listener(event.payload))),

  reconciled: (request) => unwrap(commands.reconciled(request)),
  today: () => unwrap(commands.today()),
  locate: (order) => unwrap(commands.locate(order)),
  takeLink: () => plain(commands.takeLink()),
  notify: (title, body) => plain(commands.notify(title, body)),
  zoom: async (percent) => void (await plain(commands.zoom(percent))),
  onLink: (listener) => stopper(events.linkOpened.listen((event) => listener(event.payload))),

  onSyncProgress: (listener) => stopper(events.syncProgressed.listen((event) => listener(event.payload))),
  onDeskChanged: (listener) => stopper(events.deskChanged.listen((event) => listener(event.payload as Subject[]))),
};
