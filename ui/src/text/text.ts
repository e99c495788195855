// The texts of the window in the language it is shown in. `t` is a live binding: it is read while rendering (never kept in a
// constant or a memo), and the root renders everything again when the language changes, so that nothing on screen is lost.

import { useSyncExternalStore } from "react";
import { type Bound, bind } from "./bind";
import { en } from "./en";
import { zh } from "./zh";

/** The languages of the window. */
export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What the manager chose: a language, or the system's. */
export type LanguageChoice = Language | "system";

export type Text = Bound<typeof en>;

/** Names and order of dates, grouping of counts, plural rules. */
const LOCALES: Record<Language, string> = { en: "en-US", zh: "zh-CN" };
const TEXTS: Record<Language, Text> = { en: bind(en, LOCALES.en), zh: bind(zh, LOCALES.zh) as Text };

/** A screen setting, not a decision: it is kept by the web view and known before any home is open. */
const KEPT = "refund-desk.language";

let choice: LanguageChoice = keptChoice();
let shown: Language = resolved(choice);

/** The texts in the language that is shown now. */
export let t: Text = TEXTS[shown];

/** The language that is shown now. */
export const language = (): Language => shown;

/** The locale that dates, numbers and controls follow now. */
export const locale = (): string => LOCALES[shown];

/** What was chosen. */
export const languageChoice = (): LanguageChoice => choice;

/** Shows the window in another language at once, and keeps the choice. */
export function chooseLanguage(next: LanguageChoice): void {
  choice = next;
  localStorage.setItem(KEPT, next);
  show(resolved(next));
}

const listeners = new Set<() => void>();

function show(next: Language): void {
  shown = next;
  t = TEXTS[next];
  document.documentElement.lang = locale();
  for (const listener of listeners) listener();
}

/** Renders again when the language changes. Called at the root, and by a component that is memoised. */
export function useLanguage(): Language {
  return useSyncExternalStore(listen, language);
}

/** The choice, for the place where it is changed. */
export function useLanguageChoice(): LanguageChoice {
  return useSyncExternalStore(listen, languageChoice);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function keptChoice(): LanguageChoice {
  const kept = localStorage.getItem(KEPT);
  return LANGUAGES.find((one) => one === kept) ?? "system";
}

/** The first of the system's languages that the window speaks. */
function resolved(chosen: LanguageChoice): Language {
  if (chosen !== "system") return chosen;
  const spoken = navigator.languages.map((tag) => LANGUAGES.find((one) => tag.toLowerCase().split("-")[0] === one));
  return spoken.find((one) => one !== undefined) ?? "en";
}

/** Follows the choice at the start and a change of the system's languages. */
export function followLanguage(): void {
  show(resolved(choice));
  window.addEventListener("languagechange", () => show(resolved(choice)));
}
