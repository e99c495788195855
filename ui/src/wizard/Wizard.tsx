import "./wizard.css";
import { useEffect, useRef, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useDesk, useNow, useRequests, type SingleTask, type WizardTask } from "../app/desk";
import { BatchWizard } from "../batches/BatchWizard";
import { Button, LoadingState, ProblemCard } from "../controls/controls";
import { isOffline } from "../controls/Offline";
import { t } from "../text/text";
import { ActStage } from "./ActStage";
import { ConfirmDialog } from "./ConfirmDialog";
import { DecideStage } from "./DecideStage";
import { DoneStage } from "./DoneStage";
import { Forward } from "./Forward";
import { FloorFields } from "./FloorFields";
import { type Draft, decision, EMPTY_DRAFT, floorOf, missing, noneApplies, openQuestions } from "./gate";
import { ReviewStage } from "./ReviewStage";
import { SettleStage } from "./SettleStage";
import { askOf, newer, type Stage, stageOf } from "./stage";
import { Summary } from "./Summary";
import { useWalk } from "./walk";

/** Walks the manager through one unsubscription, from the review to the report. It can be left and taken up again at any stage. */
export function Wizard(props: { task: WizardTask }) {
  if ("plan" in props.task || "batch" in props.task) return <BatchWizard task={props.task} />;
  return <SingleWizard task={props.task} />;
}

function SingleWizard(props: { task: SingleTask }) {
  const { closeWizard } = useDesk();
  const action = "ask" in props.task ? props.task.ask.action : props.task.request.action;
  return (
    <ModalOverlay className="veil" isOpen onOpenChange={(open) => !open && closeWizard()}>
      <Modal className="wizard-frame">
        <Dialog className="wizard" data-testid="wizard">
          <Heading slot="title" className="wizard-title">
            {t.wizard.titles[action] ?? t.action[action]}
          </Heading>
          <Walk task={props.task} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Walk(props: { task: SingleTask }) {
  const { backend, closeWizard } = useDesk();
  const now = useNow() ?? "";
  const walk = useWalk(props.task);
  const { review, stage, busy, problem } = walk;
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  // Once there was something to settle, that stage stays in the list of stages.
  const [asked, setAsked] = useState(false);
  if (!asked && review && openQuestions(review).length > 0) setAsked(true);
  const [dialog, setDialog] = useState(false);

  // One review for one opening: a review is written down, so it must not be made twice.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    if ("ask" in props.task) void walk.reviewNow(props.task.ask);
    else if (stageOf(props.task.request) === "review") void walk.reviewNow(askOf(props.task.request));
  });
  // A new review is a new decision: nothing is ticked or written yet. The usual channel comes first and is chosen beforehand.
  useEffect(() => {
    setDraft({ ...EMPTY_DRAFT, channel: review?.channels[0] ?? null });
  }, [review]);
  // Each review is confirmed by itself: what was ticked under an earlier one was ticked for another number.
  useEffect(() => {
    setDraft((old) => ({ ...old, amountRead: false, dataBackedUp: false }));
  }, [review]);

  const requests = useRequests(walk.request?.customer ?? null);
  const request = walk.request && newer(walk.request, requests.data?.find((one) => one.id === walk.request?.id));
  // A sync may move the request on while the wizard is open.
  const shown: Stage = request && (stage === "act" || stage === "done") ? stageOf(request) : stage;

  if (!request && !review) {
    return (
      <>
        <div className="wizard-body single">
          {problem ? <ProblemCard problem={problem} /> : <LoadingState label={t.wizard.loading} />}
        </div>
        <footer className="wizard-foot">
          <Button data-testid="wizard-close" onClick={closeWizard}>
            {t.wizard.close}
          </Button>
        </footer>
      </>
    );
  }

  const confirm = (typed: string) => {
    const decided = review && decision(review, draft, typed, now);
    if (!review || !decided) return;
    const floor = floorOf(draft);
    const { id } = review.request;
    void walk.act(() => (floor === null ? backend.confirm(id, decided) : backend.confirmWithFloor(id, decided, floor))).then(() => setDialog(false));
  };
  const lacking = review ? missing(review, draft, now) : [];
  // A move that failed may have left its problem with the request: it is shown once.
  const here = problem && request?.problem?.code === problem.code && shown === "act" ? null : problem;
  return (
    <>
      <StageList stage={shown} withSettle={asked} />
      <div className="wizard-body">
        <section className="wizard-main" data-stage={shown}>
          {here && !dialog && <ProblemCard problem={here} />}
          {shown === "review" && review && <ReviewStage review={review} />}
          {shown === "settle" && review && <SettleStage questions={review.questions} busy={busy} onSettle={(answers) => void walk.settle(answers)} />}
          {shown === "decide" && review && (
            <DecideStage
              channels={review.channels}
              notes={review.channel_notes}
              confirmations={review.quote.quote.confirmations}
              draft={draft}
              onDraft={setDraft}
            >
              <FloorFields draft={draft} currency={review.quote.quote.currency ?? ""} onDraft={setDraft} />
            </DecideStage>
          )}
          {shown === "act" && request && (
            <ActStage
              request={request}
              busy={busy}
              onAct={(move) => void walk.act(move)}
              onReviewAgain={() => void walk.reviewNow(askOf(request))}
              unreached={isOffline(problem?.code)}
            />
          )}
          {shown === "done" && request && <DoneStage request={request} />}
        </section>
        <Summary review={review} request={request} />
      </div>
      <footer className="wizard-foot">
        <Button data-testid="wizard-close" onClick={closeWizard}>
          {t.wizard.close}
        </Button>
        <Forward
          stage={shown}
          review={review}
          lacking={lacking}
          busy={busy}
          onStage={walk.setStage}
          onNoneApplies={() => review && void walk.settle(noneApplies(review, t.wizard.settleSource))}
          onDecide={() => setDialog(true)}
          onReviewAgain={() => request && void walk.reviewNow(askOf(request))}
        />
      </footer>
      {dialog && review && (
        <ConfirmDialog
          title={t.wizard.resource}
          about={review.request.resource}
          least={review.quote.quote.refund}
          most={review.quote.quote.refund_max}
          currency={review.quote.quote.currency}
          typeAmount={review.type_amount}
          problem={problem}
          busy={busy}
          ready={(typed) => decision(review, draft, typed, now) !== null}
          onConfirm={confirm}
          onCancel={() => setDialog(false)}
        />
      )}
    </>
  );
}

function StageList(props: { stage: Stage; withSettle: boolean }) {
  const all: Stage[] = props.withSettle ? ["review", "settle", "decide", "act", "done"] : ["review", "decide", "act", "done"];
  const at = all.indexOf(props.stage);
  return (
    <ol className="stages" aria-label={t.wizard.stagesLabel}>
      {all.map((stage, index) => (
        <li key={stage} className={index < at ? "past" : ""} aria-current={index === at ? "step" : undefined}>
          {t.wizard.stages[stage]}
        </li>
      ))}
    </ol>
  );
}
