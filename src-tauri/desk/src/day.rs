//! Calendar days and instants as the rules read them: in UTC+8 (refund-rules section 1).

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Utc};
use refund_rules::Calendar;

/// More business days than any limit: where counting stops.
const MOST_BUSINESS_DAYS: u32 = 400;

fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset")
}

/// The instant at which a day begins.
pub(crate) fn day_start(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(beijing());
    local.single().expect("a fixed offset has every local time once").to_utc()
}

/// The day that an instant lies in.
pub(crate) fn of(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&beijing()).date_naive()
}

/// The last 00:00 up to an instant.
pub(crate) fn start_of(instant: DateTime<Utc>) -> DateTime<Utc> {
    day_start(of(instant))
}

/// The first 00:00 after an instant.
pub(crate) fn next_midnight(instant: DateTime<Utc>) -> DateTime<Utc> {
    let today = of(instant);
    day_start(today.succ_opt().unwrap_or(today))
}

/// Business days after `from` until `until` is reached.
pub(crate) fn business_days(calendar: &Calendar, from: NaiveDate, until: NaiveDate) -> u32 {
    let reached = |days: &u32| calendar.add_business_days(from, *days).date >= until;
    (0..MOST_BUSINESS_DAYS).find(reached).unwrap_or(MOST_BUSINESS_DAYS)
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
            assert_eq!(day_start(of(parse(instant)).succ_opt().expect("a day")), parse(next), "{instant}");
        }
        assert_eq!(shown(day_start(day)), "2026-08-13 00:00:00 (UTC+8)");
    }
}
