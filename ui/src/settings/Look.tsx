import { LanguageLine } from "../look/LanguageLine";
import { chooseTheme, THEMES, useThemeChoice } from "../look/theme";
import { t } from "../text/text";
import { Part, Setting } from "./Part";

/** Language and theme, at once and for this computer. */
export function Look() {
  const theme = useThemeChoice();
  return (
    <Part title={t.settings.parts.look} text={t.settings.lookText}>
      <Setting title={t.settings.language}>
        <LanguageLine />
      </Setting>
      <Setting title={t.settings.theme}>
        <div className="segments" role="group" aria-label={t.settings.theme}>
          {THEMES.map((one) => (
            <button key={one} type="button" className="segment" aria-pressed={theme === one} data-testid={`theme-${one}`} onClick={() => chooseTheme(one)}>
              {t.settings.themes[one]}
            </button>
          ))}
        </div>
      </Setting>
    </Part>
  );
}
