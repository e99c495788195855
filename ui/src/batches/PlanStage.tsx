import { useState } from "react";
import type { Ask, BatchPlan, Destination, PlannedBatch, PlannedTotal } from "../backend/backend";
import { Amount, Button, Mark, RuleTime } from "../controls/controls";
import { Joined } from "../controls/Foreign";
import { formatDay } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";

/** What a selection comes to: batches, what goes by itself, and what is left out and why. */
export function PlanStage(props: { plan: BatchPlan; busy: boolean; onReview: (batch: PlannedBatch) => void; onSingle: (ask: Ask) => void }) {
  const { plan } = props;
  return (
    <div className="plan">
      <p className="headline" data-testid="plan-summary" data-selected={plan.selected} data-batches={plan.batches.length}>
        {t.batches.summary({ selected: plan.selected, batches: plan.batches.length, singly: plan.singly.length, left: plan.left_out.length })}
      </p>
      {plan.totals.map((total) => (
        <Total key={total.currency} total={total} />
      ))}
      {plan.chances.map((chance) => (
        <p key={`${chance.customer}/${chance.kind}`} className="warning">
          {chance.sentence}
        </p>
      ))}
      {plan.batches.length === 0 && <p className="muted">{t.batches.noBatch}</p>}
      {plan.batches.map((batch) => (
        <BatchCard key={batch.number} batch={batch} busy={props.busy} onReview={() => props.onReview(batch)} />
      ))}
      {plan.singly.length > 0 && (
        <Section title={t.batches.singly({ count: plan.singly.length })}>
          <p className="small muted">{t.batches.singlyText}</p>
          <ul className="plan-list">
            {plan.singly.map((one) => (
              <li key={`${one.customer}/${one.resource}`} data-testid={`plan-single-${one.resource}`}>
                <span>{one.sentence}</span>
                <Button
                  look="quiet"
                  disabled={props.busy}
                  onClick={() => props.onSingle({ customer: one.customer, resource: one.resource, action: one.action, expires: one.expires })}
                >
                  {t.batches.reviewOne}
                </Button>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {plan.left_out.length > 0 && (
        <Section title={t.batches.leftOut({ count: plan.left_out.length })} meaning="refused">
          <ul className="plan-list">
            {plan.left_out.map((one, index) => (
              <li key={`${one.customer}/${one.resource}/${index}`} data-testid={`plan-left-${one.resource}`} data-code={one.code}>
                <span className="copyable">{one.sentence}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Total(props: { total: PlannedTotal }) {
  const { total } = props;
  return (
    <section className="plan-total">
      <span className="muted">{t.batches.total({ count: total.resources })}</span>
      <Range least={total.refund} most={total.refund_max} currency={total.currency} large />
      <Places places={total.destinations} currency={total.currency} />
    </section>
  );
}

function BatchCard(props: { batch: PlannedBatch; busy: boolean; onReview: () => void }) {
  const { batch } = props;
  const [open, setOpen] = useState(false);
  return (
    <section className="batch-card" aria-label={t.batches.batch({ number: batch.number })} data-testid={`plan-batch-${batch.number}`} data-items={batch.items.length}>
      <header>
        <h3>{t.batches.batch({ number: batch.number })}</h3>
        <span className="muted">
          <Joined parts={[batch.customer_name, t.batches.kind[batch.action === "cancel_renewals" ? "renewals" : batch.kind], t.batches.items({ count: batch.items.length })]} />
        </span>
        <span className="grow" />
        <Range least={batch.refund} most={batch.refund_max} currency={batch.currency} />
      </header>
      <dl className="batch-facts small">
        {batch.loses_at && (
          <div>
            <dt className="muted">{t.batches.atRisk}</dt>
            <dd>
              <Mark meaning="risk">
                <Amount amount={batch.at_risk} currency={batch.currency} /> {t.batches.losesAt({ day: formatDay(batch.loses_at) })}
              </Mark>
            </dd>
          </div>
        )}
        {batch.valid_until && (
          <div>
            <dt className="muted">{t.inspector.holdsUntil}</dt>
            <dd>
              <RuleTime instant={batch.valid_until} />
            </dd>
          </div>
        )}
        <div>
          <dt className="muted">{t.inspector.destinations}</dt>
          <dd>
            <Places places={batch.destinations} currency={batch.currency} /> · {t.inspector.channelRefunds({ count: batch.channel_refunds })}
          </dd>
        </div>
      </dl>
      <div className="batch-acts">
        <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t.batches.hideItems : t.batches.showItems}
        </Button>
        <span className="grow" />
        <Button look="primary" disabled={props.busy} data-testid={`plan-review-${batch.number}`} onClick={props.onReview}>
          {t.batches.reviewBatch}
        </Button>
      </div>
      {open && (
        <ul className="batch-items small">
          {batch.items.map((item) => (
            <li key={item.resource}>
              <span className="copyable">{item.resource}</span>
              <span className="muted">{item.product}</span>
              {item.expires && <span className="muted">{formatDay(item.expires)}</span>}
              <Range least={item.refund} most={item.refund_max} currency={batch.currency} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** An amount, or the two ends of a range. */
export function Range(props: { least: string; most: string; currency: string | null; large?: boolean }) {
  return (
    <span className={props.large ? "plan-amount nowrap" : "nowrap strong"}>
      <Amount amount={props.least} currency={props.currency} />
      {props.least !== props.most && (
        <>
          {" – "}
          <Amount amount={props.most} currency={null} />
        </>
      )}
    </span>
  );
}

function Places(props: { places: readonly Destination[]; currency: string }) {
  return (
    <span className="muted">
      {props.places.map((place, index) => (
        <span key={place.to}>
          {index > 0 && ", "}
          {t.destination[place.to as keyof typeof t.destination] ?? place.to} <Amount amount={place.amount} currency={props.currency} />
        </span>
      ))}
    </span>
  );
}
