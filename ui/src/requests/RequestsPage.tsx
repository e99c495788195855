import "./requests.css";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type BatchView, problemOf, type RequestView } from "../backend/backend";
import { useDesk, useRequests } from "../app/desk";
import { Amount, Button, EmptyState, FailedState, LoadingState } from "../controls/controls";
import { OfflineNote } from "../controls/Offline";
import { Foreign } from "../controls/Foreign";
import { formatInstant } from "../figures/time";
import { type Column, LedgerTable } from "../table/LedgerTable";
import { t } from "../text/text";
import { BatchPanel } from "./BatchPanel";
import { GROUPS, type Group, groupOf } from "./groups";
import { Queue } from "./Queue";
import { RequestPanel } from "./RequestPanel";
import { RequestStateMark } from "./state";

type View = "requests" | "batches" | "queue";

const VIEWS: readonly View[] = ["requests", "batches", "queue"];

/** Every request with its state, the batches, and what waits; the chosen one with its trail and what can be done now. */
export function RequestsPage() {
  const { backend, customer, chosenRequest, chooseRequest } = useDesk();
  const [view, setView] = useState<View>("requests");
  const [group, setGroup] = useState<Group | null>(null);
  const [chosenBatch, chooseBatch] = useState<string | null>(null);
  const read = useRequests(customer);
  const batches = useQuery({ queryKey: ["batches", "all", customer], queryFn: () => backend.batches(customer) });
  const ready = useQuery({ queryKey: ["ready", customer], queryFn: () => backend.ready(customer) });
  const all = read.data ?? [];
  const rows = all.filter((request) => group === null || groupOf(request, all) === group);
  const picked = all.find((request) => request.id === chosenRequest) ?? null;
  const batch = batches.data?.find((one) => one.id === chosenBatch) ?? null;
  const waiting = ready.data ? ready.data.ready.length + ready.data.by_hand.length + ready.data.to_review.length : 0;
  const counts: Record<View, number> = { requests: all.length, batches: batches.data?.length ?? 0, queue: waiting };
  const showRequest = (request: string) => {
    chooseRequest(request);
    setView("requests");
    setGroup(null);
  };
  return (
    <main className="page">
      <section className="page-main">
        <OfflineNote />
        <div className="page-head">
          <div className="row">
            <h1>{t.requests.title}</h1>
          </div>
          <div className="tabs" role="tablist" aria-label={t.requests.title}>
            {VIEWS.map((one) => (
              <button key={one} type="button" role="tab" className="tab" aria-selected={view === one} data-testid={`tab-${one}`} onClick={() => setView(one)}>
                {t.requests.views[one]} <span className="count muted">{counts[one]}</span>
              </button>
            ))}
          </div>
          {view === "requests" && all.length > 0 && <Groups all={all} chosen={group} onChoose={setGroup} />}
        </div>
        {view === "queue" && <Queue />}
        {view === "batches" && (
          <Batches read={batches} chosen={chosenBatch} onChoose={chooseBatch} withCustomer={customer === null} />
        )}
        {view === "requests" && read.isPending && <LoadingState label={t.requests.listLabel} />}
        {view === "requests" && read.isError && (
          <FailedState title={t.requests.failed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />
        )}
        {view === "requests" && read.data && all.length === 0 && <EmptyState title={t.requests.empty} next={t.requests.emptyNext} />}
        {view === "requests" && all.length > 0 && rows.length === 0 && (
          <EmptyState title={t.requests.noneInGroup} next={t.requests.noneInGroupNext} action={<Button onClick={() => setGroup(null)}>{t.requests.showAll}</Button>} />
        )}
        {view === "requests" && rows.length > 0 && (
          <LedgerTable<RequestView>
            list={group ?? "all"}
            label={t.requests.listLabel}
            columns={columns(customer === null)}
            total={rows.length}
            rowAt={(index) => rows[index]}
            look={ignore}
            rowKey={(row) => row.id}
            rowTestId={(row) => `request-row-${row.id}`}
            chosen={chosenRequest}
            choose={(row) => chooseRequest(row.id)}
          />
        )}
      </section>
      {view !== "queue" && (
        <aside className="page-side" aria-label={t.requests.title}>
          {view === "batches" && batch && <BatchPanel key={batch.id} batch={batch} onItem={showRequest} />}
          {view === "requests" && picked && <RequestPanel key={picked.id} request={picked} />}
          {((view === "batches" && !batch) || (view === "requests" && !picked)) && (
            <EmptyState title={view === "batches" ? t.requests.noBatch : t.requests.nothing} next={t.requests.nothingNext} />
          )}
        </aside>
      )}
    </main>
  );
}

function Groups(props: { all: readonly RequestView[]; chosen: Group | null; onChoose: (group: Group | null) => void }) {
  const { all, chosen, onChoose } = props;
  return (
    <div className="segments" role="group" aria-label={t.requests.columns.state}>
      <button type="button" className="segment" aria-pressed={chosen === null} data-testid="group-all" onClick={() => onChoose(null)}>
        {t.resources.all} <span className="count">{all.length}</span>
      </button>
      {GROUPS.map((group) => (
        <button key={group} type="button" className="segment" aria-pressed={chosen === group} data-testid={`group-${group}`} onClick={() => onChoose(group)}>
          {t.requests.groups[group]} <span className="count">{all.filter((request) => groupOf(request, all) === group).length}</span>
        </button>
      ))}
    </div>
  );
}

function Batches(props: {
  read: UseQueryResult<BatchView[]>;
  chosen: string | null;
  onChoose: (batch: string) => void;
  withCustomer: boolean;
}) {
  const { read } = props;
  if (read.isPending) return <LoadingState label={t.requests.batchList} />;
  if (read.isError) return <FailedState title={t.requests.batchesFailed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />;
  if (read.data.length === 0) return <EmptyState title={t.requests.batchesEmpty} next={t.requests.batchesEmptyNext} />;
  const all: (Column<BatchView, never> | null)[] = [
    { key: "confirmed", title: t.requests.columns.confirmed, width: "122px", cell: (row) => <span className="muted">{formatInstant(row.confirmed_at)}</span> },
    props.withCustomer
      ? { key: "customer", title: t.resources.columns.customer, width: "minmax(96px, 1fr)", needs: "medium", cell: (row) => <span className="muted"><Foreign>{row.customer_name}</Foreign></span> }
      : null,
    { key: "action", title: t.requests.columns.action, width: "minmax(110px, 1fr)", needs: "small", cell: (row) => t.action[row.action] },
    { key: "channel", title: t.requests.columns.channel, width: "64px", needs: "medium", cell: (row) => <span className="muted">{t.channel[row.channel]}</span> },
    {
      key: "state",
      title: t.requests.columns.state,
      width: "minmax(130px, 1.4fr)",
      cell: (row) => row.counts.map((count) => `${t.requestState[count.state]} ${count.count}`).join(" · "),
    },
    { key: "amount", title: t.requests.columns.amount, width: "minmax(112px, 0.8fr)", align: "end", cell: (row) => <Amount amount={row.total} currency={row.currency} /> },
  ];
  return (
    <LedgerTable<BatchView>
      label={t.requests.batchList}
      columns={all.filter((column) => column !== null)}
      total={read.data.length}
      rowAt={(index) => read.data[index]}
      look={ignore}
      rowKey={(row) => row.id}
      rowTestId={(row) => `batch-row-${row.id}`}
      chosen={props.chosen}
      choose={(row) => props.onChoose(row.id)}
    />
  );
}

/** All requests are in memory: it does not matter which rows are on screen. */
const ignore = () => undefined;

function columns(withCustomer: boolean): Column<RequestView, never>[] {
  const all: (Column<RequestView, never> | null)[] = [
    { key: "updated", title: t.requests.columns.updated, width: "122px", needs: "small", cell: (row) => <span className="muted">{formatInstant(row.updated_at)}</span> },
    { key: "resource", title: t.requests.columns.resource, width: "minmax(120px, 1.4fr)", cell: (row) => row.resource },
    withCustomer
      ? { key: "customer", title: t.resources.columns.customer, width: "minmax(96px, 1fr)", needs: "medium", cell: (row) => <span className="muted"><Foreign>{row.customer_name}</Foreign></span> }
      : null,
    { key: "action", title: t.requests.columns.action, width: "minmax(110px, 1fr)", needs: "wide", cell: (row) => <span className="muted">{t.action[row.action]}</span> },
    { key: "channel", title: t.requests.columns.channel, width: "64px", needs: "medium", cell: (row) => <span className="muted">{row.channel && t.channel[row.channel]}</span> },
    { key: "state", title: t.requests.columns.state, width: "124px", cell: (row) => <RequestStateMark state={row.state} testId={`request-state-${row.id}`} /> },
    { key: "amount", title: t.requests.columns.amount, width: "minmax(112px, 0.8fr)", align: "end", cell: (row) => <Amount amount={row.actual ?? row.predicted} currency={row.currency} /> },
  ];
  return all.filter((column) => column !== null);
}
