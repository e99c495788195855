import { useState } from "react";
import { problemOf } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Mark, ProblemCard } from "../controls/controls";
import { FileLine } from "../controls/FileLine";
import { formatInstant } from "../figures/time";
import { t } from "../text/text";

/** Whether a statement or evidence pack in a file is the one that was written. */
export function Verify() {
  const { backend } = useDesk();
  const [path, setPath] = useState("");
  const verify = useAct((file: string) => backend.verifyReport(file), { writes: [], quiet: true });
  return (
    <section className="setting">
      <div>
        <h2>{t.reports.verify}</h2>
        <p className="small muted">{t.reports.verifyText}</p>
      </div>
      <div className="setting-value">
        <FileLine
          path={path}
          onPath={setPath}
          onChosen={(file) => verify.mutate(file)}
          title={t.reports.verify}
          endings={["pdf", "zip"]}
          testId="verify-path"
          act={t.reports.verifyAct}
          actId="verify"
          busy={verify.isPending}
          onAct={() => verify.mutate(path)}
        />
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
