// Light or dark: the system's, unless the manager chose. The style sheet knows `data-theme` alone, so that a choice holds against
// the system.

import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEMES)[number];

/** A screen setting: kept by the web view and known before any home is open. */
const KEPT = "refund-desk.theme";

let choice: ThemeChoice = "system";
const listeners = new Set<() => void>();
const dark = () => window.matchMedia?.("(prefers-color-scheme: dark)");

/** Shows the chosen theme from now on, and follows the system where it was left to it. To be called before anything is shown. */
export function followTheme(): void {
  const kept = localStorage.getItem(KEPT);
  choice = THEMES.find((one) => one === kept) ?? "system";
  dark()?.addEventListener("change", show);
  show();
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  localStorage.setItem(KEPT, next);
  show();
  for (const listener of listeners) listener();
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => choice,
  );
}

function show(): void {
  const shown = choice === "system" ? (dark()?.matches ? "dark" : "light") : choice;
  document.documentElement.dataset.theme = shown;
}
