import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { problemOf, type WaysView } from "../backend/backend";
import { useAct, useDesk, useReadOnly, useStatus } from "../app/desk";
import { Button, FailedState, LoadingState, Mark, ProblemCard } from "../controls/controls";
import { SecretLine } from "../controls/SecretLine";
import { chooseLockMinutes, LOCK_MINUTES, useLockMinutes } from "../look/lockTime";
import { Keys } from "../palette/commands";
import { t } from "../text/text";
import { BackUp } from "./BackUp";
import { Part, Setting } from "./Part";

/** Who can open the home, and when it locks itself. */
export function Security() {
  const { backend } = useDesk();
  const ways = useQuery({ queryKey: ["ways"], queryFn: () => backend.waysIn() });
  const lock = useAct(() => backend.lockHome());
  const status = useStatus().data;
  return (
    <Part title={t.settings.parts.security} text={t.security.text}>
      {ways.isPending && <LoadingState label={t.settings.parts.security} />}
      {ways.isError && <FailedState title={t.security.failed} problem={problemOf(ways.error)} onRetry={() => void ways.refetch()} />}
      {ways.data && <Ways ways={ways.data} />}
      <LockTime>
        <Button data-testid="lock-now" disabled={lock.isPending} onClick={() => lock.mutate(undefined)}>
          {t.palette.lock} <Keys keys="Mod+L" />
        </Button>
      </LockTime>
      <BackUp />
      {status && (
        <Setting title={t.security.journal} text={t.security.journalText}>
          <p className="small copyable break">
            {t.security.entries({ count: status.journal_entries })}
            {status.journal_head && ` · ${status.journal_head}`}
          </p>
        </Setting>
      )}
    </Part>
  );
}

function LockTime(props: { children: React.ReactNode }) {
  const minutes = useLockMinutes();
  return (
    <Setting title={t.security.lock} text={t.security.lockText}>
      <div className="segments" role="group" aria-label={t.security.lock}>
        {LOCK_MINUTES.map((one) => (
          <button
            key={String(one)}
            type="button"
            className="segment"
            aria-pressed={one === minutes}
            data-testid={`lock-after-${one ?? "never"}`}
            onClick={() => chooseLockMinutes(one)}
          >
            {one === null ? t.security.never : t.security.minutes({ minutes: one })}
          </button>
        ))}
      </div>
      {props.children}
    </Setting>
  );
}

function Ways(props: { ways: WaysView }) {
  const { ways } = props;
  return (
    <>
      <Setting title={t.entry.passphrase} text={t.security.passphraseText}>
        <p>
          <Mark meaning={ways.passphrase ? "returns" : "plain"}>{ways.passphrase ? t.security.opens : t.security.none}</Mark>
        </p>
        <NewPassphrase ways={ways} />
      </Setting>
      <Setting title={t.security.keyring} text={t.security.keyringText}>
        <p>
          <Mark meaning={ways.keyring ? "returns" : "plain"}>{ways.keyring ? t.security.opens : t.security.none}</Mark>
        </p>
        {ways.keyring_problem && <ProblemCard problem={ways.keyring_problem} />}
        <Keyring ways={ways} />
      </Setting>
      <Setting title={t.entry.code} text={t.security.codeText}>
        <p>
          <Mark meaning="returns">{t.security.opens}</Mark>
        </p>
      </Setting>
    </>
  );
}

/** Gives the home another passphrase; the present one, or the keyring, shows that it may. */
function NewPassphrase(props: { ways: WaysView }) {
  const { backend } = useDesk();
  const client = useQueryClient();
  const readOnly = useReadOnly();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const set = useAct(() => backend.setPassphrase(props.ways.passphrase ? "passphrase" : "keyring", current, next), { writes: ["home"], quiet: true });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(undefined, {
      onSuccess: (ways) => {
        client.setQueryData(["ways"], ways);
        setOpen(false);
        setCurrent("");
        setNext("");
      },
    });
  };
  if (!open) {
    return (
      <Button disabled={readOnly} data-testid="passphrase-change" onClick={() => setOpen(true)}>
        {props.ways.passphrase ? t.security.change : t.security.add}
      </Button>
    );
  }
  return (
    <form className="entry-form" onSubmit={submit}>
      {props.ways.passphrase && <SecretLine label={t.security.current} value={current} onChange={setCurrent} testId="passphrase-current" />}
      <SecretLine label={t.security.next} hint={t.entry.passphraseHint} value={next} onChange={setNext} testId="passphrase-next" />
      {set.isError && <ProblemCard problem={problemOf(set.error)} />}
      <div className="connection-acts">
        <Button type="submit" look="primary" disabled={next === "" || set.isPending} data-testid="passphrase-keep">
          {t.rail.noteKeep}
        </Button>
        <Button look="quiet" onClick={() => setOpen(false)}>
          {t.wizard.cancel}
        </Button>
      </div>
    </form>
  );
}

/** Adds the keyring as a way in, or takes it away; the passphrase shows that it may. */
function Keyring(props: { ways: WaysView }) {
  const { backend } = useDesk();
  const client = useQueryClient();
  const readOnly = useReadOnly();
  const [open, setOpen] = useState(false);
  const [passphrase, setPassphrase] = useState("");
  const { keyring } = props.ways;
  const act = useAct(() => (keyring ? backend.removeWay("keyring", passphrase) : backend.addKeyring(passphrase)), { writes: ["home"], quiet: true });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(undefined, {
      onSuccess: (ways) => {
        client.setQueryData(["ways"], ways);
        setOpen(false);
        setPassphrase("");
      },
    });
  };
  if (!open) {
    return (
      <Button disabled={readOnly || !props.ways.passphrase} data-testid="keyring-change" onClick={() => setOpen(true)}>
        {keyring ? t.security.removeKeyring : t.security.addKeyring}
      </Button>
    );
  }
  return (
    <form className="entry-form" onSubmit={submit}>
      <SecretLine label={t.security.current} value={passphrase} onChange={setPassphrase} />
      {act.isError && <ProblemCard problem={problemOf(act.error)} />}
      <div className="connection-acts">
        <Button type="submit" look="primary" disabled={passphrase === "" || act.isPending}>
          {keyring ? t.security.removeKeyring : t.security.addKeyring}
        </Button>
        <Button look="quiet" onClick={() => setOpen(false)}>
          {t.wizard.cancel}
        </Button>
      </div>
    </form>
  );
}
