import { useEffect, useRef } from "react";
import type { RequestState, RequestView } from "../backend/backend";
import { formatMoney } from "../figures/money";
import { formatInstant } from "../figures/time";
import { t } from "../text/text";
import { type News as Told, useDesk, useRequests, useToday } from "./desk";
import { useStable } from "./stable";

/** A window that closes within this time is told. */
const SOON_MS = 24 * 3_600_000;

/** Windows already told, so that a restart does not tell them again. */
const KEPT = "refund-desk.told-windows";
const KEPT_MOST = 200;

/** Tells, in the window and through the system, when a refund arrives or is overdue, and when a window is about to close. */
export function News() {
  const tell = useTell();
  useRequestNews(tell);
  useWindowNews(tell);
  return null;
}

function useTell(): (news: Told) => void {
  const { backend, tellNews } = useDesk();
  return useStable((news: Told) => {
    tellNews(news);
    void backend.notify(news.title, news.text).catch(() => undefined);
  });
}

function useRequestNews(tell: (news: Told) => void): void {
  const { chooseRequest, goTo } = useDesk();
  const requests = useRequests(null);
  const known = useRef<Map<string, RequestState> | null>(null);
  const show = (request: RequestView) => () => {
    chooseRequest(request.id);
    goTo("requests");
  };
  const compare = useStable((list: readonly RequestView[]) => {
    const before = known.current;
    known.current = new Map(list.map((request) => [request.id, request.state]));
    // What was so when the window opened is no news.
    if (before === null) return;
    for (const request of list) {
      if (before.get(request.id) === request.state) continue;
      const about = { resource: request.resource, customer: request.customer_name };
      if (request.state === "refunded" || request.state === "part_refunded") {
        const amount = formatMoney(request.arrived, request.currency);
        const title = request.state === "refunded" ? t.notices.arrived({ amount }) : t.notices.partArrived({ amount });
        tell({ title, text: t.notices.about(about), meaning: "returns", show: show(request) });
      } else if (request.state === "overdue") {
        const amount = formatMoney(request.predicted, request.currency);
        tell({ title: t.notices.overdue({ amount }), text: t.notices.about(about), meaning: "risk", show: show(request) });
      }
    }
  });
  useEffect(() => {
    if (requests.data) compare(requests.data);
  }, [requests.data, compare]);
}

function useWindowNews(tell: (news: Told) => void): void {
  const { goTo } = useDesk();
  const today = useToday();
  const look = useStable((data: NonNullable<typeof today.data>) => {
    const told = new Set<string>(JSON.parse(localStorage.getItem(KEPT) ?? "[]") as string[]);
    const soon = data.closing.filter((window) => window.kind !== "rises" && Date.parse(window.at) - Date.parse(data.at) < SOON_MS);
    const fresh = soon.filter((window) => !told.has(`${window.customer}/${window.resource}/${window.at}`));
    if (fresh.length === 0) return;
    for (const window of fresh) told.add(`${window.customer}/${window.resource}/${window.at}`);
    localStorage.setItem(KEPT, JSON.stringify([...told].slice(-KEPT_MOST)));
    const first = fresh[0];
    if (!first) return;
    // Many windows close on one day: one message tells of them all, and today's page tells each.
    const amount = formatMoney(first.at_stake, first.currency ?? "");
    const text =
      fresh.length === 1
        ? t.notices.about({ resource: first.resource, customer: first.customer_name })
        : t.notices.windowsText({ amount, resource: first.resource });
    const title =
      fresh.length === 1 ? t.notices.window({ when: formatInstant(first.at), amount }) : t.notices.windows({ count: fresh.length });
    tell({ title, text, meaning: "risk", show: () => goTo("today") });
  });
  useEffect(() => {
    if (today.data) look(today.data);
  }, [today.data, look]);
}
