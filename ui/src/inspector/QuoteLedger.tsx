// The amount of a quote, how it comes about order by order, and where it goes: shown the same in the inspector and the wizard.

import { useState } from "react";
import type { Line, OrderRow, Quote, Sentence, Step, Told, ToldLine } from "../backend/backend";
import { Amount, Mark, RuleTime } from "../controls/controls";
import { formatAmount } from "../figures/money";
import { formatCalendarDate, formatDay, formatInstant } from "../figures/time";
import { meaningOf } from "../resources/columns";
import { t } from "../text/text";
import { Section, SourceLine } from "./QuoteSections";

/** The amount or range, its type and how long it holds. The headline says the same in a sentence, and why where there is none. */
export function QuoteHead(props: { quote: Quote; told: Told; testId?: string; then?: boolean }) {
  const { quote, told } = props;
  const range = quote.eligible && quote.refund !== quote.refund_max;
  return (
    <section className="quote-head">
      <div className="quote-title">
        <span className="label">{props.then ? (range ? t.inspector.rangeThen : t.inspector.refundThen) : range ? t.inspector.rangeNow : t.inspector.refundNow}</span>
        <Mark meaning={meaningOf(quote.refund_type)}>{t.refundTypeLong[quote.refund_type]}</Mark>
      </div>
      <p className={quote.eligible ? "quote-amount" : "quote-amount muted"} data-testid={props.testId} data-amount={quote.refund}>
        <Amount amount={quote.refund} currency={quote.currency} />
        {range && (
          <>
            <span className="to"> – </span>
            <Amount amount={quote.refund_max} currency={null} />
          </>
        )}
      </p>
      {!quote.eligible && quote.would_be !== null && (
        <p className="would-be muted">
          {t.inspector.wouldBe} <Amount amount={quote.would_be} currency={quote.currency} />
          {quote.would_be_max !== null && quote.would_be_max !== quote.would_be && (
            <> – {formatAmount(quote.would_be_max, quote.currency ?? "")}</>
          )}
        </p>
      )}
      {!quote.eligible && <p className="headline">{told.headline}</p>}
      <p className="muted small holds">
        {quote.valid_until === null ? (
          t.inspector.holdsForever
        ) : (
          <>
            {t.inspector.holdsUntil} <RuleTime instant={quote.valid_until} />
          </>
        )}
      </p>
    </section>
  );
}

/** Per order: paid, consumed, refund; each unfolds to its steps. */
export function OrderLedger(props: { quote: Quote; told: Told; orders: readonly OrderRow[] }) {
  const { quote, told, orders } = props;
  if (quote.lines.length === 0) return null;
  const total = quote.eligible ? { least: quote.refund, most: quote.refund_max } : { least: quote.would_be, most: quote.would_be_max };
  return (
    <Section title={t.inspector.orders}>
      <div className="lines" role="table" aria-label={t.inspector.orders}>
        <div className="line head" role="row">
          <span role="columnheader">{t.inspector.orderHead}</span>
          <span role="columnheader">{t.inspector.paidHead}</span>
          <span role="columnheader">{t.inspector.consumedHead}</span>
          <span role="columnheader">{t.inspector.refundHead}</span>
        </div>
        {quote.lines.map((line) => (
          <OrderLine
            key={line.order}
            line={line}
            currency={quote.currency ?? ""}
            told={told.lines.find((one) => one.order === line.order)}
            order={orders.find((one) => one.order === line.order)}
          />
        ))}
        {total.least !== null && (
          <div className="line total" role="row">
            <span role="cell">{quote.eligible ? t.inspector.total : t.inspector.wouldBe}</span>
            <span role="cell" className="sum">
              <Amount amount={total.least} currency={quote.currency} />
              {total.most !== null && total.most !== total.least && <> – {formatAmount(total.most, quote.currency ?? "")}</>}
            </span>
          </div>
        )}
      </div>
    </Section>
  );
}

function OrderLine(props: { line: Line; currency: string; told: ToldLine | undefined; order: OrderRow | undefined }) {
  const { line, currency, told, order } = props;
  const [open, setOpen] = useState(false);
  const title = order ? t.orderType[order.order_type] : (told?.title ?? line.order);
  return (
    <div className={`order ${line.state}`} role="rowgroup">
      <div className="line" role="row">
        <span role="cell" className="name">
          <button
            type="button"
            className="fold"
            aria-expanded={open}
            // It begins with what is seen: who speaks to the computer says that.
            aria-label={`${title}. ${open ? t.inspector.hideSteps({ order: line.order }) : t.inspector.showSteps({ order: line.order })}`}
            data-testid={`step-toggle-${line.order}`}
            onClick={() => setOpen(!open)}
          >
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <path d="M2.8 2.2 3.7 1.3 7.4 5 3.7 8.7 2.8 7.8 5.6 5Z" />
            </svg>
            <span>{title}</span>
          </button>
          <span className="small muted id">
            {t.lineState[line.state]} · <span className="copyable">{line.order}</span>
          </span>
        </span>
        <span role="cell">{formatAmount(line.cash, currency)}</span>
        <span role="cell">{formatAmount(line.consumed, currency)}</span>
        <span role="cell" className="strong">
          {formatAmount(line.refund, currency)}
          {line.refund_max !== line.refund && <span className="upto">– {formatAmount(line.refund_max, currency)}</span>}
        </span>
      </div>
      {open && (
        <ol className="steps" data-testid={`quote-steps-${line.order}`}>
          {stepsTold(line, told).map((step, index) => (
            <li key={`${step.rule ?? ""}-${index}`}>
              <p className="copyable">{step.text}</p>
              {told?.steps[index] === undefined && <Numbers step={line.steps[index]} />}
              <SourceLine sentence={step} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** The steps in sentences; a step no sentence was found for stands with its message id. */
function stepsTold(line: Line, told: ToldLine | undefined): Sentence[] {
  return line.steps.map((step, index) => told?.steps[index] ?? { text: step.id, rule: step.rule, source: null });
}

/** The numbers put into a step that no sentence tells, as the rule names them. */
function Numbers(props: { step: Step | undefined }) {
  const params = Object.entries(props.step?.params ?? {});
  if (params.length === 0) return null;
  return (
    <dl className="numbers small">
      {params.map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Where the money goes and when. */
export function Destinations(props: { quote: Quote; told: Told }) {
  const { quote, told } = props;
  if (quote.destinations.length === 0) return null;
  return (
    <Section title={t.inspector.destinations}>
      <dl className="pairs">
        {quote.destinations.map((part) => (
          <div key={`${part.to}/${part.until ?? ""}`}>
            <dt>
              {t.destination[part.to] ?? part.to}
              {part.until && (
                <span className="small muted" title={formatInstant(part.until)}>
                  {" "}
                  {t.inspector.until({ when: formatDay(part.until) })}
                </span>
              )}
            </dt>
            <dd>
              <Amount amount={part.amount} currency={quote.currency} />
            </dd>
          </div>
        ))}
        {quote.processed_by && (
          <div>
            <dt className="muted">{t.inspector.processedBy}</dt>
            <dd>{formatCalendarDate(quote.processed_by)}</dd>
          </div>
        )}
        {quote.arrives_by && (
          <div>
            <dt className="muted">{t.inspector.arrivesBy}</dt>
            <dd>{formatCalendarDate(quote.arrives_by)}</dd>
          </div>
        )}
      </dl>
      {told.destinations.map((sentence, index) => (
        <p key={index} className="small muted aside">
          {sentence.text}
        </p>
      ))}
    </Section>
  );
}
