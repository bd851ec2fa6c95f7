"""Working days in metropolitan France, for deadlines that move to the next one."""

from datetime import date, timedelta

WEEKEND = (5, 6)
FIXED_HOLIDAYS = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
# Easter Monday, Ascension, Whit Monday.
DAYS_AFTER_EASTER = (1, 39, 50)


def next_working_day(day: date) -> date:
    """The day itself, or the first day after it that is no Saturday, Sunday or public holiday."""
    while day.weekday() in WEEKEND or is_holiday(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The working day that is number `count` (1 or more) after a day, which itself does not count."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def is_holiday(day: date) -> bool:
    """True on a public holiday (Code du travail, L3133-1); the local ones of Alsace are not known."""
    if (day.month, day.day) in FIXED_HOLIDAYS:
        return True
    return (day - easter(day.year)).days in DAYS_AFTER_EASTER


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus of 1876)."""
    century, year_of_century = divmod(year, 100)
    golden = year % 19
    corrections = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + corrections + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year_of_century // 4) - moon - year_of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
