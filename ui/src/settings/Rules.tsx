import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type PackDiffView, type PackView, problemOf, type RuleView } from "../backend/backend";
import { useAct, useDesk } from "../app/desk";
import { Amount, FailedState, FilterLine, LoadingState, Mark, ProblemCard } from "../controls/controls";
import { FileLine } from "../controls/FileLine";
import { Foreign } from "../controls/Foreign";
import { formatDay } from "../figures/time";
import { t } from "../text/text";
import { Part } from "./Part";

/** The rules that quotes are made with, each with its source; and what another pack would change. */
export function Rules() {
  const { backend } = useDesk();
  const packs = useQuery({ queryKey: ["resources", "policies"], queryFn: () => backend.policies() });
  const [site, setSite] = useState<PackView["site"]>("china");
  const [words, setWords] = useState("");
  const pack = packs.data?.find((one) => one.site === site);
  const matches = (rule: RuleView) =>
    [rule.id, ...rule.scope, rule.page, rule.section, rule.reading ?? ""].some((text) => text.toLowerCase().includes(words.trim().toLowerCase()));
  const rules = pack?.rules.filter(matches) ?? [];
  return (
    <Part title={t.settings.parts.rules} text={t.rules.text}>
      {packs.isPending && <LoadingState label={t.settings.parts.rules} />}
      {packs.isError && <FailedState title={t.rules.failed} problem={problemOf(packs.error)} onRetry={() => void packs.refetch()} />}
      {packs.data && (
        <div className="rules-head">
          <div className="segments" role="group" aria-label={t.connections.site}>
            {packs.data.map((one) => (
              <button key={one.site} type="button" className="segment" aria-pressed={one.site === site} data-testid={`rules-${one.site}`} onClick={() => setSite(one.site)}>
                {t.rail.sites[one.site]} <span className="count">{one.version}</span>
              </button>
            ))}
          </div>
          <FilterLine label={t.rules.filter} value={words} onChange={setWords} testId="rules-filter" />
          <span className="small muted">{t.rules.count({ count: rules.length })}</span>
        </div>
      )}
      {pack && (
        <ul className="rules" data-testid="rules">
          {rules.map((rule) => (
            <Rule key={rule.id} rule={rule} />
          ))}
        </ul>
      )}
      <Compare />
    </Part>
  );
}

function Rule(props: { rule: RuleView }) {
  const { rule } = props;
  return (
    <li className="rule">
      <div>
        <code className="copyable break">{rule.id}</code>
        <span className="small muted block">{rule.scope.includes("*") ? t.rules.everyProduct : rule.scope.join(", ")}</span>
        {rule.reading !== null && (
          <span className="small block">
            <Mark meaning="risk">{t.rules.reading}</Mark> {rule.reading}
          </span>
        )}
      </div>
      <div className="small">
        {rule.params.map((param) => (
          <code key={param} className="block break">
            {param}
          </code>
        ))}
      </div>
      <div className="small">
        <span className="block">
          {rule.page}, {rule.section}
        </span>
        <span className="muted block">
          {rule.date === "undated" ? t.rules.undated : rule.date}
          {(rule.from !== null || rule.until !== null) &&
            ` · ${t.rules.dates({ from: rule.from === null ? "…" : formatDay(rule.from), until: rule.until === null ? "…" : formatDay(rule.until) })}`}
          {rule.by_payment && ` · ${t.rules.byPayment}`}
        </span>
        {!rule.in_force && <span className="risk block">{t.rules.notInForce}</span>}
      </div>
    </li>
  );
}

function Compare() {
  const { backend } = useDesk();
  const [path, setPath] = useState("");
  const compare = useAct((file: string) => backend.comparePack(file), { writes: [], quiet: true });
  return (
    <section className="setting rules-compare">
      <div>
        <h3>{t.rules.compare}</h3>
        <p className="small muted">{t.rules.compareText}</p>
      </div>
      <div className="setting-value">
        <FileLine
          path={path}
          onPath={setPath}
          onChosen={(file) => compare.mutate(file)}
          title={t.rules.choose}
          endings={["toml"]}
          testId="pack-path"
          act={t.rules.compareAct}
          actId="pack-compare"
          busy={compare.isPending}
          onAct={() => compare.mutate(path)}
        />
        {compare.isError && <ProblemCard problem={problemOf(compare.error)} />}
        {compare.data && <Difference diff={compare.data} />}
      </div>
    </section>
  );
}

function Difference(props: { diff: PackDiffView }) {
  const { diff } = props;
  const { effect } = diff;
  return (
    <div role="status" data-testid="pack-difference">
      <p>{t.rules.versions({ site: t.rail.sites[diff.site], before: diff.before, after: diff.after })}</p>
      <ul className="import-lines">
        {diff.added.map((id) => (
          <li key={id}>
            + <code>{id}</code>
          </li>
        ))}
        {diff.removed.map((id) => (
          <li key={id}>
            − <code>{id}</code>
          </li>
        ))}
        {diff.changed.map(([id, keys]) => (
          <li key={id}>
            ~ <code>{id}</code> <span className="small muted">{keys.join(", ")}</span>
          </li>
        ))}
      </ul>
      <p className="strong">{t.rules.effect({ changed: effect.changed.length, judged: effect.judged })}</p>
      <ul className="import-lines">
        {effect.changed.map((quote) => (
          <li key={`${quote.customer}/${quote.resource}`}>
            <span className="break">{quote.resource}</span>
            <span className="muted">
              <Foreign>{quote.customer_name}</Foreign>
            </span>
            <span>
              <Amount amount={quote.before.refund} currency={quote.currency} /> → <Amount amount={quote.after.refund} currency={quote.currency} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
