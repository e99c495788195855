import { useId, useState } from "react";
import { t } from "../text/text";

/** A field for what nobody should read over a shoulder; it can be shown while it is typed. */
export function SecretLine(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string | undefined;
  wrong?: boolean;
  autoFocus?: boolean;
  testId?: string;
}) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <span className="secret">
        <input
          id={id}
          className="input"
          type={shown ? "text" : "password"}
          value={props.value}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={props.wrong ?? false}
          aria-describedby={props.hint ? `${id}-hint` : undefined}
          autoFocus={props.autoFocus}
          data-testid={props.testId}
          onChange={(event) => props.onChange(event.target.value)}
        />
        <button type="button" className="button quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? t.entry.hide : t.entry.show}
        </button>
      </span>
      {props.hint && (
        <span id={`${id}-hint`} className={props.wrong ? "hint wrong" : "hint"}>
          {props.hint}
        </span>
      )}
    </div>
  );
}
