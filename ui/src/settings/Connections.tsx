import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ConnectionRowView, problemOf } from "../backend/backend";
import { useAct, useDesk, useHome, useReadOnly, useStatus } from "../app/desk";
import { Button, EmptyState, FailedState, LoadingState, Tick } from "../controls/controls";
import { Foreign } from "../controls/Foreign";
import { t } from "../text/text";
import { ConnectionForm } from "./ConnectionForm";
import { TestView } from "./ConnectionTest";
import { Pace } from "./Pace";
import { Part } from "./Part";

/** Whose accounts the desk reads: each with its test, its channel, and what its last calls told. */
export function Connections() {
  const { backend } = useDesk();
  const rows = useQuery({ queryKey: ["connections"], queryFn: () => backend.connections() });
  const readOnly = useReadOnly();
  const sandbox = useStatus().data?.sandbox ?? false;
  return (
    <>
      <Part title={t.settings.parts.connections} text={t.connections.text}>
        {rows.isPending && <LoadingState label={t.settings.parts.connections} />}
        {rows.isError && <FailedState title={t.connections.failed} problem={problemOf(rows.error)} onRetry={() => void rows.refetch()} />}
        {rows.data && rows.data.length === 0 && <EmptyState title={t.rail.empty} next={t.connections.emptyNext} />}
        {rows.data?.map((row) => <Connection key={row.customer} row={row} />)}
        <Pace />
        {sandbox && <RealHome />}
      </Part>
      {!readOnly && !sandbox && <ConnectionForm />}
    </>
  );
}

function RealHome() {
  const { newHome } = useDesk();
  const home = useHome().data;
  return (
    <section className="setting">
      <p className="muted">{t.connections.sandbox}</p>
      {home && !home.real && !home.single && (
        <div className="setting-value">
          <Button data-testid="new-home-open" onClick={newHome}>
            {t.palette.newHome}
          </Button>
        </div>
      )}
    </section>
  );
}

function Connection(props: { row: ConnectionRowView }) {
  const { row } = props;
  const { backend } = useDesk();
  const readOnly = useReadOnly();
  const [removing, setRemoving] = useState(false);
  const test = useAct((customer: string) => backend.testConnection(customer), { writes: ["customers"], quiet: true });
  const api = useAct((on: boolean) => backend.switchApi(row.customer, on), { writes: ["customers", "requests"] });
  const remove = useAct(() => backend.removeCustomer(row.customer));
  const way = row.imported ? t.connections.ways.files : (t.connections.ways[row.way] ?? row.way);
  return (
    <section className="connection" data-testid={`connection-${row.customer}`}>
      <header>
        <h3>
          <Foreign>{row.name}</Foreign>
        </h3>
        <span className="muted small">
          {t.rail.sites[row.site]} · {row.currency} · {row.customer}
        </span>
      </header>
      <p className="small muted break">
        {[way, row.key_id, row.role_arn, row.imported ? null : row.endpoint].filter(Boolean).join(" · ")}
      </p>
      {row.health.clock !== "fine" && row.health.clock !== "unknown" && (
        <p className="risk">{t.connections.clock({ seconds: Math.abs(row.health.clock_skew_seconds ?? 0) })}</p>
      )}
      {row.health.warnings.map((warning) => (
        <p key={warning.code} className="risk small">
          {warning.message}. {warning.next}
        </p>
      ))}
      {!row.imported && (
        <Tick selected={row.api} disabled={readOnly || api.isPending} onChange={(on) => api.mutate(on)} testId={`api-${row.customer}`}>
          {t.connections.api}
        </Tick>
      )}
      <div className="connection-acts">
        {!row.imported && (
          <Button disabled={test.isPending} data-testid={`test-${row.customer}`} onClick={() => test.mutate(row.customer)}>
            {test.isPending ? t.connections.testing : t.connections.test}
          </Button>
        )}
        {!readOnly &&
          (removing ? (
            <span className="connection-acts">
              <span className="small">{t.connections.removeAsk}</span>
              <Button disabled={remove.isPending} onClick={() => remove.mutate(undefined, { onSettled: () => setRemoving(false) })}>
                {t.connections.removeYes}
              </Button>
              <Button look="quiet" onClick={() => setRemoving(false)}>
                {t.requests.withdrawNo}
              </Button>
            </span>
          ) : (
            <Button look="quiet" onClick={() => setRemoving(true)}>
              {t.connections.remove}
            </Button>
          ))}
      </div>
      <TestView test={test.data ?? null} failed={test.isError ? problemOf(test.error) : null} />
    </section>
  );
}
