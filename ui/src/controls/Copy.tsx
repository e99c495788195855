import { useState } from "react";
import { t } from "../text/text";
import { Button } from "./controls";

/** Copies a text, and says whether it did. */
export function Copy(props: { text: string; label?: string }) {
  const [done, setDone] = useState<"copied" | "failed" | null>(null);
  const copy = () => {
    navigator.clipboard.writeText(props.text).then(
      () => setDone("copied"),
      () => setDone("failed"),
    );
  };
  return (
    <Button look="quiet" onClick={copy}>
      {done === null ? (props.label ?? t.wizard.copy) : done === "copied" ? t.wizard.copied : t.wizard.copyFailed}
    </Button>
  );
}
