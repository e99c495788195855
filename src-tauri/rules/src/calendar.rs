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
}

impl Year {
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
            let year = Year { holidays: entry.holidays, working_weekends: entry.working_weekends };
            if self.years.insert(entry.year, year).is_some() {
                return Err(PolicyError::new(
                    "overlap",
                    file,
                    format!("the calendar of {} is given twice", entry.year),
                ));
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
