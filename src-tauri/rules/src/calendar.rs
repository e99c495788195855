//! Business days of mainland China: Monday to Friday without public holidays, plus the official make-up working days.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

use crate::policy::PolicyError;

/// The years whose official calendar is known.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeMap<i32, Year>,
}

#[derive(Debug, Clone)]
struct Year {
    holidays: BTreeSet<NaiveDate>,
    working_weekends: BTreeSet<NaiveDate>,
    /// Its business days, in order.
    business_days: Vec<NaiveDate>,
}

impl Year {
    fn of(entry: YearEntry) -> Self {
        let mut year =
            Self { holidays: entry.holidays, working_weekends: entry.working_weekends, business_days: Vec::new() };
        let first = NaiveDate::from_yo_opt(entry.year, 1);
        let days = first.into_iter().flat_map(|first| first.iter_days()).take_while(|date| date.year() == entry.year);
        year.business_days = days.filter(|date| Self::is_business_day(Some(&year), *date)).collect();
        year
    }

    /// The date so many business days after `from`, if that is within this year.
    fn after(&self, from: NaiveDate, days: u32) -> Option<NaiveDate> {
        let passed = self.business_days.partition_point(|date| *date <= from);
        let wanted = passed.checked_add(usize::try_from(days).ok()?)?.checked_sub(1)?;
        self.business_days.get(wanted).copied()
    }

    fn is_business_day(year: Option<&Self>, date: NaiveDate) -> bool {
        let weekend = is_weekend(date);
        match year {
            Some(year) if weekend => year.working_weekends.contains(&date),
            Some(year) => !year.holidays.contains(&date),
            None => !weekend,
        }
    }
}

/// A date found by counting business days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusinessDate {
    /// The date itself, read in UTC+8.
    pub date: NaiveDate,
    /// False where a year on the way has no known calendar: there only weekends were left out.
    pub certain: bool,
}

impl Calendar {
    /// The date `days` business days after `from`, which itself does not count.
    pub fn add_business_days(&self, from: NaiveDate, days: u32) -> BusinessDate {
        // Nearly all counts end within a year that is known.
        let within = self.years.get(&from.year()).and_then(|year| year.after(from, days));
        if let (Some(date), true) = (within, days > 0) {
            return BusinessDate { date, certain: true };
        }
        let (mut date, mut left, mut certain) = (from, days, true);
        while left > 0 {
            let Some(next) = date.succ_opt() else { break };
            date = next;
            let year = self.years.get(&date.year());
            certain &= year.is_some();
            left -= u32::from(Year::is_business_day(year, date));
        }
        BusinessDate { date, certain }
    }

    /// Whether a date is a business day, as far as its year is known.
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        Year::is_business_day(self.years.get(&date.year()), date)
    }

    /// Adds the years of one calendar file.
    ///
    /// # Errors
    /// An unreadable file, a date outside its year or on the wrong kind of day, a year given twice.
    pub(crate) fn add_file(&mut self, file: &str, text: &str) -> Result<(), PolicyError> {
        let document: File = toml::from_str(text).map_err(|e| PolicyError::unreadable(file, e.message()))?;
        for entry in document.year {
            let wrong = |date: &NaiveDate, why: &str| {
                Err(PolicyError::new("bad_calendar", file, format!("{date} in the calendar of {} {why}", entry.year)))
            };
            for date in entry.holidays.iter().chain(&entry.working_weekends) {
                if date.year() != entry.year {
                    return wrong(date, "is a day of another year");
                }
            }
            if let Some(date) = entry.holidays.iter().find(|date| is_weekend(**date)) {
                return wrong(date, "is a holiday on a weekend, where nothing has to be said");
            }
            if let Some(date) = entry.working_weekends.iter().find(|date| !is_weekend(**date)) {
                return wrong(date, "is a make-up working day from Monday to Friday");
            }
            let number = entry.year;
            if self.years.insert(number, Year::of(entry)).is_some() {
                return Err(PolicyError::new("overlap", file, format!("the calendar of {number} is given twice")));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "region")]
    _region: String,
    #[serde(rename = "source")]
    _source: String,
    year: Vec<YearEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearEntry {
    year: i32,
    holidays: BTreeSet<NaiveDate>,
    working_weekends: BTreeSet<NaiveDate>,
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}
