import { useQuery } from "@tanstack/react-query";
import { problemOf } from "../backend/backend";
import { useCustomers, useDesk } from "../app/desk";
import { EmptyState, FailedState, LoadingState } from "../controls/controls";
import { Foreign, Joined } from "../controls/Foreign";
import { formatInstant } from "../figures/time";
import { t } from "../text/text";
import { Part } from "./Part";

/** What was entered for the chosen customer because the cloud does not tell it. */
export function Facts() {
  const { backend, customer, choose, goTo } = useDesk();
  const name = useCustomers().data?.find((row) => row.id === customer)?.name;
  const facts = useQuery({ queryKey: ["entered", customer], queryFn: () => backend.enteredFacts(customer ?? ""), enabled: customer !== null });
  const title = <Joined parts={[t.settings.parts.facts, name]} />;
  const show = (resource: string) => {
    if (customer !== null) choose({ customer, resource });
    goTo("resources");
  };
  return (
    <Part title={title} text={t.facts.text}>
      {customer === null && <EmptyState title={t.settings.choose} next={t.facts.chooseNext} />}
      {customer !== null && facts.isPending && <LoadingState label={t.settings.parts.facts} />}
      {facts.isError && <FailedState title={t.facts.failed} problem={problemOf(facts.error)} onRetry={() => void facts.refetch()} />}
      {facts.data && facts.data.length === 0 && <EmptyState title={t.facts.empty} next={t.facts.emptyNext} />}
      {facts.data && facts.data.length > 0 && (
        <table className="today-table" data-testid="facts">
          <thead>
            <tr>
              <th>{t.facts.columns.about}</th>
              <th>{t.facts.columns.fact}</th>
              <th>{t.facts.columns.value}</th>
              <th>{t.facts.columns.source}</th>
              <th>{t.facts.columns.entered}</th>
            </tr>
          </thead>
          <tbody>
            {facts.data.map((fact) => (
              <tr key={`${fact.about}/${fact.subject}/${fact.path}`}>
                <td>
                  {fact.about === "resource" ? (
                    <button type="button" className="link break" onClick={() => show(fact.subject)}>
                      {fact.subject}
                    </button>
                  ) : (
                    <span className="break">{[t.facts.about[fact.about] ?? fact.about, fact.subject].filter(Boolean).join(" ")}</span>
                  )}
                </td>
                <td>{t.facts.names[fact.path] ?? fact.path}</td>
                <td>{t.wizard.settleAnswers[fact.value] ?? fact.value}</td>
                <td className="break">
                  <Foreign>{fact.source}</Foreign>
                </td>
                <td>
                  {formatInstant(fact.entered_at)}
                  <span className="small muted block">{t.facts.entry({ entry: String(fact.entry) })}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  );
}
