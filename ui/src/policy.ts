// Content security policy: hands the style nonce of this load to React Aria (which puts one style element into the page) and
// counts violations, so that a test can see that there are none.

declare global {
  interface Window {
    /** Violations of the content security policy since the page was loaded. */
    __cspViolations: number;
  }
}

/** To be called before anything of React Aria is mounted. */
export function adoptPolicy(): void {
  window.__cspViolations = 0;
  document.addEventListener("securitypolicyviolation", () => {
    window.__cspViolations += 1;
  });
  const nonce = document.querySelector<HTMLStyleElement>("head > style")?.nonce;
  if (!nonce) return;
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.nonce = nonce;
  document.head.append(meta);
}
