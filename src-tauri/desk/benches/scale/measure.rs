//! Measures one filled home through the desk's own doors, as the window calls them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use chrono::TimeDelta;
use desk::views::ResourceQuery;
use desk::{Access, Desk, Unlock};

use crate::asks::{Kind, Known, history, plain};
use crate::clock::Clock;
use crate::draw::Draw;
use crate::figure::{Figure, OfSize, Rounds};
use crate::{home, machine};

const ROUNDS: usize = 3;

/// How often the home is opened.
const OPENINGS: usize = 5;

/// What the questions are drawn from: others than those that the home was laid by.
const SEED: u64 = 23;

/// Quotes that run out are made again in portions of so many, as the window does it.
const PORTION: u32 = 50_000;

/// Everything about one home.
pub fn measure(dir: &Path, orders: usize) -> OfSize {
    machine::warm(dir);
    let clock = Clock::at_rest();
    let mut figures = opening(dir, &clock);
    let desk = open(dir, &clock);
    let mut draw = Draw::from_seed(SEED);
    let known = Known::of(&desk, &mut draw);
    for (scope, customer) in [("all customers", None), ("one customer", Some(known.largest.as_str()))] {
        for kind in Kind::ALL {
            eprintln!("    {scope}: {}", kind.name());
            figures.extend(asked(&desk, &known, kind, scope, customer, &mut draw));
        }
    }
    figures.extend(other_lists(&desk, &known, &mut draw));
    figures.extend(machine::most_memory().map(|mib| memory("most memory after all queries", mib)));
    drop(desk);
    figures.extend(quoting(dir, &clock));
    let size = machine::size_of(dir) as f64 / 1_048_576.0;
    figures.push(Figure::of_rounds("size on disk", "MiB", vec![size]));
    OfSize { orders, figures }
}

fn open(dir: &Path, clock: &Clock) -> Desk {
    Desk::open(dir, Unlock::Nothing, Access::ReadWrite, Arc::new(clock.clone())).expect("a filled home")
}

fn memory(name: &str, mib: f64) -> Figure {
    Figure::of_rounds(name, "MiB", vec![mib])
}

fn milliseconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begun = Instant::now();
    let made = work();
    (begun.elapsed().as_secs_f64() * 1_000.0, made)
}

/// From opening the home until the first page of resources with its numbers and the customers beside it could be drawn.
fn opening(dir: &Path, clock: &Clock) -> Vec<Figure> {
    let (mut whole, mut opened, mut rows, mut numbers, mut rail) = (vec![], vec![], vec![], vec![], vec![]);
    let mut held = Vec::new();
    for _ in 0..OPENINGS {
        let (took, desk) = milliseconds(|| open(dir, clock));
        let (first, _) = milliseconds(|| desk.listed(&plain(None)).expect("the first page"));
        let (tallied, _) = milliseconds(|| desk.list_tally(&plain(None)).expect("its numbers"));
        let (customers, _) = milliseconds(|| desk.customers_kept().expect("the customers"));
        whole.push(took + first + tallied + customers);
        opened.push(took);
        rows.push(first);
        numbers.push(tallied);
        rail.push(customers);
        held.extend(machine::memory_now());
    }
    let mut figures = vec![
        Figure::of_rounds("opened, with the first page", "ms", whole),
        Figure::of_rounds("of it: opening the home", "ms", opened),
        Figure::of_rounds("of it: rows", "ms", rows),
        Figure::of_rounds("of it: numbers", "ms", numbers),
        Figure::of_rounds("of it: customers", "ms", rail),
    ];
    if !held.is_empty() {
        figures.push(Figure::of_rounds("memory with the first page", "MiB", held));
    }
    figures
}

/// Rows and numbers of one kind of question, each a query of its own.
fn asked(desk: &Desk, known: &Known, kind: Kind, scope: &str, customer: Option<&str>, draw: &mut Draw) -> Vec<Figure> {
    let total = desk.list_tally(&plain(customer)).expect("numbers").total;
    let (mut rows, mut numbers) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let asks = known.asks(kind, customer, total, draw);
        let (took_rows, took_numbers) = asks.iter().map(|ask| ask_for(desk, ask)).unzip();
        rows.add(took_rows);
        numbers.add(took_numbers);
    }
    let mut figures = rows.figures(&format!("{scope}, {}: rows", kind.name())).to_vec();
    figures.extend(numbers.figures(&format!("{scope}, {}: numbers", kind.name())));
    figures
}

fn ask_for(desk: &Desk, ask: &ResourceQuery) -> (f64, f64) {
    let (rows, _) = milliseconds(|| desk.listed(ask).expect("a page"));
    let (numbers, _) = milliseconds(|| desk.list_tally(ask).expect("its numbers"));
    (rows, numbers)
}

/// History, customers, requests, and where an order is.
fn other_lists(desk: &Desk, known: &Known, draw: &mut Draw) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (name, length) in [("3 to 8", 3..9), ("1 or 2", 1..3)] {
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            let asks = known.history_asks(length.clone(), draw);
            rounds.add(asks.iter().map(|ask| milliseconds(|| desk.history(ask).expect("the history")).0).collect());
        }
        figures.extend(rounds.figures(&format!("history, search of {name} characters")));
    }
    figures.extend(repeated("history, first page", |_| drop(desk.history(&history("", 0)).expect("the history"))));
    figures.extend(repeated("customers with their sums", |_| drop(desk.customers_kept().expect("the customers"))));
    figures.extend(repeated("requests", |_| drop(desk.requests(None).expect("the requests"))));
    let orders = known.refund_orders();
    figures.extend(repeated("where an order is", |turn| {
        drop(desk.locate(&orders[turn % orders.len()]).expect("an order that there is"));
    }));
    figures
}

fn repeated(name: &str, act: impl Fn(usize)) -> [Figure; 2] {
    const TIMES: usize = 20;
    let mut rounds = Rounds::default();
    for round in 0..ROUNDS {
        rounds.add((0..TIMES).map(|time| milliseconds(|| act(round * TIMES + time)).0).collect());
    }
    rounds.figures(name)
}

/// Makes every quote again, for the day after and then for the day itself, and asks for pages meanwhile.
fn quoting(dir: &Path, clock: &Clock) -> Vec<Figure> {
    let (mut seconds, mut of_processors, mut alone) = (vec![], vec![], vec![]);
    let (mut meanwhile, mut held) = (Rounds::default(), vec![]);
    for (round, ahead) in
        [TimeDelta::days(1), TimeDelta::zero(), TimeDelta::days(1), TimeDelta::zero()].into_iter().enumerate()
    {
        home::let_run_out(dir);
        clock.set_ahead(ahead);
        machine::forget_most_memory();
        let desk = open(dir, clock);
        let before = machine::processor_seconds();
        let (took, asked) = if round % 2 == 0 {
            eprintln!("    quoting, with nobody asking");
            (milliseconds(|| home::quote_all(&desk, PORTION)).0, Vec::new())
        } else {
            eprintln!("    quoting, while pages are asked for");
            quoted_beside_asks(&desk)
        };
        held.extend(machine::most_memory());
        if asked.is_empty() {
            alone.push(took / 1_000.0);
            of_processors.extend(machine::processor_seconds().zip(before).map(|(now, before)| now - before));
        } else {
            seconds.push(took / 1_000.0);
            meanwhile.add(asked);
        }
    }
    let mut figures = vec![
        Figure::of_rounds("quoting everything", "s", alone),
        Figure::of_rounds("quoting everything while pages are asked for", "s", seconds),
    ];
    if !of_processors.is_empty() {
        figures.push(Figure::of_rounds("quoting everything, of the processors", "s", of_processors));
    }
    figures.extend(meanwhile.figures("a page while everything is quoted"));
    if !held.is_empty() {
        figures.push(Figure::of_rounds("most memory while quoting", "MiB", held));
    }
    figures
}

/// Seconds that quoting takes while pages are asked for, and milliseconds of each of these.
fn quoted_beside_asks(desk: &Desk) -> (f64, Vec<f64>) {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let quoting = scope.spawn(|| {
            let (took, _) = milliseconds(|| home::quote_all(desk, PORTION));
            ended.store(true, Ordering::Relaxed);
            took
        });
        let mut asked = Vec::new();
        let texts = ["", "bp1", "i-", "cn-hang", "rm-t4n"];
        while !ended.load(Ordering::Relaxed) {
            let query = ResourceQuery { text: texts[asked.len() % texts.len()].to_owned(), ..plain(None) };
            asked.push(milliseconds(|| desk.listed(&query).expect("a page")).0);
            // More than anybody types.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        (quoting.join().expect("quotes made again"), asked)
    })
}
