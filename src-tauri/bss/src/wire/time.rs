//! Times: UTC, `yyyy-MM-ddTHH:mm:ssZ`.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};

/// Years that are written with four digits.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

/// Reads `2026-01-31T08:00:00Z`; missing seconds and a numeric offset are tolerated.
pub fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let time = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.to_utc(),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").ok()?.and_utc(),
    };
    YEARS.contains(&time.year()).then_some(time)
}

/// Writes an instant with second precision, as the API does.
pub fn write_time(time: &DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
