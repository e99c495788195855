import type { Quote, Review } from "../backend/backend";
import { formatMoney } from "../figures/money";
import { formatInstant } from "../figures/time";
import { Destinations, OrderLedger } from "../inspector/QuoteLedger";
import { Section, Sentences } from "../inspector/QuoteSections";
import { t } from "../text/text";

/** Everything to see before deciding. */
export function ReviewStage(props: { review: Review }) {
  const { quote, told, orders } = props.review.quote;
  return (
    <div className="review">
      <p className="headline">{told.headline}</p>
      {quote.releasable && <p className="warning">{t.wizard.refundZero}</p>}
      {told.blockers.length > 0 && (
        <Section title={t.inspector.blockers} meaning="refused">
          <Sentences sentences={told.blockers} />
        </Section>
      )}
      <BetterLater quote={quote} />
      {told.consequences.length > 0 && (
        <Section title={t.inspector.consequences} meaning="risk">
          <Sentences sentences={told.consequences} />
        </Section>
      )}
      {quote.forfeits.length > 0 && (
        <Section title={t.inspector.forfeits} meaning="risk">
          <ul>
            {quote.forfeits.map((gift) => (
              <li key={gift}>{gift}</li>
            ))}
          </ul>
        </Section>
      )}
      <OrderLedger quote={quote} told={told} orders={orders} />
      <Destinations quote={quote} told={told} />
      {told.unknowns.length > 0 && (
        <Section title={t.inspector.unknowns} meaning="risk">
          <Sentences sentences={told.unknowns} />
        </Section>
      )}
      {told.readings.length > 0 && (
        <Section title={t.inspector.readings}>
          <Sentences sentences={told.readings} />
        </Section>
      )}
    </div>
  );
}

/** Waiting can raise a refund (a coefficient that ends, a discount step): the first such instant is told before one decides. */
function BetterLater(props: { quote: Quote }) {
  const { quote } = props;
  const rise = quote.next_changes.find((change) => change.what === "amount" && isGreater(change.after, quote.refund));
  if (!rise || !quote.eligible) return null;
  return (
    <Section title={t.wizard.bestInstant} meaning="risk">
      <p>{t.wizard.bestInstantText({ when: formatInstant(rise.at), amount: formatMoney(rise.after, quote.currency ?? "") })}</p>
    </Section>
  );
}

/** Whether one plain decimal string is greater than another, digit by digit. */
export function isGreater(left: string, right: string): boolean {
  const parts = (text: string) => /^(\d+)(?:\.(\d+))?$/.exec(text);
  const [a, b] = [parts(left), parts(right)];
  if (!a || !b) return false;
  const [wholeA, wholeB] = [BigInt(a[1] ?? "0"), BigInt(b[1] ?? "0")];
  if (wholeA !== wholeB) return wholeA > wholeB;
  const digits = Math.max(a[2]?.length ?? 0, b[2]?.length ?? 0);
  return (a[2] ?? "").padEnd(digits, "0") > (b[2] ?? "").padEnd(digits, "0");
}
