// Instants and dates as people read them: local time, with UTC+8 beside it where a rule reads it so.

const LOCALE = "en-GB";
const DATE: Intl.DateTimeFormatOptions = { day: "2-digit", month: "short", year: "numeric" };
const MINUTE: Intl.DateTimeFormatOptions = { ...DATE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

const localDate = new Intl.DateTimeFormat(LOCALE, DATE);
const localMinute = new Intl.DateTimeFormat(LOCALE, MINUTE);
const ruleMinute = new Intl.DateTimeFormat(LOCALE, { ...MINUTE, timeZone: "Asia/Shanghai" });
const calendarDate = new Intl.DateTimeFormat(LOCALE, { ...DATE, timeZone: "UTC" });

/** The local calendar date of an instant, e.g. `20 May 2026`. */
export function formatDay(instant: string): string {
  return localDate.format(new Date(instant));
}

/** An instant to the minute in local time, e.g. `20 May 2026, 10:00`. */
export function formatInstant(instant: string): string {
  return localMinute.format(new Date(instant));
}

/** The same instant by the clock that rules are read by, e.g. `20 May 2026, 18:00`. */
export function formatRuleInstant(instant: string): string {
  return ruleMinute.format(new Date(instant));
}

/** A calendar date (no time, no zone) such as `2026-05-22`. */
export function formatCalendarDate(date: string): string {
  return calendarDate.format(new Date(`${date}T00:00:00Z`));
}

/** How long ago `instant` was, seen from `now`: a count and its unit. */
export function age(instant: string, now: string): { count: number; unit: "minute" | "hour" | "day" } {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(instant)) / 60_000));
  if (minutes < 60) return { count: minutes, unit: "minute" };
  if (minutes < 48 * 60) return { count: Math.floor(minutes / 60), unit: "hour" };
  return { count: Math.floor(minutes / (24 * 60)), unit: "day" };
}
