import { useState } from "react";
import type { FaultKind } from "../backend/backend";
import { useAct, useDesk, useReadOnly, useStatus } from "../app/desk";
import { Button, RuleTime, TextLine } from "../controls/controls";
import { t } from "../text/text";
import { Part, Setting } from "./Part";

const TURNS: readonly number[] = [1, 24, 72, 168, 720];
const FAULTS: readonly FaultKind[] = [
  "drop_before",
  "drop_after",
  "server_error",
  "throttled",
  "slow",
  "html",
  "amount_changed",
  "released_meanwhile",
];
const TIMES = /^[1-9]\d{0,2}$/;

/** The sandbox's clock, and what should go wrong in it. */
export function SandboxPart() {
  const { backend } = useDesk();
  const status = useStatus().data;
  const readOnly = useReadOnly();
  const turn = useAct((hours: number) => backend.sandboxClockAdvance(hours));
  return (
    <Part title={t.settings.parts.sandbox} text={t.sandboxPart.text}>
      <Setting title={t.sandbox.clock} text={t.sandboxPart.clockText}>
        {status && (
          <p>
            <RuleTime instant={status.now} />
          </p>
        )}
        <div className="segments">
          {TURNS.map((hours) => (
            <Button key={hours} disabled={readOnly || turn.isPending} data-testid={`turn-${hours}`} onClick={() => turn.mutate(hours)}>
              {hours < 24 ? t.sandboxPart.hours({ hours }) : t.sandboxPart.days({ days: hours / 24 })}
            </Button>
          ))}
        </div>
      </Setting>
      <Faults disabled={readOnly} />
    </Part>
  );
}

function Faults(props: { disabled: boolean }) {
  const { backend } = useDesk();
  const [kind, setKind] = useState<FaultKind>("drop_after");
  const [times, setTimes] = useState("1");
  const order = useAct((count: number) => backend.sandboxFault(kind, count), { writes: [] });
  const clear = useAct(() => backend.sandboxClearFaults(), { writes: [] });
  const waiting = clear.isSuccess && !order.isPending && clear.submittedAt > order.submittedAt ? clear.data : order.data;
  return (
    <Setting title={t.sandboxPart.faults} text={t.sandboxPart.faultsText}>
      <div className="file-line">
        <label className="field">
          <span className="label">{t.sandboxPart.fault}</span>
          <select className="select" value={kind} data-testid="fault-kind" onChange={(event) => setKind(event.target.value as FaultKind)}>
            {FAULTS.map((one) => (
              <option key={one} value={one}>
                {t.sandboxPart.kinds[one]}
              </option>
            ))}
          </select>
        </label>
        <TextLine label={t.sandboxPart.times} value={times} onChange={setTimes} wrong={!TIMES.test(times)} testId="fault-times" />
        <Button disabled={props.disabled || order.isPending || !TIMES.test(times)} data-testid="fault-order" onClick={() => order.mutate(Number(times))}>
          {t.sandboxPart.order}
        </Button>
        <Button look="quiet" disabled={props.disabled || clear.isPending} data-testid="fault-clear" onClick={() => clear.mutate(undefined)}>
          {t.sandboxPart.clear}
        </Button>
      </div>
      {waiting !== undefined && (
        <p className="small muted" role="status" data-testid="faults-waiting">
          {t.sandboxPart.waiting({ count: waiting })}
        </p>
      )}
    </Setting>
  );
}
