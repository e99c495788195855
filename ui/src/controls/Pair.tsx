import type { ReactNode } from "react";

/** A line of a list of pairs: what it is, and its value. What is of less weight is set lighter. */
export function Pair(props: { name: string; muted?: boolean; copyable?: boolean; children: ReactNode }) {
  return (
    <div>
      <dt className={props.muted ? "muted" : undefined}>{props.name}</dt>
      <dd className={props.copyable ? "copyable break" : undefined}>{props.children}</dd>
    </div>
  );
}
