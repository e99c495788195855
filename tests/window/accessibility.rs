//! What axe-core finds in the page that is shown: names, roles, contrast, focus. It judges what is painted, so it runs in the real
//! window and not in a test of the pages.

use std::path::Path;

use serde_json::{Value, json};

use crate::page::Page;

/// The rules of WCAG 2.2 at levels A and AA, and axe's own best practices.
/// The body of a ledger scrolls with the arrows of the grid around it, which has the focus; axe looks at the body alone.
const RUN: &str = "const [part, done] = arguments;
    const ours = (rule, node) => !(rule.id === 'scrollable-region-focusable' && node.target.join(' ').endsWith('.ledger-body'));
    axe.run(part, { resultTypes: ['violations'] }).then(
        (found) => done(found.violations.map((rule) => ({ ...rule, nodes: rule.nodes.filter((node) => ours(rule, node)) }))
            .filter((rule) => rule.nodes.length > 0)
            .map((rule) => ({
                rule: rule.id,
                help: rule.help,
                at: rule.nodes.slice(0, 4).map((node) => node.target.join(' ') + ': ' + (node.any[0]?.message ?? node.all[0]?.message ?? '')),
            }))),
        (error) => done([{ rule: 'axe failed', help: String(error), at: [] }]),
    );";

/// Puts axe-core into the page, once for each window.
pub async fn prepare(page: &Page) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let known = page.script(&format!("{source}; return typeof axe.run;"), vec![]).await;
    assert_eq!(known, "function");
}

/// What axe finds now, one line a rule.
pub async fn findings(page: &Page, what: &str) -> Vec<String> {
    findings_in(page, "html", what).await
}

/// The same of one part of the page.
pub async fn findings_in(page: &Page, part: &str, what: &str) -> Vec<String> {
    let Value::Array(found) = page.script_later(RUN, vec![json!(part)]).await else { panic!("axe answers a list") };
    found.iter().map(|one| format!("{what}: {one}")).collect()
}

/// Shows the pages in one theme, whatever was chosen; answers the one before.
const THEME: &str = "const { dataset } = document.documentElement; const before = dataset.theme;
    dataset.theme = arguments[0];
    return before;";

/// Colours change within a moment; what is looked at in between is neither theme.
const AT_REST: &str = "const [done] = arguments;
    requestAnimationFrame(() => Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition)
        .map((one) => one.finished)).then(() => done(true)));";

/// A picture and axe's findings in both themes.
pub async fn look(page: &mut Page, name: &str, found: &mut Vec<String>) {
    look_at(page, "html", name, found).await;
}

/// The same of one part of the page.
pub async fn look_at(page: &mut Page, part: &str, name: &str, found: &mut Vec<String>) {
    let mut chosen = None;
    for theme in ["dark", "light"] {
        let before = page.script(THEME, vec![json!(theme)]).await;
        chosen.get_or_insert(before);
        page.script_later(AT_REST, vec![]).await;
        let name = format!("{name}-{theme}");
        page.picture(&name).await;
        found.extend(findings_in(page, part, &name).await);
    }
    page.script(THEME, chosen.into_iter().collect()).await;
}

/// Neither by axe nor by the content policy.
pub async fn nothing_found(page: &Page, found: &[String]) {
    assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    assert!(found.is_empty(), "axe found {} things:\n{}", found.len(), found.join("\n"));
}
