import { Label, Radio, RadioGroup } from "react-aria-components";
import type { RenewalStack } from "../backend/backend";
import { Amount } from "../controls/controls";
import { Joined } from "../controls/Foreign";
import { formatMoney } from "../figures/money";
import { formatDay, formatInstant, formatRuleInstant } from "../figures/time";
import { Section, Sentences } from "../inspector/QuoteSections";
import { t } from "../text/text";
import { BeginOrContinue } from "../wizard/BeginOrContinue";
import { Timeline } from "./Timeline";

/** One stack: the Updated Expiration Time is picked here. */
export function RenewalPanel(props: { stack: RenewalStack; now: string; picked: string | null; onPick: (expires: string) => void }) {
  const { stack, now, picked, onPick } = props;
  const candidate = stack.candidates.find((one) => one.expires === picked) ?? null;
  return (
    <article className="quote">
      <header className="quote-resource">
        <h2 className="copyable break">{stack.resource}</h2>
        <p className="muted">
          <Joined parts={[stack.customer_name, stack.product]} />
        </p>
        <p className="muted">
          {t.renewals.currentEnd} {formatDay(stack.current_end)} · {t.renewals.expires} {formatDay(stack.expires_at)}
        </p>
      </header>
      <div className="quote-section">
        <Timeline stack={stack} now={now} picked={picked} onPick={onPick} />
      </div>
      {stack.blockers.length > 0 && (
        <Section title={t.renewals.none} meaning="refused">
          <Sentences sentences={stack.blockers} />
        </Section>
      )}
      {stack.candidates.length > 0 && (
        <div className="quote-section">
          <RadioGroup className="candidates" value={picked} onChange={onPick}>
            <Label>{t.renewals.choose}</Label>
            <p className="small muted">{t.renewals.chooseHint}</p>
            {stack.candidates.map((one) => (
              <Radio key={one.expires} value={one.expires} className="choice candidate" data-testid={`candidate-${one.expires}`}>
                <span className="dot" aria-hidden="true" />
                <span>
                  {formatInstant(one.expires)}
                  <span className="small muted block">
                    {formatRuleInstant(one.expires)} {t.inspector.utc8} · {t.renewals.falls({ count: one.falls.length })}
                  </span>
                </span>
                <Amount className="strong" amount={one.refund} currency={stack.currency} />
              </Radio>
            ))}
          </RadioGroup>
          {candidate && (
            <p className="renewal-outcome" data-testid="renewal-refund" data-amount={candidate.refund}>
              <span className="strong">{formatMoney(candidate.refund, stack.currency)}</span>.{" "}
              {t.renewals.keeps({ when: formatInstant(candidate.expires) })}
            </p>
          )}
          {stack.renew_status === "auto" && <p className="warning">{t.renewals.auto}</p>}
          <BeginOrContinue
            ask={{ customer: stack.customer, resource: stack.resource, action: "cancel_renewals", expires: picked }}
            request={stack.request}
            label={t.renewals.open}
            disabled={candidate === null}
          />
        </div>
      )}
      <Section title={t.renewals.pending({ count: stack.pending.length })}>
        <dl className="pairs">
          {stack.pending.map((renewal) => {
            const falls = picked !== null && Date.parse(renewal.start) >= Date.parse(picked);
            return (
              <div key={renewal.order} className={falls ? "falls" : ""}>
                <dt>
                  {formatDay(renewal.start)} – {formatDay(renewal.end)}
                  {renewal.compensatory && <span className="small muted"> {t.renewals.compensatory}</span>}
                  <span className="small muted block copyable">{renewal.order}</span>
                </dt>
                <dd>
                  <Amount amount={renewal.cash} currency={stack.currency} />
                </dd>
              </div>
            );
          })}
        </dl>
      </Section>
    </article>
  );
}
