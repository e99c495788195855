//! The examples that are documented are read as they stand, and every fault and operation of the table is known.

use bss_sandbox::{FaultScript, Reality};

const PAGE: &str = include_str!("../../../docs/sandbox.md");

/// The blocks of TOML on the page, in their order.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_documented_examples_are_read() {
    let [faults, reality] = blocks()[..] else { panic!("two examples are expected") };
    let script = FaultScript::from_toml(faults).expect("the example of faults");
    assert_eq!((script.throttle, script.rules.len()), (true, 2));
    let knobs = Reality::from_toml(reality).expect("the example of knobs");
    assert!(knobs.tax.is_some() && knobs.failed_channel.is_some() && knobs.destination.is_some());
}

#[test]
fn the_documented_faults_are_those_there_are() {
    let refused = FaultScript::from_json(r#"{"rules": [{"fault": "?"}]}"#).expect_err("no fault").to_string();
    let (_, known) = refused.split_once("the faults are ").expect("the known ones are named");
    let mut known: Vec<_> = known.split(", ").collect();
    let table = PAGE.lines().skip_while(|line| !line.starts_with("| fault |")).take_while(|line| line.starts_with('|'));
    let first_cells = table.skip(2).filter_map(|line| line.split('|').nth(1));
    let mut documented: Vec<_> =
        first_cells.flat_map(|cell| cell.split(',')).map(|word| word.trim().trim_matches('`')).collect();
    known.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, known);
}
