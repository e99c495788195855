import type { Review } from "../backend/backend";
import { Button } from "../controls/controls";
import { en } from "../text/en";
import { type Missing, openQuestions } from "./gate";
import type { Stage } from "./stage";

/** The way on from the first three stages. Nothing here is irreversible. */
export function Forward(props: {
  stage: Stage;
  review: Review | null;
  lacking: readonly Missing[];
  busy: boolean;
  onStage: (stage: Stage) => void;
  onNoneApplies: () => void;
  onDecide: () => void;
  onReviewAgain: () => void;
}) {
  const { stage, review, lacking, busy, onStage } = props;
  if (review === null) return null;
  const open = openQuestions(review);
  if (lacking.includes("expired") && ["review", "settle", "decide"].includes(stage)) {
    return (
      <div className="wizard-forward">
        <span className="risk small">{en.wizard.missing.expired}</span>
        <Button look="primary" tall disabled={busy} data-testid="wizard-review-again" onClick={props.onReviewAgain}>
          {en.wizard.reviewAgain}
        </Button>
      </div>
    );
  }
  if (stage === "review") {
    const blocked = lacking.includes("blocked");
    return (
      <div className="wizard-forward">
        {blocked && <span className="refused small">{en.wizard.missing.blocked}</span>}
        <Button
          look="primary"
          tall
          disabled={busy || blocked}
          data-testid="wizard-next"
          onClick={() => onStage(open.length > 0 ? "settle" : "decide")}
        >
          {en.wizard.next}
        </Button>
      </div>
    );
  }
  if (stage === "settle") {
    return (
      <div className="wizard-forward">
        <Button onClick={() => onStage("review")}>{en.wizard.back}</Button>
        {open.length > 0 ? (
          <Button look="primary" tall disabled={busy} data-testid="settle-none-apply" onClick={props.onNoneApplies}>
            {en.wizard.settleNone}
          </Button>
        ) : (
          <Button look="primary" tall disabled={busy} data-testid="wizard-next" onClick={() => onStage("decide")}>
            {en.wizard.next}
          </Button>
        )}
      </div>
    );
  }
  if (stage !== "decide") return null;
  const first = lacking[0];
  return (
    <div className="wizard-forward">
      <span className="muted small" data-testid="wizard-missing">
        {first && en.wizard.missing[first]}
      </span>
      <Button onClick={() => onStage("review")}>{en.wizard.back}</Button>
      <Button look="primary" tall disabled={busy || first !== undefined} data-testid="wizard-next" onClick={props.onDecide}>
        {en.wizard.unsubscribeNow}
      </Button>
    </div>
  );
}
