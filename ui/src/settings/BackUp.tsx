import { problemOf } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Button, ProblemCard } from "../controls/controls";
import { megabytes } from "../figures/size";
import { t } from "../text/text";
import { Setting } from "./Part";

/** Copies the home elsewhere: what is in the copy, what opens it, and how it becomes a home again. */
export function BackUp() {
  const { backend } = useDesk();
  const copy = useAct(() => backend.backUpHome(t.backup.saveTitle), { writes: ["status"], quiet: true });
  return (
    <Setting title={t.backup.title} text={t.backup.text}>
      <p className="small">{t.backup.holds}</p>
      <p className="small">{t.backup.opens}</p>
      <p className="small">{t.backup.again}</p>
      {copy.isError && <ProblemCard problem={problemOf(copy.error)} />}
      {copy.data && (
        <p className="returns break" role="status" data-testid="backup-made" data-folder={copy.data.folder}>
          {t.backup.made({ folder: copy.data.folder, entries: copy.data.entries, size: megabytes(copy.data.bytes) })}
        </p>
      )}
      <Button disabled={copy.isPending} aria-busy={copy.isPending} data-testid="back-up" onClick={() => copy.mutate(undefined)}>
        {copy.isPending ? t.backup.making : t.backup.act}
      </Button>
    </Setting>
  );
}
