// How large the page is shown, kept for this computer.

/** What the page is shown at, in per cent; the steps that browsers have. */
const STEPS = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300] as const;
const USUAL = 100;
const KEPT = "refund-desk.zoom";

export function keptZoom(): number {
  const kept = Number(localStorage.getItem(KEPT));
  return STEPS.find((step) => step === kept) ?? USUAL;
}

/** Keeps and answers the next step up (`1`) or down (`-1`), or the usual size (`0`). */
export function nextZoom(by: -1 | 0 | 1): number {
  const at = STEPS.findIndex((step) => step === keptZoom());
  const next = by === 0 ? USUAL : (STEPS[Math.min(Math.max(at + by, 0), STEPS.length - 1)] ?? USUAL);
  localStorage.setItem(KEPT, String(next));
  return next;
}
