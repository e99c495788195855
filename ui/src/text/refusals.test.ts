import { afterEach, expect, test } from "vitest";
import columns from "../../../src-tauri/desk/src/import/columns.rs?raw";
import reasons from "../../../src-tauri/desk/src/import/refusal.rs?raw";
import { en } from "./en";
import { refusal } from "./refusals";
import { chooseLanguage } from "./text";
import { refusals } from "./zh/refusals";

afterEach(() => chooseLanguage("en"));

/** The desk's reasons by id, each with the names of what it speaks of. */
const written = new Map(
  [...reasons.matchAll(/^    \w+ \{([^}]*)\} "([a-z_.]+)" "/gm)].map(([, params, id]) => [id as string, (params ?? "").split(",").map((name) => name.trim()).filter(Boolean).sort()]),
);

test("every reason of the desk is known in Chinese, and speaks of the same", () => {
  expect(written.size).toBeGreaterThan(30);
  expect(Object.keys(refusals).sort()).toEqual([...written.keys()].sort());
  for (const [id, message] of Object.entries(refusals)) {
    const named = [...message.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
    expect([id, named]).toEqual([id, written.get(id)]);
    expect(message).toMatch(/\p{Script=Han}/u);
  }
});

test("every field of a file has a name", () => {
  const words = [...columns.matchAll(/^    \w+ "([a-z_]+)":/gm)].map((found) => found[1]);
  expect(words.length).toBeGreaterThan(20);
  expect(Object.keys(en.fields).sort()).toEqual(words.sort());
});

test("a refusal is told in the window's language, with what the file says", () => {
  const row = { line: 5, field: "paid_at", code: "bad_time", reason: "bad_time", params: { cell: "{x}<b>昨天" }, text: "`{x}<b>昨天` is no time" };
  expect(refusal(row)).toBe(row.text);
  chooseLanguage("zh");
  expect(refusal(row)).toBe("“{x}<b>昨天”不是时间，请写成 yyyy-MM-dd HH:mm:ss");
  expect(refusal({ ...row, reason: "something_new" })).toBe(row.text);
});
