import { locale } from "../text/text";

const MEBIBYTE = 1024 * 1024;

/** A size of files as people compare it; the desk gives it in bytes, as text. */
export function megabytes(bytes: string): string {
  const size = Number(bytes) / MEBIBYTE;
  const digits = size < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Math.max(size, 0.1))} MiB`;
}
