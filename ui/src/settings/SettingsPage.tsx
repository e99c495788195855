import "./settings.css";
import { SETTINGS, type SettingsPart, useDesk, useStatus } from "../app/desk";
import { t } from "../text/text";
import { About } from "./About";
import { Connections } from "./Connections";
import { Discounts } from "./Discounts";
import { Facts } from "./Facts";
import { Import } from "./Import";
import { Look } from "./Look";
import { Rules } from "./Rules";
import { SandboxPart } from "./SandboxPart";
import { Security } from "./Security";

const BODIES: Record<SettingsPart, () => React.JSX.Element> = {
  connections: Connections,
  import: Import,
  discounts: Discounts,
  facts: Facts,
  rules: Rules,
  sandbox: SandboxPart,
  look: Look,
  security: Security,
  about: About,
};

/** Everything that is set once: whose accounts, what the cloud does not tell, the rules, the window, and who may open it. */
export function SettingsPage() {
  const { settings, openSettings } = useDesk();
  const sandbox = useStatus().data?.sandbox ?? false;
  // A sandbox has no lock, and real customers no clock to turn.
  const parts = SETTINGS.filter((part) => part !== (sandbox ? "security" : "sandbox"));
  const shown = parts.includes(settings) ? settings : "connections";
  const Body = BODIES[shown];
  return (
    <main className="page settings">
      <nav className="settings-parts" aria-label={t.settings.title}>
        <h1>{t.settings.title}</h1>
        {parts.map((part) => (
          <button
            key={part}
            type="button"
            className="settings-part"
            aria-current={part === shown ? "true" : undefined}
            data-testid={`settings-${part}`}
            onClick={() => openSettings(part)}
          >
            {t.settings.parts[part]}
          </button>
        ))}
      </nav>
      <Body />
    </main>
  );
}
