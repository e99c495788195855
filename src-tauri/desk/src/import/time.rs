//! Times of files: with an offset, local ones in the zone that the manager names, or a day alone.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Utc};

/// Years that a file can tell of; anything else is a mistyped or shifted cell.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Local times, with `-` between the parts of the date.
const LOCAL: [&str; 4] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];

/// Reads a time. A day alone is its first instant in `zone`. `None`: it cannot be read in one way only.
pub(super) fn instant(cell: &str, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let text = cell.trim();
    // The year first: `01/02/2026` is January or February.
    let year_first = text.len() >= 8 && text.bytes().take(4).all(|b| b.is_ascii_digit());
    if !year_first {
        return None;
    }
    let text = text.replace('/', "-");
    let with_offset = || {
        let rfc = DateTime::parse_from_rfc3339(&text).ok();
        rfc.or_else(|| DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S %z").ok()).map(|at| at.to_utc())
    };
    let local = || LOCAL.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    let day = || {
        let form = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) { "%Y%m%d" } else { "%Y-%m-%d" };
        NaiveDate::parse_from_str(&text, form).ok().and_then(|day| day.and_hms_opt(0, 0, 0))
    };
    let at = with_offset().or_else(|| local().or_else(day)?.and_local_timezone(zone).single().map(|at| at.to_utc()))?;
    YEARS.contains(&at.year()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_one_way_or_not_at_all() {
        let china = FixedOffset::east_opt(8 * 3600).expect("an offset");
        for (cell, instant_utc) in [
            ("2026-03-01 09:30:00", "2026-03-01T01:30:00Z"),
            ("2026/3/1 9:30:00", "2026-03-01T01:30:00Z"),
            ("2026-03-01 09:30", "2026-03-01T01:30:00Z"),
            ("2026-03-01T09:30:00", "2026-03-01T01:30:00Z"),
            ("2026-03-01 09:30:00.0", "2026-03-01T01:30:00Z"),
            ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z"),
            ("2026-03-01T09:30:00+08:00", "2026-03-01T01:30:00Z"),
            ("2026-03-01 09:30:00 +0000", "2026-03-01T09:30:00Z"),
            ("2026-03-01", "2026-02-28T16:00:00Z"),
            ("20260301", "2026-02-28T16:00:00Z"),
        ] {
            let read = instant(cell, china).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            assert_eq!(read.as_deref(), Some(instant_utc), "{cell}");
        }
        for cell in [
            "",
            "01/02/2026",
            "2026-02-30",
            "2026-13-01",
            "26-03-01",
            "2026",
            "202603",
            "1999-12-31",
            "2101-06-01",
            "tomorrow",
            "2026-03-01 25:00:00",
            "46082",
            "2026-03-01 09:30:00 CST",
        ] {
            assert_eq!(instant(cell, china), None, "{cell}");
        }
    }
}
