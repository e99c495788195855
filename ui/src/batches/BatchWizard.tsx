import "../wizard/wizard.css";
import "./batches.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { type Ask, type BatchReview, type Floor, type PlannedBatch, type Problem, problemOf } from "../backend/backend";
import { EVERYTHING, type ManyTask, readAgain, useDesk } from "../app/desk";
import { Button, LoadingState, ProblemCard } from "../controls/controls";
import { t } from "../text/text";
import { ConfirmDialog } from "../wizard/ConfirmDialog";
import { DecideStage } from "../wizard/DecideStage";
import { FloorFields } from "../wizard/FloorFields";
import { type Draft, EMPTY_DRAFT, floorOf } from "../wizard/gate";
import { BatchReviewStage } from "./BatchReviewStage";
import { BatchSettle } from "./BatchSettle";
import { confirmationsOf, decisionOf, missingOf, sharedQuestions } from "./gate";
import { PlanStage } from "./PlanStage";
import { RunStage } from "./RunStage";

type Stage = "plan" | "review" | "settle" | "decide" | "act";

const STAGES: readonly Stage[] = ["plan", "review", "settle", "decide", "act"];

/** Walks the manager from a selection to its receipts, one batch after the other. It can be left and taken up again. */
export function BatchWizard(props: { task: ManyTask }) {
  const { closeWizard } = useDesk();
  return (
    <ModalOverlay className="veil" isOpen onOpenChange={(open) => !open && closeWizard()}>
      <Modal className="wizard-frame">
        <Dialog className="wizard" data-testid="batch-wizard">
          <Heading slot="title" className="wizard-title">
            {"plan" in props.task && props.task.plan[0]?.action === "cancel_renewals" ? t.batches.titleRenewals : t.batches.title}
          </Heading>
          <Walk task={props.task} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Walk(props: { task: ManyTask }) {
  const { backend, closeWizard, openWizard } = useDesk();
  const walk = useBatchWalk(props.task);
  const { stage, review, batchId, plan, busy, problem } = walk;
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [dialog, setDialog] = useState(false);
  // A new review is a new decision: nothing is ticked or written yet. The usual channel comes first and is chosen beforehand.
  useEffect(() => {
    setDraft({ ...EMPTY_DRAFT, channel: review?.channels[0] ?? null });
  }, [review]);
  const batch = useQuery({
    queryKey: ["batches", "one", batchId],
    queryFn: () => backend.batch(batchId ?? ""),
    enabled: batchId !== null,
  });
  const confirm = (typed: string) => {
    const decided = review && decisionOf(review, draft, typed);
    if (!decided) return;
    void walk.confirm(decided, floorOf(draft)).then(() => setDialog(false));
  };
  const lacking = review ? missingOf(review, draft)[0] : undefined;
  const settled = review === null || sharedQuestions(review).length === 0;
  return (
    <>
      <ol className="stages" aria-label={t.wizard.stagesLabel}>
        {STAGES.map((one) => (
          <li key={one} className={STAGES.indexOf(one) < STAGES.indexOf(stage) ? "past" : ""} aria-current={one === stage ? "step" : undefined}>
            {one === "plan" ? t.batches.planStage : t.wizard.stages[one]}
          </li>
        ))}
      </ol>
      <div className="wizard-body whole">
        <section className="wizard-main" data-stage={stage} data-testid="batch-stage">
          {problem && !dialog && <ProblemCard problem={problem} />}
          {stage === "plan" && !plan && !problem && <LoadingState label={t.batches.planning} />}
          {stage === "plan" && plan && (
            <PlanStage plan={plan} busy={busy} onReview={(one) => void walk.reviewNow(one)} onSingle={(ask) => openWizard({ ask })} />
          )}
          {stage === "review" && review && <BatchReviewStage review={review} />}
          {stage === "settle" && review && <BatchSettle key={walk.turn} review={review} busy={busy} onSettle={(answers) => void walk.settle(answers)} />}
          {stage === "decide" && review && (
            <DecideStage channels={review.channels} notes={review.channel_notes} confirmations={confirmationsOf(review)} draft={draft} onDraft={setDraft}>
              <FloorFields draft={draft} currency={review.currency} onDraft={setDraft} />
            </DecideStage>
          )}
          {stage === "act" && batch.isError && <ProblemCard problem={problemOf(batch.error)} />}
          {stage === "act" && batch.data && <RunStage batch={batch.data} onMoved={() => void batch.refetch()} />}
        </section>
      </div>
      <footer className="wizard-foot">
        <Button data-testid="wizard-close" onClick={closeWizard}>
          {t.wizard.close}
        </Button>
        <div className="wizard-forward">
          {stage === "decide" && lacking && (
            <span className="muted small" data-testid="wizard-missing">
              {t.wizard.missing[lacking]}
            </span>
          )}
          {stage !== "plan" && stage !== "act" && (
            <Button disabled={busy} onClick={() => walk.setStage(stage === "decide" ? "review" : stage === "settle" ? "review" : "plan")}>
              {t.wizard.back}
            </Button>
          )}
          {stage === "review" && (
            <Button look="primary" tall disabled={busy} data-testid="wizard-next" onClick={() => walk.setStage(settled ? "decide" : "settle")}>
              {t.wizard.next}
            </Button>
          )}
          {stage === "settle" && settled && (
            <Button look="primary" tall disabled={busy} data-testid="wizard-next" onClick={() => walk.setStage("decide")}>
              {t.wizard.next}
            </Button>
          )}
          {stage === "decide" && (
            <Button look="primary" tall disabled={busy || lacking !== undefined} data-testid="wizard-next" onClick={() => setDialog(true)}>
              {t.wizard.unsubscribeNow}
            </Button>
          )}
          {stage === "act" && walk.selection.length > 0 && (
            <Button look={(batch.data?.waiting ?? 0) > 0 ? "plain" : "primary"} tall data-testid="plan-again" onClick={() => void walk.planNow()}>
              {t.batches.planAgain}
            </Button>
          )}
        </div>
      </footer>
      {dialog && review && (
        <ConfirmDialog
          title={t.batches.selection}
          about={t.batches.items({ count: review.items.length })}
          least={review.total}
          most={review.total_max}
          currency={review.currency}
          typeAmount={review.type_total}
          problem={problem}
          busy={busy}
          ready={(typed) => decisionOf(review, draft, typed) !== null}
          onConfirm={confirm}
          onCancel={() => setDialog(false)}
        />
      )}
    </>
  );
}

/** Every step goes through the desk; a step that fails is told and leaves everything as it was. */
function useBatchWalk(task: ManyTask) {
  const { backend } = useDesk();
  const client = useQueryClient();
  const selection: Ask[] = "plan" in task ? task.plan : [];
  const [stage, setStage] = useState<Stage>("plan" in task ? "plan" : "act");
  const [plan, setPlan] = useState<Awaited<ReturnType<typeof backend.plan>> | null>(null);
  const [review, setReview] = useState<BatchReview | null>(null);
  const [batchId, setBatchId] = useState<string | null>("batch" in task ? task.batch : null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, setTurn] = useState(0);

  const run = async <T,>(act: () => Promise<T>, done: (result: T) => void): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      done(await act());
      setTurn((old) => old + 1);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    } finally {
      setBusy(false);
      await readAgain(client, EVERYTHING);
    }
  };
  const planNow = () =>
    run(
      () => backend.plan(selection),
      (made) => {
        setPlan(made);
        setReview(null);
        setBatchId(null);
        setStage("plan");
      },
    );
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || !("plan" in task)) return;
    begun.current = true;
    void planNow();
  });
  const reviewNow = (batch: PlannedBatch) =>
    run(
      () => backend.reviewBatch(batch.items.map((item) => ({ customer: batch.customer, resource: item.resource, action: batch.action, expires: item.expires }))),
      (made) => {
        setReview(made);
        setStage("review");
      },
    );
  const settle = (answers: Parameters<typeof backend.settleBatch>[1]) =>
    run(
      () => backend.settleBatch(review?.items.map((item) => item.request) ?? [], answers),
      (made) => {
        setReview(made);
        // What the answers forbid is told before anything is decided.
        setStage(made.refused.length > 0 ? "review" : sharedQuestions(made).length > 0 ? "settle" : "decide");
      },
    );
  const confirm = (decided: Parameters<typeof backend.confirmBatch>[0], floor: Floor | null) =>
    run(
      () => (floor === null ? backend.confirmBatch(decided) : backend.confirmBatchWithFloor(decided, floor)),
      (made) => {
        setBatchId(made.id);
        setStage("act");
      },
    );
  return { selection, stage, setStage, plan, review, batchId, busy, problem, turn, planNow, reviewNow, settle, confirm };
}
