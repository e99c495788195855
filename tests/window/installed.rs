//! The window as a package installs it. Only after `cargo xtask package`, with the package installed:
//!
//!     cargo test -p refund-desk --features custom-protocol --test window -- --ignored installed

use std::path::Path;
use std::process::Command;

use crate::harness::drive;

const PROGRAM: &str = "/usr/bin/refund-desk";
const TERMINAL: &str = "/usr/bin/rdesk";
const ENTRY: &str = "/usr/share/applications/refund-desk.desktop";

#[test]
#[ignore = "needs the installed package"]
fn real_window_installed_opens_follows_a_link_and_shares_its_home_with_the_terminal() {
    let entry = std::fs::read_to_string(ENTRY).unwrap();
    for line in ["Exec=refund-desk %u", "Icon=refund-desk", "MimeType=x-scheme-handler/refund-desk;"] {
        assert!(entry.lines().any(|found| found == line), "{line} is not in the menu's entry:\n{entry}");
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let rdesk = |words: &[&str]| {
        let told = Command::new(TERMINAL).arg("--home").arg(&home).args(["--json"]).args(words).output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        serde_json::from_slice::<serde_json::Value>(&told.stdout).unwrap()
    };
    let demo = Command::new(TERMINAL).arg("--home").arg(&home).arg("demo").arg("--out").arg(folder.path()).output();
    assert!(demo.unwrap().status.success());
    let resources = rdesk(&["resources"]);
    let row = &resources["rows"][0];
    let resource = row["resource"].as_str().unwrap();
    let quote = rdesk(&["resources", resource]);
    let order = quote["orders"][0]["order"].as_str().unwrap_or_else(|| panic!("an order of {quote}"));
    // As the system starts it for a link: the menu's entry says how.
    let link = format!("refund-desk://order/{order}");
    drive("installed", Path::new(PROGRAM), &["--home", home.to_str().unwrap(), &link], async |page| {
        page.shown("sandbox-banner").await;
        page.until_true("the order's resource to be shown", async |page| {
            page.script("return document.body.textContent", vec![])
                .await
                .as_str()
                .is_some_and(|text| text.contains(resource))
        })
        .await;
        page.picture("from-a-link").await;
        page.click("nav-reports").await;
        page.shown("report-statement").await;
        page.picture("reports").await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}
