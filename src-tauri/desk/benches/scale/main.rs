//! `cargo xtask bench scale`: how the desk behaves with 10,000, 100,000 and a million orders. Printed and recorded, not judged.
//!
//! ```text
//! scale fill FOLDER ORDERS            fills a home, unless a whole one is there
//! scale measure FOLDER ORDERS FILE    measures it in a process of its own, and writes its figures
//! scale tell RECORD PLOT FILE...      figures of all sizes as one record, a plot, and a table for the performance page
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for measuring: what goes wrong ends it")]

mod account;
mod asks;
mod chain;
mod clock;
mod draw;
mod figure;
mod home;
mod machine;
mod measure;
mod plot;
mod product;
mod tell;
mod wire;

use std::path::PathBuf;

fn main() {
    // Cargo adds a word of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fill", folder, orders] => {
            let (folder, orders) = (PathBuf::from(folder), orders.parse().expect("a number of orders"));
            if !home::is_filled(&folder) {
                home::fill(&folder, orders);
            }
        }
        ["measure", folder, orders, file] => {
            let measured = measure::measure(&PathBuf::from(folder), orders.parse().expect("a number of orders"));
            std::fs::write(file, serde_json::to_string_pretty(&measured).unwrap()).unwrap();
        }
        ["tell", record, plot, files @ ..] => tell::tell(record.as_ref(), plot.as_ref(), files),
        _ => {
            eprintln!("scale fill FOLDER ORDERS | scale measure FOLDER ORDERS FILE | scale tell RECORD PLOT FILE...");
            std::process::exit(2);
        }
    }
}
