//! A text for each row, one after the other in memory, and which of them hold a part of a word.

use std::ops::Range;

use memchr::memmem;

/// Stands between the texts of two rows: no id holds it, and what is searched for with it is found nowhere.
const BETWEEN: u8 = b'\n';

/// Texts by row.
#[derive(Default)]
pub(super) struct Texts {
    exact: Vec<u8>,
    /// The same with letters A to Z made small; a letter has as many bytes either way.
    small: Vec<u8>,
    /// Where each text ends, what stands between two of them included.
    ends: Vec<usize>,
}

impl Texts {
    pub fn push(&mut self, text: &[u8]) {
        let from = self.exact.len();
        self.exact.extend_from_slice(text);
        self.exact.push(BETWEEN);
        self.small.extend_from_slice(&self.exact[from..]);
        self.small[from..].make_ascii_lowercase();
        self.ends.push(self.exact.len());
    }

    pub fn of(&self, row: usize) -> &[u8] {
        &self.exact[self.begin(row)..self.ends[row] - 1]
    }

    fn begin(&self, row: usize) -> usize {
        if row == 0 { 0 } else { self.ends[row - 1] }
    }

    /// Which of these rows hold a part, whatever the case of letters A to Z; in the rows' order.
    pub fn holding(&self, part: &str, rows: Range<usize>) -> Vec<bool> {
        let mut holding = vec![false; rows.len()];
        if rows.is_empty() || part.as_bytes().contains(&BETWEEN) {
            return holding;
        }
        let part = part.to_ascii_lowercase();
        let finder = memmem::Finder::new(part.as_bytes());
        let (mut at, end) = (self.begin(rows.start), self.ends[rows.end - 1]);
        let mut row = rows.start;
        while let Some(found) = finder.find(&self.small[at..end]) {
            at += found;
            // Often the next one, so they are looked at one by one before they are halved.
            row = self.row_at(at, row, rows.end);
            holding[row - rows.start] = true;
            at = self.ends[row];
            row += 1;
            if row == rows.end {
                break;
            }
        }
        holding
    }

    /// The row whose text stands at a place, from `first` on.
    fn row_at(&self, at: usize, first: usize, end: usize) -> usize {
        const NEAR: usize = 4;
        let near = (first..end.min(first + NEAR)).find(|row| self.ends[*row] > at);
        near.unwrap_or_else(|| first + self.ends[first..end].partition_point(|end| *end <= at))
    }

    /// Room for so many rows and bytes.
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self { exact: Vec::with_capacity(bytes), small: Vec::with_capacity(bytes), ends: Vec::with_capacity(rows) }
    }

    pub fn bytes(&self) -> usize {
        self.exact.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_in_every_row_that_holds_it_and_in_no_other() {
        let rows = ["i-bp1abc", "", "I-BP1", "rm-t4nABC", "青岚科技", "abcabc"];
        let mut texts = Texts::default();
        rows.iter().for_each(|row| texts.push(row.as_bytes()));
        // part | from | rows that hold it
        let cases: [(&str, usize, &[usize]); 12] = [
            ("abc", 0, &[0, 3, 5]),
            ("ABC", 0, &[0, 3, 5]),
            ("i-bp1", 0, &[0, 2]),
            ("i", 0, &[0, 2]),
            ("1", 1, &[2]),
            ("青岚", 0, &[4]),
            ("岚科", 0, &[4]),
            ("科青", 0, &[]),
            // Across the border of two rows, with and without what stands between them.
            ("1rm", 0, &[]),
            ("1\nrm", 0, &[]),
            ("", 2, &[2, 3, 4, 5]),
            ("abc", 6, &[]),
        ];
        for (part, from, expected) in cases {
            let holding = texts.holding(part, from..rows.len());
            let found: Vec<usize> = (from..rows.len()).filter(|row| holding[row - from]).collect();
            assert_eq!(found, expected, "{part:?} from {from}");
        }
        assert_eq!(texts.of(3), b"rm-t4nABC");
        assert_eq!(texts.of(1), b"");
    }

    #[test]
    fn a_part_is_found_far_down_too() {
        let mut texts = Texts::default();
        for row in 0..1_000 {
            texts.push(format!("row {row}").as_bytes());
        }
        let holding = texts.holding("77", 0..1_000);
        let expected: Vec<bool> = (0..1_000).map(|row: u32| row.to_string().contains("77")).collect();
        assert_eq!(holding, expected);
    }
}
