// Why a line of a file was refused, in the window's language: the desk's own sentence in English, in Chinese one by the reason's id.

import { IntlMessageFormat } from "intl-messageformat";
import type { RefusedRow } from "../backend/backend";
import { foreign, foreignWithin } from "./foreign";
import { language, locale } from "./text";
import { refusals as zh } from "./zh/refusals";

export function refusal(row: RefusedRow): string {
  const message = language() === "zh" ? zh[row.reason] : undefined;
  if (message === undefined) return foreign(row.text);
  const params = Object.fromEntries(Object.entries(row.params).map(([name, value]) => [name, foreignWithin(value ?? "")]));
  return String(new IntlMessageFormat(message, locale()).format(params));
}
