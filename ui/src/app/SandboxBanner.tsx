import type { DeskStatus } from "../backend/backend";
import { Button, RuleTime } from "../controls/controls";
import { t } from "../text/text";
import { useAct, useDesk } from "./desk";

/** Says on every page that this home is a sandbox, and turns its clock. */
export function SandboxBanner(props: { status: DeskStatus }) {
  const { backend } = useDesk();
  const turn = useAct((hours: number) => backend.sandboxClockAdvance(hours));
  const now = props.status.now;
  return (
    <div className="sandbox-banner" data-testid="sandbox-banner">
      <span className="strong">{t.sandbox.banner}</span>
      <span className="explain">{t.sandbox.explain}</span>
      <span className="clock">
        {turn.isPending ? (
          t.sandbox.turning
        ) : (
          <>
            {t.sandbox.clock} <RuleTime instant={now} />
          </>
        )}
      </span>
      <Button look="quiet" disabled={turn.isPending} data-testid="clock-plus-1d" onClick={() => turn.mutate(24)}>
        {t.sandbox.plusOne}
      </Button>
      <Button look="quiet" disabled={turn.isPending} data-testid="clock-plus-3d" onClick={() => turn.mutate(72)}>
        {t.sandbox.plusThree}
      </Button>
    </div>
  );
}
