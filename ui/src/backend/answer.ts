// What the generated calls answer, as promises that reject with a `DeskProblem`.

import { DeskProblem, problemOf, type Problem } from "./backend";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Problem };

export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (thrown) {
    throw new DeskProblem(problemOf(thrown));
  }
  if (settled.status === "error") throw new DeskProblem(settled.error);
  return settled.data;
}

/** Listening starts asynchronously; a stop that comes earlier still takes effect. */
export function stopper(started: Promise<() => void>): () => void {
  return () => void started.then((stop) => stop());
}
