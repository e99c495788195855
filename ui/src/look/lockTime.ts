// After how many minutes without anybody the home locks itself. A setting of this machine's screen.

import { useSyncExternalStore } from "react";

/** What can be chosen; null is never. */
export const LOCK_MINUTES: readonly (number | null)[] = [1, 5, 15, 60, null];

const KEPT = "refund-desk.lock-minutes";
const USUAL = 15;

const listeners = new Set<() => void>();

export function lockMinutes(): number | null {
  const kept = localStorage.getItem(KEPT);
  if (kept === "never") return null;
  return LOCK_MINUTES.find((one) => one !== null && String(one) === kept) ?? USUAL;
}

export function chooseLockMinutes(minutes: number | null): void {
  localStorage.setItem(KEPT, minutes === null ? "never" : String(minutes));
  for (const listener of listeners) listener();
}

export function useLockMinutes(): number | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, lockMinutes);
}
