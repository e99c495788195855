import { useState } from "react";
import { type DiscountTable, problemOf } from "../backend/backend";
import { useCustomers, useDesk, useDiscounts } from "../app/desk";
import { EmptyState, FailedState, LoadingState } from "../controls/controls";
import { Joined } from "../controls/Foreign";
import { t } from "../text/text";
import { DiscountForm } from "./DiscountForm";
import { DiscountList } from "./DiscountList";
import { draftOf, emptyDraft } from "./draft";

/** The discount tables of the chosen customer. */
export function Discounts() {
  const { customer } = useDesk();
  return (
    <>
      {customer === null ? (
        <section className="page-main">
          <Head customer={null} />
          <EmptyState title={t.settings.choose} next={t.settings.chooseNext} />
        </section>
      ) : (
        <Tables key={customer} customer={customer} />
      )}
    </>
  );
}

function Head(props: { customer: string | null }) {
  const customers = useCustomers();
  const name = customers.data?.find((row) => row.id === props.customer)?.name;
  return (
    <div className="page-head">
      <div className="discounts-about">
        <h2>
          <Joined parts={[t.settings.discounts, name]} />
        </h2>
        <p className="muted">{t.settings.discountsText}</p>
      </div>
    </div>
  );
}

/** A customer's tables, and the form on their right. */
function Tables(props: { customer: string }) {
  const { customer } = props;
  const { discountsAsk } = useDesk();
  const tables = useDiscounts(customer);
  const ask = discountsAsk?.customer === customer ? discountsAsk : null;
  const by = ask?.kind === "resource_plan" ? "percent" : "day";
  const [draft, setDraft] = useState(() => emptyDraft(ask?.product ?? "", by));
  return (
    <>
      <section className="page-main">
        <Head customer={customer} />
        {tables.isPending && <LoadingState label={t.settings.listLabel} />}
        {tables.isError && (
          <FailedState title={t.settings.failed} problem={problemOf(tables.error)} onRetry={() => void tables.refetch()} />
        )}
        {tables.data && !tables.isError && tables.data.length === 0 && (
          <EmptyState title={t.settings.empty} next={t.settings.emptyNext} />
        )}
        {tables.data && !tables.isError && tables.data.length > 0 && (
          <DiscountList tables={tables.data} onChange={(table: DiscountTable) => setDraft(draftOf(table))} />
        )}
      </section>
      <DiscountForm customer={customer} draft={draft} onDraft={setDraft} by={by} asked={ask !== null} />
    </>
  );
}
