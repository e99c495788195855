import { problemOf, type ListTally, type Money, type WhatIfProgressed, type WhatIfTotals } from "../backend/backend";
import { Amount, Button, DateField } from "../controls/controls";
import { formatCalendarDate } from "../figures/time";
import { told } from "../text/problems";
import { t } from "../text/text";

/** The clock that rules are read by. */
const RULE_OFFSET_MS = 8 * 3_600_000;

/** The instant on a day of the rules' clock that has the time of day of `now`; null for a day that is over. */
export function instantOn(date: string, now: string): string | null {
  const time = new Date(Date.parse(now) + RULE_OFFSET_MS).toISOString().slice(11, 19);
  const instant = Date.parse(`${date}T${time}+08:00`);
  return Number.isNaN(instant) || instant < Date.parse(now) ? null : new Date(instant).toISOString().replace(".000", "");
}

/** The day of an instant by the rules' clock. */
export function dayOf(instant: string): string {
  return new Date(Date.parse(instant) + RULE_OFFSET_MS).toISOString().slice(0, 10);
}

/** Moves the date of the whole page: the list, its sums and the quote. */
export function WhatIfField(props: { date: string; now: string; onDate: (date: string) => void }) {
  const { date, now, onDate } = props;
  const over = date !== "" && instantOn(date, now) === null;
  return (
    <span className="what-if" role="group" aria-label={t.resources.whatIf}>
      <span className="small muted">{t.resources.whatIf}</span>
      <DateField label={t.resources.whatIf} date={date} onDate={onDate} testId="what-if-date" />
      {over && <span className="risk small">{t.resources.whatIfOver}</span>}
      {date !== "" && (
        <Button look="quiet" data-testid="what-if-clear" onClick={() => onDate("")}>
          {t.resources.whatIfToday}
        </Button>
      )}
    </span>
  );
}

/** What everything listed gives back together, now and on the day asked about. */
export function Totals(props: {
  tally: ListTally | undefined;
  date: string;
  at: string | null;
  totals: WhatIfTotals | undefined;
  step: WhatIfProgressed | null;
  error: unknown;
}) {
  const { tally, at, totals, step } = props;
  return (
    <div className="totals" data-testid="list-totals">
      <span className="muted">{t.resources.totalNow}</span>
      {tally && <Sums sums={tally.refundable} />}
      {at !== null && (
        <>
          <span className="muted">{t.resources.totalThen({ day: formatCalendarDate(props.date) })}</span>
          {step && <span className="muted small">{t.resources.judging({ done: step.done, total: step.total })}</span>}
          {!step && totals && (
            <span data-testid="what-if-totals">
              <Sums sums={totals.then} strong />
              <span className="muted small">
                {" "}
                {t.resources.moreLess({ more: totals.more, less: totals.less })}
              </span>
            </span>
          )}
          {props.error !== null && <span className="refused small">{told(problemOf(props.error)).message}</span>}
        </>
      )}
      <span className="grow" />
      {tally && tally.renewing > 0 && (
        <span className="muted small" role="status">
          {t.resources.renewing({ count: tally.renewing })}
        </span>
      )}
    </div>
  );
}

function Sums(props: { sums: readonly Money[]; strong?: boolean }) {
  if (props.sums.length === 0) return <span className="muted">{t.rail.nothing}</span>;
  return props.sums.map((sum) => <Amount key={sum.currency} className={props.strong ? "strong" : ""} amount={sum.amount} currency={sum.currency} />);
}
