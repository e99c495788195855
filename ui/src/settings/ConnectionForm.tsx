import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type ConnectionAsk, problemOf, type Site, type WayAsk } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Button, ProblemCard, TextLine, Tick } from "../controls/controls";
import { Copy } from "../controls/Copy";
import { SecretLine } from "../controls/SecretLine";
import { t } from "../text/text";
import { TestView } from "./ConnectionTest";

const WAYS: readonly WayAsk[] = ["key", "role", "partner", "files"];
const SITES: readonly Site[] = ["china", "international"];

const EMPTY: ConnectionAsk = {
  name: "",
  uid: "",
  site: "china",
  currency: "",
  partner: false,
  way: "key",
  key_id: "",
  key_secret: "",
  role_arn: "",
  external_id: "",
};

/** Connects a customer: tried first with reading calls only, then kept. */
export function ConnectionForm() {
  const { backend, chooseCustomer } = useDesk();
  const [ask, setAsk] = useState<ConnectionAsk>(EMPTY);
  const set = (part: Partial<ConnectionAsk>) => setAsk((all) => ({ ...all, ...part }));
  const test = useAct((what: ConnectionAsk) => backend.tryConnection(what), { writes: [], quiet: true });
  const add = useAct((what: ConnectionAsk) => backend.addConnection(what), { writes: ["customers", "resources", "today"], quiet: true });
  const busy = test.isPending || add.isPending;
  const files = ask.way === "files";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(ask, {
      onSuccess: (id) => {
        setAsk(EMPTY);
        chooseCustomer(id);
      },
    });
  };
  return (
    <form className="page-side discounts-form" onSubmit={submit} data-testid="connection-form">
      <h2>{t.connections.add}</h2>
      <div className="segments" role="group" aria-label={t.connections.way}>
        {WAYS.map((way) => (
          <button key={way} type="button" className="segment" aria-pressed={ask.way === way} data-testid={`way-${way}`} onClick={() => set({ way })}>
            {t.connections.ways[way]}
          </button>
        ))}
      </div>
      <p className="small muted">{t.connections.wayText[ask.way]}</p>
      <TextLine label={t.connections.name} hint={t.connections.nameHint} value={ask.name} onChange={(name) => set({ name })} testId="connection-name" />
      <div className="segments" role="group" aria-label={t.connections.site}>
        {SITES.map((site) => (
          <button key={site} type="button" className="segment" aria-pressed={ask.site === site} data-testid={`site-${site}`} onClick={() => set({ site })}>
            {t.rail.sites[site]}
          </button>
        ))}
      </div>
      {(files || ask.way === "partner") && (
        <TextLine label={t.connections.uid} value={ask.uid} onChange={(uid) => set({ uid })} testId="connection-uid" />
      )}
      {!files && (
        <>
          <TextLine label={t.connections.keyId} value={ask.key_id} onChange={(key_id) => set({ key_id })} testId="connection-key-id" />
          <SecretLine label={t.connections.keySecret} value={ask.key_secret} onChange={(key_secret) => set({ key_secret })} testId="connection-key-secret" />
        </>
      )}
      {ask.way === "role" && (
        <>
          <TextLine label={t.connections.roleArn} hint={t.connections.roleArnHint} value={ask.role_arn} onChange={(role_arn) => set({ role_arn })} />
          <TextLine label={t.connections.externalId} value={ask.external_id} onChange={(external_id) => set({ external_id })} />
        </>
      )}
      {ask.site === "international" && (
        <TextLine label={t.connections.currency} hint={t.connections.currencyHint} value={ask.currency} onChange={(currency) => set({ currency })} testId="connection-currency" />
      )}
      <Tick selected={ask.partner} onChange={(partner) => set({ partner })}>
        {t.connections.partner}
      </Tick>
      {add.isError && <ProblemCard problem={problemOf(add.error)} />}
      <div className="connection-acts">
        <Button type="submit" look="primary" disabled={busy} data-testid="connection-add">
          {add.isPending ? t.connections.adding : t.connections.addAct}
        </Button>
        {!files && (
          <Button disabled={busy} data-testid="connection-try" onClick={() => test.mutate(ask)}>
            {test.isPending ? t.connections.testing : t.connections.tryIt}
          </Button>
        )}
      </div>
      <TestView test={test.data ?? null} failed={test.isError ? problemOf(test.error) : null} />
      {!files && <Policies role={ask.way === "role" && ask.role_arn !== "" ? ask.role_arn : null} />}
    </form>
  );
}

/** What RAM must grant, before anything is tried. */
function Policies(props: { role: string | null }) {
  const { backend } = useDesk();
  const policies = useQuery({ queryKey: ["ram", props.role], queryFn: () => backend.ramPolicies(props.role) });
  if (!policies.data) return null;
  return (
    <details className="policy">
      <summary>{t.connections.policyTitle}</summary>
      <p className="small">
        {t.connections.policy} <Copy text={policies.data.reading} />
      </p>
      <pre className="copyable small">{policies.data.reading}</pre>
      {policies.data.role !== null && (
        <>
          <p className="small">
            {t.connections.rolePolicy} <Copy text={policies.data.role} />
          </p>
          <pre className="copyable small">{policies.data.role}</pre>
        </>
      )}
    </details>
  );
}
