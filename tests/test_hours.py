"""When a route can be reached, and how that reads: every moment is given, no clock is asked.

The text line's hours and the calendar are written here; the sentences are content/notices.yml's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.library import Content
from bot.content.school import Calendar, Opening, Route
from bot.handover import hand_over
from bot.hours import LONDON, hours_at, is_school_day, spoken_day, spoken_hours, spoken_time
from bot.model import Draft

WEEKDAYS = [{"days": "mon-fri", "from": "15:00", "to": "17:00"}]
NEXT_DAY = "It is next read on {} at 3 pm"


def calendar(*closed: tuple[str, str], nation: str = "ENG") -> Calendar:
    return Calendar.parse_obj(
        {
            "holidays_of": nation,
            "closed": [{"from": first, "to": last, "name": "closed"} for first, last in closed],
            "school_day": {"from": "08:30", "to": "15:30"},
        }
    )


def with_hours(content: Content, hours: Any) -> Route:
    route = content.routes["text_line"]
    return Route.parse_obj({**route.dict(exclude_defaults=True), "hours": hours})


def said_of_text_line(content: Content, now: datetime, *closed: tuple[str, str]) -> str:
    """When the text line is read, as a student sees it at a moment."""
    route = with_hours(content, WEEKDAYS).copy(update={"review_by": date(2030, 1, 1)})
    routes = {**content.routes, "text_line": route}
    own = replace(content, routes=routes, calendar=calendar(*closed))
    lines = {line.route: line.text for line in hand_over(Draft(), own, now)}
    return lines["text_line"].split(". ")[1]


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param("2026-11-23T00:00", "It opens at 3 pm today", id="Monday midnight"),
        pytest.param("2026-11-23T14:59", "It opens at 3 pm today", id="Monday 14:59"),
        pytest.param("2026-11-23T15:00", "It is open until 5 pm", id="Monday 15:00"),
        pytest.param("2026-11-23T16:59:59", "It is open until 5 pm", id="Monday 16:59"),
        pytest.param("2026-11-23T17:00", NEXT_DAY.format("Tuesday"), id="Monday 17:00"),
        pytest.param("2026-11-27T16:59", "It is open until 5 pm", id="Friday 16:59"),
        pytest.param("2026-11-27T17:01", NEXT_DAY.format("Monday"), id="Friday 17:01"),
        pytest.param("2026-11-28T15:30", NEXT_DAY.format("Monday"), id="Saturday"),
        pytest.param("2026-11-29T15:30", NEXT_DAY.format("Monday"), id="Sunday"),
        pytest.param("2027-03-25T17:00", NEXT_DAY.format("Tuesday"), id="before Good Friday 2027"),
        pytest.param("2027-03-26T15:30", NEXT_DAY.format("Tuesday"), id="Good Friday 2027"),
        pytest.param("2027-03-29T15:30", NEXT_DAY.format("Tuesday"), id="Easter Monday 2027"),
        pytest.param("2027-03-30T15:00", "It is open until 5 pm", id="after Easter 2027"),
        pytest.param("2026-12-24T17:30", NEXT_DAY.format("Tuesday"), id="Christmas Eve 2026"),
        pytest.param("2026-12-25T15:30", NEXT_DAY.format("Tuesday"), id="Christmas Day 2026"),
        pytest.param("2026-12-28T15:30", NEXT_DAY.format("Tuesday"), id="28 December 2026"),
        pytest.param("2026-12-29T15:30", "It is open until 5 pm", id="29 December 2026"),
        pytest.param("2026-12-31T17:30", NEXT_DAY.format("Monday"), id="New Year's Eve 2026"),
        pytest.param("2026-08-31T15:30", NEXT_DAY.format("Tuesday"), id="August bank holiday"),
    ],
)
def test_text_line_says_when_it_is_read(content: Content, now: str, said: str) -> None:
    assert said_of_text_line(content, london(now)) == said


CHRISTMAS = ("2026-12-21", "2027-01-03")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param("2026-12-18T16:00", "It is open until 5 pm", id="last day open"),
        pytest.param("2026-12-18T17:01", NEXT_DAY.format("Monday 4 January"), id="17 days away"),
        pytest.param("2026-12-21T15:30", NEXT_DAY.format("Monday 4 January"), id="first day"),
        pytest.param("2026-12-28T09:00", NEXT_DAY.format("Monday 4 January"), id="7 days away"),
        pytest.param("2026-12-29T09:00", NEXT_DAY.format("Monday"), id="6 days away"),
        pytest.param("2027-01-03T23:59", NEXT_DAY.format("Monday"), id="last day"),
        pytest.param("2027-01-04T14:00", "It opens at 3 pm today", id="first day back"),
    ],
)
def test_text_line_names_the_date_when_it_is_closed_for_a_week_or_more(
    content: Content, now: str, said: str
) -> None:
    assert said_of_text_line(content, london(now), CHRISTMAS) == said


def test_text_line_is_closed_on_a_single_closed_day(content: Content) -> None:
    training = ("2026-11-24", "2026-11-24")

    assert said_of_text_line(content, london("2026-11-23T17:00"), training) == NEXT_DAY.format(
        "Wednesday"
    )
    assert said_of_text_line(content, london("2026-11-24T15:30"), training) == NEXT_DAY.format(
        "Wednesday"
    )


def test_text_line_still_says_when_it_is_read_again_in_the_summer(content: Content) -> None:
    summer = ("2027-07-21", "2027-09-02")

    said = said_of_text_line(content, london("2027-07-20T17:00"), summer)

    assert said == NEXT_DAY.format("Friday 3 September")


@pytest.mark.parametrize(
    ("utc", "open_now"),
    [
        pytest.param("2026-10-23T13:59", False, id="summer time, 14:59 in London"),
        pytest.param("2026-10-23T14:00", True, id="summer time, 15:00 in London"),
        pytest.param("2026-10-23T16:00", False, id="summer time, 17:00 in London"),
        pytest.param("2026-10-26T14:00", False, id="after 25 October 2026, 14:00 in London"),
        pytest.param("2026-10-26T15:00", True, id="after 25 October 2026, 15:00 in London"),
        pytest.param("2026-10-26T16:59", True, id="after 25 October 2026, 16:59 in London"),
        pytest.param("2027-03-25T14:00", False, id="before 28 March 2027, 14:00 in London"),
        pytest.param("2027-03-25T15:00", True, id="before 28 March 2027, 15:00 in London"),
        pytest.param("2027-03-30T13:59", False, id="after 28 March 2027, 14:59 in London"),
        pytest.param("2027-03-30T14:00", True, id="after 28 March 2027, 15:00 in London"),
        pytest.param("2027-03-30T16:00", False, id="after 28 March 2027, 17:00 in London"),
    ],
)
def test_hours_follow_london_when_the_clock_changes(
    content: Content, utc: str, open_now: bool
) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)

    assert hours_at(with_hours(content, WEEKDAYS), now, calendar()).open_now is open_now


@pytest.mark.parametrize(
    ("utc", "opens"),
    [
        ("2026-10-24T12:00", "2026-10-26T15:00+00:00"),
        ("2026-10-25T00:30", "2026-10-26T15:00+00:00"),
        ("2026-10-25T01:30", "2026-10-26T15:00+00:00"),
        ("2027-03-28T00:59", "2027-03-30T14:00+00:00"),
        ("2027-03-28T01:00", "2027-03-30T14:00+00:00"),
        ("2027-06-30T23:30", "2027-07-01T14:00+00:00"),
    ],
)
def test_next_opening_is_right_on_both_sides_of_a_clock_change(
    content: Content, utc: str, opens: str
) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)

    found = hours_at(with_hours(content, WEEKDAYS), now, calendar()).opens

    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(opens)


@pytest.mark.parametrize(
    ("hours", "now", "open_now", "likely"),
    [
        pytest.param("always", "2026-12-25T03:00", True, False, id="always, at night"),
        pytest.param("unknown", "2026-11-23T12:00", False, False, id="unknown is not open"),
        pytest.param("school_days", "2026-11-23T08:29", False, False, id="before school"),
        pytest.param("school_days", "2026-11-23T08:30", False, True, id="school begins"),
        pytest.param("school_days", "2026-11-23T15:29", False, True, id="last lesson"),
        pytest.param("school_days", "2026-11-23T15:30", False, False, id="school is over"),
        pytest.param("school_days", "2026-11-28T12:00", False, False, id="Saturday"),
        pytest.param("school_days", "2026-12-25T12:00", False, False, id="bank holiday"),
    ],
)
def test_hours_claim_open_only_where_that_is_known(
    content: Content, hours: str, now: str, open_now: bool, likely: bool
) -> None:
    found = hours_at(with_hours(content, hours), london(now), calendar())

    assert (found.open_now, found.likely) == (open_now, likely)
    assert (found.until, found.opens) == (None, None)


@pytest.mark.parametrize(
    ("now", "until", "opens"),
    [
        pytest.param("2026-11-23T08:00", None, "2026-11-23T09:00", id="before the first"),
        pytest.param("2026-11-23T09:30", "10:00", None, id="in the first"),
        pytest.param("2026-11-23T12:00", None, "2026-11-23T16:00", id="between both"),
        pytest.param("2026-11-23T16:30", "18:00", None, id="in the second"),
        pytest.param("2026-11-23T18:00", None, "2026-11-28T11:00", id="after both"),
        pytest.param("2026-11-28T11:30", "12:00", None, id="on Saturday"),
    ],
)
def test_hours_read_several_openings_in_any_order(
    content: Content, now: str, until: str | None, opens: str | None
) -> None:
    openings = [
        {"days": "sat", "from": "11:00", "to": "12:00"},
        {"days": "mon", "from": "16:00", "to": "18:00"},
        {"days": "mon", "from": "09:00", "to": "10:00"},
    ]

    found = hours_at(with_hours(content, openings), london(now), calendar())

    assert found.until == (time.fromisoformat(until) if until else None)
    assert found.opens == (london(opens) if opens else None)
    assert found.open_now is (until is not None)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)))
def test_hours_name_an_opening_that_is_open_and_not_past_at_any_moment(
    content: Content, now: datetime
) -> None:
    route = with_hours(content, WEEKDAYS)

    found = hours_at(route, now, calendar())

    assert found.open_now is (found.opens is None)
    opens = found.opens or now
    assert opens >= now
    assert hours_at(route, opens, calendar()).open_now
    assert is_school_day(opens.astimezone(LONDON).date(), calendar())


@pytest.mark.parametrize(
    ("day", "nation", "expected"),
    [
        pytest.param("2026-11-23", "ENG", True, id="a Monday"),
        pytest.param("2026-11-28", "ENG", False, id="a Saturday"),
        pytest.param("2027-03-29", "ENG", False, id="Easter Monday in England"),
        pytest.param("2027-03-29", "SCT", True, id="Easter Monday in Scotland"),
        pytest.param("2026-12-28", "WLS", False, id="Boxing Day moved to Monday"),
        pytest.param("2026-03-17", "NIR", False, id="St Patrick's Day in Northern Ireland"),
        pytest.param("2026-03-17", "ENG", True, id="St Patrick's Day in England"),
        pytest.param("2028-01-03", "ENG", False, id="New Year's Day moved to Monday"),
        pytest.param("2026-02-15", "ENG", False, id="a closed Sunday"),
        pytest.param("2026-02-16", "ENG", False, id="first closed day"),
        pytest.param("2026-02-20", "ENG", False, id="last closed day"),
        pytest.param("2026-02-23", "ENG", True, id="day after"),
    ],
)
def test_school_day_knows_weekends_bank_holidays_and_closed_days(
    day: str, nation: str, expected: bool
) -> None:
    half_term = calendar(("2026-02-16", "2026-02-20"), nation=nation)

    assert is_school_day(date.fromisoformat(day), half_term) is expected


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("00:00", "12 am"),
        ("00:30", "12.30 am"),
        ("01:00", "1 am"),
        ("09:05", "9.05 am"),
        ("11:59", "11.59 am"),
        ("12:00", "12 noon"),
        ("12:01", "12.01 pm"),
        ("12:30", "12.30 pm"),
        ("13:00", "1 pm"),
        ("15:00", "3 pm"),
        ("16:30", "4.30 pm"),
        ("17:00", "5 pm"),
        ("23:59", "11.59 pm"),
    ],
)
def test_spoken_time_reads_as_people_say_it(moment: str, words: str) -> None:
    assert spoken_time(time.fromisoformat(moment)) == words


@pytest.mark.parametrize(
    ("opens", "now", "words"),
    [
        pytest.param("2026-11-24T15:00", "2026-11-23T17:00", "Tuesday", id="tomorrow"),
        pytest.param("2026-11-29T15:00", "2026-11-23T17:00", "Sunday", id="6 days"),
        pytest.param("2026-11-30T15:00", "2026-11-23T23:59", "Monday 30 November", id="7 days"),
        pytest.param("2027-01-04T15:00", "2026-12-18T17:00", "Monday 4 January", id="next year"),
    ],
)
def test_spoken_day_adds_the_date_when_it_is_a_week_away(opens: str, now: str, words: str) -> None:
    assert spoken_day(london(opens), london(now)) == words


def test_spoken_day_counts_days_in_london() -> None:
    late_in_utc = datetime(2027, 6, 28, 23, 30, tzinfo=UTC)  # already Tuesday in London

    assert spoken_day(london("2027-07-05T15:00"), late_in_utc) == "Monday"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (WEEKDAYS, "Monday to Friday, 3 pm to 5 pm"),
        ([{"days": "sat", "from": "10:00", "to": "12:00"}], "Saturday, 10 am to 12 noon"),
        (
            [*WEEKDAYS, {"days": "sat-sun", "from": "10:30", "to": "11:00"}],
            "Monday to Friday, 3 pm to 5 pm; Saturday to Sunday, 10.30 am to 11 am",
        ),
        ("always", "day and night"),
        ("unknown", "not known"),
        ("school_days", "school days"),
    ],
)
def test_spoken_hours_read_as_people_say_them(content: Content, hours: Any, words: str) -> None:
    assert spoken_hours(with_hours(content, hours)) == words


@pytest.mark.parametrize(
    ("days", "weekdays"), [("mon", [0]), ("mon-fri", [0, 1, 2, 3, 4]), ("sat-sun", [5, 6])]
)
def test_opening_counts_its_days_as_python_does(days: str, weekdays: list[int]) -> None:
    opening = Opening.parse_obj({"days": days, "from": "15:00", "to": "17:00"})

    assert list(opening.weekdays) == weekdays
