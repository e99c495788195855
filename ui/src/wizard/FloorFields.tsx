import { DateField, TextLine } from "../controls/controls";
import { t } from "../text/text";
import type { Draft } from "./gate";

/** "Send while at least X until T": the decision outlasts its quote within these bounds. */
export function FloorFields(props: { draft: Draft; currency: string; onDraft: (draft: Draft) => void }) {
  const { draft, onDraft } = props;
  return (
    <section className="floor-fields">
      <p className="muted small">{t.wizard.floorText}</p>
      <div className="act-line">
        <TextLine
          label={`${t.wizard.floorTitle} (${props.currency})`}
          hint={t.wizard.floorHint}
          value={draft.floor}
          onChange={(floor) => onDraft({ ...draft, floor })}
          amount
          testId="floor-amount"
        />
        <span className="field">
          <span className="label">{t.wizard.floorUntil}</span>
          <DateField label={t.wizard.floorUntil} date={draft.floorDay} onDate={(floorDay) => onDraft({ ...draft, floorDay })} testId="floor-day" />
        </span>
      </div>
    </section>
  );
}
