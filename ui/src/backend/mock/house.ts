// The mock desk's house: its home, connections, rules and today's page. As little as the pages need to be looked at and tested.

import type { BackupView, ClosingWindow, ConnectionRowView, ConnectionTest, FeatureTest, HomeView, ImportReport, PackView, Subject, WaysView } from "../backend";
import type { House } from "../house";
import { addDays } from "./figures";
import { refuse } from "./refuse";
import { CUSTOMERS } from "./seed";
import type { World } from "./world";

/** What opens the mock home. */
export const MOCK_PASSPHRASE = "harbour lights at six";
/** Where the mock desk has a backup. */
export const MOCK_BACKUP = "~/backups/refund-desk-2026-05-20";
const MOCK_CODE = "46V9-YB7D-PA5W-HYFE-PYJ4-ATH3-R18S-81R6";

export function mockHouse(world: World, pause: () => Promise<void>, tell: (subjects: Subject[]) => void): House {
  const apis = new Map(CUSTOMERS.map((customer) => [customer.id, true]));
  let home: HomeView = {
    state: "open", dir: "~/refund-desk/sandbox", problem: null, passphrase: true, keyring: false, real: false, sandbox: true, single: false,
  };
  let pace: number | null = null;
  const links = new Set<(order: string) => void>();
  const become = (next: Partial<HomeView>): HomeView => {
    home = { ...home, ...next };
    tell(["home", "status", "customers", "resources"]);
    return home;
  };
  const opens = (passphrase: string) => {
    if (passphrase === MOCK_PASSPHRASE) return;
    refuse({ code: "wrong_passphrase", message: "the passphrase is not the one of this home", place: null, next: "type it again, or use the recovery code" });
  };
  const connections = (): ConnectionRowView[] =>
    CUSTOMERS.map((customer) => ({
      customer: customer.id, name: customer.name, site: customer.site, currency: customer.currency, partner: false, imported: false,
      way: "key", endpoint: "http://127.0.0.1:8080", key_id: "testid", role_arn: null, api: apis.get(customer.id) ?? false,
      health: { customer: customer.id, clock: "fine", clock_skew_seconds: 0, clock_seen_at: world.now, warnings: [] },
    }));
  const backup: BackupView = { folder: MOCK_BACKUP, made_at: world.now, sandbox: false, entries: 41, files: 4, bytes: "5242880" };
  const ways = (): WaysView => ({ device: "mock", passphrase: true, keyring: false, keyring_problem: null });
  return {
    home: async () => home,
    openSandbox: async () => become({ state: "open", sandbox: true }),
    createHome: async () => {
      await pause();
      become({ state: "open", real: true });
      return MOCK_CODE;
    },
    unlockHome: async (by, secret) => {
      await pause();
      if (by === "passphrase") opens(secret);
      return become({ state: "open" });
    },
    lockHome: async () => become({ state: "locked" }),
    openAgain: async () => home,
    about: async () => ({ version: "0.1.0", licence: "Apache-2.0", notices: true }),
    openNotices: async () => undefined,
    backUpHome: async () => {
      await pause();
      return backup;
    },
    chooseBackup: async () => null,
    backupAt: async (path) => (path === backup.folder ? backup : refuse({ code: "backup_missing", message: "there is no backup in this folder", place: path, next: "name the folder that a backup was written into" })),
    restoreHome: async (_path, by, secret) => {
      await pause();
      if (by === "passphrase") opens(secret);
      become({ state: "open", real: true });
      return { backup, to_review: 1 };
    },
    waysIn: async () => ways(),
    setPassphrase: async (_by, current) => {
      opens(current);
      return ways();
    },
    addKeyring: async (passphrase) => {
      opens(passphrase);
      return { ...ways(), keyring: true };
    },
    removeWay: async () => refuse({ code: "last_way_in", message: "the passphrase is the only way into this home besides the recovery code", place: null, next: "add another way first" }),
    connections: async () => connections(),
    tryConnection: async () => testOf("denied"),
    testConnection: async () => {
      await pause();
      return testOf("allowed");
    },
    addConnection: async (ask) => (ask.key_id === "" && ask.way !== "files" ? refuse({ code: "bad_account", message: "an AccessKey has an id and a secret", place: "key_id", next: "correct it and connect again" }) : CUSTOMERS[0]?.id ?? ""),
    switchApi: async (customer, on) => {
      apis.set(customer, on);
      return connections();
    },
    removeCustomer: async () => connections(),
    ramPolicies: async (role) => ({ reading: '{\n  "Version": "1"\n}', role: role === null ? null : '{\n  "Version": "1"\n}' }),
    setNote: async (customer, text) => {
      const before = world.notes.get(customer) ?? null;
      if (text === "") world.notes.delete(customer);
      else world.notes.set(customer, text);
      tell(["customers"]);
      return before;
    },
    chooseFile: async () => null,
    previewImport: async (ask) => importOf(ask.customer, ask.mapping.length > 0, true, world.now),
    importFile: async (ask) => importOf(ask.customer, true, false, world.now),
    setLanguage: async () => undefined,
    pace: async () => pace,
    setPace: async (percent) => {
      if (percent < 1 || percent > 100) refuse({ code: "bad_share", message: `${percent} % of the documented rates cannot be used`, place: "percent", next: "choose 1 to 100" });
      pace = percent;
      return pace;
    },
    enteredFacts: async () => [
      { about: "customer", subject: "", path: "ecs_quota_left", value: "3", source: "the console", entered_at: addDays(world.now, -3), entry: 12 },
    ],
    enterFacts: async () => [],
    policies: async () => [packOf("china"), packOf("international")],
    comparePack: async (path) => refuse({ code: "pack_unreadable", message: `the pack ${path} cannot be read`, place: path, next: "name a policy pack in TOML" }),
    sandboxFault: async (_kind, times) => times,
    sandboxClearFaults: async () => 0,
    reportKinds: async () => [
      { kind: "history", formats: ["csv", "xlsx", "pdf"], of_one_customer: false, journaled: false },
      { kind: "statement", formats: ["pdf"], of_one_customer: true, journaled: true },
      { kind: "quotes", formats: ["pdf"], of_one_customer: true, journaled: false },
      { kind: "renewals", formats: ["pdf"], of_one_customer: true, journaled: false },
      { kind: "evidence", formats: ["zip"], of_one_customer: true, journaled: true },
    ],
    previewReport: async () => 2,
    reportPage: async () => "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    writeReport: async (ask) => ({
      kind: ask.kind, format: ask.format ?? "pdf", path: "~/refund-desk/sandbox/exports/statement.pdf", annex: null, rows: 12, pages: 2,
      sha256: "5c1d7e0b9a4f3826d1c0be97a52f4483e6d9b0178a3c5f2e4d6b8091a7c3e5f2", document_sha256: null, journal_entry: 41,
    }),
    saveReport: async () => null,
    cancelReport: async () => undefined,
    openReport: async () => undefined,
    showReportFolder: async () => undefined,
    verifyReport: async (path) => refuse({ code: "report_unknown", message: "the journal knows no such report", place: path, next: "choose the file as it was written" }),
    letterhead: async () => ({ name: "", lines: [], logo_format: null, logo_bytes: 0 }),
    setLetterhead: async (name, lines) => ({ name, lines, logo_format: null, logo_bytes: 0 }),
    setLogo: async () => ({ name: "", lines: [], logo_format: null, logo_bytes: 0 }),
    onReportProgress: () => () => undefined,
    reconciled: async (id) => {
      const request = world.request(id);
      return {
        request: id, customer: request.customer, resource: request.resource, state: request.state, currency: request.currency,
        predicted: request.predicted, predicted_max: request.predicted_max, promised: null, actual: request.actual, difference: null,
        arrived: request.arrived, refund_orders: request.refund_order === null ? [] : [request.refund_order], predicted_to: [], arrived_to: [],
        predicted_on: null, predicted_by: null, arrived_on: null, facts: null,
        differences: [
          {
            of: "amount", refund_orders: [], orders: [], predicted: request.predicted, actual: request.actual ?? "0", text: "The amount differs.",
            explanations: [{ code: "rounding", rule: "money.rounding", params: {}, text: "Rounded down instead of to the nearest cent." }],
          },
        ],
      };
    },
    today: async () => {
      await pause();
      return {
        at: world.now, until: addDays(world.now, 7), closing: closingOf(world),
        unknown: world.requests.filter((request) => request.state === "unknown"),
        overdue: world.requests.filter((request) => request.state === "overdue"),
        rescue: [], stale: [],
      };
    },
    locate: async (order) => {
      const resource = world.live().find((one) => one.orders.some((part) => part.order === order));
      if (resource) return { customer: resource.customer, order, refund: false, resource: resource.resource };
      return refuse({ code: "unknown_order", message: `no customer of this home has an order \`${order}\``, place: "order", next: "sync the customer that it belongs to, then open the link again" });
    },
    takeLink: async () => null,
    notify: async () => false,
    zoom: async () => undefined,
    onLink: (listener) => {
      links.add(listener);
      return () => links.delete(listener);
    },
  };
}

function testOf(plans: FeatureTest["state"]): ConnectionTest {
  const feature = (name: FeatureTest["feature"], operation: string, ram_action: string, state: FeatureTest["state"]): FeatureTest => ({
    feature: name, operation, state, ram_action, without: "Resource plans are not listed; instances are.", problem: null,
  });
  return {
    endpoint: "http://127.0.0.1:8080", switched: false, site: "international", uid: "5123456789012345", currency: "USD",
    features: [
      feature("balance", "QueryAccountBalance", "bssapi:QueryAccountBalance", "allowed"),
      feature("plans", "QueryResourcePackageInstances", "bssapi:QueryResourcePackageInstances", plans),
    ],
    clock: "fine", clock_skew_seconds: 0, policy: '{\n  "Version": "1"\n}',
  };
}

function importOf(customer: string, mended: boolean, dry: boolean, at: string): ImportReport {
  return {
    customer, file: "orders.csv", sha256: "5c1d7e0b9a4f3826d1c0be97a52f4483e6d9b0178a3c5f2e4d6b8091a7c3e5f2", dry_run: dry, kind: "orders",
    encoding: "utf-8", delimiter: ",", zone: "+08:00", dated: at,
    mapping: [{ field: "order", header: "Order No." }, ...(mended ? [{ field: "paid", header: "Money" }] : [])],
    unmapped: mended ? ["Remark"] : ["Money", "Remark"],
    missing: mended ? [] : ["paid"],
    counts: { rows: 8, new: mended ? 6 : 0, changed: 0, same: 0, by_api: 1, ignored: 0, refused: 1 },
    refused: [{ line: 5, field: "paid_at", code: "bad_time", reason: "bad_time", params: { cell: "yesterday" }, text: "`yesterday` is no time; give yyyy-MM-dd HH:mm:ss" }],
    without_period: [], unknown_products: [], moved: [],
  };
}

function packOf(site: "china" | "international"): PackView {
  return {
    site, version: "2026-05-22",
    rules: [
      {
        id: "coefficient.ecs", scope: ["ecs"], from: "2025-10-29T16:00:00Z", until: null, by_payment: false, in_force: true,
        page: "Unsubscription rules", section: "Consumed amount", date: "2026-05-22", reading: null, params: ["below_day = 30", 'coefficient = "1.5"'],
      },
      {
        id: "money.rounding", scope: ["*"], from: null, until: null, by_payment: false, in_force: true,
        page: "Unsubscription rules", section: "Refund amount", date: "2026-05-22", reading: "Half a cent is rounded up.", params: [],
      },
    ],
  };
}

/** One of each kind, of the first resources that have something to lose. */
function closingOf(world: World): ClosingWindow[] {
  const rows = world.live().map((resource) => world.row(resource)).filter((row) => Number(row.refund ?? "0") > 0);
  return (["source", "rises", "full", "ends"] as const).flatMap((kind, index) => {
    const row = rows[index];
    if (!row?.refund || row.refund_type === null) return [];
    return [{
      customer: row.customer, customer_name: row.customer_name, resource: row.resource, product: row.product, kind,
      at: addDays(world.now, index + 0.5), currency: row.currency, refund_type: row.refund_type,
      before: row.refund, after: kind === "ends" ? "0.00" : row.refund, at_stake: row.refund,
    }];
  });
}
