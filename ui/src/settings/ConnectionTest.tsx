import type { ConnectionTest, FeatureTest, Problem } from "../backend/backend";
import { Copy } from "../controls/Copy";
import { Mark, ProblemCard } from "../controls/controls";
import { t } from "../text/text";

const MEANING: Record<FeatureTest["state"], "returns" | "risk" | "refused" | "plain"> = {
  allowed: "returns",
  denied: "refused",
  not_offered: "risk",
  failed: "risk",
  skipped: "plain",
};

/** What trying a connection showed: each reading call with its outcome, and what RAM must still grant. */
export function TestView(props: { test: ConnectionTest | null; failed: Problem | null }) {
  const { test, failed } = props;
  if (failed) return <ProblemCard problem={failed} />;
  if (!test) return null;
  const missing = test.features.filter((feature) => feature.state === "denied");
  return (
    <div className="connection-test" role="status" data-testid="connection-test">
      <p className="small muted break">
        {t.connections.answers({
          endpoint: test.endpoint,
          site: test.site === null ? t.connections.unknown : t.rail.sites[test.site],
          account: test.uid ?? t.connections.unknown,
          currency: test.currency ?? t.connections.unknown,
        })}
        {test.switched && ` ${t.connections.switched}`}
      </p>
      <ul>
        {test.features.map((feature) => (
          <li key={feature.feature}>
            <span>{t.connections.features[feature.feature]}</span>
            <span className="small muted">{feature.operation}</span>
            <Mark meaning={MEANING[feature.state]}>{t.connections.states[feature.state]}</Mark>
            {feature.state !== "allowed" && feature.state !== "skipped" && (
              <span className="small muted without">
                {feature.state === "denied" && (
                  <>
                    {t.connections.grant} <code className="copyable">{feature.ram_action}</code>.{" "}
                  </>
                )}
                {t.connections.without[feature.feature]}
              </span>
            )}
          </li>
        ))}
      </ul>
      {missing.length > 0 && (
        <div className="policy">
          <p className="small">
            {t.connections.policy} <Copy text={test.policy} />
          </p>
          <pre className="copyable small">{test.policy}</pre>
        </div>
      )}
    </div>
  );
}
