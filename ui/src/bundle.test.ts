// @vitest-environment node
// What is shipped: built as for the window and looked at as a whole.

import type { RolldownOutput } from "rolldown";
import { build } from "vite";
import { beforeAll, expect, test } from "vitest";
import lock from "../package-lock.json?raw";

let files: RolldownOutput["output"];

beforeAll(async () => {
  const built = (await build({ mode: "production", logLevel: "error", build: { write: false } })) as RolldownOutput;
  files = built.output;
});

const text = (file: RolldownOutput["output"][number]): string =>
  file.type === "chunk" ? file.code : typeof file.source === "string" ? file.source : "";

test("the mock desk and its customers are not in it", () => {
  const all = files.map(text).join("\n");
  expect(all).toContain("sandbox_console_act");
  expect(all).not.toContain("Harbour Freight Lines");
  expect(files.map((file) => file.fileName).join(" ")).not.toContain("mock");
});

test("the page has no inline script and no inline style", () => {
  const page = files.find((file) => file.fileName === "index.html");
  const html = page ? text(page) : "";
  expect(html).toMatch(/<script type="module"[^>]* src="/);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  expect(html).not.toMatch(/<style[^>]*>\s*\S[^<]*<\/style>/);
  expect(html).not.toMatch(/\sstyle="/);
});

test("fonts are files of their own", () => {
  const styles = files.filter((file) => file.fileName.endsWith(".css")).map(text).join("\n");
  expect(styles).not.toContain("data:font");
  expect(styles).not.toContain("https://");
  expect(files.some((file) => file.fileName.endsWith(".woff2"))).toBe(true);
});

test("the lock file names no registry", () => {
  expect(lock).toContain('"integrity"');
  expect(lock).not.toContain('"resolved"');
  expect(lock).not.toContain(".tgz");
});
