import type { RequestView, Review } from "../backend/backend";
import { Amount, Mark, RuleTime } from "../controls/controls";
import { Joined } from "../controls/Foreign";
import { meaningOf } from "../resources/columns";
import { t } from "../text/text";
import { RequestStateMark } from "../requests/state";

/** What it is about, beside every stage: the resource, the amount and how long it holds. */
export function Summary(props: { review: Review | null; request: RequestView | null }) {
  const { review, request } = props;
  const quote = review?.quote.quote ?? null;
  const about = request ?? review?.request;
  if (!about) return null;
  const least = request?.predicted ?? quote?.refund ?? "0";
  const most = request?.predicted_max ?? quote?.refund_max ?? least;
  return (
    <aside className="wizard-side">
      <p className="label">{t.wizard.resource}</p>
      <p className="strong break copyable">{about.resource}</p>
      <p className="muted">
        <Joined parts={[about.customer_name, about.product]} />
      </p>
      {about.expires && (
        <>
          <p className="label">{t.wizard.updatedExpiration}</p>
          <p>
            <RuleTime instant={about.expires} />
          </p>
        </>
      )}
      <p className="label">{request && request.reason !== null ? t.wizard.predicted : t.inspector.refundNow}</p>
      <p className="side-amount">
        <Amount amount={least} currency={about.currency} testId="wizard-amount" />
        {most !== least && (
          <>
            {" – "}
            <Amount amount={most} currency={null} />
          </>
        )}
      </p>
      {quote && <Mark meaning={meaningOf(quote.refund_type)}>{t.refundTypeLong[quote.refund_type]}</Mark>}
      {quote?.valid_until && (
        <>
          <p className="label">{t.inspector.holdsUntil}</p>
          <p>
            <RuleTime instant={quote.valid_until} />
          </p>
        </>
      )}
      {request && (
        <>
          <p className="label">{t.requests.columns.state}</p>
          <p data-testid="wizard-state" data-state={request.state}>
            <RequestStateMark state={request.state} />
          </p>
        </>
      )}
    </aside>
  );
}
