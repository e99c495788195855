import { afterEach, describe, expect, test } from "vitest";
import type { ResourceRow } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";
import { keptLayout } from "../table/layout";
import { asText, asTsv } from "./copy";
import { isFiltered, NO_FILTERS, queryOf } from "./filters";
import { toggled, withAll } from "./selection";
import { dayOf, instantOn } from "./WhatIf";

afterEach(() => localStorage.clear());

const key = (resource: string) => ({ customer: "c", resource });

describe("the selection", () => {
  test("takes one more, leaves one, and takes many once", () => {
    const one = toggled(new Map(), key("a"));
    expect([...one.keys()]).toEqual(["c/a"]);
    expect(toggled(one, key("a")).size).toBe(0);
    expect([...withAll(one, [key("a"), key("b")]).keys()]).toEqual(["c/a", "c/b"]);
    expect(one.size).toBe(1);
  });

  test("tells resources of two customers apart", () => {
    const two = withAll(new Map(), [key("a"), { customer: "d", resource: "a" }]);
    expect(two.size).toBe(2);
  });
});

describe("the filters", () => {
  test("become the desk's query, with empty ends left open", () => {
    const query = queryOf(null, "plans", { ...NO_FILTERS, text: " oss ", from: "2026-01-02" }, { by: "region", descending: true });
    expect(query).toMatchObject({ tab: "plans", text: "oss", ordered_from: "2026-01-02", ordered_to: null, sort: "region", descending: true });
    expect(isFiltered(NO_FILTERS)).toBe(false);
    expect(isFiltered({ ...NO_FILTERS, product: "ecs" })).toBe(true);
  });
});

describe("another day", () => {
  test.each([
    // day in UTC+8, now, instant with the same time of day, or none
    ["2026-05-21", "2026-05-20T02:00:00Z", "2026-05-21T02:00:00Z"],
    ["2026-05-20", "2026-05-20T02:00:00Z", "2026-05-20T02:00:00Z"],
    // 20:30 UTC is the next morning in UTC+8.
    ["2026-05-21", "2026-05-20T20:30:00Z", "2026-05-20T20:30:00Z"],
    ["2026-05-22", "2026-05-20T20:30:00Z", "2026-05-21T20:30:00Z"],
    ["2026-05-19", "2026-05-20T02:00:00Z", null],
    ["no day", "2026-05-20T02:00:00Z", null],
  ])("%s from %s is %s", (day, now, expected) => {
    expect(instantOn(day, now)).toBe(expected);
  });

  test("is named by the rules' clock", () => {
    expect(dayOf("2026-05-20T16:00:00Z")).toBe("2026-05-21");
    expect(dayOf("2026-05-20T15:59:59Z")).toBe("2026-05-20");
  });
});

describe("copying", () => {
  const rows = async (): Promise<ResourceRow[]> => {
    const all = await mockDesk(0).listed(queryOf(null, "regular", NO_FILTERS, { by: "refund", descending: true }));
    return all.length > 0 ? all.slice(0, 2) : (await mockDesk(0).listed({ ...queryOf(null, "regular", NO_FILTERS, { by: "refund", descending: true }), limit: 2 }));
  };

  test("makes columns of which none breaks a line or is a formula", async () => {
    const [first] = await rows();
    if (!first) throw new Error("the mock desk lists nothing");
    const lines = asTsv([{ ...first, customer_name: "=A1\tand\nmore" }]).split("\n");
    expect(lines).toHaveLength(2);
    const [head, line] = lines.map((text) => text.split("\t"));
    expect(line).toHaveLength(head?.length ?? 0);
    expect(line?.[0]).toBe("'=A1 and more");
    expect(line).toContain(first.refund);
  });

  test.each([
    ["+1-555", "'+1-555"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["-1+cmd", "'-1+cmd"],
    [" =1+1", "' =1+1"],
    ['"Quoted" Ltd', "'\"Quoted\" Ltd"],
    ["-12.50", "-12.50"],
    ["A-Team = 1", "A-Team = 1"],
    ["gnp\u202eexe", "gnpexe"],
  ])("writes %j into a cell as %j", async (name, cell) => {
    const [first] = await rows();
    if (!first) throw new Error("the mock desk lists nothing");
    expect(asTsv([{ ...first, customer_name: name }]).split("\n")[1]?.split("\t")[0]).toBe(cell);
  });

  test("makes a line to read of each", async () => {
    const [first] = await rows();
    if (!first) throw new Error("the mock desk lists nothing");
    const text = asText([{ ...first, refund: "1020.5", refund_max: "1100.00", exact: false, currency: "USD" }]);
    expect(text).toContain(first.resource);
    expect(text).toContain("USD 1,020.50 – USD 1,100.00");
  });
});

describe("the table's layout", () => {
  test.each([
    ["nothing", null, { shown: null, widths: {} }],
    ["no JSON", "{", { shown: null, widths: {} }],
    ["widths beyond reason", '{"shown":["a"],"widths":{"a":100,"b":9999,"c":"x"}}', { shown: ["a"], widths: { a: 100 } }],
  ])("reads %s", (_, kept, expected) => {
    if (kept !== null) localStorage.setItem("refund-desk.table.t", kept);
    expect(keptLayout("t")).toEqual(expected);
  });
});
