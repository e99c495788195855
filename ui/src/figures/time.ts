// Instants and dates as people read them: local time, with UTC+8 beside it where a rule reads it so.

// Month names of three letters, so that dates keep one width; the order of the parts is made below.
const LOCALE = "en-US";
const DATE: Intl.DateTimeFormatOptions = { day: "2-digit", month: "short", year: "numeric" };
const MINUTE: Intl.DateTimeFormatOptions = { ...DATE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

const localMinute = new Intl.DateTimeFormat(LOCALE, MINUTE);
const ruleMinute = new Intl.DateTimeFormat(LOCALE, { ...MINUTE, timeZone: "Asia/Shanghai" });
const calendarDate = new Intl.DateTimeFormat(LOCALE, { ...DATE, timeZone: "UTC" });

/** Day, month, year in this order, whatever the formatter's; and the time of day. */
function parts(format: Intl.DateTimeFormat, instant: string): { day: string; time: string } {
  const found = new Map(format.formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
  const of = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? "";
  return { day: `${of("day")} ${of("month")} ${of("year")}`, time: `${of("hour")}:${of("minute")}` };
}

/** The local calendar date of an instant, e.g. `20 May 2026`. */
export function formatDay(instant: string): string {
  return parts(localMinute, instant).day;
}

/** An instant to the minute in local time, e.g. `20 May 2026, 10:00`. */
export function formatInstant(instant: string): string {
  const { day, time } = parts(localMinute, instant);
  return `${day}, ${time}`;
}

/** The same instant by the clock that rules are read by, e.g. `20 May 2026, 18:00`. */
export function formatRuleInstant(instant: string): string {
  const { day, time } = parts(ruleMinute, instant);
  return `${day}, ${time}`;
}

/** The rule clock's reading to stand beside the local one: only the time when both have one date. */
export function formatRuleBeside(instant: string): string {
  const rule = parts(ruleMinute, instant);
  return rule.day === parts(localMinute, instant).day ? rule.time : `${rule.day}, ${rule.time}`;
}

/** A calendar date (no time, no zone) such as `2026-05-22`. */
export function formatCalendarDate(date: string): string {
  return parts(calendarDate, `${date}T00:00:00Z`).day;
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
