import "./app.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { type Backend, problemOf } from "../backend/backend";
import { FailedState, LoadingState } from "../controls/controls";
import { Gate } from "../entry/Gate";
import { HistoryPage } from "../history/HistoryPage";
import { CommandProvider } from "../palette/commands";
import { Palette } from "../palette/Palette";
import { RenewalsPage } from "../renewals/RenewalsPage";
import { ReportsPage } from "../reports/ReportsPage";
import { RequestsPage } from "../requests/RequestsPage";
import { ResourcesPage } from "../resources/ResourcesPage";
import { SettingsPage } from "../settings/SettingsPage";
import { language, locale, t, useLanguage } from "../text/text";
import { TodayPage } from "../today/TodayPage";
import { Wizard } from "../wizard/Wizard";
import { CustomerRail } from "./CustomerRail";
import { DeskProvider, type Page, useDesk, useStatus } from "./desk";
import { HouseCommands } from "./HouseCommands";
import { IdleLock } from "./IdleLock";
import { LinkFollower } from "./links";
import { News } from "./News";
import { ReadOnlyBanner } from "./ReadOnlyBanner";
import { SandboxBanner } from "./SandboxBanner";
import { SyncProvider } from "./syncing";
import { Toasts } from "./Toasts";
import { TopBar } from "./TopBar";

/**
 * The window. Reads come from the desk on this machine: they wait for no network and are not tried again by themselves. `start`
 * is the page that it opens with.
 */
export function App(props: { backend: Backend; start?: Page }) {
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
        <Gate backend={props.backend}>
          {(opened, newHome) => (
            <DeskProvider
              backend={props.backend}
              newHome={() => newHome("connect")}
              start={opened === null ? (props.start ?? "resources") : "settings"}
              settings={opened === "import" ? "import" : "connections"}
            >
              <CommandProvider>
                <SyncProvider>
                  <Window />
                </SyncProvider>
              </CommandProvider>
            </DeskProvider>
          )}
        </Gate>
      </QueryClientProvider>
    </I18nProvider>
  );
}

const BODIES: Record<Page, () => React.JSX.Element> = {
  today: TodayPage,
  resources: ResourcesPage,
  renewals: RenewalsPage,
  requests: RequestsPage,
  history: HistoryPage,
  reports: ReportsPage,
  settings: SettingsPage,
};

function Window() {
  const { backend, page, wizard } = useDesk();
  const status = useStatus();
  const shown = language();
  // The desk's sentences follow the window's language.
  useEffect(() => {
    backend.setLanguage(shown).catch(() => undefined);
  }, [backend, shown]);
  if (status.isPending) return <LoadingState label={t.app.opening} />;
  if (status.isError) {
    return <FailedState title={t.app.openFailed} problem={problemOf(status.error)} onRetry={() => void status.refetch()} />;
  }
  const Body = BODIES[page];
  return (
    <div className="window">
      {status.data.sandbox && <SandboxBanner status={status.data} />}
      {status.data.read_only && <ReadOnlyBanner />}
      <TopBar />
      <div className="floor">
        <CustomerRail />
        <Body />
      </div>
      {wizard && <Wizard task={wizard} />}
      <Toasts />
      <HouseCommands />
      <LinkFollower />
      <News />
      {!status.data.sandbox && <IdleLock />}
      <Palette />
    </div>
  );
}
