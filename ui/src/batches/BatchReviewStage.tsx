import { useState } from "react";
import type { BatchReview, Sentence } from "../backend/backend";
import { Button } from "../controls/controls";
import { formatDay } from "../figures/time";
import { Section, Sentences } from "../inspector/QuoteSections";
import { t } from "../text/text";
import { Range } from "./PlanStage";
import { Why } from "./Why";

/** Everything to see before a batch is decided. */
export function BatchReviewStage(props: { review: BatchReview }) {
  const { review } = props;
  return (
    <div className="review">
      <section className="plan-total">
        <span className="muted">{t.inspector.total}</span>
        <Range least={review.total} most={review.total_max} currency={review.currency} large />
      </section>
      <p>
        {t.batches.reviewText({ count: review.items.length, customer: review.customer_name })} {t.inspector.channelRefunds({ count: review.channel_refunds })}.
      </p>
      {review.refused.length > 0 && (
        <Section title={t.batches.refused({ count: review.refused.length })} meaning="refused">
          <ul className="plan-list">
            {review.refused.map((item) => (
              <li key={item.resource} data-testid={`batch-refused-${item.resource}`}>
                <span>
                  {item.resource}: <Why problem={item.problem} />
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t.batches.items({ count: review.items.length })}>
        <table className="items">
          <thead>
            <tr>
              <th scope="col">{t.resources.columns.resource}</th>
              <th scope="col">{t.resources.columns.product}</th>
              {review.action === "cancel_renewals" && <th scope="col">{t.wizard.updatedExpiration}</th>}
              <th scope="col" className="end">
                {t.resources.columns.refund}
              </th>
            </tr>
          </thead>
          <tbody>
            {review.items.map((item) => (
              <tr key={item.request}>
                <td className="copyable">{item.resource}</td>
                <td className="muted">{item.product}</td>
                {review.action === "cancel_renewals" && <td>{item.expires && formatDay(item.expires)}</td>}
                <td className="end">
                  <Range least={item.refund} most={item.refund_max} currency={review.currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <Lost sentences={review.consequences} />
    </div>
  );
}

/** So many are read before one asks for the rest. */
const LOST_FIRST = 8;

/** What is deleted, cancelled or forfeited with it. */
function Lost(props: { sentences: readonly Sentence[] }) {
  const [all, setAll] = useState(false);
  const { sentences } = props;
  if (sentences.length === 0) return null;
  return (
    <Section title={t.inspector.consequences} meaning="risk">
      <Sentences sentences={all ? sentences : sentences.slice(0, LOST_FIRST)} />
      {!all && sentences.length > LOST_FIRST && (
        <Button look="quiet" data-testid="lost-all" onClick={() => setAll(true)}>
          {t.batches.lostAll({ count: sentences.length })}
        </Button>
      )}
    </Section>
  );
}
