//! The desk dies in the middle of a batch, with a call under way, and is started again: every item is accounted for, nothing goes by
//! itself, what is unknown is asked about first, and in the end each item was unsubscribed exactly once.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, ledger, programs, world};

/// Items of the batch.
const ITEMS: usize = 8;

/// More calls than the run makes.
const ALL_CALLS: u32 = 500;

#[test]
fn real_window_killed_in_the_middle_of_a_batch_and_started_again() {
    let home = tempfile::tempdir().unwrap();
    world::begin(home.path(), 1, 400);
    let arguments = ["--home", home.path().to_str().unwrap()];
    let before = drive("killed", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 1).await;
        let before = ledger::refund_orders(home.path());
        confirmed(page).await;
        // Each answer takes two seconds: there is time to see a call under way.
        page.invoke("sandbox_fault", json!({ "kind": "slow", "times": ALL_CALLS })).await;
        page.click("batch-run").await;
        page.until_true("two to be done", async |page| {
            page.attribute("run-progress", "data-done").await.parse::<u32>().unwrap() >= 2
        })
        .await;
        page.until_true("a call under way", async |page| states(page).await.contains(&"sending".to_owned())).await;
        page.picture("under-way").await;
        kill_the_desk_of(home.path());
        before
    });
    drive("started-again", &programs::desk(), &arguments, async |page| {
        page.shown("sandbox-banner").await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        let unknown = accounted_for(page, &resources_of(&ledger::refund_orders(home.path()) - &before)).await;
        ask_about(page, &unknown, &mut found).await;
        carried_on(page).await;
        accessibility::nothing_found(page, &found).await;
    });
    let made = &ledger::refund_orders(home.path()) - &before;
    let orders: BTreeSet<_> = made.iter().map(|(resource, order, _)| (resource, order)).collect();
    assert_eq!(orders.len(), made.len(), "no order is given back twice: {made:?}");
    assert_eq!(resources_of(made).len(), ITEMS);
}

fn resources_of(refunds: BTreeSet<(String, String, String)>) -> BTreeSet<String> {
    refunds.into_iter().map(|(resource, _, _)| resource).collect()
}

/// A batch of eight, reviewed and confirmed.
async fn confirmed(page: &mut Page) {
    world::partial(page).await;
    for name in page.names("resource-select-").await.into_iter().take(ITEMS) {
        page.click(&name).await;
    }
    world::becomes(page, "selection-count", "data-count", &ITEMS.to_string()).await;
    page.click("plan-open").await;
    world::becomes(page, "plan-batch-1", "data-items", &ITEMS.to_string()).await;
    world::review_batch(page).await;
    world::batch_to_decision(page).await;
    world::decide_batch(page).await;
}

/// Ends the desk as a power cut would: the one whose arguments name this home.
fn kill_the_desk_of(home: &Path) {
    let ours = |entry: &std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let pid: u32 = name.parse().ok()?;
        let program = std::fs::read_link(entry.path().join("exe")).ok()?;
        let arguments = std::fs::read(entry.path().join("cmdline")).ok()?;
        let named = String::from_utf8_lossy(&arguments).split('\0').any(|argument| Path::new(argument) == home);
        (named && program == programs::desk()).then_some(pid)
    };
    let pids: Vec<u32> = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| ours(&entry)).collect();
    assert_eq!(pids.len(), 1, "one desk has the home open: {pids:?}");
    assert!(Command::new("kill").args(["-KILL", &pids[0].to_string()]).status().unwrap().success());
}

/// States of all requests.
async fn states(page: &Page) -> Vec<String> {
    let requests = page.invoke("requests", json!({ "customer": null })).await;
    requests.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

/// What was done, what nobody knows, and what still waits add up, and agree with the cloud. Returns the unknown one's resource.
async fn accounted_for(page: &mut Page, done: &BTreeSet<String>) -> String {
    page.click("nav-requests").await;
    page.click("tab-batches").await;
    page.until_true("the batch", async |page| page.names("batch-row-").await.len() == 1).await;
    let row = page.names("batch-row-").await.first().unwrap().clone();
    page.click(&row).await;
    let items = items(page).await;
    page.picture("as-it-was-left").await;
    let in_state = |state: &str| {
        let those = items.iter().filter(|(_, is)| is == state);
        those.map(|(resource, _)| resource.clone()).collect::<Vec<String>>()
    };
    let (accepted, unknown) = (in_state("accepted"), in_state("unknown"));
    assert_eq!(items.len(), ITEMS, "{items:?}");
    assert_eq!((accepted.len(), unknown.len()), (2, 1), "{items:?}");
    assert_eq!(in_state("confirmed").len(), ITEMS - 3, "what was not begun waits: {items:?}");
    let known = done.iter().filter(|resource| accepted.contains(resource)).count();
    assert_eq!(known, accepted.len(), "what is told as accepted was done");
    assert!(done.iter().all(|resource| accepted.contains(resource) || unknown.contains(resource)), "{done:?}");
    unknown[0].clone()
}

async fn items(page: &Page) -> Vec<(String, String)> {
    page.until_true("the items", async |page| !page.names("batch-item-").await.is_empty()).await;
    let script = "return [...document.querySelectorAll('[data-testid^=batch-item-]')]\
        .map(row => [row.dataset.testid.replace('batch-item-', ''), row.dataset.state]);";
    serde_json::from_value(page.script(script, vec![]).await).unwrap()
}

/// It wants attention; the cloud is asked, and only what it does not know may be sent once more.
async fn ask_about(page: &mut Page, resource: &str, found: &mut Vec<String>) {
    page.click("tab-requests").await;
    page.click("group-attention").await;
    page.until_true("the one that nobody knows of", async |page| page.names("request-row-").await.len() == 1).await;
    let row = page.names("request-row-").await.first().unwrap().clone();
    page.click(&row).await;
    page.shown("move-ask_again").await;
    accessibility::look(page, "nobody-knows", found).await;
    page.click("move-ask_again").await;
    page.until_true("an answer", async |page| {
        page.count("move-send").await == 1 || !states(page).await.contains(&"unknown".to_owned())
    })
    .await;
    accessibility::look(page, "asked", found).await;
    if page.count("move-send").await == 1 {
        page.click("move-send").await;
        page.shown("wizard").await;
        assert!(page.text("wizard").await.contains(resource));
        accessibility::look(page, "once-more", found).await;
        page.click("wizard-send").await;
        page.state("accepted").await;
        page.click("wizard-close").await;
        page.gone("wizard").await;
    }
    assert!(!states(page).await.contains(&"unknown".to_owned()));
}

/// The rest goes when somebody presses, not before.
async fn carried_on(page: &mut Page) {
    page.click("tab-batches").await;
    let waiting = items(page).await.iter().filter(|(_, state)| state == "confirmed").count();
    assert_eq!(waiting, ITEMS - 3, "nothing went by itself");
    page.click("batch-continue").await;
    page.click("batch-run").await;
    page.until_true("the run to end", async |page| page.count("run-told").await > 0).await;
    assert_eq!(page.attribute("run-told", "data-failed").await, "0");
    let states: Vec<String> = items(page).await.into_iter().map(|(_, state)| state).collect();
    assert!(states.iter().all(|state| state == "accepted" || state == "observed"), "{states:?}");
    page.picture("all-done").await;
}
