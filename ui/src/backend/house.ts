// The calls of the house around the pages: the home and its ways in, connections, imports, rules, today, the sandbox's faults.

import type {
  About,
  BackupView,
  CheckedReport,
  ConnectionAsk,
  ConnectionRowView,
  ConnectionTest,
  EnteredAnswer,
  FactAnswer,
  FaultKind,
  FileAsk,
  HomeView,
  ImportReport,
  Key,
  LetterheadView,
  Located,
  OfferedReport,
  PackDiffView,
  PackView,
  RamPolicies,
  Reconciled,
  ReportAsk,
  ReportProgressed,
  RestoredView,
  Today,
  WaysView,
  WrittenReport,
} from "./bindings";

export interface House {
  home(): Promise<HomeView>;
  /** Opens the sandbox, making it when there is none. */
  openSandbox(): Promise<HomeView>;
  /** Makes the home of real customers; `passphrase` null: its key goes into the keyring. Answers the recovery code, shown once. */
  createHome(passphrase: string | null): Promise<string | null>;
  unlockHome(by: Key, secret: string): Promise<HomeView>;
  /** Locks it; the item under way finishes first. */
  lockHome(): Promise<HomeView>;
  /** Opens a home that is read beside another desk to write, if that one has gone. */
  openAgain(): Promise<HomeView>;
  /** Asks with the system's dialog for the place of a backup; null when none was chosen. */
  backUpHome(title: string): Promise<BackupView | null>;
  /** The folder of a backup, chosen with the system's dialog. */
  chooseBackup(title: string): Promise<string | null>;
  /** What the backup in a folder says of itself. */
  backupAt(path: string): Promise<BackupView>;
  /** Makes the home of a backup, where there is none yet. */
  restoreHome(path: string, by: Key, secret: string): Promise<RestoredView>;
  waysIn(): Promise<WaysView>;
  setPassphrase(by: Key, current: string, next: string): Promise<WaysView>;
  addKeyring(passphrase: string): Promise<WaysView>;
  removeWay(way: Key, passphrase: string): Promise<WaysView>;

  /** Version and licence. */
  about(): Promise<About>;
  /** Opens the licences of what the program is made from with the system’s viewer. */
  openNotices(): Promise<void>;

  connections(): Promise<ConnectionRowView[]>;
  /** Tries a key before anything is kept; reads only. */
  tryConnection(ask: ConnectionAsk): Promise<ConnectionTest>;
  testConnection(customer: string): Promise<ConnectionTest>;
  addConnection(ask: ConnectionAsk): Promise<string>;
  switchApi(customer: string, on: boolean): Promise<ConnectionRowView[]>;
  removeCustomer(customer: string): Promise<ConnectionRowView[]>;
  ramPolicies(roleArn: string | null): Promise<RamPolicies>;
  /** Keeps a note; answers the one before, so that it can be put back. */
  setNote(customer: string, text: string): Promise<string | null>;

  /** Null when none was chosen. */
  chooseFile(title: string, endings: string[]): Promise<string | null>;
  previewImport(ask: FileAsk): Promise<ImportReport>;
  importFile(ask: FileAsk): Promise<ImportReport>;

  setLanguage(language: string): Promise<void>;
  pace(): Promise<number | null>;
  setPace(percent: number): Promise<number | null>;
  enteredFacts(customer: string): Promise<EnteredAnswer[]>;
  enterFacts(customer: string, resource: string, answers: FactAnswer[]): Promise<EnteredAnswer[]>;
  policies(): Promise<PackView[]>;
  comparePack(path: string): Promise<PackDiffView>;
  /** Lets the next calls of the sandbox go wrong; answers how many faults may still come. */
  sandboxFault(kind: FaultKind, times: number): Promise<number>;
  sandboxClearFaults(): Promise<number>;

  reportKinds(): Promise<OfferedReport[]>;
  /** Sets a report in pages to look at; answers how many there are. */
  previewReport(ask: ReportAsk): Promise<number>;
  /** A page of what is looked at, counted from 0, as the address of a picture. */
  reportPage(page: number): Promise<string>;
  writeReport(ask: ReportAsk): Promise<WrittenReport>;
  /** Asks with the system's dialog for the place; null when none was chosen. */
  saveReport(ask: ReportAsk, title: string): Promise<WrittenReport | null>;
  cancelReport(): Promise<void>;
  /** Only for reports that this window wrote. */
  openReport(path: string): Promise<void>;
  showReportFolder(path: string): Promise<void>;
  verifyReport(path: string): Promise<CheckedReport>;
  letterhead(): Promise<LetterheadView>;
  setLetterhead(name: string, lines: string[]): Promise<LetterheadView>;
  /** Null takes the logo away. */
  setLogo(path: string | null): Promise<LetterheadView>;
  onReportProgress(listener: (progress: ReportProgressed) => void): () => void;

  /** A request beside its refunds: what came out otherwise than predicted, and what explains it. */
  reconciled(request: string): Promise<Reconciled>;
  today(): Promise<Today>;
  locate(order: string): Promise<Located>;
  /** The order of the link that the window was started with. */
  takeLink(): Promise<string | null>;
  /** Tells something through the system; false where nobody listens. */
  notify(title: string, body: string): Promise<boolean>;
  /** Shows the page larger or smaller, in per cent. */
  zoom(percent: number): Promise<void>;
  onLink(listener: (order: string) => void): () => void;
}
