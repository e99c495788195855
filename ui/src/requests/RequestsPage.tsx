import "./requests.css";
import { useState } from "react";
import { problemOf, type RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk, useRequests } from "../app/desk";
import { Amount, Button, EmptyState, FailedState, LoadingState, ProblemCard } from "../controls/controls";
import { formatCalendarDate, formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { type Column, LedgerTable } from "../table/LedgerTable";
import { en } from "../text/en";
import { Instructions } from "../wizard/Instructions";
import { askOf } from "../wizard/stage";
import { EndDifferently } from "./EndDifferently";
import { RequestStateMark } from "./state";

/** Every request with its state; the chosen one with its trail and what can be done now. */
export function RequestsPage() {
  const { customer, chosenRequest, chooseRequest } = useDesk();
  const read = useRequests(customer);
  const rows = read.data ?? [];
  const picked = rows.find((request) => request.id === chosenRequest) ?? null;
  return (
    <main className="page">
      <section className="page-main">
        <div className="page-head">
          <div className="row">
            <h1>{en.requests.title}</h1>
          </div>
        </div>
        {read.isPending && <LoadingState label={en.requests.listLabel} />}
        {read.isError && (
          <FailedState title={en.requests.failed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />
        )}
        {read.data && rows.length === 0 && <EmptyState title={en.requests.empty} next={en.requests.emptyNext} />}
        {rows.length > 0 && (
          <LedgerTable<RequestView>
            label={en.requests.listLabel}
            columns={columns(customer === null)}
            total={rows.length}
            rowAt={(index) => rows[index]}
            look={ignore}
            rowKey={(row) => row.id}
            rowTestId={(row) => `request-row-${row.id}`}
            chosen={chosenRequest}
            choose={(row) => chooseRequest(row.id)}
          />
        )}
      </section>
      <aside className="page-side" aria-label={en.requests.title}>
        {picked ? <RequestPanel key={picked.id} request={picked} /> : <EmptyState title={en.requests.nothing} next={en.requests.nothingNext} />}
      </aside>
    </main>
  );
}

/** All requests are in memory: it does not matter which rows are on screen. */
const ignore = () => undefined;

function columns(withCustomer: boolean): Column<RequestView, never>[] {
  const all: (Column<RequestView, never> | null)[] = [
    { key: "updated", title: en.requests.columns.updated, width: "122px", needs: "small", cell: (row) => <span className="muted">{formatInstant(row.updated_at)}</span> },
    { key: "resource", title: en.requests.columns.resource, width: "minmax(120px, 1.4fr)", cell: (row) => row.resource },
    withCustomer
      ? { key: "customer", title: en.resources.columns.customer, width: "minmax(96px, 1fr)", needs: "medium", cell: (row) => <span className="muted">{row.customer_name}</span> }
      : null,
    { key: "action", title: en.requests.columns.action, width: "minmax(110px, 1fr)", needs: "wide", cell: (row) => <span className="muted">{en.action[row.action]}</span> },
    { key: "channel", title: en.requests.columns.channel, width: "64px", needs: "medium", cell: (row) => <span className="muted">{row.channel && en.channel[row.channel]}</span> },
    { key: "state", title: en.requests.columns.state, width: "124px", cell: (row) => <RequestStateMark state={row.state} testId={`request-state-${row.id}`} /> },
    { key: "amount", title: en.requests.columns.amount, width: "minmax(112px, 0.8fr)", align: "end", cell: (row) => <Amount amount={row.actual ?? row.predicted} currency={row.currency} /> },
  ];
  return all.filter((column) => column !== null);
}

function RequestPanel(props: { request: RequestView }) {
  const { request } = props;
  const amounts = [
    { title: en.wizard.predicted, amount: request.predicted },
    { title: en.wizard.actual, amount: request.actual },
    { title: en.wizard.arrived, amount: request.arrived },
  ];
  return (
    <article className="quote">
      <header className="quote-resource">
        <h2 className="copyable break">{request.resource}</h2>
        <p className="muted">
          {request.customer_name} · {request.product} · {en.action[request.action]}
        </p>
        <p>
          <RequestStateMark state={request.state} />
        </p>
      </header>
      <Moves request={request} />
      <EndDifferently request={request} />
      {request.problem && (
        <Section title={en.requests.problem} meaning="risk">
          <ProblemCard problem={request.problem} />
        </Section>
      )}
      <Section title={en.inspector.total}>
        <dl className="pairs">
          {amounts.map(
            ({ title, amount }) =>
              amount !== null && (
                <div key={title}>
                  <dt>{title}</dt>
                  <dd>
                    <Amount amount={amount} currency={request.currency} />
                  </dd>
                </div>
              ),
          )}
          {request.refund_order && (
            <div>
              <dt className="muted">{en.wizard.refundOrderKnown}</dt>
              <dd className="copyable break">{request.refund_order}</dd>
            </div>
          )}
          {request.arrives_by && (
            <div>
              <dt className="muted">{en.inspector.arrivesBy}</dt>
              <dd>{formatCalendarDate(request.arrives_by)}</dd>
            </div>
          )}
          {request.expires && (
            <div>
              <dt className="muted">{en.wizard.updatedExpiration}</dt>
              <dd>{formatInstant(request.expires)}</dd>
            </div>
          )}
          {request.reason && (
            <div>
              <dt className="muted">{en.requests.reason}</dt>
              <dd>{request.reason}</dd>
            </div>
          )}
        </dl>
      </Section>
      {request.instructions.length > 0 && (
        <Section title={en.requests.instructions}>
          <Instructions request={request} />
        </Section>
      )}
      <Section title={en.requests.trail}>
        <ol className="trail">
          {request.trail.map((entry, index) => (
            <li key={`${entry.at}/${index}`}>
              <time dateTime={entry.at} className="muted small">
                {formatInstant(entry.at)}
              </time>
              <p className="copyable">{entry.text}</p>
            </li>
          ))}
        </ol>
      </Section>
      <footer className="quote-foot small muted">
        <p className="break copyable">{request.id}</p>
        {request.quote_sha256 && (
          <p className="break copyable">
            {en.requests.quoteHash} {request.quote_sha256}
          </p>
        )}
      </footer>
    </article>
  );
}

/** Moves that are not made in the wizard. */
const BESIDE = ["withdraw", "ask_again", "choose_refund", "close"];

/** What the manager can do now. All but asking and withdrawing is done in the wizard, which shows what it is about first. */
function Moves(props: { request: RequestView }) {
  const { request } = props;
  const { backend, openWizard } = useDesk();
  const [asking, setAsking] = useState(false);
  const ask = useAct(() => backend.askAgain(request.id), { writes: EVERYTHING });
  const withdraw = useAct(() => backend.withdraw(request.id), { writes: EVERYTHING });
  if (request.moves.length === 0) return null;
  // Both begin with a fresh review.
  const again = (move: string) => move === "review_again" || move === "confirm";
  const inWizard = request.moves.filter((move) => !BESIDE.includes(move));
  return (
    <div className="quote-acts moves">
      {inWizard.map((move, index) => (
        <Button
          key={move}
          look={index === 0 ? "primary" : "plain"}
          tall
          data-testid={`move-${move}`}
          onClick={() => openWizard(again(move) ? { ask: askOf(request) } : { request })}
        >
          {en.move[move] ?? move}
        </Button>
      ))}
      {request.moves.includes("ask_again") && (
        <Button tall disabled={ask.isPending} data-testid="move-ask_again" onClick={() => ask.mutate(undefined)}>
          {ask.isPending ? en.move.asking : en.move.ask_again}
        </Button>
      )}
      {request.moves.includes("withdraw") && !asking && (
        <Button tall data-testid="move-withdraw" onClick={() => setAsking(true)}>
          {en.move.withdraw}
        </Button>
      )}
      {asking && (
        <div className="withdraw-ask">
          <p>{en.requests.withdrawAsk}</p>
          <Button disabled={withdraw.isPending} data-testid="withdraw-yes" onClick={() => withdraw.mutate(undefined, { onSettled: () => setAsking(false) })}>
            {en.requests.withdrawYes}
          </Button>
          <Button look="quiet" onClick={() => setAsking(false)}>
            {en.requests.withdrawNo}
          </Button>
        </div>
      )}
    </div>
  );
}
