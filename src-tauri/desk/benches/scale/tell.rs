//! The figures of all sizes together: one record, one plot, one table.

use std::path::Path;

use crate::figure::{Figure, OfSize, Record};
use crate::{machine, plot};

pub fn tell(record: &Path, picture: &Path, files: &[&str]) {
    let sizes: Vec<OfSize> = files.iter().map(|file| read(file.as_ref())).collect();
    let named = |of: &OfSize| {
        let orders = grouped(of.orders);
        let figure = |figure: &Figure| Figure { name: format!("{orders} orders, {}", figure.name), ..figure.clone() };
        of.figures.iter().map(figure).collect::<Vec<_>>()
    };
    let all = Record {
        bench: "scale".to_owned(),
        machine: machine::named(),
        load: machine::load(),
        figures: sizes.iter().flat_map(named).collect(),
    };
    std::fs::write(record, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
    plot::draw(picture, &sizes);
    print!("{}", table(&sizes));
    println!("\n{}; a load of {} at the end", all.machine, all.load);
}

fn read(file: &Path) -> OfSize {
    let text = std::fs::read_to_string(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

/// One line a figure, one column a size.
fn table(sizes: &[OfSize]) -> String {
    let heads: Vec<String> = sizes.iter().map(|of| format!("{} orders", grouped(of.orders))).collect();
    let mut text = format!("\n| | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for figure in &sizes[0].figures {
        let of = |of: &OfSize| of.figures.iter().find(|other| other.name == figure.name).map_or(String::new(), spread);
        let cells: Vec<String> = sizes.iter().map(of).collect();
        text.push_str(&format!("| {}, {} | {} |\n", figure.name, figure.unit, cells.join(" | ")));
    }
    text
}

/// "12.3 (11.9-14.0)"
fn spread(figure: &Figure) -> String {
    let short = |value: f64| if value < 100.0 { format!("{value:.1}") } else { grouped(value.round() as usize) };
    let Figure { median, least, most, .. } = figure;
    if least == most { short(*median) } else { format!("{} ({}-{})", short(*median), short(*least), short(*most)) }
}

/// With a comma at each thousand.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
