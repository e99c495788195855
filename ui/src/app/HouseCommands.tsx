import { useEffect } from "react";
import { foreign } from "../text/foreign";
import { LANGUAGES, chooseLanguage, language, t } from "../text/text";
import { THEMES, chooseTheme } from "../look/theme";
import { keptZoom, nextZoom } from "../look/zoom";
import { type Command, useCommands, useRegistry } from "../palette/commands";
import { PAGES, SETTINGS, useAct, useCustomers, useDesk, useHome, useStatus } from "./desk";
import { pageKeys } from "./TopBar";
import { useSyncing } from "./syncing";
import { useFollow } from "./links";

/** What can be done from every page. */
export function HouseCommands() {
  const { showPalette } = useRegistry();
  const all = [
    { id: "palette", title: t.palette.open, group: t.palette.window, keys: "Mod+K", run: () => showPalette(true) },
    ...usePageCommands(),
    ...useCustomerCommands(),
    ...useSyncCommands(),
    ...useHomeCommands(),
    ...useLookCommands(),
    ...useZoomCommands(),
  ];
  useCommands(all);
  return null;
}

function usePageCommands(): Command[] {
  const { goTo, openSettings } = useDesk();
  const sandbox = useStatus().data?.sandbox ?? false;
  const follow = useFollow();
  const pages = PAGES.map((page) => ({
    id: `go.${page}`,
    title: t.palette.goTo({ page: t.app.pages[page] }),
    group: t.palette.pages,
    keys: pageKeys(page),
    run: () => goTo(page),
  }));
  const parts = SETTINGS.filter((part) => part !== (sandbox ? "security" : "sandbox")).map((part) => ({
    id: `settings.${part}`,
    title: t.palette.goTo({ page: t.settings.parts[part] }),
    group: t.app.pages.settings,
    run: () => openSettings(part),
  }));
  const paste = async () => {
    const order = (await navigator.clipboard.readText().catch(() => "")).trim();
    if (order !== "") follow(order);
  };
  const find = { id: "order.paste", title: t.palette.findOrder, group: t.palette.window, run: () => void paste() };
  return [...pages, find, ...parts];
}

function useCustomerCommands(): Command[] {
  const { chooseCustomer } = useDesk();
  const customers = useCustomers().data ?? [];
  const all = { id: "customer.all", title: t.rail.all, group: t.palette.customers, run: () => chooseCustomer(null) };
  const each = customers.map((row) => ({
    id: `customer.${row.id}`,
    title: foreign(row.name),
    group: t.palette.customers,
    words: row.uid,
    run: () => chooseCustomer(row.id),
  }));
  return customers.length === 0 ? [] : [all, ...each];
}

function useSyncCommands(): Command[] {
  const sync = useSyncing();
  const group = t.palette.sync;
  if (!sync.allowed) return [];
  return [
    { id: "sync", title: t.rail.syncAll, group, keys: "Mod+S", run: () => sync.run(null) },
    { id: "sync.stop", title: t.palette.stopSync, group, keys: "Mod+.", run: sync.stop },
  ];
}

function useHomeCommands(): Command[] {
  const { backend, newHome } = useDesk();
  const status = useStatus();
  const home = useHome().data;
  const sandbox = status.data?.sandbox ?? false;
  const lock = useAct(() => backend.lockHome());
  const turn = useAct((hours: number) => backend.sandboxClockAdvance(hours));
  const open = useAct((which: "sandbox" | "real") => (which === "sandbox" ? backend.openSandbox() : backend.unlockHome("keyring", "")));
  const group = t.palette.home;
  if (sandbox) {
    return [
      { id: "clock.1", title: `${t.sandbox.clock} ${t.sandbox.plusOne}`, group, run: () => turn.mutate(24) },
      { id: "clock.3", title: `${t.sandbox.clock} ${t.sandbox.plusThree}`, group, run: () => turn.mutate(72) },
      ...(home?.real ? [{ id: "home.real", title: t.palette.openReal, group, run: () => open.mutate("real") }] : []),
      ...(home && !home.real && !home.single ? [{ id: "home.new", title: t.palette.newHome, group, run: newHome }] : []),
    ];
  }
  return [
    { id: "home.lock", title: t.palette.lock, group, keys: "Mod+L", run: () => lock.mutate(undefined) },
    ...(home?.single ? [] : [{ id: "home.sandbox", title: t.entry.openSandbox, group, run: () => open.mutate("sandbox") }]),
  ];
}

function useLookCommands(): Command[] {
  const languages = LANGUAGES.filter((one) => one !== language()).map((one) => ({
    id: `language.${one}`,
    title: one === "zh" ? "简体中文" : "English",
    group: t.settings.language,
    words: "language 语言",
    run: () => chooseLanguage(one),
  }));
  const themes = THEMES.map((one) => ({
    id: `theme.${one}`,
    title: t.settings.themes[one],
    group: t.settings.theme,
    run: () => chooseTheme(one),
  }));
  return [...languages, ...themes];
}

function useZoomCommands(): Command[] {
  const { backend } = useDesk();
  useEffect(() => {
    const kept = keptZoom();
    if (kept !== 100) void backend.zoom(kept).catch(() => undefined);
  }, [backend]);
  const zoom = (by: -1 | 0 | 1) => () => void backend.zoom(nextZoom(by)).catch(() => undefined);
  const group = t.palette.window;
  return [
    { id: "zoom.in", title: t.palette.larger, group, keys: "Mod+=", also: ["Mod++", "Mod+Shift++"], run: zoom(1) },
    { id: "zoom.out", title: t.palette.smaller, group, keys: "Mod+-", also: ["Mod+Shift+_"], run: zoom(-1) },
    { id: "zoom.usual", title: t.palette.usualSize, group, keys: "Mod+0", run: zoom(0) },
  ];
}
