import { useCallback, useEffect, useRef, useState } from "react";

/** A function that stays the same one and always does what the newest one does. */
export function useStable<Arguments extends unknown[]>(act: (...args: Arguments) => void): (...args: Arguments) => void {
  const latest = useRef(act);
  latest.current = act;
  return useCallback((...args: Arguments) => latest.current(...args), []);
}

/** Typing rests after so long: shorter than the pause before one looks up, longer than that between two letters. */
const REST_MS = 120;

/** What a value was when it last rested. An emptied text is taken at once. */
export function useResting(value: string): string {
  const [rested, setRested] = useState(value);
  const now = value === "" ? value : rested;
  useEffect(() => {
    const waiting = setTimeout(() => setRested(value), value === "" ? 0 : REST_MS);
    return () => clearTimeout(waiting);
  }, [value]);
  return now;
}
