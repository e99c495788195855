import { useMutation } from "@tanstack/react-query";
import { type Backend, problemOf } from "../backend/backend";
import { Button, ProblemCard } from "../controls/controls";
import { LanguageLine } from "../look/LanguageLine";
import { t } from "../text/text";
import type { Purpose } from "./Gate";

/** What an installed desk offers when there is no home yet. */
export function FirstStart(props: { backend: Backend; onMake: (purpose: Purpose) => void; onRestore: () => void }) {
  const sandbox = useMutation({ mutationFn: () => props.backend.openSandbox() });
  return (
    <main className="entry" data-testid="first-start">
      <div className="entry-sheet">
        <div className="entry-lead">
          <h1>{t.entry.welcome}</h1>
          <p className="muted">{t.entry.welcomeText}</p>
        </div>
        <div className="entry-ways">
          <Way title={t.entry.sandbox} text={t.entry.sandboxText}>
            <Button look="primary" disabled={sandbox.isPending} data-testid="start-sandbox" onClick={() => sandbox.mutate()}>
              {sandbox.isPending ? t.entry.sandboxMaking : t.entry.sandboxAct}
            </Button>
          </Way>
          <Way title={t.entry.connect} text={t.entry.connectText}>
            <Button disabled={sandbox.isPending} data-testid="start-connect" onClick={() => props.onMake("connect")}>
              {t.entry.connectAct}
            </Button>
          </Way>
          <Way title={t.entry.import} text={t.entry.importText}>
            <Button disabled={sandbox.isPending} data-testid="start-import" onClick={() => props.onMake("import")}>
              {t.entry.importAct}
            </Button>
          </Way>
          <Way title={t.backup.open} text={t.backup.openText}>
            <Button disabled={sandbox.isPending} data-testid="start-restore" onClick={props.onRestore}>
              {t.backup.openAct}
            </Button>
          </Way>
        </div>
        {sandbox.isError && <ProblemCard problem={problemOf(sandbox.error)} />}
        <LanguageLine />
      </div>
    </main>
  );
}

function Way(props: { title: string; text: string; children: React.ReactNode }) {
  return (
    <div className="entry-way">
      <div>
        <h2>{props.title}</h2>
        <p className="muted">{props.text}</p>
      </div>
      {props.children}
    </div>
  );
}
