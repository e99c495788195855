import type { RequestState, RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk } from "../app/desk";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { formatCalendarDate } from "../figures/time";
import { t } from "../text/text";

const TOLD: Partial<Record<RequestState, string>> = {
  accepted: t.wizard.doneAccepted,
  reported: t.wizard.doneReported,
  observed: t.wizard.doneObserved,
  part_refunded: t.wizard.doneObserved,
  refunded: t.wizard.doneRefunded,
};

/** Nothing is left to do here but to wait for the money; the next sync looks for it. */
export function DoneStage(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const sync = useAct(() => backend.sync(request.customer), { writes: EVERYTHING });
  return (
    <div className="act">
      <h3>{t.requestState[request.state]}</h3>
      <p>{TOLD[request.state]}</p>
      {request.problem && <ProblemCard problem={request.problem} />}
      <dl className="pairs">
        <div>
          <dt className="muted">{t.wizard.predicted}</dt>
          <dd>
            <Amount amount={request.predicted} currency={request.currency} />
          </dd>
        </div>
        {request.actual !== null && (
          <div>
            <dt className="muted">{t.wizard.actual}</dt>
            <dd>
              <Amount amount={request.actual} currency={request.currency} />
            </dd>
          </div>
        )}
        <div>
          <dt className="muted">{t.wizard.arrived}</dt>
          <dd>
            <Amount amount={request.arrived} currency={request.currency} />
          </dd>
        </div>
        {request.refund_order && (
          <div>
            <dt className="muted">{t.wizard.refundOrderKnown}</dt>
            <dd className="copyable break">{request.refund_order}</dd>
          </div>
        )}
        {request.arrives_by && (
          <div>
            <dt className="muted">{t.wizard.expectedBy}</dt>
            <dd>{formatCalendarDate(request.arrives_by)}</dd>
          </div>
        )}
      </dl>
      <p>
        <Button disabled={sync.isPending} data-testid="wizard-sync" onClick={() => sync.mutate(undefined)}>
          {sync.isPending ? t.rail.syncing : t.wizard.syncNow}
        </Button>
      </p>
    </div>
  );
}
