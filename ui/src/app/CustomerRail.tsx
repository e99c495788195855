import { type CustomerRow, problemOf, type SyncProgress, type SyncReport } from "../backend/backend";
import { Amount, Button, EmptyState, FailedState, LoadingState } from "../controls/controls";
import { Foreign } from "../controls/Foreign";
import { sumAmounts } from "../figures/money";
import { age } from "../figures/time";
import { Keys } from "../palette/commands";
import { foreign } from "../text/foreign";
import { t } from "../text/text";
import { CustomerNote } from "./CustomerNote";
import { useCustomers, useDesk, useNow } from "./desk";
import { useSyncing } from "./syncing";

/** The customers with what they could have back now, how old their facts are, and the button that reads them anew. */
export function CustomerRail() {
  const { customer, openSettings } = useDesk();
  const customers = useCustomers();
  const rows = customers.data;
  const chosen = rows?.find((row) => row.id === customer) ?? null;
  return (
    <aside className="rail" aria-label={t.rail.label}>
      <div className="rail-list">
        {customers.isPending && <LoadingState label={t.rail.label} />}
        {customers.isError && (
          <FailedState title={t.rail.label} problem={problemOf(customers.error)} onRetry={() => void customers.refetch()} />
        )}
        {rows && rows.length === 0 && (
          <EmptyState
            title={t.rail.empty}
            next={t.rail.emptyNext}
            action={<Button onClick={() => openSettings("connections")}>{t.rail.emptyAct}</Button>}
          />
        )}
        {rows && rows.length > 0 && (
          <>
            <AllCustomers rows={rows} />
            {rows.map((row) => (
              <CustomerEntry key={row.id} row={row} />
            ))}
          </>
        )}
      </div>
      {chosen && <CustomerNote key={chosen.id} customer={chosen} />}
      <SyncFoot />
    </aside>
  );
}

function SyncFoot() {
  const { customer } = useDesk();
  const sync = useSyncing();
  if (!sync.allowed) return null;
  return (
    <footer className="rail-foot">
      {sync.reports && (
        <p className="sync-note small muted" role="status" data-testid="sync-result">
          {summary(sync.reports)}
        </p>
      )}
      <Button wide disabled={sync.busy} data-testid="sync-now" onClick={() => sync.run(customer)}>
        {sync.busy ? t.rail.syncing : customer === null ? t.rail.syncAll : t.rail.sync}
        {!sync.busy && customer === null && <Keys keys="Mod+S" />}
      </Button>
      {sync.running && (
        <Button wide data-testid="sync-stop" onClick={sync.stop}>
          {t.rail.stop} <Keys keys="Mod+." />
        </Button>
      )}
    </footer>
  );
}

function summary(reports: readonly SyncReport[]): string {
  const sum = (pick: (report: SyncReport) => number) => reports.reduce((total, report) => total + pick(report), 0);
  if (reports.some((report) => report.problem?.code === "sync_cancelled")) return t.rail.stopped;
  // What failed is told beside the customer, and in a message.
  const whole = reports.filter((report) => report.problem === null).length;
  if (whole === 0 && reports.length > 0) return t.rail.failed;
  const moved = sum((report) => report.moved.length);
  const text = t.rail.syncDone({
    customers: whole,
    calls: sum((report) => report.calls),
    refunds: sum((report) => report.refunds),
  });
  return moved === 0 ? text : `${text} ${t.rail.moved({ count: moved })}`;
}

/** All of them together: what is refundable in each currency. */
function AllCustomers(props: { rows: readonly CustomerRow[] }) {
  const { customer, chooseCustomer } = useDesk();
  const resources = props.rows.reduce((total, row) => total + row.resources, 0);
  const money = props.rows.flatMap((row) => row.refundable);
  const currencies = [...new Set(money.map((one) => one.currency))].sort();
  return (
    <button
      type="button"
      className="customer"
      aria-pressed={customer === null}
      data-testid="customer-all"
      onClick={() => chooseCustomer(null)}
    >
      <span className="name">{t.rail.all}</span>
      {currencies.map((currency) => {
        const amount = sumAmounts(money.filter((one) => one.currency === currency).map((one) => one.amount));
        return <Amount key={currency} className="sum returns" amount={amount} currency={currency} />;
      })}
      <span className="small muted">{t.rail.resources({ count: resources })}</span>
    </button>
  );
}

function CustomerEntry(props: { row: CustomerRow }) {
  const { row } = props;
  const { customer, chooseCustomer } = useDesk();
  const progress = useSyncing().of(row.id);
  return (
    <button
      type="button"
      className="customer"
      aria-pressed={customer === row.id}
      data-testid={`customer-${row.id}`}
      title={foreign([`${row.uid} · ${t.rail.sites[row.site]}`, row.note].filter(Boolean).join("\n"))}
      onClick={() => chooseCustomer(row.id)}
    >
      <span className="name">
        <Foreign>{row.name}</Foreign>
        {row.note !== null && <span className="has-note" role="img" aria-label={t.rail.note} />}
      </span>
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
      <span>{row.imported ? t.rail.imported : row.synced_at && now ? t.rail.synced({ age: ageText(row.synced_at, now) }) : t.rail.neverSynced}</span>
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
      <progress aria-label={named} max={total ?? undefined} value={total === null ? undefined : done} />
    </span>
  );
}
