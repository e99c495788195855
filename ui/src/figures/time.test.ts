import { afterEach, expect, test } from "vitest";
import { chooseLanguage } from "../text/text";
import { age, formatCalendarDate, formatDay, formatInstant, formatRuleBeside, formatRuleInstant, isCalendarDate } from "./time";

// The tests run with TZ=UTC (vite.config.ts).

test("an instant is told in local time and by the rule clock", () => {
  expect(formatInstant("2026-09-20T02:05:00Z")).toBe("20 Sep 2026, 02:05");
  expect(formatRuleInstant("2026-09-20T02:05:00Z")).toBe("20 Sep 2026, 10:05");
});

test("the rule clock names its date only where it is another one", () => {
  expect(formatRuleBeside("2026-05-20T02:00:00Z")).toBe("10:00");
  expect(formatRuleBeside("2026-05-20T16:00:00Z")).toBe("21 May 2026, 00:00");
});

afterEach(() => chooseLanguage("en"));

test("Chinese readers get the year first, month and day in figures", () => {
  chooseLanguage("zh");
  expect(formatDay("2026-05-20T02:00:00Z")).toBe("2026-05-20");
  expect(formatInstant("2026-09-20T02:05:00Z")).toBe("2026-09-20 02:05");
  expect(formatRuleBeside("2026-05-20T16:00:00Z")).toBe("2026-05-21 00:00");
  expect(formatCalendarDate("2026-05-22")).toBe("2026-05-22");
});

test("midnight is 00:00, not 24:00", () => {
  expect(formatInstant("2026-05-20T00:00:00Z")).toBe("20 May 2026, 00:00");
});

test("a calendar date has no zone", () => {
  expect(formatCalendarDate("2026-05-22")).toBe("22 May 2026");
  expect(formatDay("2026-05-22T23:59:59Z")).toBe("22 May 2026");
});

test.each([
  ["2026-05-20T01:59:30Z", 0, "minute"],
  ["2026-05-20T01:01:00Z", 59, "minute"],
  ["2026-05-20T01:00:00Z", 1, "hour"],
  ["2026-05-18T02:00:01Z", 47, "hour"],
  ["2026-05-18T02:00:00Z", 2, "day"],
  // A clock that ran ahead is not a negative age.
  ["2026-05-21T00:00:00Z", 0, "minute"],
])("the age of %s", (instant, count, unit) => {
  expect(age(instant, "2026-05-20T02:00:00Z")).toEqual({ count, unit });
});

test.each([
  ["2026-05-22", true],
  ["2028-02-29", true],
  ["2026-02-29", false],
  ["2026-13-01", false],
  ["2026-5-2", false],
  ["22.05.2026", false],
  ["", false],
])("isCalendarDate(%j) is %s", (text, expected) => {
  expect(isCalendarDate(text)).toBe(expected);
});
