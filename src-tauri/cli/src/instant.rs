//! Days and instants on the command line, read and shown as the rules do: in UTC+8.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset")
}

/// An instant, or a calendar date: then the last instant of that day in UTC+8.
pub fn instant_or_day_end(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let day: NaiveDate = text
        .parse()
        .map_err(|_| "give a date (2026-06-30) or an instant with its offset (2026-06-30T12:00:00+08:00)".to_owned())?;
    let next = day.succ_opt().ok_or("no day comes after this one")?.and_time(NaiveTime::MIN);
    let midnight = next.and_local_timezone(beijing()).single().ok_or("this day has no end in UTC+8")?;
    Ok(midnight.to_utc() - TimeDelta::nanoseconds(1))
}

/// `2026-05-20 12:00`, in UTC+8; seconds where there are any.
pub fn shown(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&beijing());
    let format = if instant.timestamp() % 60 == 0 || instant.timestamp_subsec_nanos() == LAST_NANOSECOND {
        "%Y-%m-%d %H:%M"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    local.format(format).to_string()
}

/// The end of a day is told without its seconds.
const LAST_NANOSECOND: u32 = 999_999_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_end_of_its_day_and_an_instant_itself() {
        let cases = [
            ("2026-06-30", Some("2026-06-30T15:59:59.999999999Z")),
            ("2026-06-30T12:00:00+08:00", Some("2026-06-30T04:00:00Z")),
            ("2026-06-30T04:00:00Z", Some("2026-06-30T04:00:00Z")),
            ("2026-06-31", None),
            ("2026-06-30T12:00:00", None),
            ("tomorrow", None),
            ("+262142-12-31", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|text| text.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(instant_or_day_end(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn instants_are_shown_in_utc_8() {
        for (instant, text) in [
            ("2026-05-20T04:00:00Z", "2026-05-20 12:00"),
            ("2026-05-20T04:00:07Z", "2026-05-20 12:00:07"),
            ("2026-06-30T15:59:59.999999999Z", "2026-06-30 23:59"),
        ] {
            assert_eq!(shown(instant.parse().unwrap()), text);
        }
    }
}
