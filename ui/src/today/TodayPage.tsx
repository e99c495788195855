import "./today.css";
import type { ReactNode } from "react";
import { type ClosingWindow, problemOf, type RequestView, type Today } from "../backend/backend";
import { useDesk, useToday } from "../app/desk";
import { ageText } from "../app/CustomerRail";
import { useSyncing } from "../app/syncing";
import { Amount, Button, EmptyState, FailedState, LoadingState, Mark, RuleTime } from "../controls/controls";
import { Foreign, Joined } from "../controls/Foreign";
import { formatInstant } from "../figures/time";
import { t } from "../text/text";

/** What wants attention, the most money first. */
export function TodayPage() {
  const today = useToday();
  return (
    <main className="page">
      <section className="page-main today">
        <div className="page-head">
          <h1>{t.today.title}</h1>
        </div>
        {today.isPending && <LoadingState label={t.today.loading} />}
        {today.isError && !today.data && (
          <FailedState title={t.today.failed} problem={problemOf(today.error)} onRetry={() => void today.refetch()} />
        )}
        {today.data && <Body today={today.data} />}
      </section>
    </main>
  );
}

function Body(props: { today: Today }) {
  const { customer } = useDesk();
  // The chosen customer alone, or all of them.
  const own = <Row extends { customer: string }>(rows: readonly Row[]) => rows.filter((row) => customer === null || row.customer === customer);
  const closing = own(props.today.closing);
  const [unknown, overdue, rescue] = [own(props.today.unknown), own(props.today.overdue), own(props.today.rescue)];
  const stale = props.today.stale.filter((row) => customer === null || row.id === customer);
  const calm = [closing, unknown, overdue, rescue, stale].every((list) => list.length === 0);
  if (calm) return <EmptyState title={t.today.calm} next={t.today.closingNone} />;
  return (
    <div className="today-body">
      {unknown.length > 0 && (
        <Block title={t.today.unknown} text={t.today.unknownText} meaning="risk" testId="today-unknown">
          <Requests rows={unknown} />
        </Block>
      )}
      {overdue.length > 0 && (
        <Block title={t.today.overdue} text={t.today.overdueText} meaning="risk" testId="today-overdue">
          <Requests rows={overdue} />
        </Block>
      )}
      {rescue.length > 0 && (
        <Block title={t.today.rescue} text={t.today.rescueText} meaning="risk" testId="today-rescue">
          {rescue.map((one) => (
            <Line key={`${one.request}/${one.kept.what}`} request={one.request} name={one.resource} product={one.product}>
              <span>
                {t.today.keptUntil({ what: t.today.kept[one.kept.what] ?? one.kept.what, when: formatInstant(one.kept.until) })}
                <span className="muted small"> {left(one.kept.minutes_left)}</span>
              </span>
            </Line>
          ))}
        </Block>
      )}
      {stale.length > 0 && <Stale rows={stale} at={props.today.at} />}
      <Closing rows={closing} at={props.today.at} withCustomer={customer === null} />
    </div>
  );
}

function Block(props: { title: string; text: string; meaning?: "risk"; testId: string; children: ReactNode }) {
  return (
    <section className="today-block" data-testid={props.testId}>
      <header>
        <h2>{props.meaning ? <Mark meaning={props.meaning}>{props.title}</Mark> : props.title}</h2>
        <p className="small muted">{props.text}</p>
      </header>
      <div className="today-lines">{props.children}</div>
    </section>
  );
}

function Requests(props: { rows: readonly RequestView[] }) {
  return props.rows.map((row) => (
    <Line key={row.id} request={row.id} name={row.resource} product={row.product}>
      <span className="muted">
        <Foreign>{row.customer_name}</Foreign>
      </span>
      <Amount amount={row.predicted} currency={row.currency} />
    </Line>
  ));
}

function Line(props: { request: string; name: string; product: string; children: ReactNode }) {
  const { chooseRequest, goTo } = useDesk();
  const show = () => {
    chooseRequest(props.request);
    goTo("requests");
  };
  return (
    <div className="today-line">
      <span className="break">
        {props.name} <span className="small muted">{props.product}</span>
      </span>
      {props.children}
      <Button look="quiet" onClick={show}>
        {t.today.showRequest}
      </Button>
    </div>
  );
}

function Stale(props: { rows: Today["stale"]; at: string }) {
  const sync = useSyncing();
  return (
    <Block title={t.today.stale} text={t.today.staleText} testId="today-stale">
      {props.rows.map((row) => (
        <div key={row.id} className="today-line">
          <span className="break">
            <Foreign>{row.name}</Foreign>
          </span>
          <span className={row.sync_error ? "refused" : "muted"} title={row.sync_error?.message}>
            {row.sync_error ? t.rail.failed : row.synced_at === null ? t.rail.neverSynced : t.rail.synced({ age: ageText(row.synced_at, props.at) })}
          </span>
          {sync.allowed && (
            <Button look="quiet" disabled={sync.busy} data-testid={`today-sync-${row.id}`} onClick={() => sync.run(row.id)}>
              {t.today.syncThem}
            </Button>
          )}
        </div>
      ))}
    </Block>
  );
}

/** Most windows shown; the list of resources has the rest. */
const SHOWN = 200;

function Closing(props: { rows: readonly ClosingWindow[]; at: string; withCustomer: boolean }) {
  const { choose, chooseCustomer, customer, goTo } = useDesk();
  const show = (row: ClosingWindow) => {
    if (customer !== row.customer) chooseCustomer(row.customer);
    choose({ customer: row.customer, resource: row.resource });
    goTo("resources");
  };
  const shown = props.rows.slice(0, SHOWN);
  return (
    <section className="today-block" data-testid="today-closing">
      <header>
        <h2>{t.today.closing}</h2>
      </header>
      {props.rows.length === 0 ? (
        <p className="muted today-lines">{t.today.closingNone}</p>
      ) : (
        <table className="today-table">
          <thead>
            <tr>
              <th>{t.today.columns.until}</th>
              <th>{t.today.columns.resource}</th>
              <th>{t.today.columns.what}</th>
              <th className="end">{t.today.columns.before}</th>
              <th className="end">{t.today.columns.after}</th>
              <th className="end">{t.today.columns.stake}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={`${row.customer}/${row.resource}/${row.kind}/${row.at}`}>
                <td>
                  <RuleTime instant={row.at} />
                  <span className="small muted block">{left(minutesBetween(props.at, row.at))}</span>
                </td>
                <td>
                  <button type="button" className="link break" data-testid={`today-window-${row.resource}`} onClick={() => show(row)}>
                    {row.resource}
                  </button>
                  <span className="small muted block">
                    <Joined parts={[row.product, props.withCustomer && row.customer_name]} />
                  </span>
                </td>
                <td title={t.today.kindText[row.kind]}>
                  <Mark meaning={row.kind === "rises" ? "returns" : "risk"}>{t.today.kind[row.kind]}</Mark>
                </td>
                <td className="end">
                  <Amount amount={row.before} currency={row.currency} />
                </td>
                <td className="end">
                  <Amount amount={row.after} currency={row.currency} />
                </td>
                <td className="end strong">
                  <Amount amount={row.at_stake} currency={row.currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {props.rows.length > SHOWN && <p className="muted small today-lines">{t.today.more({ count: props.rows.length - SHOWN })}</p>}
    </section>
  );
}

const minutesBetween = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);

/** How long is left, in the largest unit that is not nothing. */
function left(minutes: number): string {
  if (minutes >= 48 * 60) return t.today.left.days({ days: Math.floor(minutes / (24 * 60)) });
  return minutes >= 60 ? t.today.left.hours({ hours: Math.floor(minutes / 60) }) : t.today.left.minutes({ minutes: Math.max(0, minutes) });
}
