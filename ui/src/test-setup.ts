// What jsdom lacks and the pages need: it lays nothing out (the virtual lists would show no row), and has no CSS.escape.

if (typeof HTMLElement !== "undefined") {
  Object.defineProperties(HTMLElement.prototype, {
    clientHeight: { configurable: true, get: () => 600 },
    clientWidth: { configurable: true, get: () => 800 },
  });
  const escape = (text: string) => text.replace(/[^\w-]/g, (character) => `\\${character}`);
  Object.assign(globalThis, { CSS: { ...globalThis.CSS, escape } });
}
