//! What must be absent from the crates' sources: I/O, clocks and chance from the rules, clocks below the hosts, binary floats
//! wherever money is, a second door to `RefundInstance`.

use crate::rust_text::{Path, paths, words_outside_tests};
use crate::{Text, Violation, keeps, names, texts};

/// Anything that reads or writes the world, or differs between two runs. Hash maps differ in their order.
const IMPURE: [&str; 26] = [
    "std::*",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::time::*",
    "std::hash::RandomState",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::collections::hash_map",
    "std::collections::hash_set",
    "std::collections::*",
    "chrono::Local",
    "getrandom",
    "rand",
    "tokio",
    "print",
    "println",
    "eprint",
    "eprintln",
    "dbg",
];

/// Calls that ask for the time or for chance, wherever their type was imported from.
const CLOCK_AND_CHANCE: [&str; 8] = [
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "getrandom::fill",
    "rand::rng",
];

/// The one place below the hosts that asks: it is what they hand in.
const HANDED_IN: &str = "src-tauri/desk/src/ambient.rs";

fn begins_with(path: &Path, banned: &str) -> bool {
    let text = path.text.strip_prefix("core::").map_or_else(|| path.text.clone(), |rest| format!("std::{rest}"));
    text == banned || text.strip_prefix(banned).is_some_and(|rest| rest.starts_with("::"))
}

fn ends_with(path: &Path, banned: &str) -> bool {
    path.text == banned || path.text.strip_suffix(banned).is_some_and(|rest| rest.ends_with("::"))
}

fn rules_are_pure(sources: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in sources {
        for path in paths(&words_outside_tests(&source.text)) {
            let impure = IMPURE.iter().any(|banned| begins_with(&path, banned))
                || CLOCK_AND_CHANCE.iter().any(|banned| ends_with(&path, banned));
            if impure {
                let what = format!("`{}` in the rules: facts and instants are arguments, order is fixed", path.text);
                found.push(Violation::new(format!("{}:{}", source.path, path.line), what));
            }
        }
    }
    found
}

fn time_and_chance_are_passed_in(sources: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path != HANDED_IN) {
        for path in paths(&words_outside_tests(&source.text)) {
            if CLOCK_AND_CHANCE.iter().any(|banned| ends_with(&path, banned)) {
                let what = format!("`{}` below the hosts: take it as an argument", path.text);
                found.push(Violation::new(format!("{}:{}", source.path, path.line), what));
            }
        }
    }
    found
}

/// Tests may name floats: some check that one is refused.
fn no_binary_floats(sources: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in sources {
        for word in words_outside_tests(&source.text) {
            let float = ["f32", "f64"].contains(&word.text.as_str()) || is_float(&word.text);
            if float {
                let what =
                    format!("`{}` is a binary float: use Decimal, or whole numbers of a smaller unit", word.text);
                found.push(Violation::new(format!("{}:{}", source.path, word.line), what));
            }
        }
    }
    found
}

/// Whether a literal is a binary float: by its point, its exponent or its type.
fn is_float(literal: &str) -> bool {
    let decimal = literal.starts_with(|first: char| first.is_ascii_digit())
        && !["0x", "0o", "0b"].iter().any(|base| literal.starts_with(base));
    // `5usize` has an e, but no digit before it.
    let exponent =
        literal.find(['e', 'E']).is_some_and(|at| literal[..at].ends_with(|last: char| last.is_ascii_digit()));
    decimal && (literal.contains('.') || literal.contains("f32") || literal.contains("f64") || exponent)
}

/// The call itself and the request it sends, each exactly once and in the desk. Where the desk does it, it holds a confirmed
/// unsubscription; no host and no other room has a door of its own.
fn one_door_to_refund_instance(sources: &[Text]) -> Vec<Violation> {
    let doors: [(&str, &[&str]); 2] = [
        ("the call `refund_instance`", &[".", "refund_instance", "("]),
        ("the request `RefundInstanceRequest`", &["RefundInstanceRequest", "{"]),
    ];
    let mut found = Vec::new();
    for (what, sequence) in doors {
        let mut places = Vec::new();
        for source in sources {
            let words = words_outside_tests(&source.text);
            for window in words.windows(sequence.len()) {
                if window.iter().zip(sequence).all(|(word, text)| word.text == *text) {
                    places.push(format!("{}:{}", source.path, window[0].line));
                }
            }
        }
        let in_desk = places.iter().filter(|place| place.starts_with("src-tauri/desk/src/")).count();
        if places.len() != 1 || in_desk != 1 {
            let told = if places.is_empty() { "nowhere".to_owned() } else { places.join(", ") };
            found.push(Violation::new(told, format!("{what} must stand exactly once, in the desk")));
        }
    }
    found
}

#[test]
fn the_rules_are_pure() {
    keeps(&rules_are_pure(&texts(&["src-tauri/rules/src"], &[".rs"])));
}

#[test]
fn nothing_below_the_hosts_asks_the_time() {
    let rooms = ["rules", "bss", "sandbox", "store", "desk", "report", "simulation"];
    let rooms = rooms.map(|room| format!("src-tauri/{room}/src"));
    keeps(&time_and_chance_are_passed_in(&texts(&rooms.each_ref().map(String::as_str), &[".rs"])));
}

#[test]
fn there_is_no_binary_float_where_money_is() {
    let rooms = ["rules", "bss", "sandbox", "store", "desk", "report", "cli", "app"];
    let rooms = rooms.map(|room| format!("src-tauri/{room}/src"));
    keeps(&no_binary_floats(&texts(&rooms.each_ref().map(String::as_str), &[".rs"])));
}

#[test]
fn refund_instance_has_one_door() {
    let rooms = ["store", "desk", "report", "cli", "app"].map(|room| format!("src-tauri/{room}/src"));
    keeps(&one_door_to_refund_instance(&texts(&rooms.each_ref().map(String::as_str), &[".rs"])));
}

#[test]
fn planted_impurities_are_found() {
    let cases: [(&str, &[&str]); 14] = [
        ("use std::fs;", &["p:1"]),
        ("use std::{collections::BTreeMap, env};", &["p:1"]),
        ("\nlet x = std::net::TcpStream::connect(y);", &["p:2"]),
        ("use core::time::*;", &["p:1"]),
        ("let at = chrono::Utc::now();", &["p:1"]),
        ("use chrono::Utc;\nlet at = Utc::now();", &["p:2"]),
        ("use std::time::Instant as Clock;", &["p:1"]),
        ("use std::collections::HashMap;", &["p:1"]),
        ("rand::random::<u8>()", &["p:1"]),
        ("println!(\"x\")", &["p:1"]),
        ("// std::fs\nlet text = \"std::fs\"; let random = 1;", &[]),
        ("use std::collections::BTreeMap; use chrono::{DateTime, Utc}; use std::time::Duration;", &[]),
        ("#[cfg(test)]\nmod tests { use std::fs; }", &[]),
        ("use crate::fs; self.env", &[]),
    ];
    for (source, places) in cases {
        names(&rules_are_pure(&[Text::planted("p", source)]), places);
    }
}

#[test]
fn a_planted_clock_is_found() {
    let source =
        "fn f() { let id = uuid::Uuid::now_v7(); }\nfn g() { SystemTime::now() }\n#[cfg(test)] fn h() { Utc::now() }";
    names(&time_and_chance_are_passed_in(&[Text::planted("p", source)]), &["p:1", "p:2"]);
    names(&time_and_chance_are_passed_in(&[Text::planted(HANDED_IN, source)]), &[]);
}

#[test]
fn planted_floats_are_found() {
    let cases: [(&str, &[&str]); 8] = [
        ("fn f(x: f64) {}", &["p:1"]),
        ("let x = 1 as f32;", &["p:1"]),
        ("let x = 0.5;", &["p:1"]),
        ("let x = 1e5;", &["p:1"]),
        ("let x = 2_f64;", &["p:1"]),
        ("// f64 0.5\nlet text = \"0.5\";", &[]),
        ("pair.0.1; 0..5; 0xe5; 0xf64; 1_000u64; 5usize", &[]),
        ("Decimal::new(15, 1); d[0].0", &[]),
    ];
    for (source, places) in cases {
        names(&no_binary_floats(&[Text::planted("p", source)]), places);
    }
}

#[test]
fn a_planted_door_is_found() {
    let door = "client.refund_instance(&RefundInstanceRequest { a }).await;";
    let desk = || Text::planted("src-tauri/desk/src/send.rs", door);
    names(&one_door_to_refund_instance(&[desk()]), &[]);
    let second = Text::planted("src-tauri/desk/src/other.rs", "x\n.refund_instance(y)");
    names(
        &one_door_to_refund_instance(&[desk(), second]),
        &["src-tauri/desk/src/send.rs:1, src-tauri/desk/src/other.rs:2"],
    );
    let elsewhere = Text::planted("src-tauri/cli/src/main.rs", door);
    names(&one_door_to_refund_instance(&[elsewhere]), &["src-tauri/cli/src/main.rs:1", "src-tauri/cli/src/main.rs:1"]);
    names(&one_door_to_refund_instance(&[]), &["nowhere", "nowhere"]);
}
