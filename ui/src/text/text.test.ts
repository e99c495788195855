import { type MessageFormatElement, TYPE } from "@formatjs/icu-messageformat-parser";
import { IntlMessageFormat } from "intl-messageformat";
import { afterEach, describe, expect, test, vi } from "vitest";
import { en } from "./en";
import { chooseLanguage, followLanguage, language, locale, t } from "./text";
import { zh } from "./zh";

afterEach(() => {
  localStorage.clear();
  vi.restoreAllMocks();
  chooseLanguage("en");
});

/** Every message of a catalogue with its key, such as `rail.sites.china`. */
function messages(catalogue: object, key = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([name, value]: [string, unknown]) => {
    const path = key === "" ? name : `${key}.${name}`;
    return typeof value === "string" ? [[path, value] as [string, string]] : messages(value as object, path);
  });
}

/** The names that a message is told with, however deep they stand; `#` after those that are counts and are told as numbers. */
function placeholders(elements: readonly MessageFormatElement[]): string[] {
  const names = elements.flatMap((element): string[] => {
    switch (element.type) {
      case TYPE.plural:
        return [`${element.value}#`, ...Object.values(element.options).flatMap((option) => placeholders(option.value))];
      case TYPE.select:
        return [element.value, ...Object.values(element.options).flatMap((option) => placeholders(option.value))];
      case TYPE.number:
        return [`${element.value}#`];
      case TYPE.argument:
        return [element.value];
      case TYPE.literal:
      case TYPE.pound:
        return [];
      default:
        throw new Error(`the catalogues have no use for ICU elements of kind ${TYPE[element.type]}`);
    }
  });
  return [...new Set(names)].sort();
}

const namesOf = (message: string, tag: string) => placeholders(new IntlMessageFormat(message, tag).getAst());

/** Left alike on purpose: names, formats and code words that Chinese readers use as they are. */
const ALIKE = /^(channel\.api|connections\.ways\.key|destination\.paypal|inspector\.utc8|history\.exportHash|rail\.counted|text\.)/;

describe("the Chinese catalogue", () => {
  const english = messages(en);
  const chinese = new Map(messages(zh));

  test("has the keys of the English one", () => {
    expect([...chinese.keys()].sort()).toEqual(english.map(([key]) => key).sort());
  });

  test("has the same placeholders", () => {
    const differ = english.filter(([key, message]) => namesOf(chinese.get(key) ?? "", "zh-CN").join() !== namesOf(message, "en-US").join());
    expect(differ).toEqual([]);
  });

  test("is Chinese, with Chinese punctuation", () => {
    const foreign = english.map(([key]) => key).filter((key) => !ALIKE.test(key) && !/\p{Script=Han}/u.test(chinese.get(key) ?? ""));
    expect(foreign).toEqual([]);
    const slips = [...chinese].filter(([, message]) => /\p{Script=Han}[,;:!?](\s|\p{Script=Han}|$)/u.test(message));
    expect(slips).toEqual([]);
  });
});

describe("the language", () => {
  test("is the system's first that the window speaks, unless one was chosen", () => {
    const system = vi.spyOn(navigator, "languages", "get");
    system.mockReturnValue(["fr-FR", "zh-Hans-CN", "en-GB"]);
    chooseLanguage("system");
    expect(language()).toBe("zh");
    system.mockReturnValue(["fr-FR"]);
    chooseLanguage("system");
    expect(language()).toBe("en");
    chooseLanguage("zh");
    expect(language()).toBe("zh");
    expect(localStorage.getItem("refund-desk.language")).toBe("zh");
  });

  test("is followed when the system changes its own", () => {
    const system = vi.spyOn(navigator, "languages", "get").mockReturnValue(["en-GB"]);
    chooseLanguage("system");
    followLanguage();
    system.mockReturnValue(["zh-CN"]);
    window.dispatchEvent(new Event("languagechange"));
    expect(language()).toBe("zh");
    expect(document.documentElement.lang).toBe("zh-CN");
    expect(locale()).toBe("zh-CN");
  });

  test.each([
    // count, English, Chinese
    [1, "1 resource", "1 个资源"],
    [2, "2 resources", "2 个资源"],
    [12345, "12,345 resources", "12,345 个资源"],
  ])("counts %d", (count, inEnglish, inChinese) => {
    expect(t.rail.resources({ count })).toBe(inEnglish);
    chooseLanguage("zh");
    expect(t.rail.resources({ count })).toBe(inChinese);
  });

  test("knows the placeholders of a message when it is compiled", () => {
    // @ts-expect-error The message has `count`.
    expect(() => t.rail.resources({ number: 1 })).toThrow();
    const plain: string = t.rail.label;
    expect(plain).toBe("Customers");
  });
});
