//! Rows made from a seed, written as every kind of file: what the tests read back by foreign programs, and what the bench times.
//!
//!     cargo run -p desk-report --example rows -- FOLDER ROWS SEED [json|csv|xlsx|history|statement|live|warm]...
//!
//! Writes the files named (`json`: the rows as they should be read back), and prints one line of JSON for each file:
//! its time, and the most memory that this process held until then. After `warm` each is written twice, and both are timed; `live` is
//! the statement of a home that is no sandbox.

// A program for tests and measuring: it may stop where it cannot go on, and it is a host that reads the clock.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use desk_report::{
    Content, Head, HistoryRow, JournalHead, Language, Letterhead, Pages, Party, RefundLine, RefundPart, Sheets,
    Statement, Template, Watch, Words,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Texts that have broken a reader before: formula starts, quotes, line ends, right-to-left, emoji, very long names.
const NASTY: [&str; 18] = [
    "=1+1",
    "+86 10 1234",
    "-5",
    "@SUM(A1:A9)",
    "=HYPERLINK(\"https://example.invalid\",\"open\")",
    "\tbegins with a tab",
    "two\r\nlines",
    "a \"quoted\" name",
    "comma, semicolon; 'apostrophe'",
    "شركة المثال المحدودة",
    "חברה לדוגמה",
    "💰 budget 🧾",
    "杭州云栖科技有限公司",
    "株式会社サンプル 한국 ทดสอบ",
    "<b>&amp;</b> #set text(red) $x$ *bold* `code` \\",
    "_x0041_ \u{1}\u{7f} control",
    "\u{202E}reversed\u{202C} \u{200B}zero width",
    "FullWidth＝＋－＠",
];

const CURRENCIES: [&str; 3] = ["CNY", "USD", "EUR"];
const PRODUCTS: [&str; 6] = ["ecs", "rds", "redisa", "slb", "nat_plan", "vipcloudfw"];
const PLACES: [&str; 4] = ["alipay", "balance", "bank_card", "paypal"];

/// A plain generator (PCG, XSL-RR 64 truncated to its output's high bits): the rows of a seed are the same everywhere.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn of<T: Copy>(&mut self, words: &[T]) -> T {
        words[usize::try_from(self.next(words.len() as u64)).unwrap()]
    }
}

const WARM: &str = "warm";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, rows, seed, kinds @ ..] = words.as_slice() else {
        eprintln!("usage: rows FOLDER ROWS SEED [json|csv|xlsx|history|statement|live|warm]...");
        std::process::exit(2);
    };
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder).unwrap();
    let rows = made(rows.parse().unwrap(), seed.parse().unwrap());
    // The second time is a warm one: typefaces are read.
    let times = if kinds.iter().any(|kind| kind == WARM) { 2 } else { 1 };
    for kind in kinds.iter().filter(|kind| *kind != WARM) {
        let times: Vec<Took> = (0..times).map(|_| timed(|| write(kind, folder, &rows))).collect();
        let ms: Vec<String> = times.iter().map(|took| took.wall.as_millis().to_string()).collect();
        let cpu_ms: Vec<u64> = times.iter().map(|took| took.cpu_ms).collect();
        let line = json!({"kind": kind, "rows": rows.len(), "ms": ms, "cpu_ms": cpu_ms, "peak_kib": peak_kib()});
        println!("{line}");
    }
}

/// Time that passed, and time of all processors spent on it, in the system's steps of ten milliseconds (0 where it tells none).
struct Took {
    wall: Duration,
    cpu_ms: u64,
}

fn timed(work: impl FnOnce()) -> Took {
    let (begun, before) = (Instant::now(), cpu_ms());
    work();
    Took { wall: begun.elapsed(), cpu_ms: cpu_ms() - before }
}

/// Time of this process, its own and the system's for it.
fn cpu_ms() -> u64 {
    const MS_OF_A_TICK: u64 = 10;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in brackets the fields are numbered from 3; 14 and 15 are the times.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * MS_OF_A_TICK
}

/// The most memory that this process held, as the system tells; `None` where it does not.
fn peak_kib() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next().map(str::to_owned)
}

fn write(kind: &str, folder: &Path, rows: &[HistoryRow]) {
    let file = |name: &str| BufWriter::new(File::create(folder.join(name)).unwrap());
    let total = u32::try_from(rows.len()).unwrap();
    match kind {
        "json" => {
            let truth: Vec<Value> = rows.iter().map(told).collect();
            serde_json::to_writer(file("rows.json"), &truth).unwrap();
        }
        "csv" => {
            desk_report::write_history_csv(rows.iter(), true, file("history.csv")).unwrap();
        }
        "xlsx" => {
            let words = Words::of(&[Language::English]);
            let sheets = Sheets { words: &words, sandbox: true, made_at: begin(), folder, mark: None, annex: false };
            let rows = rows.iter().map(|row| (row, None));
            desk_report::write_history_xlsx(rows, total, &sheets, file("history.xlsx"), Watch::nobody()).unwrap();
        }
        "history" => file("history.pdf").write_all(&pages(Template::History, rows, true)).unwrap(),
        "statement" => file("statement.pdf").write_all(&pages(Template::Statement, rows, true)).unwrap(),
        "live" => file("live.pdf").write_all(&pages(Template::Statement, rows, false)).unwrap(),
        other => panic!("`{other}` is none of json, csv, xlsx, history, statement, live"),
    }
}

fn pages(template: Template, rows: &[HistoryRow], sandbox: bool) -> Vec<u8> {
    let (totals, places) = desk_report::totals(rows);
    let statement = Statement {
        head: Head {
            sandbox,
            languages: vec!["en".into(), "zh".into()],
            letterhead: Letterhead { name: "Example Partner".into(), lines: vec!["12 Harbour Road".into()] },
            customer: Some(Party { name: NASTY[12].into(), uid: "1234567890123456".into(), site: "china".into() }),
            from: None,
            until: None,
            made_at: begin(),
        },
        facts_at: Some(begin()),
        totals,
        places,
        refunds: rows.iter().map(line).collect(),
        annex: None,
        open: Vec::new(),
        lost: Vec::new(),
        rules: Vec::new(),
        policies: Vec::new(),
        journal: JournalHead { entries: 1, hash: "0".repeat(64), device: "example".into() },
    };
    let mut view = serde_json::to_value(&statement).unwrap();
    view["words"] = serde_json::to_value(Words::of(&[Language::English, Language::Chinese])).unwrap();
    view["sha256"] = json!("0".repeat(64));
    let attached = serde_json::to_vec(&statement).unwrap();
    let content = Content { template, view, attached: Some(("statement.json".into(), attached)), logo: None };
    Pages::set(content, begin(), Watch::nobody()).unwrap().pdf(Watch::nobody()).unwrap()
}

/// A statement tells besides what was paid.
fn line(row: &HistoryRow) -> RefundLine {
    let paid = row.amount + row.amount;
    RefundLine { paid: Some(paid), tax: Some(Decimal::ZERO), consumed: Some(paid - row.amount), ..RefundLine::of(row) }
}

fn begin() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn made(rows: u32, seed: u64) -> Vec<HistoryRow> {
    let mut draw = Draw(seed);
    (0..rows).map(|number| row(number, &mut draw)).collect()
}

fn row(number: u32, draw: &mut Draw) -> HistoryRow {
    let cents = |draw: &mut Draw| Decimal::new(i64::try_from(draw.next(10_000_000)).unwrap() + 1, 2);
    let amount = cents(draw);
    let refunded_at = begin() + TimeDelta::seconds(i64::try_from(draw.next(300 * 86_400)).unwrap());
    let arrived_at = (draw.next(4) > 0).then(|| refunded_at + TimeDelta::days(3));
    let to = RefundPart { to: draw.of(&PLACES).into(), amount, at: arrived_at.unwrap_or(refunded_at) };
    let predicted = (draw.next(3) > 0).then(|| if draw.next(5) > 0 { amount } else { cents(draw) });
    let name = if number % 50 == 49 { "长名字".repeat(66) + "尾名" } else { draw.of(&NASTY).to_owned() };
    HistoryRow {
        customer: name,
        customer_uid: format!("{:016}", draw.next(10_000_000_000)),
        refund_order: format!("26{number:013}"),
        resource: if draw.next(9) > 0 { format!("i-bp1{:017x}", draw.next(u64::MAX)) } else { draw.of(&NASTY).into() },
        product: draw.of(&PRODUCTS).into(),
        related_orders: (0..draw.next(3)).map(|order| format!("21{number:011}{order:02}")).collect(),
        order_status: if arrived_at.is_some() { "refunded" } else { "refunding" }.into(),
        currency: draw.of(&CURRENCIES).into(),
        amount,
        arrived: if arrived_at.is_some() { amount } else { Decimal::ZERO },
        unsubscribe_to: if arrived_at.is_some() { vec![to] } else { Vec::new() },
        refunded_at,
        arrived_at,
        request: (draw.next(2) > 0).then(|| format!("0192f000-0000-7000-8000-{number:012}")),
        difference: predicted.map(|predicted| amount - predicted),
        predicted,
        reason: (draw.next(2) > 0).then(|| draw.of(&NASTY).to_owned()),
    }
}

/// A row as it should be read back.
fn told(row: &HistoryRow) -> Value {
    json!({
        "customer": row.customer,
        "customer_uid": row.customer_uid,
        "refund_order": row.refund_order,
        "resource": row.resource,
        "product": row.product,
        "related_orders": row.related_orders.join("; "),
        "order_status": row.order_status,
        "currency": row.currency,
        "amount": row.amount,
        "arrived": row.arrived,
        "places": row.unsubscribe_to.iter().map(|part| json!({"to": part.to, "amount": part.amount})).collect::<Vec<_>>(),
        "refunded_at": row.refunded_at,
        "arrived_at": row.arrived_at,
        "request": row.request,
        "predicted": row.predicted,
        "difference": row.difference,
        "reason": row.reason,
    })
}
