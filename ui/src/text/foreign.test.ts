import { expect, test } from "vitest";
import { foreign, foreignWithin } from "./foreign";
import { t } from "./text";

test.each([
  ["Acme & Sons <b>Ltd</b>", "Acme & Sons <b>Ltd</b>"],
  ["refund\u202efdp.exe", "refundfdp.exe"],
  ["a\u2069\u202eb\u2068", "ab"],
  ["a\u0000b\u0007c\u009bd\u2028e", "a\ufffdb\ufffdc\ufffdd\ufffde"],
  ["two\nlines\tand a tab", "two\nlines\tand a tab"],
  ["👩‍👩‍👧‍👦 株式会社 🏢", "👩‍👩‍👧‍👦 株式会社 🏢"],
  ["שלום 2026", "שלום 2026"],
])("%j is shown as %j", (written, shown) => expect(foreign(written)).toBe(shown));

test("in a sentence, what is written from the right is kept apart", () => {
  expect(foreignWithin("Acme")).toBe("Acme");
  expect(foreignWithin("\u202eשלום 2026")).toBe("\u2068שלום 2026\u2069");
  expect(t.notices.about({ resource: "i-1", customer: "שלום\u2069\u202e" })).toBe("i-1 of \u2068שלום\u2069");
});
