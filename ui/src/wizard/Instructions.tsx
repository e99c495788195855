import { useState } from "react";
import type { RequestView } from "../backend/backend";
import { Button } from "../controls/controls";
import { t } from "../text/text";

/** The steps at the console, each id with a button that copies it. */
export function Instructions(props: { request: RequestView }) {
  const { instructions, resource } = props.request;
  if (instructions.length === 0) return <p className="muted">{t.wizard.instructionsNone}</p>;
  return (
    <ol className="instructions">
      {instructions.map((step, index) => (
        <li key={index}>
          <span className="copyable">{step}</span>
          {step.includes(resource) && <Copy text={resource} />}
        </li>
      ))}
    </ol>
  );
}

/** Puts a text on the clipboard, and says whether that went well. */
export function Copy(props: { text: string; label?: string }) {
  const [done, setDone] = useState<boolean | null>(null);
  const copy = () => {
    navigator.clipboard.writeText(props.text).then(
      () => setDone(true),
      () => setDone(false),
    );
  };
  const word = done === null ? (props.label ?? t.wizard.copy) : done ? t.wizard.copied : t.wizard.copyFailed;
  return (
    <Button look="quiet" aria-label={props.label ?? `${t.wizard.copy} ${props.text}`} onClick={copy}>
      {word}
    </Button>
  );
}
