import { useState } from "react";
import { problemOf } from "../backend/backend";
import { useAct, useReadOnly } from "../app/desk";
import { Button, ProblemCard } from "../controls/controls";
import { t } from "../text/text";

/** Takes back what was decided and not carried out, of one request or of a batch; asked once more, since it is journaled. */
export function Withdraw(props: { ask: string; act: () => Promise<unknown>; testId: string }) {
  const readOnly = useReadOnly();
  const [asking, setAsking] = useState(false);
  const withdraw = useAct(props.act, { writes: ["requests", "resources"], quiet: true });
  return (
    <>
      {!asking && (
        <Button tall disabled={readOnly} data-testid={props.testId} onClick={() => setAsking(true)}>
          {t.move.withdraw}
        </Button>
      )}
      {asking && (
        <div className="withdraw-ask">
          <p>{props.ask}</p>
          <Button disabled={withdraw.isPending} data-testid="withdraw-yes" onClick={() => withdraw.mutate(undefined, { onSettled: () => setAsking(false) })}>
            {t.requests.withdrawYes}
          </Button>
          <Button look="quiet" onClick={() => setAsking(false)}>
            {t.requests.withdrawNo}
          </Button>
        </div>
      )}
      {withdraw.error && <ProblemCard problem={problemOf(withdraw.error)} />}
    </>
  );
}
