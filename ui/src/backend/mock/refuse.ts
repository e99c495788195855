import { DeskProblem, type Problem } from "../backend";

/** How the mock desk says no. */
export function refuse(problem: Problem): never {
  throw new DeskProblem(problem);
}
