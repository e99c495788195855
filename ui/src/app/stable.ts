import { useCallback, useRef } from "react";

/** A function that stays the same one and always does what the newest one does. */
export function useStable<Arguments extends unknown[]>(act: (...args: Arguments) => void): (...args: Arguments) => void {
  const latest = useRef(act);
  latest.current = act;
  return useCallback((...args: Arguments) => latest.current(...args), []);
}
