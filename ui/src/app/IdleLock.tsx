import { useEffect } from "react";
import { useLockMinutes } from "../look/lockTime";
import { useDesk } from "./desk";

/** How often it is looked whether the time is over. */
const LOOK_MS = 5_000;

const ACTIVITY = ["pointermove", "pointerdown", "keydown", "wheel"] as const;

/** Locks the home when nobody has done anything for the chosen time. The item under way finishes first: the desk sees to that. */
export function IdleLock() {
  const { backend } = useDesk();
  const minutes = useLockMinutes();
  useEffect(() => {
    if (minutes === null) return;
    let last = Date.now();
    const active = () => {
      last = Date.now();
    };
    for (const kind of ACTIVITY) window.addEventListener(kind, active, { passive: true });
    const look = setInterval(() => {
      if (Date.now() - last >= minutes * 60_000) void backend.lockHome().catch(() => undefined);
    }, LOOK_MS);
    return () => {
      for (const kind of ACTIVITY) window.removeEventListener(kind, active);
      clearInterval(look);
    };
  }, [backend, minutes]);
  return null;
}
