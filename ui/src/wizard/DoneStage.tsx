import type { RequestState, RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk } from "../app/desk";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { formatCalendarDate } from "../figures/time";
import { en } from "../text/en";

const TOLD: Partial<Record<RequestState, string>> = {
  accepted: en.wizard.doneAccepted,
  reported: en.wizard.doneReported,
  observed: en.wizard.doneObserved,
  part_refunded: en.wizard.doneObserved,
  refunded: en.wizard.doneRefunded,
};

/** Nothing is left to do here but to wait for the money; the next sync looks for it. */
export function DoneStage(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const sync = useAct(() => backend.sync(request.customer), { writes: EVERYTHING });
  return (
    <div className="act">
      <h3>{en.requestState[request.state]}</h3>
      <p>{TOLD[request.state]}</p>
      {request.problem && <ProblemCard problem={request.problem} />}
      <dl className="pairs">
        <div>
          <dt className="muted">{en.wizard.predicted}</dt>
          <dd>
            <Amount amount={request.predicted} currency={request.currency} />
          </dd>
        </div>
        {request.actual !== null && (
          <div>
            <dt className="muted">{en.wizard.actual}</dt>
            <dd>
              <Amount amount={request.actual} currency={request.currency} />
            </dd>
          </div>
        )}
        <div>
          <dt className="muted">{en.wizard.arrived}</dt>
          <dd>
            <Amount amount={request.arrived} currency={request.currency} />
          </dd>
        </div>
        {request.refund_order && (
          <div>
            <dt className="muted">{en.wizard.refundOrderKnown}</dt>
            <dd className="copyable break">{request.refund_order}</dd>
          </div>
        )}
        {request.arrives_by && (
          <div>
            <dt className="muted">{en.wizard.expectedBy}</dt>
            <dd>{formatCalendarDate(request.arrives_by)}</dd>
          </div>
        )}
      </dl>
      <p>
        <Button disabled={sync.isPending} data-testid="wizard-sync" onClick={() => sync.mutate(undefined)}>
          {sync.isPending ? en.rail.syncing : en.wizard.syncNow}
        </Button>
      </p>
    </div>
  );
}
