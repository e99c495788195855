import { useState } from "react";
import { type BatchView, problemOf } from "../backend/backend";
import { useAct, useDesk, useReadOnly } from "../app/desk";
import { BatchItems } from "../batches/BatchItems";
import { Range } from "../batches/PlanStage";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";

/** A batch with how far it has come; what was not done after a crash waits here. */
export function BatchPanel(props: { batch: BatchView; onItem: (request: string) => void }) {
  const { batch } = props;
  const { backend, openWizard } = useDesk();
  const readOnly = useReadOnly();
  const [asking, setAsking] = useState(false);
  const withdraw = useAct(() => backend.withdrawBatch(batch.id), { writes: ["requests", "resources"], quiet: true });
  const goes = batch.moves.filter((move) => move !== "withdraw");
  return (
    <article className="quote">
      <header className="quote-resource">
        <h2>
          {t.action[batch.action]} · {t.batches.items({ count: batch.items.length })}
        </h2>
        <p className="muted">
          {batch.customer_name} · {t.channel[batch.channel]} · {formatInstant(batch.confirmed_at)}
        </p>
      </header>
      <div className="quote-acts moves">
        {goes.length > 0 && (
          <Button look="primary" tall disabled={readOnly} data-testid="batch-continue" onClick={() => openWizard({ batch: batch.id })}>
            {batch.waiting > 0 ? t.requests.carryOn({ count: batch.waiting }) : t.inspector.continue}
          </Button>
        )}
        {batch.moves.includes("withdraw") && !asking && (
          <Button tall disabled={readOnly} data-testid="batch-withdraw" onClick={() => setAsking(true)}>
            {t.move.withdraw}
          </Button>
        )}
        {asking && (
          <div className="withdraw-ask">
            <p>{t.requests.withdrawBatch({ count: batch.waiting })}</p>
            <Button disabled={withdraw.isPending} onClick={() => withdraw.mutate(undefined, { onSettled: () => setAsking(false) })}>
              {t.requests.withdrawYes}
            </Button>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t.requests.withdrawNo}
            </Button>
          </div>
        )}
        {withdraw.error && <ProblemCard problem={problemOf(withdraw.error)} />}
      </div>
      <Section title={t.inspector.total}>
        <dl className="pairs">
          <div>
            <dt>{t.wizard.predicted}</dt>
            <dd>
              <Range least={batch.total} most={batch.total_max} currency={batch.currency} />
            </dd>
          </div>
          <div>
            <dt>{t.wizard.arrived}</dt>
            <dd>
              <Amount amount={batch.arrived} currency={batch.currency} />
            </dd>
          </div>
          <div>
            <dt className="muted">{t.requests.reason}</dt>
            <dd>{batch.reason}</dd>
          </div>
          {batch.authorisation && (
            <div>
              <dt className="muted">{t.requests.authorisation}</dt>
              <dd>{batch.authorisation}</dd>
            </div>
          )}
        </dl>
      </Section>
      <div className="quote-section narrow-items">
        <BatchItems batch={batch} onItem={props.onItem} />
      </div>
    </article>
  );
}
