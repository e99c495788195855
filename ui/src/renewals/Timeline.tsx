import { scaleUtc } from "d3-scale";
import type { RenewalStack } from "../backend/backend";
import { formatDay } from "../figures/time";
import { t } from "../text/text";

/** Part of the running period that is shown before "now", against the whole length ahead. */
const PAST_SHARE = 0.06;

/** The stack in proportion to time: what runs now, then each pending renewal; those that fall are struck. With `onPick` each possible
 * Updated Expiration Time is a handle to press; the list below says the same to who does not point. */
export function Timeline(props: { stack: RenewalStack; now: string; picked: string | null; onPick?: (expires: string) => void }) {
  const { stack, picked, onPick } = props;
  const now = Date.parse(props.now);
  const end = Date.parse(stack.expires_at);
  const start = now - (end - now) * PAST_SHARE;
  const scale = scaleUtc([start, end], [0, 100]).clamp(true);
  const at = (instant: string | number) => scale(typeof instant === "number" ? instant : Date.parse(instant));
  const place = (from: string | number, to: string | number) => ({ left: `${at(from)}%`, width: `${at(to) - at(from)}%` });
  const falls = (from: string) => picked !== null && Date.parse(from) >= Date.parse(picked);
  return (
    <span className={onPick ? "timeline large" : "timeline"} aria-hidden="true">
      <span className="bars">
        <span className="bar current" style={place(start, stack.current_end)} />
        {stack.pending.map((renewal) => (
          <span
            key={renewal.order}
            className={`bar pending${falls(renewal.start) ? " falls" : ""}`}
            style={place(renewal.start, renewal.end)}
            title={`${formatDay(renewal.start)} – ${formatDay(renewal.end)}`}
          />
        ))}
        <span className="now" style={{ left: `${at(now)}%` }} title={t.renewals.now} />
        {onPick &&
          stack.candidates.map((candidate) => (
            <button
              key={candidate.expires}
              type="button"
              tabIndex={-1}
              className="handle"
              data-picked={candidate.expires === picked || undefined}
              data-testid={`handle-${candidate.expires}`}
              style={{ left: `${at(candidate.expires)}%` }}
              title={formatDay(candidate.expires)}
              onClick={() => onPick(candidate.expires)}
            />
          ))}
      </span>
      {onPick && (
        <span className="axis">
          {scale.ticks(4).map((tick) => (
            <span key={tick.getTime()} className="tick" style={{ left: `${at(tick.getTime())}%` }}>
              {formatDay(tick.toISOString())}
            </span>
          ))}
        </span>
      )}
    </span>
  );
}
