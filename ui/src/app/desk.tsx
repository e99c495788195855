// What every page shares: the backend, the customer and page chosen, messages, the wizard, and reads that know what they depend on.

import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { type Ask, type Backend, type Kind, type Problem, problemOf, type RequestView, type ResourceQuery, type Subject } from "../backend/backend";

export type Page = "resources" | "renewals" | "requests" | "history" | "settings";

/** A resource of a customer. */
export type ResourceKey = { customer: string; resource: string };

/** What the wizard was opened for: something to review, or a request to carry on with. */
export type SingleTask = { ask: Ask } | { request: RequestView };

/** The same for many: a selection to plan, or a batch to carry on with. */
export type ManyTask = { plan: Ask[] } | { batch: string };

export type WizardTask = SingleTask | ManyTask;

/** A quote that waits for a discount table: the customer, the product, and what its steps are counted by. */
export type DiscountsAsk = { customer: string; product: string; kind: Kind };

/** A problem on show until it is dismissed. */
export type Message = { id: number; problem: Problem };

type Desk = {
  backend: Backend;
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
  wizard: WizardTask | null;
  openWizard: (task: WizardTask) => void;
  closeWizard: () => void;
  messages: Message[];
  tellProblem: (thrown: unknown) => void;
  dismiss: (id: number) => void;
};

const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("useDesk is called outside of DeskProvider");
  return desk;
}

let lastMessage = 0;

export function DeskProvider(props: { backend: Backend; children: ReactNode }) {
  const [page, setPage] = useState<Page>("resources");
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

  const desk = useMemo<Desk>(
    () => ({
      backend: props.backend,
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
        setPage("settings");
      },
      wizard,
      openWizard: setWizard,
      closeWizard: () => setWizard(null),
      messages,
      tellProblem,
      dismiss: (id) => setMessages((all) => all.filter((one) => one.id !== id)),
    }),
    [props.backend, page, customer, chosen, chosenRequest, discountsAsk, wizard, messages, tellProblem],
  );
  useReadAgain(props.backend);
  return <DeskContext value={desk}>{props.children}</DeskContext>;
}

/** Which reads answer to which subject: the first word of a read's key. */
const READS: Record<Subject, string[]> = {
  status: ["status"],
  customers: ["customers"],
  resources: ["resources", "quote", "renewals", "discounts"],
  requests: ["requests", "batches", "ready", "reconciliation"],
  history: ["history"],
};

/** Marks everything that depends on the subjects as old; what is on screen is read again at once. */
export async function readAgain(client: QueryClient, subjects: readonly Subject[]): Promise<void> {
  const reads = new Set(subjects.flatMap((subject) => READS[subject] ?? []));
  await client.invalidateQueries({ predicate: (query) => reads.has(String(query.queryKey[0])) });
}

export const EVERYTHING: readonly Subject[] = ["status", "customers", "resources", "requests", "history"];

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

/** The desk's clock, or null before it is known. Ages are told from it, never from the window's clock. */
export function useNow(): string | null {
  return useStatus().data?.now ?? null;
}

export function useCustomers() {
  const { backend } = useDesk();
  return useQuery({ queryKey: ["customers"], queryFn: () => backend.customers() });
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
