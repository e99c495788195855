import "./requests.css";
import { useState } from "react";
import { problemOf, type RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk, useRequests } from "../app/desk";
import { Amount, Button, EmptyState, FailedState, LoadingState, ProblemCard } from "../controls/controls";
import { formatCalendarDate, formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { type Column, LedgerTable } from "../table/LedgerTable";
import { t } from "../text/text";
import { Instructions } from "../wizard/Instructions";
import { askOf } from "../wizard/stage";
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
            <h1>{t.requests.title}</h1>
          </div>
        </div>
        {read.isPending && <LoadingState label={t.requests.listLabel} />}
        {read.isError && (
          <FailedState title={t.requests.failed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />
        )}
        {read.data && rows.length === 0 && <EmptyState title={t.requests.empty} next={t.requests.emptyNext} />}
        {rows.length > 0 && (
          <LedgerTable<RequestView>
            label={t.requests.listLabel}
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
      <aside className="page-side" aria-label={t.requests.title}>
        {picked ? <RequestPanel key={picked.id} request={picked} /> : <EmptyState title={t.requests.nothing} next={t.requests.nothingNext} />}
      </aside>
    </main>
  );
}

/** All requests are in memory: it does not matter which rows are on screen. */
const ignore = () => undefined;

function columns(withCustomer: boolean): Column<RequestView, never>[] {
  const all: (Column<RequestView, never> | null)[] = [
    { key: "updated", title: t.requests.columns.updated, width: "122px", needs: "small", cell: (row) => <span className="muted">{formatInstant(row.updated_at)}</span> },
    { key: "resource", title: t.requests.columns.resource, width: "minmax(120px, 1.4fr)", cell: (row) => row.resource },
    withCustomer
      ? { key: "customer", title: t.resources.columns.customer, width: "minmax(96px, 1fr)", needs: "medium", cell: (row) => <span className="muted">{row.customer_name}</span> }
      : null,
    { key: "action", title: t.requests.columns.action, width: "minmax(110px, 1fr)", needs: "wide", cell: (row) => <span className="muted">{t.action[row.action]}</span> },
    { key: "channel", title: t.requests.columns.channel, width: "64px", needs: "medium", cell: (row) => <span className="muted">{row.channel && t.channel[row.channel]}</span> },
    { key: "state", title: t.requests.columns.state, width: "124px", cell: (row) => <RequestStateMark state={row.state} testId={`request-state-${row.id}`} /> },
    { key: "amount", title: t.requests.columns.amount, width: "minmax(112px, 0.8fr)", align: "end", cell: (row) => <Amount amount={row.actual ?? row.predicted} currency={row.currency} /> },
  ];
  return all.filter((column) => column !== null);
}

function RequestPanel(props: { request: RequestView }) {
  const { request } = props;
  const amounts = [
    { title: t.wizard.predicted, amount: request.predicted },
    { title: t.wizard.actual, amount: request.actual },
    { title: t.wizard.arrived, amount: request.arrived },
  ];
  return (
    <article className="quote">
      <header className="quote-resource">
        <h2 className="copyable break">{request.resource}</h2>
        <p className="muted">
          {request.customer_name} · {request.product} · {t.action[request.action]}
        </p>
        <p>
          <RequestStateMark state={request.state} />
        </p>
      </header>
      <Moves request={request} />
      {request.problem && (
        <Section title={t.requests.problem} meaning="risk">
          <ProblemCard problem={request.problem} />
        </Section>
      )}
      <Section title={t.inspector.total}>
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
              <dt className="muted">{t.wizard.refundOrderKnown}</dt>
              <dd className="copyable break">{request.refund_order}</dd>
            </div>
          )}
          {request.arrives_by && (
            <div>
              <dt className="muted">{t.inspector.arrivesBy}</dt>
              <dd>{formatCalendarDate(request.arrives_by)}</dd>
            </div>
          )}
          {request.expires && (
            <div>
              <dt className="muted">{t.wizard.updatedExpiration}</dt>
              <dd>{formatInstant(request.expires)}</dd>
            </div>
          )}
          {request.reason && (
            <div>
              <dt className="muted">{t.requests.reason}</dt>
              <dd>{request.reason}</dd>
            </div>
          )}
        </dl>
      </Section>
      {request.instructions.length > 0 && (
        <Section title={t.requests.instructions}>
          <Instructions request={request} />
        </Section>
      )}
      <Section title={t.requests.trail}>
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
            {t.requests.quoteHash} {request.quote_sha256}
          </p>
        )}
      </footer>
    </article>
  );
}

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
  const inWizard = request.moves.filter((move) => move !== "withdraw" && move !== "ask_again");
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
          {t.move[move] ?? move}
        </Button>
      ))}
      {request.moves.includes("ask_again") && (
        <Button tall disabled={ask.isPending} data-testid="move-ask_again" onClick={() => ask.mutate(undefined)}>
          {ask.isPending ? t.move.asking : t.move.ask_again}
        </Button>
      )}
      {request.moves.includes("withdraw") && !asking && (
        <Button tall data-testid="move-withdraw" onClick={() => setAsking(true)}>
          {t.move.withdraw}
        </Button>
      )}
      {asking && (
        <div className="withdraw-ask">
          <p>{t.requests.withdrawAsk}</p>
          <Button disabled={withdraw.isPending} data-testid="withdraw-yes" onClick={() => withdraw.mutate(undefined, { onSettled: () => setAsking(false) })}>
            {t.requests.withdrawYes}
          </Button>
          <Button look="quiet" onClick={() => setAsking(false)}>
            {t.requests.withdrawNo}
          </Button>
        </div>
      )}
    </div>
  );
}
