import type { Problem } from "../backend/backend";
import { told } from "../text/problems";

/** Why an item stopped and what to do about it, in a line of a list. */
export function Why(props: { problem: Problem }) {
  const { message, next, detail } = told(props.problem);
  return (
    <>
      {sentence(message)} <span className="muted">{sentence(next)}</span>
      {detail && (
        <span className="muted" lang="en">
          {" "}
          ({detail})
        </span>
      )}
    </>
  );
}

/** The desk's own sentences begin small and have no stop, so that they fit into others. */
function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.。！？!?]$/.test(whole) ? whole : `${whole}.`;
}
