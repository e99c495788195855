//! Calendar days and instants as the rules read them: in UTC+8 (refund-rules section 1).

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Utc};

fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset")
}

/// The instant at which a day begins.
pub(crate) fn day_start(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(beijing());
    local.single().expect("a fixed offset has every local time once").to_utc()
}

/// The first 00:00 after an instant.
pub(crate) fn next_midnight(instant: DateTime<Utc>) -> DateTime<Utc> {
    let today = instant.with_timezone(&beijing()).date_naive();
    day_start(today.succ_opt().unwrap_or(today))
}

/// An instant as a person at the console reads it.
pub(crate) fn shown(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&beijing()).format("%Y-%m-%d %H:%M:%S (UTC+8)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_eight_hours_before_the_utc_day() {
        let day = NaiveDate::from_ymd_opt(2026, 8, 13).expect("a day");
        assert_eq!(day_start(day).to_rfc3339(), "2026-08-12T16:00:00+00:00");
        for (instant, next) in
            [("2026-08-12T15:59:59Z", "2026-08-12T16:00:00Z"), ("2026-08-12T16:00:00Z", "2026-08-13T16:00:00Z")]
        {
            let parse = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
            assert_eq!(next_midnight(parse(instant)), parse(next), "{instant}");
        }
        assert_eq!(shown(day_start(day)), "2026-08-13 00:00:00 (UTC+8)");
    }
}
