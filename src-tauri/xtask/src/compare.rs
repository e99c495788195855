//! What became slower than the run that was kept, by more than runs differ from each other.

use crate::record::{Figure, Record};

/// Runs on the same machine differ by so much without a reason: a part of the figure.
const ALLOWANCE: f64 = 0.10;

/// The same for figures of one round, which tell nothing of how much they differ.
const ALLOWANCE_OF_ONE: f64 = 0.30;

/// Times as small as this many units are the clock's and the machine's own.
const SMALLEST: f64 = 0.1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// Its best round is worse than the worst of before, by more than the allowance.
    Worse,
    /// Its median is outside of what was seen before, but the rounds of both overlap, or nearly do.
    PerhapsWorse,
    Same,
    Better,
}

/// A figure of both runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub before: Figure,
    pub now: Figure,
    pub became: Became,
}

/// All figures of two runs: those that both have, those that are new, and those that are no longer measured.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    pub both: Vec<Compared>,
    pub new: Vec<String>,
    pub gone: Vec<String>,
}

impl Comparison {
    pub fn of(before: &Record, now: &Record) -> Self {
        let find = |record: &Record, name: &str| record.figures.iter().find(|figure| figure.name == name).cloned();
        let mut comparison = Self::default();
        for figure in &now.figures {
            match find(before, &figure.name) {
                Some(before) => {
                    let became = became(&before, figure);
                    comparison.both.push(Compared { before, now: figure.clone(), became });
                }
                None => comparison.new.push(figure.name.clone()),
            }
        }
        let gone = before.figures.iter().filter(|figure| find(now, &figure.name).is_none());
        comparison.gone = gone.map(|figure| figure.name.clone()).collect();
        comparison
    }

    pub fn is_worse(&self) -> bool {
        self.both.iter().any(|compared| compared.became == Became::Worse)
    }

    /// A line for each figure that is not the same, the worst first.
    pub fn told(&self) -> String {
        let mut text = String::new();
        let words = [(Became::Worse, "WORSE"), (Became::PerhapsWorse, "perhaps worse"), (Became::Better, "better")];
        for (became, word) in words {
            for Compared { before, now, .. } in self.both.iter().filter(|compared| compared.became == became) {
                let times = now.median / before.median;
                text += &format!(
                    "  {word:>13}  {}: {} {unit}, was {} ({times:.2} times)\n",
                    now.name,
                    spread(now),
                    spread(before),
                    unit = now.unit
                );
            }
        }
        let same = self.both.iter().filter(|compared| compared.became == Became::Same).count();
        text += &format!("  {same:>13}  as before\n");
        for (names, word) in [(&self.new, "new"), (&self.gone, "not measured")] {
            for name in names {
                text += &format!("  {word:>13}  {name}\n");
            }
        }
        text
    }
}

fn became(before: &Figure, now: &Figure) -> Became {
    // Turned round where more is better, so that more is worse below.
    let (before, now) = (Cost::of(before), Cost::of(now));
    let allowance = if before.is_one_round() || now.is_one_round() { ALLOWANCE_OF_ONE } else { ALLOWANCE };
    let clearly = |worse: f64, better: f64| worse > better * (1.0 + allowance) && worse - better > now.smallest;
    if clearly(now.least, before.most) {
        Became::Worse
    } else if clearly(before.least, now.most) {
        Became::Better
    } else if clearly(now.median, before.most) {
        Became::PerhapsWorse
    } else {
        Became::Same
    }
}

/// A figure of which more is worse.
struct Cost {
    median: f64,
    least: f64,
    most: f64,
    /// What is no difference.
    smallest: f64,
}

impl Cost {
    fn of(figure: &Figure) -> Self {
        let Figure { median, least, most, .. } = *figure;
        if figure.lower_is_better {
            Self { median, least, most, smallest: SMALLEST }
        } else {
            Self { median: 1.0 / median, least: 1.0 / most, most: 1.0 / least, smallest: 0.0 }
        }
    }

    fn is_one_round(&self) -> bool {
        self.least >= self.most
    }
}

fn spread(figure: &Figure) -> String {
    let Figure { median, least, most, .. } = figure;
    if least >= most { format!("{median:.2}") } else { format!("{median:.2} ({least:.2}-{most:.2})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, (least, median, most): (f64, f64, f64), lower_is_better: bool) -> Figure {
        Figure { name: name.to_owned(), unit: "ms".to_owned(), median, least, most, lower_is_better }
    }

    type Seen = (f64, f64, f64);

    #[track_caller]
    fn check(before: Seen, now: Seen, lower_is_better: bool, expected: Became) {
        let (before, now) = (figure("n", before, lower_is_better), figure("n", now, lower_is_better));
        assert_eq!(became(&before, &now), expected, "{before:?} {now:?}");
    }

    #[test]
    fn only_what_is_beyond_the_spread_of_both_runs_is_worse() {
        let before = (10.0, 11.0, 12.0);
        check(before, before, true, Became::Same);
        // Every round above every round of before, and by more than a tenth.
        check(before, (13.3, 14.0, 15.0), true, Became::Worse);
        check(before, (13.1, 14.0, 15.0), true, Became::PerhapsWorse);
        check(before, (11.0, 13.3, 40.0), true, Became::PerhapsWorse);
        check(before, (11.0, 13.1, 40.0), true, Became::Same);
        check(before, (8.0, 8.5, 9.0), true, Became::Better);
        check(before, (8.0, 9.0, 10.0), true, Became::Same);
    }

    #[test]
    fn where_more_is_better_less_is_worse() {
        let before = (2.0, 2.5, 3.0);
        check(before, (1.0, 1.5, 1.8), false, Became::Worse);
        check(before, (1.0, 1.5, 1.9), false, Became::PerhapsWorse);
        check(before, (3.5, 4.0, 5.0), false, Became::Better);
        check(before, (2.1, 2.4, 3.3), false, Became::Same);
    }

    #[test]
    fn a_figure_of_one_round_has_to_differ_more() {
        check((10.0, 10.0, 10.0), (12.9, 12.9, 12.9), true, Became::Same);
        check((10.0, 10.0, 10.0), (13.1, 13.1, 13.1), true, Became::Worse);
        check((10.0, 10.0, 10.0), (7.0, 7.0, 7.0), true, Became::Better);
    }

    #[test]
    fn the_smallest_times_are_never_worse() {
        check((0.01, 0.01, 0.02), (0.08, 0.09, 0.11), true, Became::Same);
        check((0.01, 0.01, 0.02), (0.13, 0.14, 0.15), true, Became::Worse);
    }

    #[test]
    fn figures_are_matched_by_name() {
        let record = |figures: Vec<Figure>| Record {
            bench: "b".to_owned(),
            machine: "m".to_owned(),
            load: String::new(),
            figures,
        };
        let (slow, fast) = ((20.0, 21.0, 22.0), (10.0, 11.0, 12.0));
        let before = record(vec![figure("a", fast, true), figure("b", slow, true), figure("c", fast, true)]);
        let now = record(vec![figure("b", fast, true), figure("a", slow, true), figure("d", fast, true)]);
        let comparison = Comparison::of(&before, &now);
        let seen: Vec<_> = comparison.both.iter().map(|both| (both.now.name.as_str(), both.became)).collect();
        assert_eq!(seen, [("b", Became::Better), ("a", Became::Worse)]);
        assert_eq!((comparison.new.clone(), comparison.gone.clone()), (vec!["d".to_owned()], vec!["c".to_owned()]));
        assert!(comparison.is_worse() && !Comparison::of(&now, &now).is_worse());
        let told = comparison.told();
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "WORSE  a: 21.00 (20.00-22.00) ms, was 11.00 (10.00-12.00) (1.91 times)",
                "better  b: 11.00 (10.00-12.00) ms, was 21.00 (20.00-22.00) (0.52 times)",
                "0  as before",
                "new  d",
                "not measured  c",
            ]
        );
    }
}
