import { Fragment } from "react";
import { foreign } from "../text/foreign";

/** Text that somebody else wrote, shown as it is; how it is written ends with it. */
export function Foreign(props: { children: string }) {
  return <bdi>{foreign(props.children)}</bdi>;
}

/** Words beside each other, each kept apart from the others; what is empty is left out. */
export function Joined(props: { parts: readonly (string | null | undefined | false)[] }) {
  return props.parts
    .filter((part) => typeof part === "string" && part !== "")
    .map((part, index) => (
      <Fragment key={index}>
        {index > 0 && " · "}
        <Foreign>{part as string}</Foreign>
      </Fragment>
    ));
}
