import type { QuoteView } from "../backend/backend";
import { EVERYTHING, useAct, useDesk } from "../app/desk";
import { Button } from "../controls/controls";
import { t } from "../text/text";
import { Section, SourceLine } from "./QuoteSections";

/** What stands in the way, each with what to do about it. */
export function Blockers(props: { view: QuoteView }) {
  const { told, quote, row } = props.view;
  const { backend } = useDesk();
  const sync = useAct(() => backend.sync(row.customer), { writes: EVERYTHING });
  if (told.blockers.length === 0) return null;
  const next = t.inspector.blockerNext as Record<string, string>;
  const synced = quote.blockers.some(({ code }) => code === "chain_incomplete" || code === "status_changing");
  return (
    <Section title={t.inspector.blockers} meaning="refused">
      <ul className="sentences">
        {told.blockers.map((sentence, index) => {
          const code = quote.blockers[index]?.code ?? "";
          return (
            <li key={`${code}/${index}`} data-testid={`blocker-${code}`}>
              <p className="copyable">{sentence.text}</p>
              {next[code] && <p className="blocker-next">{next[code]}</p>}
              <SourceLine sentence={sentence} />
            </li>
          );
        })}
      </ul>
      {synced && (
        <Button disabled={sync.isPending} onClick={() => sync.mutate(undefined)}>
          {sync.isPending ? t.rail.syncing : t.wizard.syncNow}
        </Button>
      )}
    </Section>
  );
}
