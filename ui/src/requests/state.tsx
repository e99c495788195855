import type { RequestState } from "../backend/backend";
import { Mark } from "../controls/controls";
import { t } from "../text/text";

const MEANING: Partial<Record<RequestState, "returns" | "risk" | "refused">> = {
  observed: "returns",
  part_refunded: "returns",
  refunded: "returns",
  unknown: "risk",
  overdue: "risk",
  returned_to_review: "risk",
  expired: "risk",
  rejected: "refused",
};

/** A request's state as a word; coloured only where money came, or something is wrong. */
export function RequestStateMark(props: { state: RequestState; testId?: string }) {
  return (
    <Mark meaning={MEANING[props.state] ?? "plain"} {...(props.testId === undefined ? {} : { testId: props.testId })}>
      {t.requestState[props.state]}
    </Mark>
  );
}
