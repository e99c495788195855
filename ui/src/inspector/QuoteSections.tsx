import type { ReactNode } from "react";
import type { Change, OrderRow, Quote, Sentence, Told } from "../backend/backend";
import { formatAmount } from "../figures/money";
import { formatDay, formatInstant, formatRuleInstant } from "../figures/time";
import { t } from "../text/text";

/** A titled part of the quote. */
export function Section(props: { title: string; meaning?: "refused" | "risk"; children: ReactNode }) {
  return (
    <section className="quote-section" data-meaning={props.meaning}>
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

/** The rule a sentence comes from and where that rule stands. */
export function SourceLine(props: { sentence: Sentence }) {
  const { rule, source } = props.sentence;
  if (rule === null && source === null) return null;
  return <p className="source small muted copyable">{[source, rule].filter((part) => part !== null).join(" · ")}</p>;
}

/** Sentences with their sources. */
export function Sentences(props: { sentences: readonly Sentence[] }) {
  return (
    <ul className="sentences">
      {props.sentences.map((sentence, index) => (
        <li key={index}>
          <p className="copyable">{sentence.text}</p>
          <SourceLine sentence={sentence} />
        </li>
      ))}
    </ul>
  );
}

/** Most changes listed; a purchase of three years changes every day. */
const CHANGES_SHOWN = 6;

/** The next instants at which the quote says something else. */
export function Changes(props: { quote: Quote; told: Told }) {
  const { quote, told } = props;
  const shown = quote.next_changes.slice(0, CHANGES_SHOWN);
  return (
    <Section title={t.inspector.nextChanges}>
      <ol className="changes">
        {shown.map((change, index) => (
          <li key={`${change.at}/${change.what}`} title={told.next_changes[index]?.text}>
            <time dateTime={change.at} title={`${formatRuleInstant(change.at)} ${t.inspector.utc8}`}>
              {formatInstant(change.at)}
            </time>
            <span className="muted">{t.inspector.changeWhat[change.what] ?? change.what}</span>
            <span className="values">
              <span className="muted">{changeValue(change, change.before, quote)}</span>
              {" → "}
              <span className="strong">{changeValue(change, change.after, quote)}</span>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function changeValue(change: Change, value: string, quote: Quote): string {
  if (change.what === "amount") return formatAmount(value, quote.currency ?? "");
  if (change.what === "type") return t.refundType[value as keyof typeof t.refundType] ?? value;
  if (change.what === "destination") return t.destination[value] ?? value;
  return value;
}

/** The orders the quote was made from. */
export function Chain(props: { orders: readonly OrderRow[] }) {
  if (props.orders.length === 0) return null;
  return (
    <Section title={t.inspector.chain}>
      <ul className="chain">
        {props.orders.map((order) => (
          <li key={order.order}>
            <p className="chain-head">
              <span>{t.orderType[order.order_type]}</span>
              <span className="muted small">
                {formatDay(order.start)} – {formatDay(order.end)}
              </span>
            </p>
            <p className="small muted id copyable">{order.order}</p>
            <dl className="numbers small">
              {(["list", "cash", "coupon", "tax"] as const).map((name) => (
                <div key={name}>
                  <dt>{t.inspector[name]}</dt>
                  <dd>{formatAmount(order[name], order.currency)}</dd>
                </div>
              ))}
              {order.paid_at && (
                <div>
                  <dt>{t.inspector.paid}</dt>
                  <dd>{formatDay(order.paid_at)}</dd>
                </div>
              )}
            </dl>
          </li>
        ))}
      </ul>
    </Section>
  );
}
