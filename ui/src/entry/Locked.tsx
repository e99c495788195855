import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Backend, type HomeView, type Key, type Problem, problemOf } from "../backend/backend";
import { Button, LoadingState, ProblemCard, TextLine } from "../controls/controls";
import { SecretLine } from "../controls/SecretLine";
import { LanguageLine } from "../look/LanguageLine";
import { t } from "../text/text";

/** Reasons that say nothing but that the home is locked. */
const EXPECTED = ["passphrase_needed", "keyring_needed", "home_locked"];

/** A home that is not open: what opens it, and why it did not open by itself. */
export function Locked(props: { backend: Backend; home: HomeView }) {
  const { backend, home } = props;
  const [by, setBy] = useState<Exclude<Key, "keyring">>("passphrase");
  const [secret, setSecret] = useState("");
  const unlock = useMutation({
    mutationFn: (key: Key) => backend.unlockHome(key, key === "keyring" ? "" : secret),
    onSuccess: () => setSecret(""),
  });
  const sandbox = useMutation({ mutationFn: () => backend.openSandbox() });
  if (home.state === "locking") {
    return (
      <main className="entry" data-testid="locking">
        <div className="entry-sheet narrow">
          <h1>{t.entry.locking}</h1>
          <p className="muted">{t.entry.lockingText}</p>
          <LoadingState label={t.entry.locking} />
        </div>
      </main>
    );
  }
  const needsCode = by === "recovery_code" || !home.passphrase;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    unlock.mutate(needsCode ? "recovery_code" : "passphrase");
  };
  const problem = problemToShow(unlock.isError ? problemOf(unlock.error) : home.problem);
  const failed = sandbox.isError ? problemOf(sandbox.error) : problem;
  const busy = unlock.isPending || sandbox.isPending;
  return (
    <main className="entry" data-testid="locked">
      <div className="entry-sheet narrow">
        <div className="entry-lead">
          <h1>{t.entry.locked}</h1>
          <p className="small muted break">{home.dir}</p>
        </div>
        <form className="entry-form" onSubmit={submit}>
          {needsCode ? (
            <TextLine label={t.entry.code} hint={t.entry.codeHint} value={secret} onChange={setSecret} testId="unlock-code" autoFocus />
          ) : (
            <SecretLine label={t.entry.passphrase} value={secret} onChange={setSecret} testId="unlock-passphrase" autoFocus />
          )}
          {failed && <ProblemCard problem={failed} />}
          <div className="entry-acts">
            <Button type="submit" look="primary" disabled={secret === "" || busy} data-testid="unlock">
              {unlock.isPending ? t.entry.unlocking : t.entry.unlock}
            </Button>
            {home.keyring && (
              <Button disabled={busy} data-testid="unlock-keyring" onClick={() => unlock.mutate("keyring")}>
                {t.entry.unlockKeyring}
              </Button>
            )}
          </div>
        </form>
        <div className="entry-foot">
          {home.passphrase && (
            <button type="button" className="link" data-testid="unlock-by" onClick={() => setBy(needsCode ? "passphrase" : "recovery_code")}>
              {needsCode ? t.entry.byPassphrase : t.entry.byCode}
            </button>
          )}
          <button type="button" className="link" disabled={busy} data-testid="unlock-sandbox" onClick={() => sandbox.mutate()}>
            {t.entry.openSandbox}
          </button>
        </div>
        <LanguageLine />
      </div>
    </main>
  );
}

function problemToShow(problem: Problem | null): Problem | null {
  return problem === null || EXPECTED.includes(problem.code) ? null : problem;
}
