// How much room a list has, in the steps that its columns know.

import { type RefObject, useLayoutEffect, useState } from "react";
import type { Needs } from "./LedgerTable";

/** Narrowest list in px for a column that needs so much. */
const LEAST: Record<Needs, number> = { small: 560, medium: 720, wide: 980 };

const STEPS: readonly Needs[] = ["small", "medium", "wide"];

/** How many of the steps fit into a list of this width. */
export const roomOf = (width: number): number => STEPS.filter((needs) => width >= LEAST[needs]).length;

/** Whether a column is shown where there is so much room. */
export const fits = (needs: Needs | undefined, room: number): boolean => needs === undefined || STEPS.indexOf(needs) < room;

/** The room of a list, known before it is painted. Columns that do not fit are not made: a hidden cell costs as much as a shown one. */
export function useRoom(list: RefObject<HTMLElement | null>): number {
  const [room, setRoom] = useState(STEPS.length);
  useLayoutEffect(() => {
    // Where nothing is laid out there is nothing to measure either.
    if (list.current === null || typeof ResizeObserver === "undefined") return;
    setRoom(roomOf(list.current.getBoundingClientRect().width));
    const watch = new ResizeObserver(([seen]) => seen && setRoom(roomOf(seen.contentRect.width)));
    watch.observe(list.current);
    return () => watch.disconnect();
  }, [list]);
  return room;
}
