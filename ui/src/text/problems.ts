// Problems in the window's language. The desk tells them in English, with particulars; in Chinese their code is looked up, and the
// desk's own sentence stands below. Where the terminal's next step is no step of the window, the window has its own.

import type { Problem } from "../backend/backend";
import { language } from "./text";
import { problems as zh } from "./zh/problems";

/** Next steps that the desk names as words of the command line. */
const IN_THE_WINDOW: Readonly<Record<string, string>> = {
  wrong_passphrase: "Type it again, or use the recovery code.",
  passphrase_needed: "Type the passphrase of this home.",
  unknown_customer: "Choose one of the customers on the left.",
  period_unknown: "Look it up at the console, and enter when the service period of the order begins and ends.",
  backup_missing: "Choose the folder that a backup was written into.",
  keyring_unavailable: "Use a passphrase instead.",
  keyring_locked: "Unlock the keyring of your session, or use the passphrase.",
};

/** A problem as it is shown; `detail` is what the code alone does not tell. */
export function told(problem: Problem): { message: string; next: string; detail: string | null } {
  if (language() === "en") {
    return { message: problem.message, next: IN_THE_WINDOW[problem.code] ?? problem.next, detail: null };
  }
  const known = zh[problem.code];
  if (!known) return { message: problem.message, next: problem.next, detail: null };
  return { message: known[0], next: known[1], detail: problem.message };
}
