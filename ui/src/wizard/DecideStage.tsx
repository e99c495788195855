import type { ReactNode } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import type { Confirmation, RequestChannel, Sentence } from "../backend/backend";
import { TextLine, Tick } from "../controls/controls";
import { Sentences } from "../inspector/QuoteSections";
import { t } from "../text/text";
import type { Draft } from "./gate";

/** Channel, confirmations, reason, authorisation. */
export function DecideStage(props: {
  channels: readonly RequestChannel[];
  notes: readonly Sentence[];
  confirmations: readonly Confirmation[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  children?: ReactNode;
}) {
  const { channels, notes, confirmations, draft, onDraft } = props;
  const change = (part: Partial<Draft>) => onDraft({ ...draft, ...part });
  return (
    <div className="decide">
      <RadioGroup
        className="channels"
        value={draft.channel}
        onChange={(channel) => change({ channel: channel as RequestChannel })}
      >
        <Label>{t.wizard.channelTitle}</Label>
        {channels.map((channel) => (
          <Radio key={channel} value={channel} className="choice" data-testid={`channel-${channel}`}>
            <span className="dot" aria-hidden="true" />
            <span>
              {t.channel[channel]}
              <span className="small muted block">{t.channelExplain[channel]}</span>
            </span>
          </Radio>
        ))}
        {notes.length > 0 && (
          <div className="channel-notes muted small">
            <Sentences sentences={notes} />
          </div>
        )}
      </RadioGroup>
      <section>
        <h3>{t.wizard.boxesTitle}</h3>
        {confirmations.includes("amount") && (
          <Tick selected={draft.amountRead} onChange={(amountRead) => change({ amountRead })} testId="box-amount">
            {t.wizard.boxAmount}
          </Tick>
        )}
        {confirmations.includes("backup") && (
          <Tick selected={draft.dataBackedUp} onChange={(dataBackedUp) => change({ dataBackedUp })} testId="box-backup">
            {t.wizard.boxBackup}
          </Tick>
        )}
      </section>
      <TextLine
        label={t.wizard.reason}
        hint={t.wizard.reasonHint}
        value={draft.reason}
        onChange={(reason) => change({ reason })}
        testId="reason"
      />
      <TextLine
        label={t.wizard.authorisation}
        hint={t.wizard.authorisationHint}
        value={draft.authorisation}
        onChange={(authorisation) => change({ authorisation })}
        testId="authorisation"
      />
      {props.children}
    </div>
  );
}
