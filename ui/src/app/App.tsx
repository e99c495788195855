import "./app.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { I18nProvider } from "react-aria-components";
import { type Backend, problemOf } from "../backend/backend";
import { FailedState, LoadingState, ProblemCard } from "../controls/controls";
import { HistoryPage } from "../history/HistoryPage";
import { RenewalsPage } from "../renewals/RenewalsPage";
import { RequestsPage } from "../requests/RequestsPage";
import { ResourcesPage } from "../resources/ResourcesPage";
import { SettingsPage } from "../settings/SettingsPage";
import { locale, t, useLanguage } from "../text/text";
import { Wizard } from "../wizard/Wizard";
import { CustomerRail } from "./CustomerRail";
import { DeskProvider, type Page, useDesk, useStatus } from "./desk";
import { SandboxBanner } from "./SandboxBanner";

/** The window. Reads come from the desk on this machine: they wait for no network and are not tried again by themselves. */
export function App(props: { backend: Backend }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { networkMode: "always", retry: false, staleTime: Infinity, refetchOnWindowFocus: false },
          mutations: { networkMode: "always", retry: false },
        },
      }),
  );
  // Another language: everything below is rendered again, and keeps its state.
  useLanguage();
  return (
    <I18nProvider locale={locale()}>
      <QueryClientProvider client={client}>
        <DeskProvider backend={props.backend}>
          <Window />
        </DeskProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}

const PAGES: readonly { page: Page; body: () => React.JSX.Element }[] = [
  { page: "resources", body: ResourcesPage },
  { page: "renewals", body: RenewalsPage },
  { page: "requests", body: RequestsPage },
  { page: "history", body: HistoryPage },
  { page: "settings", body: SettingsPage },
];

function Window() {
  const { page, wizard } = useDesk();
  const status = useStatus();
  if (status.isPending) return <LoadingState label={t.app.opening} />;
  if (status.isError) {
    return <FailedState title={t.app.openFailed} problem={problemOf(status.error)} onRetry={() => void status.refetch()} />;
  }
  const Body = PAGES.find((one) => one.page === page)?.body ?? ResourcesPage;
  return (
    <div className="window">
      {status.data.sandbox && <SandboxBanner status={status.data} />}
      <TopBar />
      <div className="floor">
        <CustomerRail />
        <Body />
      </div>
      {wizard && <Wizard task={wizard} />}
      <Toasts />
    </div>
  );
}

function TopBar() {
  const { page, goTo } = useDesk();
  const status = useStatus();
  return (
    <header className="top-bar">
      <span className="brand">{t.app.name}</span>
      <nav aria-label={t.app.pagesLabel}>
        {PAGES.map((one) => (
          <button
            key={one.page}
            type="button"
            className="nav"
            aria-current={page === one.page ? "page" : undefined}
            data-testid={`nav-${one.page}`}
            onClick={() => goTo(one.page)}
          >
            {t.app.pages[one.page]}
          </button>
        ))}
      </nav>
      <span className="home small muted break" title={status.data?.home}>
        {status.data?.home}
      </span>
    </header>
  );
}

function Toasts() {
  const { messages, dismiss } = useDesk();
  if (messages.length === 0) return null;
  return (
    <section className="toasts" aria-label={t.problem.region}>
      {messages.map((message) => (
        <ProblemCard key={message.id} problem={message.problem} onDismiss={() => dismiss(message.id)} />
      ))}
    </section>
  );
}
