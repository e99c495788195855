import type { BatchView } from "../backend/backend";
import { useDesk, useReadOnly } from "../app/desk";
import { BatchItems } from "../batches/BatchItems";
import { Range } from "../batches/PlanStage";
import { Amount, Button } from "../controls/controls";
import { Pair } from "../controls/Pair";
import { Foreign, Joined } from "../controls/Foreign";
import { formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";
import { Withdraw } from "./Withdraw";

/** A batch with how far it has come; what was not done after a crash waits here. */
export function BatchPanel(props: { batch: BatchView; onItem: (request: string) => void }) {
  const { batch } = props;
  const { backend, openWizard } = useDesk();
  const readOnly = useReadOnly();
  const goes = batch.moves.filter((move) => move !== "withdraw");
  return (
    <article className="quote">
      <header className="quote-resource">
        <h2>
          {t.action[batch.action]} · {t.batches.items({ count: batch.items.length })}
        </h2>
        <p className="muted">
          <Joined parts={[batch.customer_name, t.channel[batch.channel], formatInstant(batch.confirmed_at)]} />
        </p>
      </header>
      {batch.moves.length > 0 && (
        <div className="quote-acts moves">
          {goes.length > 0 && (
            <Button look="primary" tall disabled={readOnly} data-testid="batch-continue" onClick={() => openWizard({ batch: batch.id })}>
              {batch.waiting > 0 ? t.requests.carryOn({ count: batch.waiting }) : t.inspector.continue}
            </Button>
          )}
          {batch.moves.includes("withdraw") && (
            <Withdraw ask={t.requests.withdrawBatch({ count: batch.waiting })} act={() => backend.withdrawBatch(batch.id)} testId="batch-withdraw" />
          )}
        </div>
      )}
      <Section title={t.inspector.total}>
        <dl className="pairs">
          <Pair name={t.wizard.predicted}>
            <Range least={batch.total} most={batch.total_max} currency={batch.currency} />
          </Pair>
          <Pair name={t.wizard.arrived}>
            <Amount amount={batch.arrived} currency={batch.currency} />
          </Pair>
          <Pair name={t.requests.reason} muted>
            <Foreign>{batch.reason}</Foreign>
          </Pair>
          {batch.authorisation && (
            <Pair name={t.requests.authorisation} muted>
              <Foreign>{batch.authorisation}</Foreign>
            </Pair>
          )}
        </dl>
      </Section>
      <div className="quote-section narrow-items">
        <BatchItems batch={batch} onItem={props.onItem} />
      </div>
    </article>
  );
}
