"""When a route can be reached: now, later today, on which day, or not known.

All times are London wall-clock times, so the two clock changes need no rule of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bot.content.school import Calendar, Opening, Route

LONDON = ZoneInfo("Europe/London")
_LOOK_AHEAD_DAYS = 60
_HOURS_IN_WORDS = {"always": "day and night", "unknown": "not known", "school_days": "school days"}


@dataclass(frozen=True)
class Hours:
    """How a route stands at one moment.

    Attributes:
        open_now: True only where that is known.
        likely: True where somebody may well be there (school day) though hours are not known.
        until: Closing time where it is open now, else None.
        opens: Next opening where it is closed now and that is known, else None.
    """

    open_now: bool
    likely: bool = False
    until: time | None = None
    opens: datetime | None = None


def hours_at(route: Route, now: datetime, calendar: Calendar) -> Hours:
    """How a route stands at `now` (aware; any zone)."""
    now = now.astimezone(LONDON)
    if isinstance(route.hours, list):
        return _hours_of_week(route.hours, now, calendar)
    if route.hours == "school_days":
        day = calendar.school_day
        at_school = is_school_day(now.date(), calendar) and day.from_ <= now.time() < day.to
        return Hours(open_now=False, likely=at_school)
    return Hours(open_now=route.hours == "always")


def _hours_of_week(openings: list[Opening], now: datetime, calendar: Calendar) -> Hours:
    """Open now, or the next opening on a day that the calendar leaves open."""
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = now.date() + timedelta(days=ahead)
        if day.weekday() < 5 and not is_school_day(day, calendar):
            continue
        today = [opening for opening in openings if day.weekday() in opening.weekdays]
        for opening in sorted(today, key=lambda opening: opening.from_):
            if ahead == 0 and opening.from_ <= now.time() < opening.to:
                return Hours(open_now=True, until=opening.to)
            if ahead > 0 or now.time() < opening.from_:
                return Hours(open_now=False, opens=datetime.combine(day, opening.from_, LONDON))
    return Hours(open_now=False)


def is_school_day(day: date, calendar: Calendar) -> bool:
    """True on Monday to Friday, outside bank holidays and the closed days of school.yml."""
    if day.weekday() >= 5 or day in _bank_holidays(calendar.holidays_of, day.year):
        return False
    return not any(closed.from_ <= day <= closed.to for closed in calendar.closed)


def spoken_hours(route: Route) -> str:
    """Hours as words for an answer card: "Monday to Friday, 3 pm to 5 pm"."""
    if not isinstance(route.hours, list):
        return _HOURS_IN_WORDS[route.hours]
    return "; ".join(
        f"{_days(opening)}, {spoken_time(opening.from_)} to {spoken_time(opening.to)}"
        for opening in route.hours
    )


def spoken_time(moment: time) -> str:
    """15:00 as "3 pm", 16:30 as "4.30 pm", 12:00 as "12 noon"."""
    if moment == time(12, 0):
        return "12 noon"
    minutes = f".{moment.minute:02d}" if moment.minute else ""
    return f"{(moment.hour - 1) % 12 + 1}{minutes} {'am' if moment.hour < 12 else 'pm'}"


def spoken_day(opens: datetime, now: datetime) -> str:
    """The weekday, with the date where that weekday is a week or more away."""
    day = opens.strftime("%A")
    if (opens.date() - now.astimezone(LONDON).date()).days < 7:
        return day
    return f"{day} {opens.day} {opens.strftime('%B')}"


def _days(opening: Opening) -> str:
    names = [date(2026, 11, 23 + day).strftime("%A") for day in opening.weekdays]
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


@lru_cache(maxsize=8)
def _bank_holidays(nation: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv=nation, years=year))
