import { Keys, useRegistry } from "../palette/commands";
import { t } from "../text/text";
import { PAGES, type Page, useDesk, useStatus, useToday } from "./desk";

/** The shortcut of a page: its place in the bar. */
export const pageKeys = (page: Page): string => `Mod+${PAGES.indexOf(page) + 1}`;

/** Name, pages, and the way to everything else. */
export function TopBar() {
  const { page, goTo } = useDesk();
  const { showPalette } = useRegistry();
  const status = useStatus();
  return (
    <header className="top-bar">
      <span className="brand">{t.app.name}</span>
      <nav aria-label={t.app.pagesLabel}>
        {PAGES.map((one) => (
          <button
            key={one}
            type="button"
            className="nav"
            aria-current={page === one ? "page" : undefined}
            aria-keyshortcuts={pageKeys(one).replace("Mod", "Control")}
            data-testid={`nav-${one}`}
            onClick={() => goTo(one)}
          >
            {t.app.pages[one]}
            {one === "today" && <Urgent />}
          </button>
        ))}
      </nav>
      <span className="home small muted break" title={status.data?.home}>
        {status.data?.home}
      </span>
      <button type="button" className="palette-open" data-testid="palette-open" onClick={() => showPalette(true)}>
        {t.palette.open} <Keys keys="Mod+K" />
      </button>
    </header>
  );
}

/** How many requests want somebody today; windows alone do not count, there is always one. */
function Urgent() {
  const today = useToday();
  const count = (today.data?.unknown.length ?? 0) + (today.data?.overdue.length ?? 0) + (today.data?.rescue.length ?? 0);
  return count === 0 ? null : <span className="urgent">{count}</span>;
}
