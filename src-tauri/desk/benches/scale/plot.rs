//! How the figures grow with the orders, as a picture with logarithmic scales: a line that climbs as steeply as the frame grows in
//! step with the orders, a flat one does not grow.

use std::path::Path;

use plotters::prelude::*;

use crate::figure::OfSize;
use crate::tell::grouped;

/// Figures that are drawn, with the words beside their line.
const DRAWN: [(&str, &str); 8] = [
    ("opened, with the first page", "opened, with the first page"),
    ("all customers, first page by each column: rows, 99 %", "first page, 99 %"),
    ("all customers, last page by each column: rows, 99 %", "last page, 99 %"),
    ("all customers, search of 3 to 8 characters: rows, 99 %", "search of 3 to 8 characters, 99 %"),
    ("all customers, search of 1 or 2 characters: rows, 99 %", "search of 1 or 2 characters, 99 %"),
    ("one customer, search of 3 to 8 characters: rows, 99 %", "the same within one customer, 99 %"),
    ("history, search of 3 to 8 characters, 99 %", "search in the history, 99 %"),
    ("quoting everything", "quoting everything"),
];

const SIZE: (u32, u32) = (1_000, 620);

pub fn draw(file: &Path, sizes: &[OfSize]) {
    let lines: Vec<(&str, Vec<(f64, f64)>)> = DRAWN.iter().map(|(name, words)| (*words, points(name, sizes))).collect();
    let values = || lines.iter().flat_map(|(_, points)| points.iter().map(|(_, value)| *value));
    let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    let orders = |of: Option<&OfSize>| of.expect("a size was measured").orders as f64;
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE).unwrap();
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(42)
        .y_label_area_size(72)
        .build_cartesian_2d(
            (orders(sizes.first())..orders(sizes.last())).log_scale(),
            (least / 2.0..most * 2.0).log_scale(),
        )
        .unwrap();
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("orders")
        .y_desc("milliseconds")
        .x_label_formatter(&|orders| grouped(orders.round() as usize))
        .y_label_formatter(&|value| format!("{value}"))
        .draw()
        .unwrap();
    for (place, (words, points)) in lines.iter().enumerate() {
        let colour = Palette99::pick(place).to_rgba();
        let line =
            chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(4)).unwrap();
        line.label(*words).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    let labels = chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .draw();
    labels.unwrap();
    root.present().unwrap();
}

/// Orders and milliseconds.
fn points(name: &str, sizes: &[OfSize]) -> Vec<(f64, f64)> {
    let of = |of: &OfSize| {
        let figure = of.figures.iter().find(|figure| figure.name == name)?;
        let factor = if figure.unit == "s" { 1_000.0 } else { 1.0 };
        Some((of.orders as f64, figure.median * factor))
    };
    sizes.iter().filter_map(of).collect()
}
