import { useState } from "react";
import type { Ending, RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk } from "../app/desk";
import { Amount, Button, TextLine } from "../controls/controls";
import { Foreign } from "../controls/Foreign";
import { formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";

/** The way out of a request that no refund of its own brings to its end: refund orders that may answer it, and closing it. */
export function EndDifferently(props: { request: RequestView }) {
  const { request } = props;
  return (
    <>
      {request.refunds_to_choose.length > 0 && (
        <Section title={t.requests.mayBeIts} meaning="risk">
          <RefundsToChoose request={request} />
        </Section>
      )}
      {request.endings.length > 0 && (
        <Section title={t.requests.endTitle}>
          <CloseForm request={request} />
        </Section>
      )}
      {request.closed && (
        <Section title={t.requests.closedTitle}>
          <dl className="pairs">
            <div>
              <dt className="muted">{t.requests.endLabel}</dt>
              <dd>{t.ending[request.closed.ending]}</dd>
            </div>
            <div>
              <dt className="muted">{t.history.columns.difference}</dt>
              <dd>
                <Amount amount={request.closed.difference} currency={request.currency} testId="closed-difference" />
              </dd>
            </div>
          </dl>
          {request.closed.note && (
            <p className="copyable break">
              <Foreign>{request.closed.note}</Foreign>
            </p>
          )}
        </Section>
      )}
    </>
  );
}

function RefundsToChoose(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const choose = useAct((refund: string) => backend.chooseRefund(request.id, refund), { writes: EVERYTHING });
  return (
    <>
      <p>{t.requests.mayBeItsHint}</p>
      <ul className="refunds-to-choose">
        {request.refunds_to_choose.map((refund) => (
          <li key={refund.refund_order}>
            <span className="copyable break">{refund.refund_order}</span>
            <span className="muted small">{formatInstant(refund.refunded_at)}</span>
            <Amount amount={refund.amount} currency={request.currency} />
            <Button
              disabled={choose.isPending}
              aria-label={`${t.requests.isIts} ${refund.refund_order}`}
              data-testid={`choose-${refund.refund_order}`}
              onClick={() => choose.mutate(refund.refund_order)}
            >
              {t.requests.isIts}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function CloseForm(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const [chosen, setChosen] = useState<Ending | null>(null);
  const [note, setNote] = useState("");
  const close = useAct((ending: Ending) => backend.closeRequest(request.id, ending, note.trim()), { writes: EVERYTHING });
  // What is gone elsewhere explains itself; anything else needs a word.
  const lacks = chosen === null || (chosen !== "unsubscribed_elsewhere" && note.trim() === "");
  return (
    <div className="end-differently">
      <p>{t.requests.endHint}</p>
      <div className="moves" role="group" aria-label={t.requests.endLabel}>
        {request.endings.map((ending) => (
          <Button key={ending} aria-pressed={chosen === ending} data-testid={`ending-${ending}`} onClick={() => setChosen(ending)}>
            {t.ending[ending]}
          </Button>
        ))}
      </div>
      {chosen !== null && (
        <>
          <TextLine label={t.requests.endNote} value={note} onChange={setNote} testId="ending-note" />
          <Button
            look="primary"
            tall
            disabled={lacks || close.isPending}
            data-testid="ending-close"
            onClick={() => close.mutate(chosen)}
          >
            {t.move.close}
          </Button>
        </>
      )}
    </div>
  );
}
