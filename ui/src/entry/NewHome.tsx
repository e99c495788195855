import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Backend, problemOf } from "../backend/backend";
import { Button, ProblemCard } from "../controls/controls";
import { SecretLine } from "../controls/SecretLine";
import { t } from "../text/text";

/** The store asks for as much; it is the judge. */
const PASSPHRASE_MIN = 8;

/** Makes the home of real customers: under a passphrase, or with its key in the system's keyring. */
export function NewHome(props: { backend: Backend; onMade: (code: string | null) => void; onRestore: () => void; onBack: () => void }) {
  const [first, setFirst] = useState("");
  const [again, setAgain] = useState("");
  const make = useMutation({
    mutationFn: (passphrase: string | null) => props.backend.createHome(passphrase),
    onSuccess: props.onMade,
  });
  const differ = again !== "" && first !== again;
  const ready = first.length >= PASSPHRASE_MIN && first === again && !make.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) make.mutate(first);
  };
  return (
    <main className="entry" data-testid="new-home">
      <div className="entry-sheet narrow">
        <div className="entry-lead">
          <h1>{t.entry.newHome}</h1>
          <p className="muted">{t.entry.newHomeText}</p>
        </div>
        <form className="entry-form" onSubmit={submit}>
          <SecretLine label={t.entry.passphrase} hint={t.entry.passphraseHint} value={first} onChange={setFirst} testId="passphrase-new" autoFocus />
          <SecretLine
            label={t.entry.passphraseAgain}
            hint={differ ? t.entry.passphrasesDiffer : undefined}
            wrong={differ}
            value={again}
            onChange={setAgain}
            testId="passphrase-again"
          />
          {make.isError && <ProblemCard problem={problemOf(make.error)} />}
          <div className="entry-acts">
            <Button type="submit" look="primary" disabled={!ready} data-testid="home-make">
              {make.isPending ? t.entry.making : t.entry.make}
            </Button>
            <Button disabled={make.isPending} data-testid="home-make-keyring" onClick={() => make.mutate(null)}>
              {t.entry.makeKeyring}
            </Button>
            <span className="grow" />
            <Button look="quiet" disabled={make.isPending} onClick={props.onBack}>
              {t.entry.back}
            </Button>
          </div>
        </form>
        <div className="entry-foot">
          <button type="button" className="link" disabled={make.isPending} data-testid="home-restore" onClick={props.onRestore}>
            {t.backup.openInstead}
          </button>
        </div>
      </div>
    </main>
  );
}
