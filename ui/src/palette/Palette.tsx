import "./palette.css";
import { useMemo } from "react";
import { Autocomplete, Dialog, Header, Input, Menu, MenuItem, MenuSection, Modal, ModalOverlay, SearchField, useFilter } from "react-aria-components";
import { t, useLanguage } from "../text/text";
import { Keys, useRegistry } from "./commands";

/** Every command by a word of its name, on Ctrl-K. */
export function Palette() {
  const { commands, palette, showPalette } = useRegistry();
  const language = useLanguage();
  const { contains } = useFilter({ sensitivity: "base" });
  const groups = useMemo(() => {
    const found = new Map<string, typeof commands[number][]>();
    for (const command of commands) found.set(command.group, [...(found.get(command.group) ?? []), command]);
    return [...found].map(([name, list]) => ({ name, list }));
  }, [commands]);
  const run = (id: string) => {
    showPalette(false);
    // After the palette has given the focus back: what the command opens takes it then.
    setTimeout(() => commands.find((command) => command.id === id)?.run(), 0);
  };
  return (
    <ModalOverlay className="veil palette-veil" isOpen={palette} onOpenChange={showPalette} isDismissable>
      <Modal className="palette-frame">
        <Dialog className="palette" aria-label={t.palette.label} data-testid="palette">
          <Autocomplete key={language} filter={contains}>
            <SearchField className="palette-search" aria-label={t.palette.label} autoFocus>
              <Input className="palette-input" placeholder={t.palette.hint} data-testid="palette-input" />
            </SearchField>
            <Menu className="palette-list" aria-label={t.palette.label} onAction={(key) => run(String(key))} renderEmptyState={() => <p className="palette-none muted">{t.palette.none}</p>}>
              {groups.map((group) => (
                <MenuSection key={group.name} className="palette-group">
                  <Header className="palette-head">{group.name}</Header>
                  {group.list.map((command) => (
                    <MenuItem
                      key={command.id}
                      id={command.id}
                      className="palette-item"
                      textValue={`${command.title} ${command.words ?? ""}`}
                      data-testid={`command-${command.id}`}
                    >
                      <bdi>{command.title}</bdi>
                      <Keys keys={command.keys} />
                    </MenuItem>
                  ))}
                </MenuSection>
              ))}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
