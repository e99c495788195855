import { afterEach, expect, test } from "vitest";
import { told } from "./problems";
import { chooseLanguage } from "./text";
import { problems } from "./zh/problems";

afterEach(() => chooseLanguage("en"));

/** The Rust sources, by their path. */
const SOURCES = import.meta.glob<string>("../../../src-tauri/{desk,app,store,bss,report}/src/**/*.rs", { query: "?raw", import: "default", eager: true });

/** How the Rust side writes a code that may reach the window: a new error's first word, or an error's code by its kind. */
const WRITTEN = [/(?:DeskError::new|Self::new|shut)\(\s*"([a-z_.]+)"/g, /=> "([a-z]+[_.][a-z_.]+)"/g];
const OF_KINDS = ["store/src/error.rs", "bss/src/error.rs", "report/src/error.rs"];

/** Words that stand in the same places and are no codes of problems. */
const OTHERS = /^(role_arn|partner)$/;

test("every problem of the desk is known in Chinese", () => {
  const codes = new Set<string>();
  for (const [file, source] of Object.entries(SOURCES)) {
    const text = source.split("#[cfg(test)]")[0] ?? "";
    const [created, byKind] = WRITTEN;
    for (const found of text.matchAll(created as RegExp)) codes.add(found[1] as string);
    if (OF_KINDS.some((end) => file.endsWith(end))) for (const found of text.matchAll(byKind as RegExp)) codes.add(found[1] as string);
  }
  expect(codes.size).toBeGreaterThan(100);
  expect([...codes].filter((code) => !OTHERS.test(code) && !(code in problems)).sort()).toEqual([]);
});

test("a problem is told in the window's language, with the desk's particulars", () => {
  const problem = { code: "wrong_passphrase", message: "the passphrase is not the one of this home", place: null, next: "run `rdesk key recover`" };
  expect(told(problem)).toEqual({ message: problem.message, next: "Type it again, or use the recovery code.", detail: null });
  chooseLanguage("zh");
  expect(told(problem)).toEqual({ message: "口令不正确", next: "请重新输入，或使用恢复码。", detail: problem.message });
  expect(told({ ...problem, code: "something_new" }).message).toBe(problem.message);
});
