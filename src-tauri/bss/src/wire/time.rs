//! Times: UTC, `yyyy-MM-ddTHH:mm:ssZ`.

use chrono::{DateTime, NaiveDateTime, Utc};

/// Reads `2026-01-31T08:00:00Z`; missing seconds and a numeric offset are tolerated.
pub fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").ok().map(|time| time.and_utc())
}

/// Writes an instant with second precision, as the API does.
pub fn write_time(time: &DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
