// Instants and dates as people read them: local time, with UTC+8 beside it where a rule reads it so.

import { type Language, language } from "../text/text";

/** How a language writes the month, and the order of a date's parts. */
type Written = { locale: string; month: "short" | "2-digit"; day: (day: string, month: string, year: string) => string; between: string };

const WRITTEN: Record<Language, Written> = {
  // Month names of three letters, so that dates keep one width.
  en: { locale: "en-US", month: "short", day: (day, month, year) => `${day} ${month} ${year}`, between: ", " },
  // As the Chinese console and GB/T 7408 write it.
  zh: { locale: "zh-CN", month: "2-digit", day: (day, month, year) => `${year}-${month}-${day}`, between: " " },
};

/** The zones that dates are told in; the local one is the machine's. */
const ZONES = { local: undefined, rule: "Asia/Shanghai", none: "UTC" } as const;
type Zone = keyof typeof ZONES;

/** Making a formatter takes longer than a hundred uses of it. */
const made = new Map<string, Intl.DateTimeFormat>();

function formatter(written: Written, zone: Zone): Intl.DateTimeFormat {
  const key = `${written.locale} ${zone}`;
  const known = made.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(written.locale, {
    day: "2-digit",
    month: written.month,
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: ZONES[zone],
  });
  made.set(key, format);
  return format;
}

type Parts = { day: string; time: string; both: string };

/** Instants come again, in every row of a list and each time it is drawn. */
const told = new Map<string, Parts>();

/** More than the rows of any list on screen have. */
const TOLD_MAX = 4_000;

/** The day in the language's order, the time of day, and both. */
function parts(zone: Zone, instant: string): Parts {
  const key = `${language()} ${zone} ${instant}`;
  const known = told.get(key);
  if (known) return known;
  if (told.size >= TOLD_MAX) told.clear();
  const found = asked(zone, instant);
  told.set(key, found);
  return found;
}

function asked(zone: Zone, instant: string): Parts {
  const written = WRITTEN[language()];
  const found = new Map(formatter(written, zone).formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
  const of = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? "";
  const day = written.day(of("day"), of("month"), of("year"));
  const time = `${of("hour")}:${of("minute")}`;
  return { day, time, both: `${day}${written.between}${time}` };
}

/** The local calendar date of an instant, e.g. `20 May 2026`. */
export function formatDay(instant: string): string {
  return parts("local", instant).day;
}

/** An instant to the minute in local time, e.g. `20 May 2026, 10:00`. */
export function formatInstant(instant: string): string {
  return parts("local", instant).both;
}

/** The same instant by the clock that rules are read by, e.g. `20 May 2026, 18:00`. */
export function formatRuleInstant(instant: string): string {
  return parts("rule", instant).both;
}

/** The rule clock's reading to stand beside the local one: only the time when both have one date. */
export function formatRuleBeside(instant: string): string {
  const rule = parts("rule", instant);
  return rule.day === parts("local", instant).day ? rule.time : rule.both;
}

/** A calendar date (no time, no zone) such as `2026-05-22`. */
export function formatCalendarDate(date: string): string {
  return parts("none", `${date}T00:00:00Z`).day;
}

/** Whether a text is a day of the calendar, written `2026-05-22`. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

/** How long ago `instant` was, seen from `now`: a count and its unit. */
export function age(instant: string, now: string): { count: number; unit: "minute" | "hour" | "day" } {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(instant)) / 60_000));
  if (minutes < 60) return { count: minutes, unit: "minute" };
  if (minutes < 48 * 60) return { count: Math.floor(minutes / 60), unit: "hour" };
  return { count: Math.floor(minutes / (24 * 60)), unit: "day" };
}
