import type { RenewalStack } from "../backend/backend";
import { formatDay } from "../figures/time";
import { t } from "../text/text";

/** Part of the running period that is shown before "now", against the whole length ahead. */
const PAST_SHARE = 0.06;

/** The stack in proportion to time: what runs now, then each pending renewal; those that fall are struck. */
export function Timeline(props: { stack: RenewalStack; now: string; picked: string | null }) {
  const { stack, picked } = props;
  const now = Date.parse(props.now);
  const end = Date.parse(stack.expires_at);
  const start = now - (end - now) * PAST_SHARE;
  const place = (from: number, to: number) => {
    const at = (instant: number) => (Math.min(Math.max((instant - start) / (end - start), 0), 1) * 100).toFixed(3);
    return { left: `${at(from)}%`, width: `calc(${at(to)}% - ${at(from)}%)` };
  };
  const falls = (from: string) => picked !== null && Date.parse(from) >= Date.parse(picked);
  return (
    <span className="timeline" aria-hidden="true">
      <span className="bar current" style={place(start, Date.parse(stack.current_end))} />
      {stack.pending.map((renewal) => (
        <span
          key={renewal.order}
          className={`bar pending${falls(renewal.start) ? " falls" : ""}`}
          style={place(Date.parse(renewal.start), Date.parse(renewal.end))}
          title={`${formatDay(renewal.start)} – ${formatDay(renewal.end)}`}
        />
      ))}
      <span className="now" style={{ left: place(now, now).left }} title={t.renewals.now} />
    </span>
  );
}
