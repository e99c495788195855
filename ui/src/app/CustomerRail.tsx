import { useEffect, useState } from "react";
import { type CustomerRow, DeskProblem, problemOf, type SyncProgress, type SyncReport } from "../backend/backend";
import { Amount, Button, EmptyState, FailedState, LoadingState } from "../controls/controls";
import { age } from "../figures/time";
import { t } from "../text/text";
import { useAct, useCustomers, useDesk, useNow } from "./desk";

/** The customers with what they could have back now, how old their facts are, and the button that reads them anew. */
export function CustomerRail() {
  const { backend, customer, tellProblem } = useDesk();
  const customers = useCustomers();
  const progress = useSyncProgress();
  const sync = useAct((which: string | null) => backend.sync(which));
  const begins = useFirstSync(customers.data);
  const busy = sync.isPending || progress.running || begins || customers.isPending;
  const run = () =>
    sync.mutate(customer, {
      onSuccess: (reports) => {
        // One that was stopped on purpose is no failure.
        const failed = reports.flatMap((report) => report.problem ?? []).filter((problem) => problem.code !== "sync_cancelled");
        for (const problem of failed) tellProblem(new DeskProblem(problem));
      },
      onSettled: progress.clear,
    });
  return (
    <aside className="rail" aria-label={t.rail.label}>
      <div className="rail-list">
        {customers.isPending && <LoadingState label={t.rail.label} />}
        {customers.isError && (
          <FailedState title={t.rail.label} problem={problemOf(customers.error)} onRetry={() => void customers.refetch()} />
        )}
        {customers.data && customers.data.length === 0 && <EmptyState title={t.rail.empty} next={t.rail.emptyNext} />}
        {customers.data && customers.data.length > 0 && (
          <>
            <AllCustomers rows={customers.data} />
            {customers.data.map((row) => (
              <CustomerEntry key={row.id} row={row} progress={progress.of(row.id)} />
            ))}
          </>
        )}
      </div>
      <footer className="rail-foot">
        {sync.data && !sync.isPending && (
          <p className="sync-note small muted" role="status" data-testid="sync-result">
            {summary(sync.data)}
          </p>
        )}
        <Button wide disabled={busy} data-testid="sync-now" onClick={run}>
          {busy ? t.rail.syncing : customer === null ? t.rail.syncAll : t.rail.sync}
        </Button>
        {(sync.isPending || progress.running) && (
          <Button wide data-testid="sync-stop" onClick={() => void backend.cancelSync()}>
            {t.rail.stop}
          </Button>
        )}
      </footer>
    </aside>
  );
}

function summary(reports: readonly SyncReport[]): string {
  const sum = (pick: (report: SyncReport) => number) => reports.reduce((total, report) => total + pick(report), 0);
  if (reports.some((report) => report.problem?.code === "sync_cancelled")) return t.rail.stopped;
  const moved = sum((report) => report.moved.length);
  const text = t.rail.syncDone({
    customers: reports.length,
    calls: sum((report) => report.calls),
    refunds: sum((report) => report.refunds),
  });
  return moved === 0 ? text : `${text} ${t.rail.moved({ count: moved })}`;
}

function AllCustomers(props: { rows: readonly CustomerRow[] }) {
  const { customer, chooseCustomer } = useDesk();
  const resources = props.rows.reduce((total, row) => total + row.resources, 0);
  return (
    <button
      type="button"
      className="customer"
      aria-pressed={customer === null}
      data-testid="customer-all"
      onClick={() => chooseCustomer(null)}
    >
      <span className="name">{t.rail.all}</span>
      <span className="small muted">{t.rail.resources({ count: resources })}</span>
    </button>
  );
}

function CustomerEntry(props: { row: CustomerRow; progress: SyncProgress | null }) {
  const { row, progress } = props;
  const { customer, chooseCustomer } = useDesk();
  return (
    <button
      type="button"
      className="customer"
      aria-pressed={customer === row.id}
      data-testid={`customer-${row.id}`}
      title={`${row.uid} · ${t.rail.sites[row.site]}`}
      onClick={() => chooseCustomer(row.id)}
    >
      <span className="name">{row.name}</span>
      {row.refundable.length === 0 ? (
        <span className="sum muted">{t.rail.nothing}</span>
      ) : (
        row.refundable.map((money) => (
          <Amount key={money.currency} className="sum returns" amount={money.amount} currency={money.currency} />
        ))
      )}
      {progress ? <Progress progress={progress} /> : <Freshness row={row} />}
    </button>
  );
}

function Freshness(props: { row: CustomerRow }) {
  const now = useNow();
  const { row } = props;
  if (row.sync_error) {
    return (
      <span className="small refused" title={`${row.sync_error.message} ${row.sync_error.next}`}>
        {t.rail.failed}
      </span>
    );
  }
  return (
    <span className="freshness small muted">
      <span>{row.synced_at && now ? t.rail.synced({ age: ageText(row.synced_at, now) }) : t.rail.neverSynced}</span>
      <span>{t.rail.resources({ count: row.resources })}</span>
    </span>
  );
}

/** An age in words. */
export function ageText(instant: string, now: string): string {
  const { count, unit } = age(instant, now);
  if (unit === "minute") return count < 2 ? t.age.now : t.age.minutes({ count });
  return unit === "hour" ? t.age.hours({ count }) : t.age.days({ count });
}

/** How long a sync's phase may still take, in words. */
function leftText(seconds: number): string {
  return seconds < 90 ? t.rail.leftSeconds({ seconds }) : t.rail.leftMinutes({ minutes: Math.ceil(seconds / 60) });
}

function Progress(props: { progress: SyncProgress }) {
  const { phase, done, total, seconds_left } = props.progress;
  const named = t.rail.phases[phase] ?? phase;
  return (
    <span className="small muted">
      {total === null ? t.rail.counted({ phase: named, done }) : t.rail.countedOf({ phase: named, done, total })}
      {seconds_left !== null && ` · ${leftText(seconds_left)}`}
      <progress max={total ?? undefined} value={total === null ? undefined : done} />
    </span>
  );
}

/**
 * A new home syncs by itself while the window opens; its first steps may be told before anybody listens. Until one is heard,
 * customers that were never synced count as being synced, for as long as a silent sync counts at all.
 */
function useFirstSync(rows: readonly CustomerRow[] | undefined): boolean {
  const [opening, setOpening] = useState(true);
  useEffect(() => {
    const end = setTimeout(() => setOpening(false), SILENCE_MS);
    return () => clearTimeout(end);
  }, []);
  return opening && (rows ?? []).some((row) => row.synced_at === null && row.sync_error === null);
}

/** A running sync that has said nothing for so long no longer holds the button. */
const SILENCE_MS = 10_000;

/** The newest step of each customer's running sync, whoever started it (a new home's first sync starts by itself). */
function useSyncProgress() {
  const { backend } = useDesk();
  const [steps, setSteps] = useState<Record<string, SyncProgress>>({});
  useEffect(() => {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const stopSteps = backend.onSyncProgress((step) => {
      setSteps((all) => ({ ...all, [step.customer]: step }));
      clearTimeout(silence);
      silence = setTimeout(() => setSteps({}), SILENCE_MS);
    });
    // A sync ends by naming what it wrote.
    const stopChanges = backend.onDeskChanged((subjects) => {
      if (subjects.includes("customers") && subjects.includes("history")) setSteps({});
    });
    return () => {
      clearTimeout(silence);
      stopSteps();
      stopChanges();
    };
  }, [backend]);
  return {
    of: (customer: string): SyncProgress | null => steps[customer] ?? null,
    running: Object.keys(steps).length > 0,
    clear: () => setSteps({}),
  };
}
