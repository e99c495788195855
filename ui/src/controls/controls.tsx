// Small controls the pages share: deliberate buttons, check boxes, amounts, marks, and the designed states of a page.

import { type ButtonHTMLAttributes, type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Checkbox } from "react-aria-components";
import type { Problem } from "../backend/backend";
import { formatAmount } from "../figures/money";
import { formatInstant, formatRuleBeside, isCalendarDate } from "../figures/time";
import { told } from "../text/problems";
import { t } from "../text/text";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: "primary" | "quiet" | "plain";
  wide?: boolean;
  tall?: boolean;
  "data-testid"?: string;
};

/** A push button. */
export function Button({ look = "plain", wide, tall, className, ...rest }: ButtonProps) {
  const classes = ["button", look, wide && "wide", tall && "tall", className].filter(Boolean).join(" ");
  return <button type="button" className={classes} {...rest} />;
}

/** A button for what cannot be taken back: the pointer and the space bar press it, Enter does not. */
export function DeliberateButton(props: ButtonProps) {
  const refuseEnter = (event: KeyboardEvent) => {
    if (event.key === "Enter") event.preventDefault();
  };
  return <Button look="primary" tall title={t.wizard.deliberate} onKeyDown={refuseEnter} {...props} />;
}

/** A check box with its sentence. */
export function Tick(props: {
  children: ReactNode;
  selected: boolean;
  onChange: (selected: boolean) => void;
  disabled?: boolean;
  testId?: string;
}) {
  return (
    <Checkbox
      className="tick"
      isSelected={props.selected}
      onChange={props.onChange}
      isDisabled={props.disabled ?? false}
      data-testid={props.testId}
    >
      <span className="box" aria-hidden="true">
        <svg viewBox="0 0 12 12">
          <path d="M1.3 6.6 2.6 5.2 4.7 7.1 9.3 2.2 10.7 3.5 4.8 9.8Z" />
        </svg>
      </span>
      <span>{props.children}</span>
    </Checkbox>
  );
}

/** A labelled line of text. Enter in it does nothing. */
export function TextLine(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string | undefined;
  wrong?: boolean;
  placeholder?: string;
  amount?: boolean;
  autoFocus?: boolean;
  /** Offered while typing; anything else may be typed, too. */
  suggestions?: readonly string[];
  /** What must be typed, as the desk writes it. */
  expected?: string;
  testId?: string;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className={props.amount ? "input amount" : "input"}
        value={props.value}
        placeholder={props.placeholder}
        autoComplete="off"
        spellCheck={false}
        inputMode={props.amount ? "decimal" : "text"}
        aria-invalid={props.wrong ?? false}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        autoFocus={props.autoFocus}
        list={props.suggestions ? `${id}-list` : undefined}
        data-testid={props.testId}
        data-expected={props.expected}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.suggestions && (
        <datalist id={`${id}-list`}>
          {props.suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
      {props.hint && (
        <span id={`${id}-hint`} className={props.wrong ? "hint wrong" : "hint"}>
          {props.hint}
        </span>
      )}
    </div>
  );
}

/** The filter of a list. What is in the field counts when it is left, too: form fillers set it without an input event. */
export function FilterLine(props: { label: string; value: string; onChange: (value: string) => void; testId: string }) {
  return (
    <input
      className="input filter"
      type="search"
      placeholder={props.label}
      aria-label={props.label}
      spellCheck={false}
      value={props.value}
      data-testid={props.testId}
      onChange={(event) => props.onChange(event.target.value)}
      onBlur={(event) => event.target.value !== props.value && props.onChange(event.target.value)}
    />
  );
}

/** An amount with its currency; the figures stand in `data-amount` as the desk gave them. */
export function Amount(props: { amount: string; currency: string | null; className?: string; testId?: string }) {
  const currency = props.currency ?? "";
  return (
    <span className={`amount ${props.className ?? ""}`} data-amount={props.amount} data-testid={props.testId}>
      {currency && <span className="currency">{currency}</span>} {formatAmount(props.amount, currency)}
    </span>
  );
}

/** A word with a meaning: money comes back, at risk, refused, or none of them. */
export function Mark(props: { meaning?: "returns" | "risk" | "refused" | "plain" | ""; children: ReactNode; testId?: string }) {
  return (
    <span className="mark" data-meaning={props.meaning || undefined} data-testid={props.testId}>
      {props.children}
    </span>
  );
}

/** A problem in full: what, where, what to do next, and its stable code. */
export function ProblemCard(props: { problem: Problem; onDismiss?: () => void }) {
  const { problem } = props;
  const { message, next, detail } = told(problem);
  return (
    <div className="problem" role="alert" data-testid="error-toast" data-code={problem.code}>
      <header>
        <span className="message">{message}</span>
        <span className="code">{problem.code}</span>
      </header>
      {detail && (
        <p className="small muted" lang="en">
          {detail}
        </p>
      )}
      {problem.place && (
        <p className="small muted">
          {t.problem.place}: {problem.place}
        </p>
      )}
      <p className="next">{next}</p>
      {props.onDismiss && (
        <p>
          <Button look="quiet" onClick={props.onDismiss}>
            {t.problem.dismiss}
          </Button>
        </p>
      )}
    </div>
  );
}

/** An instant in local time, and by the clock that rules are read by. */
export function RuleTime(props: { instant: string }) {
  return (
    <time dateTime={props.instant} className="nowrap">
      {formatInstant(props.instant)}
      <span className="rule-clock muted">
        <span className="between"> · </span>
        {formatRuleBeside(props.instant)} {t.inspector.utc8}
      </span>
    </time>
  );
}

/** A span of calendar dates; either end may be left open. */
export function DateSpan(props: {
  name: string;
  label: string;
  from: string;
  to: string;
  onFrom: (date: string) => void;
  onTo: (date: string) => void;
}) {
  return (
    <span className="date-span" role="group" aria-label={props.label}>
      <span className="small muted">{props.label}</span>
      <DateField label={`${props.label}, ${t.date.from}`} date={props.from} onDate={props.onFrom} testId={`${props.name}-from`} />
      <span aria-hidden="true" className="muted">
        –
      </span>
      <DateField label={`${props.label}, ${t.date.to}`} date={props.to} onDate={props.onTo} testId={`${props.name}-to`} />
    </span>
  );
}

/** A calendar date as text. (The web view's own date field shows today's date while it is empty.) Counts once it is a date. */
export function DateField(props: { label: string; date: string; onDate: (date: string) => void; testId: string }) {
  const [text, setText] = useState(props.date);
  // What clears the filters clears the text, too.
  const [known, setKnown] = useState(props.date);
  if (known !== props.date) {
    setKnown(props.date);
    setText(props.date);
  }
  const wrong = text !== "" && !isCalendarDate(text);
  const change = (next: string) => {
    setText(next);
    const date = isCalendarDate(next) ? next : "";
    setKnown(date);
    if (date !== props.date) props.onDate(date);
  };
  return (
    <input
      className="input date"
      aria-label={props.label}
      aria-invalid={wrong}
      title={wrong ? t.date.wrong : undefined}
      placeholder={t.date.form}
      inputMode="numeric"
      autoComplete="off"
      value={text}
      data-testid={props.testId}
      onChange={(event) => change(event.target.value.trim())}
    />
  );
}

/** A page or panel with nothing in it, and what to do about it. */
export function EmptyState(props: { title: string; next: string; action?: ReactNode }) {
  return (
    <div className="state">
      <h2>{props.title}</h2>
      <p>{props.next}</p>
      {props.action}
    </div>
  );
}

/** A page or panel that could not be read. */
export function FailedState(props: { title: string; problem: Problem; onRetry: () => void }) {
  return (
    <div className="state">
      <h2>{props.title}</h2>
      <ProblemCard problem={props.problem} />
      <Button onClick={props.onRetry}>{t.resources.retry}</Button>
    </div>
  );
}

/** A panel whose content is on its way. Nothing in it moves. */
export function LoadingState(props: { label: string }) {
  return (
    <div className="loading-lines" role="status" aria-label={props.label}>
      <span />
      <span />
      <span />
    </div>
  );
}
