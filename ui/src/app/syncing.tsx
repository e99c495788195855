// The syncs under way, whoever began them: one state for the rail, the palette and the shortcuts.

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { DeskProblem, type SyncProgress, type SyncReport } from "../backend/backend";
import { useAct, useCustomers, useDesk, useReadOnly } from "./desk";

type Syncing = {
  /** False where another desk has the home open. */
  allowed: boolean;
  busy: boolean;
  /** Something is there to be stopped. */
  running: boolean;
  /** What the last sync that was begun here did. */
  reports: readonly SyncReport[] | null;
  of: (customer: string) => SyncProgress | null;
  run: (customer: string | null) => void;
  stop: () => void;
};

const SyncContext = createContext<Syncing | null>(null);

export function useSyncing(): Syncing {
  const syncing = useContext(SyncContext);
  if (!syncing) throw new Error("useSyncing is called outside of SyncProvider");
  return syncing;
}

export function SyncProvider(props: { children: ReactNode }) {
  const { backend, tellProblem } = useDesk();
  const customers = useCustomers();
  const readOnly = useReadOnly();
  const [steps, clear] = useSteps();
  const sync = useAct((which: string | null) => backend.sync(which));
  const begins = useFirstSync();
  const running = Object.keys(steps).length > 0;
  const busy = sync.isPending || running || begins || customers.isPending;
  const syncing = useMemo<Syncing>(
    () => ({
      allowed: !readOnly,
      busy,
      running: sync.isPending || running,
      reports: sync.isPending ? null : (sync.data ?? null),
      of: (customer) => steps[customer] ?? null,
      run: (customer) => {
        if (busy || readOnly) return;
        sync.mutate(customer, {
          onSuccess: (reports) => {
            // One that was stopped on purpose is no failure.
            const failed = reports.flatMap((report) => report.problem ?? []).filter((problem) => problem.code !== "sync_cancelled");
            for (const problem of failed) tellProblem(new DeskProblem(problem));
          },
          onSettled: clear,
        });
      },
      stop: () => void backend.cancelSync(),
    }),
    [backend, busy, clear, readOnly, running, steps, sync, tellProblem],
  );
  return <SyncContext value={syncing}>{props.children}</SyncContext>;
}

/**
 * A new sandbox syncs by itself while the window opens; its first steps may be told before anybody listens. Until one is heard,
 * customers that were never synced count as being synced, for as long as a silent sync counts at all.
 */
function useFirstSync(): boolean {
  const customers = useCustomers();
  const [opening, setOpening] = useState(true);
  useEffect(() => {
    const end = setTimeout(() => setOpening(false), SILENCE_MS);
    return () => clearTimeout(end);
  }, []);
  return opening && (customers.data ?? []).some((row) => row.synced_at === null && row.sync_error === null);
}

/** A running sync that has said nothing for so long no longer holds the button. */
const SILENCE_MS = 10_000;

/** The newest step of each customer's running sync. */
function useSteps(): [Record<string, SyncProgress>, () => void] {
  const { backend } = useDesk();
  const [steps, setSteps] = useState<Record<string, SyncProgress>>({});
  const [clear] = useState(() => () => setSteps({}));
  useEffect(() => {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const stopSteps = backend.onSyncProgress((step) => {
      setSteps((all) => ({ ...all, [step.customer]: step }));
      clearTimeout(silence);
      silence = setTimeout(clear, SILENCE_MS);
    });
    // A sync ends by naming what it wrote.
    const stopChanges = backend.onDeskChanged((subjects) => {
      if (subjects.includes("customers") && subjects.includes("history")) clear();
    });
    return () => {
      clearTimeout(silence);
      stopSteps();
      stopChanges();
    };
  }, [backend, clear]);
  return [steps, clear];
}
