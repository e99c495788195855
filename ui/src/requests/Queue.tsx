import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf, type Run, type Waiting } from "../backend/backend";
import { useAct, useDesk, useReadOnly, useRequests } from "../app/desk";
import { RunProgress, RunTold, useRunSteps } from "../batches/RunStage";
import { Amount, Button, DeliberateButton, EmptyState, FailedState, LoadingState, ProblemCard, Tick } from "../controls/controls";
import { formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";
import { askOf } from "../wizard/stage";

/** What was confirmed and waits: nothing of it goes by itself. */
export function Queue() {
  const { backend, customer } = useDesk();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const readOnly = useReadOnly();
  const [step, setStep] = useRunSteps();
  const [run, setRun] = useState<Run | null>(null);
  const read = useQuery({ queryKey: ["ready", customer], queryFn: () => backend.ready(customer) });
  const chosen = (read.data?.ready ?? []).filter((one) => !left.has(one.request)).map((one) => one.request);
  const send = useAct(() => backend.sendReady(chosen), { writes: ["requests", "resources", "customers", "history"], quiet: true });
  if (read.isPending) return <LoadingState label={t.requests.queue} />;
  if (read.isError) return <FailedState title={t.requests.queueFailed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />;
  const { ready, by_hand, to_review } = read.data;
  if (ready.length + by_hand.length + to_review.length === 0 && run === null) {
    return <EmptyState title={t.requests.queueEmpty} next={t.requests.queueEmptyNext} />;
  }
  return (
    <div className="queue" data-testid="queue">
      {run && <RunTold run={run} />}
      {send.error && <ProblemCard problem={problemOf(send.error)} />}
      {send.isPending && <RunProgress step={step} total={chosen.length} onStop={() => void backend.stopRun()} />}
      {ready.length > 0 && (
        <Section title={t.requests.ready({ count: ready.length })}>
          <p className="muted small">{t.requests.readyText}</p>
          <WaitingList
            rows={ready}
            left={left}
            onTick={(request, taken) =>
              setLeft((old) => {
                const next = new Set(old);
                if (taken) next.delete(request);
                else next.add(request);
                return next;
              })
            }
          />
          <DeliberateButton
            disabled={chosen.length === 0 || send.isPending || readOnly}
            data-testid="queue-send"
            onClick={() => {
              setStep(null);
              setRun(null);
              send.mutate(undefined, { onSuccess: setRun });
            }}
          >
            {t.requests.sendReady({ count: chosen.length })}
          </DeliberateButton>
        </Section>
      )}
      {by_hand.length > 0 && (
        <Section title={t.requests.byHand({ count: by_hand.length })}>
          <WaitingList rows={by_hand} />
        </Section>
      )}
      {to_review.length > 0 && (
        <Section title={t.requests.toReview({ count: to_review.length })} meaning="risk">
          <WaitingList rows={to_review} />
        </Section>
      )}
    </div>
  );
}

function WaitingList(props: { rows: readonly Waiting[]; left?: ReadonlySet<string>; onTick?: (request: string, taken: boolean) => void }) {
  const { rows, left, onTick } = props;
  return (
    <ul className="waiting">
      {rows.map((row) => (
        <li key={row.request} data-testid={`waiting-${row.resource}`}>
          {onTick && (
            <Tick selected={!(left?.has(row.request) ?? false)} onChange={(taken) => onTick(row.request, taken)}>
              {row.resource}
            </Tick>
          )}
          <span className="waiting-about">
            {!onTick && <span className="strong">{row.resource}</span>}
            <span className="muted small">
              {[row.product, t.action[row.action], row.channel && t.channel[row.channel]].filter(Boolean).join(" · ")}
              {row.until && ` · ${t.requests.waitsUntil({ when: formatInstant(row.until) })}`}
              {row.floor && ` · ${t.requests.floor({ amount: row.floor.at_least })}`}
            </span>
            {row.why && (
              <span className="risk small">
                {row.why.message}. <span className="muted">{row.why.next}</span>
              </span>
            )}
          </span>
          <OldAndNew row={row} />
          <Carry row={row} />
        </li>
      ))}
    </ul>
  );
}

/** What was confirmed, and what it is now. */
function OldAndNew(props: { row: Waiting }) {
  const { row } = props;
  const same = row.now === row.confirmed && row.now_max === row.confirmed_max;
  return (
    <span className="old-new">
      <Amount className={same ? "strong" : "muted"} amount={row.confirmed} currency={row.currency} />
      {!same && (
        <>
          {" → "}
          {row.now === null ? <span className="refused">{t.resources.noQuote}</span> : <Amount className="risk strong" amount={row.now} currency={null} />}
        </>
      )}
    </span>
  );
}

function Carry(props: { row: Waiting }) {
  const { row } = props;
  const { openWizard } = useDesk();
  const requests = useRequests(row.customer);
  const request = requests.data?.find((one) => one.id === row.request);
  if (!request) return null;
  return (
    <Button look="quiet" onClick={() => openWizard(row.why ? { ask: askOf(request) } : { request })}>
      {row.why ? t.move.review_again : t.inspector.continue}
    </Button>
  );
}
