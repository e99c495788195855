//! Rows in their order, each with a text, and how changed ones take their places.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::texts::Texts;
use super::words::Words;

/// What a list keeps of a row of its table, beside its text.
pub(super) trait Row: Sized {
    /// The row's id in its table.
    fn id(&self) -> i64;

    /// The order of the list; two rows are equal only when they are the same.
    fn order(left: (&Self, &[u8]), right: (&Self, &[u8]), words: &Words) -> Ordering;
}

pub(super) struct Rows<R> {
    rows: Vec<R>,
    pub texts: Texts,
}

impl<R: Row> Rows<R> {
    /// Takes all rows, in any order.
    pub fn of(mut found: Vec<(R, Box<[u8]>)>, words: &Words) -> Self {
        found.sort_by(|(left, left_text), (right, right_text)| R::order((left, left_text), (right, right_text), words));
        let bytes = found.iter().map(|(_, text)| text.len() + 1).sum();
        let mut sorted =
            Self { rows: Vec::with_capacity(found.len()), texts: Texts::with_capacity(found.len(), bytes) };
        found.into_iter().for_each(|(row, text)| sorted.push(row, &text));
        sorted
    }

    fn push(&mut self, row: R, text: &[u8]) {
        self.rows.push(row);
        self.texts.push(text);
    }

    pub fn all(&self) -> &[R] {
        &self.rows
    }

    /// Puts the rows found in the place of those with the changed ids.
    pub fn take_over(&mut self, changed: &HashSet<i64>, mut found: Vec<(R, Box<[u8]>)>, words: &Words) {
        let places: Vec<usize> = found.iter().filter_map(|(row, text)| self.place_of(row, text, words)).collect();
        if places.len() == changed.len() {
            // Nothing came, nothing went: no row moves.
            for (place, (row, _)) in places.into_iter().zip(found) {
                self.rows[place] = row;
            }
            return;
        }
        found.sort_by(|(left, left_text), (right, right_text)| R::order((left, left_text), (right, right_text), words));
        let rows = std::mem::take(&mut self.rows);
        let bytes = self.texts.bytes() + found.iter().map(|(_, text)| text.len() + 1).sum::<usize>();
        let texts = std::mem::replace(&mut self.texts, Texts::with_capacity(rows.len() + found.len(), bytes));
        self.rows.reserve(rows.len() + found.len());
        let mut found = found.into_iter().peekable();
        for (place, row) in rows.into_iter().enumerate().filter(|(_, row)| !changed.contains(&row.id())) {
            let text = texts.of(place);
            while let Some((new, new_text)) =
                found.next_if(|(new, new_text)| R::order((new, new_text), (&row, text), words).is_lt())
            {
                self.push(new, &new_text);
            }
            self.push(row, text);
        }
        found.for_each(|(row, text)| self.push(row, &text));
    }

    /// Where a row stands already, in the same order and with the same text.
    fn place_of(&self, row: &R, text: &[u8], words: &Words) -> Option<usize> {
        let place = self.first_not(|other, other_text| R::order((other, other_text), (row, text), words).is_lt());
        let there = self.rows.get(place)?;
        (there.id() == row.id() && self.texts.of(place) == text).then_some(place)
    }

    /// The first row of which a condition does not hold that holds of all before it.
    pub fn first_not(&self, holds: impl Fn(&R, &[u8]) -> bool) -> usize {
        let (mut from, mut until) = (0, self.rows.len());
        while from < until {
            let middle = from + (until - from) / 2;
            if holds(&self.rows[middle], self.texts.of(middle)) { from = middle + 1 } else { until = middle }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An id and something that is told of it; ordered by text.
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Told(i64, u32);

    impl Row for Told {
        fn id(&self) -> i64 {
            self.0
        }
        fn order((_, left): (&Self, &[u8]), (_, right): (&Self, &[u8]), _: &Words) -> Ordering {
            left.cmp(right)
        }
    }

    type Given<'a> = &'a [(i64, &'a str, u32)];

    #[track_caller]
    fn check(changed: &[i64], found: Given<'_>, expected: Given<'_>) {
        let given = |rows: Given<'_>| {
            rows.iter().map(|(id, text, told)| (Told(*id, *told), text.as_bytes().into())).collect::<Vec<_>>()
        };
        let words = Words::default();
        let mut rows = Rows::of(given(&[(3, "c", 0), (1, "a", 0), (2, "b", 0), (5, "e", 0)]), &words);
        rows.take_over(&changed.iter().copied().collect(), given(found), &words);
        let now: Vec<(i64, String, u32)> = (0..rows.all().len())
            .map(|place| {
                let Told(id, told) = rows.all()[place];
                (id, String::from_utf8(rows.texts.of(place).to_vec()).unwrap(), told)
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(id, text, told)| (*id, (*text).to_owned(), *told)).collect();
        assert_eq!(now, expected);
    }

    #[test]
    fn changed_rows_take_their_places() {
        let as_before: Given<'_> = &[(1, "a", 0), (2, "b", 0), (3, "c", 0), (5, "e", 0)];
        check(&[], &[], as_before);
        check(&[2], &[(2, "b", 7)], &[(1, "a", 0), (2, "b", 7), (3, "c", 0), (5, "e", 0)]);
        check(&[2, 5], &[(5, "e", 8)], &[(1, "a", 0), (3, "c", 0), (5, "e", 8)]);
        check(
            &[4, 6],
            &[(6, "f", 1), (4, "d", 1)],
            &[(1, "a", 0), (2, "b", 0), (3, "c", 0), (4, "d", 1), (5, "e", 0), (6, "f", 1)],
        );
        // The id of a row that went is given to another one.
        check(&[3], &[(3, "A", 9)], &[(3, "A", 9), (1, "a", 0), (2, "b", 0), (5, "e", 0)]);
        check(&[1, 2, 3, 5], &[], &[]);
        // Gone again before anybody looked.
        check(&[9], &[], as_before);
    }
}
