import type { RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk, useReadOnly } from "../app/desk";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { Pair } from "../controls/Pair";
import { Foreign, Joined } from "../controls/Foreign";
import { formatCalendarDate, formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";
import { Instructions } from "../wizard/Instructions";
import { askOf } from "../wizard/stage";
import { EndDifferently } from "./EndDifferently";
import { Follow } from "./Follow";
import { RequestStateMark } from "./state";
import { Withdraw } from "./Withdraw";

/** A request with its amounts, its trail, and what can be done now. */
export function RequestPanel(props: { request: RequestView }) {
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
          <Joined parts={[request.customer_name, request.product, t.action[request.action]]} />
        </p>
        <p>
          <RequestStateMark state={request.state} />
        </p>
      </header>
      <Moves request={request} />
      {request.warnings.map((warning, index) => (
        <p key={index} className="warning in-panel" data-testid="request-warning">
          {warning.text}
        </p>
      ))}
      <EndDifferently request={request} />
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
                <Pair key={title} name={title}>
                  <Amount amount={amount} currency={request.currency} />
                </Pair>
              ),
          )}
          {request.refund_order && (
            <Pair name={t.wizard.refundOrderKnown} muted copyable>
              {request.refund_order}
            </Pair>
          )}
          {request.arrives_by && (
            <Pair name={t.inspector.arrivesBy} muted>
              {formatCalendarDate(request.arrives_by)}
            </Pair>
          )}
          {request.expires && (
            <Pair name={t.wizard.updatedExpiration} muted>
              {formatInstant(request.expires)}
            </Pair>
          )}
          {request.waits_until && (
            <Pair name={t.requests.waits} muted>
              {formatInstant(request.waits_until)}
            </Pair>
          )}
          {request.floor && (
            <Pair name={t.wizard.floorTitle} muted>
              <Amount amount={request.floor.at_least} currency={request.currency} />
            </Pair>
          )}
          {request.receipt && (
            <Pair name={t.requests.receipt} muted copyable>
              <Foreign>{request.receipt}</Foreign>
            </Pair>
          )}
          {request.reason && (
            <Pair name={t.requests.reason} muted>
              <Foreign>{request.reason}</Foreign>
            </Pair>
          )}
        </dl>
      </Section>
      {request.instructions.length > 0 && (
        <Section title={t.requests.instructions}>
          <Instructions request={request} />
        </Section>
      )}
      <Follow request={request} />
      <Section title={t.requests.trail}>
        <ol className="trail">
          {request.trail.map((entry, index) => (
            <li key={`${entry.at}/${index}`}>
              <time dateTime={entry.at} className="muted small">
                {formatInstant(entry.at)}
              </time>
              <p className="copyable break">
                <Foreign>{entry.text}</Foreign>
              </p>
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

/** Moves that are not made in the wizard. */
const BESIDE = ["withdraw", "ask_again", "choose_refund", "close"];

/** What the manager can do now. All but asking and withdrawing is done in the wizard, which shows what it is about first. */
function Moves(props: { request: RequestView }) {
  const { request } = props;
  const { backend, openWizard } = useDesk();
  const readOnly = useReadOnly();
  const ask = useAct(() => backend.askAgain(request.id), { writes: EVERYTHING });
  if (request.moves.length === 0) return null;
  // Both begin with a fresh review.
  const again = (move: string) => move === "review_again" || move === "confirm";
  const inWizard = request.moves.filter((move) => !BESIDE.includes(move));
  // While nobody knows what became of a call, asking comes before sending it once more.
  const asksFirst = request.moves.includes("ask_again") && (request.state === "unknown" || request.state === "sending");
  const asking = (
    <Button
      look={asksFirst ? "primary" : "plain"}
      tall
      disabled={ask.isPending || readOnly}
      data-testid="move-ask_again"
      onClick={() => ask.mutate(undefined)}
    >
      {ask.isPending ? t.move.asking : t.move.ask_again}
    </Button>
  );
  return (
    <div className="quote-acts moves">
      {asksFirst && asking}
      {inWizard.map((move, index) => (
        <Button
          key={move}
          look={index === 0 && !asksFirst ? "primary" : "plain"}
          tall
          disabled={readOnly}
          data-testid={`move-${move}`}
          onClick={() => openWizard(again(move) ? { ask: askOf(request) } : { request })}
        >
          {t.move[move] ?? move}
        </Button>
      ))}
      {request.moves.includes("ask_again") && !asksFirst && asking}
      {request.moves.includes("withdraw") && (
        <Withdraw ask={t.requests.withdrawAsk} act={() => backend.withdraw(request.id)} testId="move-withdraw" />
      )}
    </div>
  );
}
