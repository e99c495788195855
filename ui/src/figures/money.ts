// Amounts as people read them. Amounts are decimal strings from the desk and stay strings: no binary float comes near them.
// Both languages of the window group by three with a comma and write a point; a third one would have to say how it does.

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** Digits after the point that amounts of a currency carry (refund rules, section 2). */
export function minorDigits(currency: string): number {
  return currency === "JPY" ? 0 : 2;
}

/**
 * An amount with grouped thousands and at least the currency's minor digits, e.g. `1,020.00`. Digits beyond the minor unit are
 * kept unless they are zeros: an amount is never shown rounded. What is not a decimal comes back as it is.
 */
export function formatAmount(amount: string, currency: string): string {
  const match = DECIMAL.exec(amount.trim());
  if (!match) return amount;
  const [, sign, whole = "0", fraction = ""] = match;
  const digits = minorDigits(currency);
  const kept = fraction.replace(/0+$/, "").padEnd(digits, "0");
  const grouped = whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign === "-" ? "\u2212" : ""}${grouped}${kept === "" ? "" : `.${kept}`}`;
}

/** An amount with its currency before it, e.g. `USD 1,020.00`. */
export function formatMoney(amount: string, currency: string): string {
  return `${currency} ${formatAmount(amount, currency)}`;
}

/** Whether a decimal string is nought, however many zeros it is written with. */
export function isZero(amount: string): boolean {
  return /^[+-]?0+(\.0+)?$/.test(amount.trim());
}

/** Whether two decimal strings are the same number, whatever their trailing zeros; no arithmetic on binary floats. */
export function sameAmount(left: string, right: string): boolean {
  const canonical = (text: string): string | null => {
    const match = DECIMAL.exec(text.trim());
    if (!match) return null;
    const [, sign, whole = "0", fraction = ""] = match;
    const body = `${whole.replace(/^0+(?=\d)/, "")}.${fraction.replace(/0+$/, "")}`;
    return body === "0." ? body : `${sign === "-" ? "-" : ""}${body}`;
  };
  const a = canonical(left);
  return a !== null && a === canonical(right);
}

/** Whether a text is an amount that may be handed to the desk: digits, at most one point, no sign, no grouping. */
export function isAmountText(text: string): boolean {
  return /^\d{1,10}(\.\d{1,6})?$/.test(text.trim());
}

/** The exact sum of decimal strings; what is not a decimal counts for nothing. */
export function sumAmounts(amounts: readonly string[]): string {
  const parts = amounts.flatMap((amount) => {
    const match = DECIMAL.exec(amount.trim());
    return match ? [{ sign: match[1] === "-" ? -1n : 1n, whole: match[2] ?? "0", fraction: match[3] ?? "" }] : [];
  });
  const scale = parts.reduce((most, part) => Math.max(most, part.fraction.length), 0);
  const sum = parts.reduce((total, part) => total + part.sign * BigInt(part.whole + part.fraction.padEnd(scale, "0")), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return sum < 0n ? `-${text}` : text;
}
