import { useState } from "react";
import { problemOf } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Button, Mark, ProblemCard, TextLine } from "../controls/controls";
import { formatInstant } from "../figures/time";
import { t } from "../text/text";

/** Whether a statement or evidence pack in a file is the one that was written. */
export function Verify() {
  const { backend } = useDesk();
  const [path, setPath] = useState("");
  const verify = useAct((file: string) => backend.verifyReport(file), { writes: [], quiet: true });
  const choose = async () => {
    const chosen = await backend.chooseFile(t.reports.verify, ["pdf", "zip"]);
    if (chosen !== null) {
      setPath(chosen);
      verify.mutate(chosen);
    }
  };
  return (
    <section className="setting">
      <div>
        <h2>{t.reports.verify}</h2>
        <p className="small muted">{t.reports.verifyText}</p>
      </div>
      <div className="setting-value">
        <div className="import-file">
          <TextLine label={t.import.file} value={path} onChange={setPath} testId="verify-path" />
          <Button onClick={() => void choose()}>{t.import.choose}</Button>
          <Button disabled={path.trim() === "" || verify.isPending} data-testid="verify" onClick={() => verify.mutate(path)}>
            {t.reports.verifyAct}
          </Button>
        </div>
        {verify.isError && <ProblemCard problem={problemOf(verify.error)} />}
        {verify.data && (
          <div role="status" data-testid="verified">
            <p>
              <Mark meaning="returns">{t.reports.verified({ when: formatInstant(verify.data.written_at), entry: String(verify.data.journal_entry) })}</Mark>
            </p>
            <p className="small muted copyable break">{verify.data.sha256}</p>
          </div>
        )}
      </div>
    </section>
  );
}
