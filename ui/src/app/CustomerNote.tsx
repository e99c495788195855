import { useId, useState } from "react";
import type { CustomerRow } from "../backend/backend";
import { Button } from "../controls/controls";
import { Foreign } from "../controls/Foreign";
import { t } from "../text/text";
import { useAct, useDesk, useReadOnly } from "./desk";

/** The manager's own words about the chosen customer, to read, change and put back. */
export function CustomerNote(props: { customer: CustomerRow }) {
  const { customer } = props;
  const { backend } = useDesk();
  const readOnly = useReadOnly();
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  // What the last change replaced: one press puts it back.
  const [before, setBefore] = useState<{ text: string } | null>(null);
  const keep = useAct((text: string) => backend.setNote(customer.id, text), { writes: ["customers"] });
  const save = (text: string) =>
    keep.mutate(text, {
      onSuccess: (replaced) => {
        setBefore({ text: replaced ?? "" });
        setDraft(null);
      },
    });
  if (draft !== null) {
    return (
      <section className="rail-note">
        <label className="label" htmlFor={id}>
          {t.rail.note}
        </label>
        <textarea
          id={id}
          className="input note"
          rows={4}
          value={draft}
          autoFocus
          data-testid="note-text"
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && setDraft(null)}
        />
        <div className="row">
          <Button look="primary" disabled={keep.isPending} data-testid="note-keep" onClick={() => save(draft)}>
            {t.rail.noteKeep}
          </Button>
          <Button look="quiet" onClick={() => setDraft(null)}>
            {t.wizard.cancel}
          </Button>
        </div>
      </section>
    );
  }
  if (readOnly && customer.note === null) return null;
  return (
    <section className="rail-note">
      {customer.note !== null && (
        <p className="note-text small copyable" data-testid="note">
          <Foreign>{customer.note}</Foreign>
        </p>
      )}
      {!readOnly && (
        <div className="row">
          <Button look="quiet" data-testid="note-change" onClick={() => setDraft(customer.note ?? "")}>
            {customer.note === null ? t.rail.noteAdd : t.rail.noteChange}
          </Button>
          {before !== null && (
            <Button look="quiet" disabled={keep.isPending} data-testid="note-undo" onClick={() => save(before.text)}>
              {t.rail.undo}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
