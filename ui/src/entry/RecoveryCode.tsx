import { useState } from "react";
import { Button, Tick } from "../controls/controls";
import { t } from "../text/text";

/** The recovery code of a new home: this is the only time that it is shown. */
export function RecoveryCode(props: { code: string; onKept: () => void }) {
  const [kept, setKept] = useState(false);
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(props.code).then(() => setCopied(true), () => setCopied(false));
  return (
    <main className="entry" data-testid="recovery">
      <div className="entry-sheet narrow">
        <div className="entry-lead">
          <h1>{t.entry.code}</h1>
          <p className="muted">{t.entry.codeText}</p>
        </div>
        <p className="entry-code copyable" data-testid="recovery-code">
          {props.code}
        </p>
        <Tick selected={kept} onChange={setKept} testId="recovery-kept">
          {t.entry.codeKept}
        </Tick>
        <div className="entry-acts">
          <Button look="primary" disabled={!kept} data-testid="recovery-go-on" onClick={props.onKept}>
            {t.entry.goOn}
          </Button>
          <Button onClick={copy}>{copied ? t.wizard.copied : t.wizard.copy}</Button>
        </div>
      </div>
    </main>
  );
}
