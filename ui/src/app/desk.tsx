// What every page shares: the backend, the customer and page chosen, messages, the wizard, and reads that know what they depend on.

import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { type Ask, type Backend, type Kind, type Problem, problemOf, type RequestView, type ResourceQuery, type Subject } from "../backend/backend";

export const PAGES = ["today", "resources", "renewals", "requests", "history", "reports", "settings"] as const;
export type Page = (typeof PAGES)[number];

/** Parts of the settings. */
export const SETTINGS = ["connections", "import", "discounts", "facts", "rules", "sandbox", "look", "security", "about"] as const;
export type SettingsPart = (typeof SETTINGS)[number];

/** A resource of a customer. */
export type ResourceKey = { customer: string; resource: string };

/** What the wizard was opened for: something to review, or a request to carry on with. */
export type SingleTask = { ask: Ask } | { request: RequestView };

/** The same for many: a selection to plan, or a batch to carry on with. */
export type ManyTask = { plan: Ask[] } | { batch: string };

export type WizardTask = SingleTask | ManyTask;

/** A quote that waits for a discount table: the customer, the product, and what its steps are counted by. */
export type DiscountsAsk = { customer: string; product: string; kind: Kind };

/** Something on show until it is dismissed: a problem, or news with what to look at. */
export type Message = { id: number; problem: Problem } | { id: number; news: News };

/** Something that happened by itself: money came, did not come, or a window closes. */
export type News = { title: string; text: string; meaning: "returns" | "risk"; show: () => void };

type Desk = {
  backend: Backend;
  /** Leaves the desk to make the home of real customers. */
  newHome: () => void;
  page: Page;
  goTo: (page: Page) => void;
  /** Null: all customers. */
  customer: string | null;
  chooseCustomer: (customer: string | null) => void;
  chosen: ResourceKey | null;
  choose: (resource: ResourceKey | null) => void;
  chosenRequest: string | null;
  chooseRequest: (request: string | null) => void;
  /** Set while the settings are open because of a quote. */
  discountsAsk: DiscountsAsk | null;
  askDiscounts: (ask: DiscountsAsk) => void;
  settings: SettingsPart;
  openSettings: (part: SettingsPart) => void;
  chosenRefund: string | null;
  chooseRefund: (refundOrder: string | null) => void;
  wizard: WizardTask | null;
  openWizard: (task: WizardTask) => void;
  closeWizard: () => void;
  messages: Message[];
  tellProblem: (thrown: unknown) => void;
  tellNews: (news: News) => void;
  dismiss: (id: number) => void;
};

const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("useDesk is called outside of DeskProvider");
  return desk;
}

let lastMessage = 0;

export function DeskProvider(props: { backend: Backend; start: Page; settings?: SettingsPart; newHome: () => void; children: ReactNode }) {
  const [page, setPage] = useState<Page>(props.start);
  const [settings, setSettings] = useState<SettingsPart>(props.settings ?? "connections");
  const [chosenRefund, chooseRefund] = useState<string | null>(null);
  const [customer, setCustomer] = useState<string | null>(null);
  const [chosen, choose] = useState<ResourceKey | null>(null);
  const [chosenRequest, chooseRequest] = useState<string | null>(null);
  const [discountsAsk, setDiscountsAsk] = useState<DiscountsAsk | null>(null);
  const [wizard, setWizard] = useState<WizardTask | null>(null);
  const [messages, setMessages] = useState<Message[]>([]);

  const tellProblem = useCallback((thrown: unknown) => {
    lastMessage += 1;
    const message = { id: lastMessage, problem: problemOf(thrown) };
    setMessages((all) => [...all, message]);
  }, []);

  const tellNews = useCallback((news: News) => {
    lastMessage += 1;
    const message = { id: lastMessage, news };
    setMessages((all) => [...all, message]);
  }, []);

  const desk = useMemo<Desk>(
    () => ({
      backend: props.backend,
      newHome: props.newHome,
      page,
      goTo: (next) => {
        setPage(next);
        setDiscountsAsk(null);
      },
      customer,
      chooseCustomer: (id) => {
        setCustomer(id);
        choose(null);
        chooseRequest(null);
      },
      chosen,
      choose,
      chosenRequest,
      chooseRequest,
      discountsAsk,
      // The resource stays chosen: its quote is what one comes back to.
      askDiscounts: (ask) => {
        setCustomer(ask.customer);
        setDiscountsAsk(ask);
        setSettings("discounts");
        setPage("settings");
      },
      settings,
      openSettings: (part) => {
        setDiscountsAsk(null);
        setSettings(part);
        setPage("settings");
      },
      chosenRefund,
      chooseRefund,
      wizard,
      openWizard: setWizard,
      closeWizard: () => setWizard(null),
      messages,
      tellProblem,
      tellNews,
      dismiss: (id) => setMessages((all) => all.filter((one) => one.id !== id)),
    }),
    [props.backend, props.newHome, page, settings, customer, chosen, chosenRequest, chosenRefund, discountsAsk, wizard, messages, tellProblem, tellNews],
  );
  useReadAgain(props.backend);
  return <DeskContext value={desk}>{props.children}</DeskContext>;
}

/** Which reads answer to which subject: the first word of a read's key. */
const READS: Record<Subject, string[]> = {
  status: ["status"],
  customers: ["customers", "connections"],
  resources: ["resources", "quote", "renewals", "discounts", "entered", "today"],
  requests: ["requests", "batches", "ready", "reconciliation", "today"],
  history: ["history"],
  today: ["today"],
  home: ["home"],
};

/** Marks everything that depends on the subjects as old; what is on screen is read again at once. */
export async function readAgain(client: QueryClient, subjects: readonly Subject[]): Promise<void> {
  const reads = new Set(subjects.flatMap((subject) => READS[subject] ?? []));
  await client.invalidateQueries({ predicate: (query) => reads.has(String(query.queryKey[0])) });
}

export const EVERYTHING: readonly Subject[] = ["status", "customers", "resources", "requests", "history", "today"];

/** While a sync runs, the lists fill this often. */
const FILL_MS = 1_000;

function useReadAgain(backend: Backend): void {
  const client = useQueryClient();
  useEffect(() => backend.onDeskChanged((subjects) => void readAgain(client, subjects)), [backend, client]);
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const stop = backend.onSyncProgress(() => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        void readAgain(client, ["customers", "resources"]);
      }, FILL_MS);
    });
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }, [backend, client]);
}

/** How often the desk's clock is read, so that ages and the end of a quote stay true while nothing else happens. */
const CLOCK_MS = 15_000;

/** The home and its clock. */
export function useStatus() {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["status"], queryFn: () => backend.status(), refetchInterval: CLOCK_MS });
}

/** Which homes there are, and how this one stands. */
export function useHome() {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["home"], queryFn: () => backend.home() });
}

/** The desk's clock, or null before it is known. Ages are told from it, never from the window's clock. */
export function useNow(): string | null {
  return useStatus().data?.now ?? null;
}

export function useCustomers() {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["customers"], queryFn: () => backend.customers() });
}

/** What wants attention today. */
export function useToday() {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["today"], queryFn: () => backend.today() });
}

/** Whether another desk has the home open, so that this one changes nothing. */
export function useReadOnly(): boolean {
  return useStatus().data?.read_only ?? false;
}

/** The discount tables of a customer. */
export function useDiscounts(customer: string) {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["discounts", customer], queryFn: () => backend.discounts(customer) });
}

/** The products of a customer's resources. */
export function useProducts(customer: string): string[] {
  const { backend } = useDesk();
  const read = useQuery({
    queryKey: ["resources", "products", customer],
    queryFn: () => backend.resources({ ...ANY_RESOURCE, customer }),
  });
  return read.data?.products ?? [];
}

/** Asks for no more than a row: the products come beside it. */
const ANY_RESOURCE: ResourceQuery = {
  customer: null,
  tab: "all",
  refund_type: null,
  product: null,
  text: "",
  ordered_from: null,
  ordered_to: null,
  sort: "product",
  descending: false,
  offset: 0,
  limit: 1,
};

export function useRequests(customer: string | null) {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["requests", customer], queryFn: () => backend.requests(customer) });
}

/** An act: what it did is read again afterwards, and a failure is told unless the caller shows it itself. */
export function useAct<Input, Output>(
  act: (input: Input) => Promise<Output>,
  options: { writes: readonly Subject[]; quiet?: boolean } = { writes: EVERYTHING },
) {
  const client = useQueryClient();
  const { tellProblem } = useDesk();
  return useMutation({
    mutationFn: act,
    onError: (thrown) => {
      if (!options.quiet) tellProblem(thrown);
    },
    onSettled: () => readAgain(client, options.writes),
  });
}
