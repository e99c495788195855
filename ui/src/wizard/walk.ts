// The walk through one unsubscription: what is under decision, how far it has come, and what is being waited for.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Ask, type FactAnswer, type Problem, problemOf, type RequestView, type Review } from "../backend/backend";
import { EVERYTHING, readAgain, useDesk, type SingleTask } from "../app/desk";
import { openQuestions } from "./gate";
import { type Stage, stageOf } from "./stage";

/** Every step goes through the desk; a step that fails is told and leaves everything as it was. */
export function useWalk(task: SingleTask) {
  const { backend } = useDesk();
  const client = useQueryClient();
  const [review, setReview] = useState<Review | null>(null);
  const [request, setRequest] = useState<RequestView | null>("request" in task ? task.request : null);
  const [stage, setStage] = useState<Stage>("request" in task ? stageOf(task.request) : "review");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  /** Runs one act; a failure is shown in the wizard and leaves everything as it was. */
  const run = async <T,>(act: () => Promise<T>, done: (result: T) => void): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      done(await act());
    } catch (thrown) {
      setProblem(problemOf(thrown));
    } finally {
      setBusy(false);
      await readAgain(client, EVERYTHING);
    }
  };
  const reviewNow = (ask: Ask) =>
    run(
      () => backend.review(ask),
      (fresh) => {
        setReview(fresh);
        setRequest(fresh.request);
        setStage("review");
      },
    );
  const settle = (answers: FactAnswer[]) =>
    run(
      () => backend.settle(review?.request.id ?? "", answers),
      (fresh) => {
        setReview(fresh);
        setRequest(fresh.request);
        const { quote } = fresh.quote;
        if (!quote.eligible && !quote.releasable) setStage("review");
        else if (openQuestions(fresh).length === 0) setStage("decide");
      },
    );
  const act = (move: () => Promise<RequestView>) =>
    run(move, (moved) => {
      setRequest(moved);
      setStage(stageOf(moved));
    });
  return { review, request, stage, setStage, busy, problem, reviewNow, settle, act };
}
