import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The window's policy (tauri.conf.json) in short, so that a preview in a browser fails where the window would. The style nonce
// stands in for the one the window makes afresh on every load.
const previewPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-preview'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

export default defineConfig(({ mode }) => ({
  plugins: [
    react(),
    {
      name: "preview-style-nonce",
      apply: (_config, env) => env.mode === "mock",
      transformIndexHtml: (html) => html.replace("<style>", '<style nonce="preview">'),
    },
  ],
  // A test reads the Rust sources: every code of a problem that stands there is told in Chinese.
  server: { port: 1420, strictPort: true, fs: { allow: mode === "test" ? [".."] : [".", "../LICENSE"] } },
  preview: { headers: { "Content-Security-Policy": previewPolicy } },
  build: {
    target: "safari16",
    // Fonts and pictures stay files: the policy has no `data:` for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is in the pages; `cargo xtask package` puts them beside those of the crates.
    license: { fileName: "third-party.md" },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    restoreMocks: true,
    // The journeys of the component tests take seconds on a machine that builds at the same time.
    testTimeout: 20_000,
    env: { TZ: "UTC" },
  },
}));
