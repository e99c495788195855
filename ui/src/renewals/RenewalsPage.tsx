import "./renewals.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf, type RenewalStack } from "../backend/backend";
import { useDesk, useNow } from "../app/desk";
import { Amount, EmptyState, FailedState, FilterLine, LoadingState } from "../controls/controls";
import { t } from "../text/text";
import { RenewalPanel } from "./RenewalPanel";
import { Timeline } from "./Timeline";

/** Unsubscribe Renewal That Does Not Take Effect: each resource's stack of renewals as a timeline. */
export function RenewalsPage() {
  const { backend, customer, chosen, choose } = useDesk();
  const now = useNow() ?? "";
  const [text, setText] = useState("");
  const read = useQuery({ queryKey: ["renewals", customer], queryFn: () => backend.renewals(customer) });
  const word = text.trim().toLowerCase();
  const stacks = (read.data ?? []).filter(
    (stack) => stack.resource.toLowerCase().includes(word) || stack.product.toLowerCase().includes(word),
  );
  const picked = stacks.find((stack) => stack.resource === chosen?.resource && stack.customer === chosen.customer) ?? null;
  return (
    <main className="page">
      <section className="page-main">
        <div className="page-head">
          <div className="row">
            <h1>{t.renewals.title}</h1>
          </div>
          <div className="row" role="search">
            <FilterLine label={t.renewals.filter} value={text} onChange={setText} testId="renewal-filter" />
          </div>
        </div>
        {read.isPending && <LoadingState label={t.renewals.listLabel} />}
        {read.isError && (
          <FailedState title={t.renewals.failed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />
        )}
        {read.data && stacks.length === 0 && <EmptyState title={t.renewals.empty} next={t.renewals.emptyNext} />}
        {stacks.length > 0 && (
          <ul className="stacks" aria-label={t.renewals.listLabel}>
            {stacks.map((stack) => (
              <li key={`${stack.customer}/${stack.resource}`}>
                <StackRow
                  stack={stack}
                  now={now}
                  withCustomer={customer === null}
                  chosen={stack === picked}
                  onChoose={() => choose({ customer: stack.customer, resource: stack.resource })}
                />
              </li>
            ))}
          </ul>
        )}
      </section>
      <aside className="page-side" aria-label={t.renewals.choose}>
        {picked ? (
          <RenewalPanel key={`${picked.customer}/${picked.resource}`} stack={picked} now={now} />
        ) : (
          <EmptyState title={t.inspector.nothing} next={t.renewals.chooseHint} />
        )}
      </aside>
    </main>
  );
}

function StackRow(props: { stack: RenewalStack; now: string; withCustomer: boolean; chosen: boolean; onChoose: () => void }) {
  const { stack } = props;
  const most = stack.candidates[0];
  return (
    <button
      type="button"
      className="stack"
      aria-pressed={props.chosen}
      data-testid={`renewal-row-${stack.resource}`}
      onClick={props.onChoose}
    >
      <span className="stack-head">
        <span className="strong">{stack.resource}</span>
        <span className="muted">
          {[stack.product, props.withCustomer ? stack.customer_name : ""].filter(Boolean).join(" · ")}
        </span>
        <span className="grow" />
        {most ? (
          <span>
            <span className="muted small">{t.renewals.pending({ count: stack.pending.length })} </span>
            <Amount className="returns" amount={most.refund} currency={stack.currency} />
          </span>
        ) : (
          <span className="refused small">{t.renewals.none}</span>
        )}
      </span>
      <Timeline stack={stack} now={props.now} picked={null} />
    </button>
  );
}
