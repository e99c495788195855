// One registry of what can be done from anywhere: the palette lists it, shortcuts run it, buttons show its keys.

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";

/** Something that can be done. */
export type Command = {
  /** Stable, e.g. `go.today`. */
  id: string;
  /** A verb and its object, in the language shown. */
  title: string;
  /** Heading in the palette. */
  group: string;
  /** Keys as `Mod+K`: Ctrl, and Cmd on a Mac. */
  keys?: string;
  /** Other words that find it. */
  words?: string;
  run: () => void;
};

type Registry = {
  commands: readonly Command[];
  /** Adds a page's commands while it is shown; returns how to take them away. */
  add: (commands: readonly Command[]) => () => void;
  palette: boolean;
  showPalette: (shown: boolean) => void;
};

const RegistryContext = createContext<Registry | null>(null);

export function useRegistry(): Registry {
  const registry = useContext(RegistryContext);
  if (!registry) throw new Error("useRegistry is called outside of CommandProvider");
  return registry;
}

/** The commands of a part of the window, as long as it is shown. */
export function useCommands(commands: readonly Command[]): void {
  const { add } = useRegistry();
  // Titles change with the language and what they run with the state: the list is added anew only when what is listed changes.
  const latest = useRef(commands);
  latest.current = commands;
  const listed = commands.map((command) => `${command.id}\n${command.title}\n${command.keys ?? ""}`).join("\n\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: `listed` stands for the commands
  useEffect(
    () =>
      add(
        latest.current.map((command) => ({
          ...command,
          run: () => latest.current.find((one) => one.id === command.id)?.run(),
        })),
      ),
    [add, listed],
  );
}

export function CommandProvider(props: { children: ReactNode }) {
  const [lists, setLists] = useState<readonly (readonly Command[])[]>([]);
  const [palette, showPalette] = useState(false);
  const add = useCallback((list: readonly Command[]) => {
    setLists((all) => [...all, list]);
    return () => setLists((all) => all.filter((one) => one !== list));
  }, []);
  const commands = useMemo(() => lists.flat(), [lists]);
  const registry = useMemo(() => ({ commands, add, palette, showPalette }), [commands, add, palette]);
  useShortcuts(commands);
  return <RegistryContext value={registry}>{props.children}</RegistryContext>;
}

function useShortcuts(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const pressed = keysOf(event);
      const command = pressed && latest.current.find((one) => one.keys === pressed);
      // A dialog keeps its keys to itself: what is behind it does not move.
      if (!command || document.querySelector("[role=dialog]")) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** `Mod+Shift+K` for what was pressed; null for keys that type. */
export function keysOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): string | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return `Mod+${event.shiftKey ? "Shift+" : ""}${key}`;
}

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Keys as people read them. */
export function shownKeys(keys: string): string {
  return MAC ? keys.replace("Mod+", "⌘").replace("Shift+", "⇧") : keys.replace("Mod", "Ctrl");
}

/** The keys of a command, beside its name. */
export function Keys(props: { keys: string | undefined }) {
  return props.keys === undefined ? null : <kbd className="keys">{shownKeys(props.keys)}</kbd>;
}
