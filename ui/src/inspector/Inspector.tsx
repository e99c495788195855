import "./inspector.css";
import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { type Problem, problemOf, type QuoteView } from "../backend/backend";
import { ageText } from "../app/CustomerRail";
import { type ResourceKey, useDesk, useNow } from "../app/desk";
import { Button, EmptyState, FailedState, LoadingState, RuleTime } from "../controls/controls";
import { Joined } from "../controls/Foreign";
import { formatDay, formatInstant } from "../figures/time";
import { t, useLanguage } from "../text/text";
import { BeginOrContinue } from "../wizard/BeginOrContinue";
import { Blockers } from "./Blockers";
import { CurveSection } from "./CurveSection";
import { Destinations, OrderLedger, QuoteHead } from "./QuoteLedger";
import { Changes, Chain, Section, Sentences } from "./QuoteSections";
import { Unknowns } from "./Unknowns";

/** The quote of the chosen resource, told as a ledger. It is not drawn again because something beside it is. */
export const Inspector = memo(function Inspector(props: { at: string | null; onDay: (day: string) => void }) {
  useLanguage();
  const { chosen } = useDesk();
  const quote = useQuoteAt(chosen, props.at);
  return (
    <aside className="page-side" aria-label={t.inspector.label} data-testid="inspector">
      {chosen === null && <EmptyState title={t.inspector.nothing} next={t.inspector.nothingNext} />}
      {chosen !== null && quote.isPending && <LoadingState label={t.inspector.loading} />}
      {chosen !== null && quote.isError && <NoQuote problem={problemOf(quote.error)} onRetry={() => void quote.refetch()} />}
      {chosen !== null && quote.data && !quote.isError && <QuoteTold view={quote.data} at={props.at} onDay={props.onDay} />}
    </aside>
  );
});

function useQuoteAt(key: ResourceKey | null, at: string | null) {
  const { backend } = useDesk();
  return useQuery({
    queryKey: ["quote", key, at],
    queryFn: () => backend.quote(key?.customer ?? "", key?.resource ?? "", at),
    enabled: key !== null,
  });
}

/** A released resource is no failure: it is in the history. Anything else is told in full. */
function NoQuote(props: { problem: Problem; onRetry: () => void }) {
  const { goTo } = useDesk();
  if (props.problem.code !== "unknown_resource") {
    return <FailedState title={t.inspector.failed} problem={props.problem} onRetry={props.onRetry} />;
  }
  return (
    <EmptyState
      title={t.inspector.gone}
      next={t.inspector.goneNext}
      action={<Button onClick={() => goTo("history")}>{t.inspector.goneAction}</Button>}
    />
  );
}

function QuoteTold(props: { view: QuoteView; at: string | null; onDay: (day: string) => void }) {
  const { row, orders, quote, told } = props.view;
  const now = useNow();
  const lost = told.consequences.length > 0 || quote.forfeits.length > 0;
  return (
    <article className="quote">
      <ResourceHead view={props.view} />
      {props.at !== null && (
        <p className="what-if-note" data-testid="what-if-note">
          {t.inspector.whatIf} <RuleTime instant={quote.at} />
        </p>
      )}
      <QuoteHead quote={quote} told={told} testId="quote-refund" then={props.at !== null} />
      <RangeNote view={props.view} />
      {props.at === null && (
        <div className="quote-acts">
          <BeginOrContinue
            ask={{ customer: row.customer, resource: row.resource, action: "unsubscribe", expires: null }}
            request={row.request}
            label={quote.releasable ? t.inspector.release : t.inspector.unsubscribe}
            disabled={!quote.eligible && !quote.releasable}
          />
        </div>
      )}
      <Blockers view={props.view} />
      <OrderLedger key={`${row.customer}/${row.resource}`} quote={quote} told={told} orders={orders} />
      <Destinations quote={quote} told={told} />
      {lost && (
        <Section title={t.inspector.consequences}>
          <Sentences sentences={told.consequences} />
          {quote.forfeits.length > 0 && (
            <p className="small">
              {t.inspector.forfeits}: {quote.forfeits.join(", ")}
            </p>
          )}
        </Section>
      )}
      <CurveSection key={`curve/${row.customer}/${row.resource}`} view={props.view} now={now ?? ""} at={props.at} onDay={props.onDay} />
      {quote.next_changes.length > 0 && <Changes quote={quote} told={told} />}
      {told.why_not.length > 0 && (
        <Section title={t.inspector.whyNot}>
          <Sentences sentences={told.why_not} />
        </Section>
      )}
      {props.at === null && <Unknowns key={`unknowns/${row.customer}/${row.resource}`} view={props.view} />}
      {told.readings.length > 0 && (
        <Section title={t.inspector.readings}>
          <Sentences sentences={told.readings} />
        </Section>
      )}
      <Chain orders={orders} />
      <footer className="quote-foot small muted">
        {now && (
          <p title={formatInstant(row.facts_at)}>
            {t.inspector.factsFrom({ age: ageText(row.facts_at, now) })}
          </p>
        )}
        <p>{t.inspector.policy({ id: quote.policy.id, version: quote.policy.version })}</p>
        {quote.sha256 && (
          <p className="break copyable">
            {t.inspector.quoteHash} {quote.sha256}
          </p>
        )}
      </footer>
    </article>
  );
}

/** Why the amount is a range, and what to do about it where a discount table is missing. */
function RangeNote(props: { view: QuoteView }) {
  const { row, quote } = props.view;
  const { askDiscounts } = useDesk();
  if (quote.exact) return null;
  if (!quote.unknowns.some((path) => path.endsWith(".discounts"))) {
    return <p className="range-note small muted">{t.inspector.rangeUnknown}</p>;
  }
  return (
    <p className="range-note small">
      {t.inspector.rangeDiscounts({ product: row.product })}{" "}
      <button
        type="button"
        className="link"
        data-testid="discounts-open"
        onClick={() => askDiscounts({ customer: row.customer, product: row.product, kind: row.kind })}
      >
        {t.inspector.enterDiscounts}
      </button>
    </p>
  );
}

function ResourceHead(props: { view: QuoteView }) {
  const { row } = props.view;
  return (
    <header className="quote-resource">
      <h2 className="copyable break">{row.resource}</h2>
      <p className="muted">
        <Joined parts={[row.customer_name, row.product, row.region, t.resourceStatus[row.status]]} />
      </p>
      <p className="muted">
        {row.expires_at && `${t.inspector.expires} ${formatDay(row.expires_at)}`}
        {row.renew_status && ` · ${t.inspector.renewStatus[row.renew_status]}`}
      </p>
    </header>
  );
}
