//! `cargo xtask bench window`: scrolling and filtering a list of 200,000 resources in the real window, and how long the desk takes to
//! answer. Printed, not judged: a machine that builds beside it says nothing about the pages.
//!
//! The page is watched from inside by a message that is posted to itself without a pause: where the next one comes late, the UI
//! thread was busy. Per frame the longest such block is kept; the web view's clock tells whole milliseconds.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]
// The harness has more than a measurement needs.
#![allow(dead_code)]

mod harness;
mod page;
mod programs;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::page::Page;

/// Watches `frames` frames, in each of which `act` does one thing to the page: `idle`, `scroll`, `jump` or `type`.
const WATCH: &str = "
    const [act, frames, done] = arguments;
    const body = document.querySelector('.ledger-body');
    const field = document.querySelector('[data-testid=filter-text]');
    const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    const words = ['i', 'i-', 'i-b', 'i-bp', 'i-bp1', 'i-bp', 'i-b', 'i-', 'i', ''];
    let seed = 7;
    const draw = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const acts = {
        idle: () => {},
        scroll: () => { body.scrollTop += 240; },
        jump: n => { if (n % 20 === 0) body.scrollTop = draw() * body.scrollHeight; },
        type: n => { if (n % 12 === 0) { put.call(field, words[(n / 12) % words.length]); field.dispatchEvent(new Event('input', { bubbles: true })); } },
    };
    const blocks = [], gaps = [];
    let longest = 0, before = performance.now(), watching = true, shown = null, blank = 0;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
        const now = performance.now();
        longest = Math.max(longest, now - before);
        before = now;
        if (watching) channel.port2.postMessage(0);
    };
    channel.port2.postMessage(0);
    const frame = time => {
        if (shown !== null) { blocks.push(longest); gaps.push(time - shown); }
        if (document.querySelector('.ledger-row.blank')) blank += 1;
        longest = 0;
        shown = time;
        if (blocks.length < frames) { acts[act](blocks.length); requestAnimationFrame(frame); }
        else { watching = false; done({ blocks, gaps, blank }); }
    };
    requestAnimationFrame(frame);";

/// How long some calls take, in order, each in milliseconds.
const TIME: &str = "
    const [calls, done] = arguments;
    (async () => {
        const took = [];
        for (const [command, values] of calls) {
            const begun = performance.now();
            await window.__TAURI_INTERNALS__.invoke(command, values);
            took.push(performance.now() - begun);
        }
        return took;
    })().then(done, error => done(String(error && error.message || JSON.stringify(error))));";

fn main() {
    let home = PathBuf::from(std::env::var_os("WINDOW_BENCH_HOME").expect("`cargo xtask bench window` names the home"));
    let arguments = ["--home", home.to_str().unwrap()];
    // Another build of the desk can be measured by the same eyes.
    let program = std::env::var_os("WINDOW_BENCH_PROGRAM").map_or_else(programs::desk, PathBuf::from);
    println!("{}", program.display());
    harness::drive("bench", &program, &arguments, async |page| {
        page.click("nav-resources").await;
        page.until_true("the list to be read", async |page| !page.names("resource-row-").await.is_empty()).await;
        println!("{}", page.text("resource-count").await);
        page.picture("large").await;
        let mut figures = Vec::new();
        // The first does nothing: what is seen then, the machine did.
        for act in ["idle", "scroll", "jump", "type"] {
            let mut seen = Seen::default();
            for _ in 0..PORTIONS {
                seen.add(&page.script_later(WATCH, vec![json!(act), json!(FRAMES)]).await);
            }
            seen.tell(act);
            figures.extend(seen.figures(act));
            page.script("document.querySelector('.ledger-body').scrollTop = 0;", vec![]).await;
        }
        figures.extend(calls(page).await);
        record(&figures);
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

/// Frames of one act, watched in so many portions: the driver waits half a minute for a script at most.
const FRAMES: u32 = 120;
const PORTIONS: u32 = 5;

/// What was seen of one act, in milliseconds.
#[derive(Default)]
struct Seen {
    blocks: Vec<f64>,
    gaps: Vec<f64>,
    blank: f64,
}

impl Seen {
    fn add(&mut self, portion: &Value) {
        let numbers = |key: &str| portion[key].as_array().unwrap().iter().map(number).collect::<Vec<_>>();
        self.blocks.extend(numbers("blocks"));
        self.gaps.extend(numbers("gaps"));
        self.blank += number(&portion["blank"]);
    }

    fn tell(&mut self, act: &str) {
        self.blocks.sort_by(f64::total_cmp);
        self.gaps.sort_by(f64::total_cmp);
        let at = |all: &[f64], part: f64| all[((all.len() - 1) as f64 * part) as usize];
        let (blocks, gaps) = (&self.blocks, &self.gaps);
        println!(
            "{act:>7}: longest block of the UI thread in a frame, ms: median {}, p95 {}, p99 {}, most {}; between frames: \
             median {:.1}, p99 {:.1}; frames with a row not read yet: {} of {}",
            at(blocks, 0.5),
            at(blocks, 0.95),
            at(blocks, 0.99),
            at(blocks, 1.0),
            at(gaps, 0.5),
            at(gaps, 0.99),
            self.blank,
            blocks.len(),
        );
    }
}

impl Seen {
    /// What is kept of one act, after it was told.
    fn figures(&self, act: &str) -> Vec<Value> {
        let blocks = &self.blocks;
        let at = |percent: usize| blocks[(blocks.len() - 1) * percent / 100];
        [50, 99].map(|percent| figure(&format!("{act}: longest block of a frame, {percent} %"), at(percent))).to_vec()
    }
}

/// A figure of one round, in the small format that `cargo xtask bench` keeps and compares.
fn figure(name: &str, milliseconds: f64) -> Value {
    json!({
        "name": name, "unit": "ms", "median": milliseconds, "least": milliseconds, "most": milliseconds, "lower_is_better": true,
    })
}

fn record(figures: &[Value]) {
    let Some(file) = std::env::var_os("BENCH_RECORD") else { return };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    let cores = std::thread::available_parallelism().unwrap();
    let machine = format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH);
    let load = load.split_whitespace().next().unwrap();
    let record = json!({ "bench": "window", "machine": machine, "load": load, "figures": figures });
    std::fs::write(file, format!("{record:#}\n")).unwrap();
}

/// Geometry and time, not money.
fn number(value: &Value) -> f64 {
    value.to_string().parse().unwrap()
}

/// The first page and one in the middle by every column, and the numbers beside them.
async fn calls(page: &Page) -> Vec<Value> {
    let query = |sort: &str, offset: u32, text: &str| {
        json!({ "query": {
            "customer": null, "tab": "regular", "refund_type": null, "product": null, "text": text, "ordered_from": null,
            "ordered_to": null, "sort": sort, "descending": true, "offset": offset, "limit": 100,
        }})
    };
    let sorts = [
        "refund",
        "expires",
        "product",
        "resource",
        "customer",
        "order_time",
        "region",
        "status",
        "refund_type",
        "holds_until",
        "renewals",
    ];
    let mut asked: Vec<(String, Value)> = Vec::new();
    for sort in sorts {
        asked.push((format!("listed by {sort}"), json!(["listed", query(sort, 0, "")])));
        asked.push((format!("listed by {sort}, from row 100,000"), json!(["listed", query(sort, 100_000, "")])));
    }
    asked.push(("listed with a filter".to_owned(), json!(["listed", query("refund", 0, "bp1")])));
    asked.push(("counts and sums of all".to_owned(), json!(["list_tally", query("resource", 0, "")])));
    asked.push(("counts and sums of a filter".to_owned(), json!(["list_tally", query("resource", 0, "bp1")])));
    asked.push(("customers with their sums".to_owned(), json!(["customers", {}])));
    let list: Vec<&Value> = asked.iter().map(|(_, call)| call).collect();
    let took = page.script_later(TIME, vec![json!(list)]).await;
    let took = took.as_array().unwrap_or_else(|| panic!("{took}"));
    for ((what, _), took) in asked.iter().zip(took) {
        println!("{what:>40}: {took} ms");
    }
    asked.iter().zip(took).map(|((what, _), took)| figure(what, number(took))).collect()
}
