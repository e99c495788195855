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

/** Where the built page, its styles and its scripts load something by an address of the network. */
function loads(file: { fileName: string }, content: string): string[] {
  const ways = file.fileName.endsWith(".html")
    ? /(?:src|href|action|data)="?\s*(?:[a-z]+:)?\/\/[^"\s>]*/g
    : file.fileName.endsWith(".css")
      ? /(?:url\(\s*["']?|@import\s+["'])(?:[a-z]+:)?\/\/[^"')]*/g
      : /(?:import\s*\(\s*|from\s*|import\s*)["'`](?:[a-z]+:)?\/\/[^"'`]*/g;
  return [...content.matchAll(ways)].map((found) => `${file.fileName}: ${found[0]}`);
}

test("nothing that is shipped loads by an address of the network", () => {
  expect(files.flatMap((file) => loads(file, text(file)))).toEqual([]);
  const chunks = files.filter((file) => file.type === "chunk");
  const own = new Set(files.map((file) => file.fileName));
  expect(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]).filter((name) => !own.has(name))).toEqual([]);
});

test("a planted address is found", () => {
  const planted: [string, string][] = [
    ["index.html", '<script type="module" src="https://example.invalid/a.js"></script>'],
    ["index.html", '<link rel="stylesheet" href="//example.invalid/a.css">'],
    ["a.css", "@font-face{src:url(https://example.invalid/a.woff2)}"],
    ["a.css", '@import "//example.invalid/a.css";'],
    ["a.js", 'const a=await import("https://example.invalid/a.js")'],
    ["a.js", 'import{a}from"https://example.invalid/a.js"'],
  ];
  for (const [fileName, content] of planted) expect(loads({ fileName }, content), content).toHaveLength(1);
  expect(loads({ fileName: "a.css" }, "a{background:url(/assets/a.png)}")).toEqual([]);
  expect(loads({ fileName: "a.js" }, 'const n="http://www.w3.org/2000/svg"')).toEqual([]);
});

test("the lock file names no registry", () => {
  expect(lock).toContain('"integrity"');
  expect(lock).not.toContain('"resolved"');
  expect(lock).not.toContain(".tgz");
});
