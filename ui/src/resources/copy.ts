// Resources as text to paste: lines to read, or columns for a spreadsheet.

import type { ResourceRow } from "../backend/backend";
import { formatMoney } from "../figures/money";
import { formatDay } from "../figures/time";
import { foreign } from "../text/foreign";
import { t } from "../text/text";

/** What a cell of a spreadsheet may not hold, since it ends the cell or the line, is taken for a formula, or opens a quotation. */
const plain = (text: string): string => {
  const flat = oneLine(text);
  return /^\s*([=+@"]|-(?!\d+(\.\d+)?$))/.test(flat) ? `'${flat}` : flat;
};

/** As it is shown, without what would end a line. */
const oneLine = (text: string): string => foreign(text.replace(/[\t\r\n]+/g, " "));

const typeOf = (row: ResourceRow): string => (row.refund_type === null ? t.resources.noQuote : t.refundType[row.refund_type]);

/** Tab-separated: a line of titles, then a line a resource. Amounts as the desk gave them. */
export function asTsv(rows: readonly ResourceRow[]): string {
  const c = t.resources.columns;
  const head = [c.customer, c.resource, c.product, c.region, c.orderTime, c.expires, c.type, c.currency, c.refund, c.most, c.holds];
  const lines = rows.map((row) => [
    row.customer_name,
    row.resource,
    row.product,
    row.region,
    row.ordered_at ?? "",
    row.expires_at ?? "",
    typeOf(row),
    row.currency ?? "",
    row.refund ?? "",
    row.refund_max ?? "",
    row.valid_until ?? "",
  ]);
  return [head, ...lines].map((line) => line.map(plain).join("\t")).join("\n");
}

/** A line a resource, to read. */
export function asText(rows: readonly ResourceRow[]): string {
  return rows
    .map((row) => {
      const least = row.refund === null ? "–" : formatMoney(row.refund, row.currency ?? "");
      const most = row.exact || row.refund_max === null ? "" : ` – ${formatMoney(row.refund_max, row.currency ?? "")}`;
      const expires = row.expires_at === null ? "" : ` · ${t.inspector.expires} ${formatDay(row.expires_at)}`;
      return `${row.resource} (${row.product}) · ${typeOf(row)} · ${least}${most}${expires} · ${oneLine(row.customer_name)}`;
    })
    .join("\n");
}

/** Puts text on the clipboard that has yet to be made; the web view wants to be asked while the key is still down. */
export async function copyLater(make: Promise<string>): Promise<void> {
  if (typeof ClipboardItem === "undefined" || !navigator.clipboard?.write) {
    await navigator.clipboard.writeText(await make);
    return;
  }
  const blob = make.then((text) => new Blob([text], { type: "text/plain" }));
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}
