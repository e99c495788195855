import { chooseLanguage, LANGUAGES, languageChoice, t, useLanguageChoice } from "../text/text";

/** The languages, each in its own words, to choose from at once. */
export function LanguageLine() {
  useLanguageChoice();
  const chosen = languageChoice();
  return (
    <div className="segments" role="group" aria-label={t.settings.language}>
      {(["system", ...LANGUAGES] as const).map((one) => (
        <button
          key={one}
          type="button"
          className="segment"
          lang={one === "zh" ? "zh-CN" : one === "en" ? "en" : undefined}
          aria-pressed={chosen === one}
          data-testid={`language-${one}`}
          onClick={() => chooseLanguage(one)}
        >
          {one === "system" ? t.settings.languageSystem : OWN_NAMES[one]}
        </button>
      ))}
    </div>
  );
}

/** Written in the language itself: who reads it finds it. */
const OWN_NAMES = { en: "English", zh: "简体中文" } as const;
