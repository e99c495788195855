import "@fontsource-variable/ibm-plex-sans/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { followTheme } from "./look/theme";
import { adoptPolicy } from "./policy";
import { followLanguage } from "./text/text";

adoptPolicy();
followLanguage();
followTheme();

// The pages run over the desk; a mock build runs them over invented data in memory. The other one is left out of the bundle.
const { backend } =
  import.meta.env.MODE === "mock" ? await import("./backend/mock/mock") : await import("./backend/tauri");

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <App backend={backend} start="today" />
  </StrictMode>,
);
