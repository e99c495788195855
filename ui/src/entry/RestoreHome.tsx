import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Backend, type BackupView, type Key, problemOf, type RestoredView } from "../backend/backend";
import { Button, ProblemCard, TextLine } from "../controls/controls";
import { SecretLine } from "../controls/SecretLine";
import { megabytes } from "../figures/size";
import { formatInstant } from "../figures/time";
import { t } from "../text/text";

/** Makes the home of real customers of a backup: which one, what it holds, and what opens it. */
export function RestoreHome(props: { backend: Backend; onRestored: (restored: RestoredView) => void; onBack: () => void }) {
  const { backend } = props;
  const [path, setPath] = useState("");
  const look = useMutation({ mutationFn: (folder: string) => backend.backupAt(folder) });
  const choose = async () => {
    const chosen = await backend.chooseBackup(t.backup.chooseTitle);
    if (chosen === null) return;
    setPath(chosen);
    look.mutate(chosen);
  };
  const change = (next: string) => {
    setPath(next);
    look.reset();
  };
  return (
    <main className="entry" data-testid="restore-home">
      <div className="entry-sheet narrow">
        <div className="entry-lead">
          <h1>{t.backup.restoreTitle}</h1>
          <p className="muted">{t.backup.restoreText}</p>
        </div>
        <div className="backup-line">
          <TextLine label={t.backup.folder} value={path} onChange={change} testId="backup-path" autoFocus />
          <Button onClick={() => void choose()} data-testid="backup-choose">
            {t.import.choose}
          </Button>
        </div>
        {look.isError && <ProblemCard problem={problemOf(look.error)} />}
        {look.data ? (
          <Unlock backend={backend} path={path} backup={look.data} onRestored={props.onRestored} onBack={props.onBack} />
        ) : (
          <div className="entry-acts">
            <Button look="primary" disabled={path.trim() === "" || look.isPending} data-testid="backup-look" onClick={() => look.mutate(path)}>
              {look.isPending ? t.import.looking : t.import.preview}
            </Button>
            <span className="grow" />
            <Button look="quiet" onClick={props.onBack}>
              {t.entry.back}
            </Button>
          </div>
        )}
      </div>
    </main>
  );
}

/** The backup that was found, and what opens it. */
function Unlock(props: { backend: Backend; path: string; backup: BackupView; onRestored: (restored: RestoredView) => void; onBack: () => void }) {
  const { backend, backup } = props;
  const [by, setBy] = useState<Exclude<Key, "keyring">>("passphrase");
  const [secret, setSecret] = useState("");
  const restore = useMutation({ mutationFn: () => backend.restoreHome(props.path, by, secret), onSuccess: props.onRestored });
  const byCode = by === "recovery_code";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (secret !== "" && !restore.isPending) restore.mutate();
  };
  return (
    <form className="entry-form" onSubmit={submit}>
      <p data-testid="backup-found">
        {t.backup.found({ when: formatInstant(backup.made_at), entries: backup.entries, size: megabytes(backup.bytes) })}
      </p>
      {byCode ? (
        <TextLine label={t.entry.code} hint={t.entry.codeHint} value={secret} onChange={setSecret} testId="backup-code" />
      ) : (
        <SecretLine label={t.entry.passphrase} hint={t.backup.passphraseHint} value={secret} onChange={setSecret} testId="backup-passphrase" />
      )}
      {restore.isError && <ProblemCard problem={problemOf(restore.error)} />}
      <div className="entry-acts">
        <Button type="submit" look="primary" disabled={secret === "" || restore.isPending} data-testid="backup-restore">
          {restore.isPending ? t.backup.restoring : t.backup.restore}
        </Button>
        <span className="grow" />
        <Button look="quiet" disabled={restore.isPending} onClick={props.onBack}>
          {t.entry.back}
        </Button>
      </div>
      <div className="entry-foot">
        <button
          type="button"
          className="link"
          data-testid="backup-by"
          onClick={() => {
            setBy(byCode ? "passphrase" : "recovery_code");
            setSecret("");
          }}
        >
          {byCode ? t.entry.byPassphrase : t.entry.byCode}
        </button>
      </div>
    </form>
  );
}

/** A restored home is the desk of an earlier day: said before it is seen. */
export function Restored(props: { restored: RestoredView; onGoOn: () => void }) {
  const { backup, to_review } = props.restored;
  return (
    <main className="entry" data-testid="restored">
      <div className="entry-sheet narrow">
        <div className="entry-lead">
          <h1>{t.backup.restored}</h1>
          <p>{t.backup.restoredText({ when: formatInstant(backup.made_at) })}</p>
          {to_review > 0 && (
            <p className="risk" data-testid="restored-to-review">
              {t.backup.toReview({ count: to_review })}
            </p>
          )}
        </div>
        <div className="entry-acts">
          <Button look="primary" data-testid="restored-go-on" onClick={props.onGoOn}>
            {t.entry.goOn}
          </Button>
        </div>
      </div>
    </main>
  );
}
