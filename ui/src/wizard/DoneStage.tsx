import type { RequestState, RequestView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk } from "../app/desk";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { Pair } from "../controls/Pair";
import { formatCalendarDate } from "../figures/time";
import { t } from "../text/text";

/** Nothing is left to do here but to wait for the money; the next sync looks for it. */
export function DoneStage(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const sync = useAct(() => backend.sync(request.customer), { writes: EVERYTHING });
  return (
    <div className="act">
      <h3>{t.requestState[request.state]}</h3>
      <p>{outlook(request.state)}</p>
      {request.problem && <ProblemCard problem={request.problem} />}
      <dl className="pairs">
        <Pair name={t.wizard.predicted} muted>
          <Amount amount={request.predicted} currency={request.currency} />
        </Pair>
        {request.actual !== null && (
          <Pair name={t.wizard.actual} muted>
            <Amount amount={request.actual} currency={request.currency} />
          </Pair>
        )}
        <Pair name={t.wizard.arrived} muted>
          <Amount amount={request.arrived} currency={request.currency} />
        </Pair>
        {request.refund_order && (
          <Pair name={t.wizard.refundOrderKnown} muted copyable>
            {request.refund_order}
          </Pair>
        )}
        {request.arrives_by && (
          <Pair name={t.wizard.expectedBy} muted>
            {formatCalendarDate(request.arrives_by)}
          </Pair>
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

/** Read while it is shown: the language may have changed since the window was opened. */
function outlook(state: RequestState): string | undefined {
  switch (state) {
    case "accepted":
      return t.wizard.doneAccepted;
    case "reported":
      return t.wizard.doneReported;
    case "observed":
    case "part_refunded":
      return t.wizard.doneObserved;
    case "refunded":
      return t.wizard.doneRefunded;
    default:
      return undefined;
  }
}
