"""Business days of mainland China in 2023 to 2026: the rules' section 13.

The tables follow the holiday notices of the State Council's General Office. Any other year has
its weekends only.
"""

from datetime import date, timedelta

# Public holidays, as the notices name them (month and day). Those that fall on a weekend are kept.
HOLIDAYS = {
    2023: "0101-0102 0121-0127 0405 0429-0503 0622-0624 0929-1006 1230-1231",
    2024: "0101 0210-0217 0404-0406 0501-0505 0610 0915-0917 1001-1007",
    2025: "0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008",
    2026: "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007",
}

# Weekend days that are worked in exchange.
MAKE_UP_DAYS = {
    2023: "0128-0129 0423 0506 0625 1007-1008",
    2024: "0204 0218 0407 0428 0511 0914 0929 1012",
    2025: "0126 0208 0427 0928 1011",
    2026: "0104 0214 0228 0509 0920 1010",
}


def _dates(table: dict[int, str]) -> set[date]:
    found = set()
    for year, text in table.items():
        for span in text.split():
            first, _, last = span.partition("-")
            day = _date(year, first)
            while day <= _date(year, last or first):
                found.add(day)
                day += timedelta(days=1)
    return found


def _date(year: int, month_and_day: str) -> date:
    return date(year, int(month_and_day[:2]), int(month_and_day[2:]))


_HOLIDAY_DATES = _dates(HOLIDAYS)
_MAKE_UP_DATES = _dates(MAKE_UP_DAYS)


def is_business_day(day: date) -> bool:
    if day in _MAKE_UP_DATES:
        return True
    return day.weekday() < 5 and day not in _HOLIDAY_DATES


def after_business_days(day: date, count: int) -> date:
    """The date on which `count` whole business days after `day` have passed."""
    while count > 0:
        day += timedelta(days=1)
        if is_business_day(day):
            count -= 1
    return day
