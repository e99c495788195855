import type { Review } from "../backend/backend";
import { Button } from "../controls/controls";
import { t } from "../text/text";
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
        <span className="risk small">{t.wizard.missing.expired}</span>
        <Button look="primary" tall disabled={busy} data-testid="wizard-review-again" onClick={props.onReviewAgain}>
          {t.wizard.reviewAgain}
        </Button>
      </div>
    );
  }
  if (stage === "review") {
    const blocked = lacking.includes("blocked");
    return (
      <div className="wizard-forward">
        {blocked && <span className="refused small">{t.wizard.missing.blocked}</span>}
        <Button
          look="primary"
          tall
          disabled={busy || blocked}
          data-testid="wizard-next"
          onClick={() => onStage(open.length > 0 ? "settle" : "decide")}
        >
          {t.wizard.next}
        </Button>
      </div>
    );
  }
  if (stage === "settle") {
    return (
      <div className="wizard-forward">
        <Button onClick={() => onStage("review")}>{t.wizard.back}</Button>
        {open.length > 0 ? (
          <Button look="primary" tall disabled={busy} data-testid="settle-none-apply" onClick={props.onNoneApplies}>
            {t.wizard.settleNone}
          </Button>
        ) : (
          <Button look="primary" tall disabled={busy} data-testid="wizard-next" onClick={() => onStage("decide")}>
            {t.wizard.next}
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
        {first && t.wizard.missing[first]}
      </span>
      <Button onClick={() => onStage("review")}>{t.wizard.back}</Button>
      <Button look="primary" tall disabled={busy || first !== undefined} data-testid="wizard-next" onClick={props.onDecide}>
        {t.wizard.unsubscribeNow}
      </Button>
    </div>
  );
}
