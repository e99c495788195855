// Text that somebody else wrote: names of customers, notes, headers and cells of files. The page shows it as text, and it says nothing
// of how the rest is shown: marks that turn the writing direction are left out, and what cannot be seen is made visible.

/** Letters that are written from the right: beside them, figures and stops change their places unless they are kept apart. */
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** Embeddings, overrides and isolates: any of them may hold until the end of the line. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Control characters, and those that end a line by stealth; a note may have lines and tabs. */
const UNSEEN = /(?![\n\t])[\p{Cc}\u2028\u2029]/gu;

/** As it is shown. */
export function foreign(text: string): string {
  return text.replace(TURNS, "").replace(UNSEEN, "\ufffd");
}

/** As it is shown within a sentence: what is written from the right is kept apart from the rest. */
export function foreignWithin(text: string): string {
  const shown = foreign(text);
  return FROM_THE_RIGHT.test(shown) ? `\u2068${shown}\u2069` : shown;
}
