import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ProgressBar } from "react-aria-components";
import { type BatchView, problemOf, type Run, type RunProgressed } from "../backend/backend";
import { useAct, useDesk, useStatus } from "../app/desk";
import { Amount, Button, DeliberateButton, ProblemCard, TextLine } from "../controls/controls";
import { isAmountText } from "../figures/money";
import { told } from "../text/problems";
import { t } from "../text/text";
import { Copy } from "../wizard/Instructions";
import { BatchItems } from "./BatchItems";
import { Range } from "./PlanStage";
import { Why } from "./Why";

/** Carrying a batch out: sent one by one by the API, or handed over to the console at once. */
export function RunStage(props: { batch: BatchView; onMoved: () => void }) {
  const { batch } = props;
  const [run, setRun] = useState<Run | null>(null);
  const how = { ...props, run, onRun: setRun };
  return (
    <div className="act">
      {batch.channel === "api" ? <ByApi {...how} /> : <ByHand {...how} />}
      <BatchItems batch={batch} run={run} />
    </div>
  );
}

/** The steps of a run that another part of the window may have begun. */
export function useRunSteps(): [RunProgressed | null, (step: RunProgressed | null) => void] {
  const { backend } = useDesk();
  const [step, setStep] = useState<RunProgressed | null>(null);
  useEffect(() => backend.onRunProgress(setStep), [backend]);
  return [step, setStep];
}

/** What was done with a batch here last, and how it is told. */
type Carried = { batch: BatchView; onMoved: () => void; run: Run | null; onRun: (run: Run | null) => void };

function ByApi(props: Carried) {
  const { batch, run, onRun } = props;
  const { backend } = useDesk();
  const [step, setStep] = useRunSteps();
  const act = useAct(() => backend.runBatch(batch.id), { writes: ["requests", "resources", "customers", "history"], quiet: true });
  const send = () => {
    setStep(null);
    onRun(null);
    act.mutate(undefined, { onSuccess: onRun, onSettled: props.onMoved });
  };
  return (
    <>
      <h3>{t.wizard.sendTitle}</h3>
      {batch.waiting > 0 && !act.isPending && (
        <>
          <p>{t.batches.sendText({ count: batch.waiting })}</p>
          <DeliberateButton data-testid="batch-run" onClick={send}>
            {t.batches.send({ count: batch.waiting })}
          </DeliberateButton>
        </>
      )}
      {act.isPending && <RunProgress step={step} total={batch.waiting} onStop={() => void backend.stopRun()} />}
      {act.error && <ProblemCard problem={problemOf(act.error)} />}
      {run && <RunCounts run={run} />}
      {batch.waiting === 0 && !act.isPending && run === null && <p className="muted">{t.batches.nothingWaits}</p>}
    </>
  );
}

/** How far a run has come; it stops between two items. */
export function RunProgress(props: { step: RunProgressed | null; total: number; onStop: () => void }) {
  const [stopping, setStopping] = useState(false);
  const done = props.step?.progress.done ?? 0;
  const total = props.step?.progress.total ?? props.total;
  const last = props.step?.last;
  return (
    <div className="run" data-testid="run-progress" data-done={done}>
      <ProgressBar className="progress" value={done} maxValue={Math.max(total, 1)} valueLabel={t.batches.done({ done, total })} aria-label={t.batches.running}>
        {({ percentage, valueText }) => (
          <>
            <span>{valueText}</span>
            <span className="progress-track">
              <span className="progress-fill" style={{ width: `${percentage ?? 0}%` }} />
            </span>
          </>
        )}
      </ProgressBar>
      {last && (
        <p className={last.problem ? "risk small" : "muted small"}>
          {last.resource}: {t.requestState[last.state]}
          {last.problem && ` – ${told(last.problem).message}`}
        </p>
      )}
      <Button
        disabled={stopping}
        data-testid="run-stop"
        onClick={() => {
          setStopping(true);
          props.onStop();
        }}
      >
        {stopping ? t.batches.stopping : t.batches.stop}
      </Button>
    </div>
  );
}

const failedOf = (run: Run) => run.results.filter((result) => result.problem !== null);

/** What a run came to, counted; a failed item stopped none of the others. Each is told with its receipt. */
function RunCounts(props: { run: Run }) {
  const { run } = props;
  const failed = failedOf(run).length;
  return (
    <p className={failed > 0 ? "risk" : "returns"} data-testid="run-told" data-done={run.results.length} data-failed={failed} data-left={run.left.length}>
      {t.batches.ran({ done: run.results.length - failed, failed })}
      {run.left.length > 0 && ` ${t.batches.stillWait({ count: run.left.length })}`}
    </p>
  );
}

/** The same where there are no receipts beside it: what failed is listed with what to do. */
export function RunTold(props: { run: Run }) {
  const failed = failedOf(props.run);
  return (
    <section>
      <RunCounts run={props.run} />
      {failed.length > 0 && (
        <ul className="plan-list run-failed">
          {failed.map((result) => (
            <li key={result.request} data-testid={`run-failed-${result.resource}`} data-code={result.problem?.code}>
              <span className="copyable">
                {result.resource}: {result.problem && <Why problem={result.problem} />}
              </span>
              <span className="small nowrap">{t.requestState[result.state]}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function ByHand(props: Carried) {
  const { batch, run, onRun } = props;
  const { backend } = useDesk();
  const status = useStatus();
  const [shown, setShown] = useState("");
  const writes = { writes: ["requests", "resources"] as const, quiet: true };
  const hand = useAct(() => backend.handOverBatch(batch.id, shown.trim()), writes);
  const report = useAct(() => backend.reportBatch(batch.id), writes);
  const problem = hand.error ?? report.error;
  const handed = batch.moves.includes("report");
  return (
    <>
      <h3>{t.wizard.consoleTitle}</h3>
      {batch.instructions.length > 0 && (
        <ol className="instructions">
          {batch.instructions.map((step, index) => (
            <li key={index}>
              <span className="copyable break">{step}</span>
              {batch.items.some((item) => step.includes(item.resource)) && <Copy text={batch.items.map((item) => item.resource).join(",")} />}
            </li>
          ))}
        </ol>
      )}
      {problem && <ProblemCard problem={problemOf(problem)} />}
      {run && run.results.some((result) => result.problem) && <RunCounts run={run} />}
      {status.data?.sandbox && batch.channel === "console" && (batch.waiting > 0 || handed) && <SandboxConsole batch={batch} handed={handed} onActed={props.onMoved} />}
      {batch.moves.includes("hand_over") && (
        <>
          <p>
            {t.batches.consoleTotal} <Range least={batch.waiting_total} most={batch.waiting_total_max} currency={batch.currency} />
          </p>
          <div className="act-line">
            <TextLine label={`${t.wizard.consoleAmount} (${batch.currency})`} value={shown} onChange={setShown} amount testId="console-total" />
            <Button
              look="primary"
              disabled={hand.isPending || !isAmountText(shown)}
              data-testid="batch-hand-over"
              onClick={() => hand.mutate(undefined, { onSuccess: onRun, onSettled: props.onMoved })}
            >
              {t.wizard.handOver}
            </Button>
          </div>
        </>
      )}
      {handed && (
        <div className="act-line">
          <p className="returns">{t.batches.handedOver}</p>
          <Button look="primary" disabled={report.isPending} data-testid="batch-report" onClick={() => report.mutate(undefined, { onSettled: props.onMoved })}>
            {t.batches.report}
          </Button>
        </div>
      )}
    </>
  );
}

/** Stands in for the person at the console, for all items at once. */
function SandboxConsole(props: { batch: BatchView; handed: boolean; onActed: () => void }) {
  const { batch, handed } = props;
  const { backend } = useDesk();
  const act = useAct(() => backend.sandboxConsoleBatchAct(batch.id), { writes: ["status"], quiet: true });
  const total = useQuery({
    queryKey: ["sandbox-console", batch.id, batch.waiting],
    queryFn: () => backend.sandboxConsoleBatchTotal(batch.id),
    enabled: batch.waiting > 0,
    staleTime: 0,
  });
  const problem = act.error ?? total.error;
  return (
    <section className="sandbox-console">
      <h4>{t.wizard.sandboxTitle}</h4>
      <p className="small">{t.wizard.sandboxText}</p>
      <div className="act-line">
        <p>
          {batch.waiting > 0 && t.wizard.sandboxShows}{" "}
          {batch.waiting > 0 && total.data && (
            <Amount className="strong copyable" amount={total.data.amount} currency={total.data.currency} testId="sandbox-console-total" />
          )}
        </p>
        <DeliberateButton
          look="plain"
          disabled={!handed || act.isPending || act.isSuccess}
          data-testid="sandbox-console-act"
          onClick={() => act.mutate(undefined, { onSuccess: props.onActed })}
        >
          {t.wizard.sandboxAct}
        </DeliberateButton>
      </div>
      {act.data !== undefined && <p data-testid="sandbox-console-done">{t.batches.acted({ count: act.data })}</p>}
      {problem && <ProblemCard problem={problemOf(problem)} />}
    </section>
  );
}
