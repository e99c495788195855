// Whole cents as decimal strings, instants in days, and a repeatable sequence of numbers: what the invented data is made of.

const DAY = 86_400_000;

/** A count of cents as the desk writes amounts. */
export function money(cents: number): string {
  const whole = Math.trunc(Math.abs(cents) / 100);
  const rest = String(Math.abs(cents) % 100).padStart(2, "0");
  return `${cents < 0 ? "-" : ""}${whole}.${rest}`;
}

/** `cents * numerator / denominator`, half up, in whole numbers. Nothing here is negative. */
export function share(cents: number, numerator: number, denominator: number): number {
  const [over, under] = [2n * BigInt(cents) * BigInt(numerator), BigInt(denominator)];
  return Number((over + under) / (2n * under));
}

/** An instant so many days after another, in the form the desk uses. */
export function addDays(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * DAY).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Whole days from one instant to another; a begun day counts whole. */
export function begunDays(from: string, to: string): number {
  return Math.max(1, Math.ceil((Date.parse(to) - Date.parse(from)) / DAY));
}

/** The calendar date of an instant in UTC+8. */
export function ruleDate(instant: string): string {
  return new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** Date and time of an instant in UTC+8, to the minute. */
export function ruleMinute(instant: string): string {
  return addDays(instant, 8 / 24).slice(0, 16).replace("T", " ");
}

/** A repeatable sequence of whole numbers below a bound (a 32-bit linear congruential generator). */
export function sequence(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
