"""Who a reply hands over to, in which order: whatever is known of a chat, people stay reachable.

Tables use plans of their own; the properties run over the school's own plans and routes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content.library import Content
from bot.content.school import HandoverFile
from bot.handover import hand_over, ordered, plan_for, static_card, team_member
from bot.hours import LONDON
from bot.model import About, Category, Draft, SealedReply, Standing, Urgency

LESSON = datetime(2026, 11, 23, 10, 0, tzinfo=LONDON)  # Monday, school open, text line closed
TEXTING = datetime(2026, 11, 23, 15, 15, tzinfo=LONDON)  # Monday, both
SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=LONDON)
LAST = "emergency_999"
SCHOOL = {"ms_james", "ms_wilshire", "mrs_thurston", "text_line"}
PLANS = HandoverFile.parse_obj(
    {
        "schema": 1,
        "always": ["childline", "emergency_999"],
        "most_of_earlier": 3,
        "staff_routes": ["childline", "police_101", "council"],
        "plans": [
            {
                "urgency": ["emergency"],
                "categories": ["suicide"],
                "routes": ["nhs_111", "samaritans", "childline", "team", "text_line"],
            },
            {
                "urgency": ["emergency"],
                "routes": ["childline", "team", "text_line", "police_101", "council"],
            },
            {
                "urgency": ["urgent", "concern"],
                "categories": ["bullying", "harassment"],
                "routes": ["team", "kooth", "text_line", "shout"],
            },
            {"urgency": ["urgent", "concern"], "routes": ["team", "text_line", "council"]},
            {"urgency": ["none"], "routes": ["team", "text_line"]},
        ],
    }
)


def planned(content: Content) -> Content:
    """The school's routes, none of them expired, with the plans above."""
    routes = {
        name: route.copy(update={"review_by": date(2030, 1, 1)})
        for name, route in content.routes.items()
    }
    calendar = content.calendar.copy(update={"closed": []})
    return replace(content, routes=routes, handover=PLANS, calendar=calendar)


def shown(draft: Draft, content: Content, now: datetime) -> list[str]:
    return [line.route for line in hand_over(draft, content, now)]


def signal(urgency: str, category: str | None = None, *, staff: bool = False) -> Draft:
    """A draft for a chat that stands so."""
    kind = Category(category) if category else None
    standing = Standing(Urgency(urgency), kind, About.SELF, staff=staff)
    return Draft(urgency=standing.urgency, standing=standing)


def expired(content: Content, *names: str) -> Content:
    """Routes whose review date passed on 22 November 2026."""
    gone = {
        name: content.routes[name].copy(update={"review_by": date(2026, 11, 22)}) for name in names
    }
    return replace(content, routes={**content.routes, **gone})


@pytest.mark.parametrize(
    ("urgency", "category", "now", "expected"),
    [
        pytest.param(
            "none", None, LESSON, ["ms_james", "childline", "text_line", LAST], id="none, lesson"
        ),
        pytest.param(
            "none",
            None,
            TEXTING,
            ["ms_james", "text_line", "childline", LAST],
            id="none, text line open",
        ),
        pytest.param(
            "none", None, SUNDAY, ["childline", "ms_james", "text_line", LAST], id="none, Sunday"
        ),
        pytest.param(
            "concern",
            "bullying",
            LESSON,
            ["ms_james", "shout", "childline", "kooth", "text_line", LAST],
            id="concern of a category",
        ),
        pytest.param(
            "urgent",
            "harassment",
            SUNDAY,
            ["shout", "childline", "ms_james", "kooth", "text_line", LAST],
            id="urgent of the other category",
        ),
        pytest.param(
            "urgent",
            "grooming",
            TEXTING,
            ["ms_james", "text_line", "childline", "council", LAST],
            id="urgent, text line open",
        ),
        pytest.param(
            "concern",
            None,
            LESSON,
            ["ms_james", "childline", "text_line", "council", LAST],
            id="concern without a category",
        ),
        pytest.param(
            "emergency",
            "suicide",
            LESSON,
            [LAST, "nhs_111", "samaritans", "childline", "ms_james", "text_line"],
            id="emergency of a category",
        ),
        pytest.param(
            "emergency",
            "unsafe_now",
            SUNDAY,
            [LAST, "childline", "ms_james", "text_line", "police_101", "council"],
            id="emergency, Sunday",
        ),
        pytest.param(
            "emergency",
            None,
            TEXTING,
            [LAST, "childline", "ms_james", "text_line", "police_101", "council"],
            id="emergency, text line open",
        ),
    ],
)
def test_hand_over_follows_urgency_category_and_who_answers_now(
    content: Content, urgency: str, category: str | None, now: datetime, expected: list[str]
) -> None:
    assert shown(signal(urgency, category), planned(content), now) == expected


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (None, "ms_james"),
        (6, "ms_james"),
        (7, "ms_wilshire"),
        (8, "ms_wilshire"),
        (9, "ms_wilshire"),
        (10, "mrs_thurston"),
        (11, "mrs_thurston"),
        (12, "ms_james"),
        (13, "ms_james"),
    ],
)
@pytest.mark.parametrize("urgency", list(Urgency))
def test_hand_over_names_the_one_of_the_team_who_is_for_the_year(
    content: Content, year: int | None, expected: str, urgency: Urgency
) -> None:
    draft = Draft(standing=Standing(urgency, year=year), urgency=urgency)

    team = [
        name for name in shown(draft, planned(content), LESSON) if name in SCHOOL - {"text_line"}
    ]

    assert team == [expected]


def test_team_member_is_the_lead_where_there_is_nobody_else(content: Content) -> None:
    team = {"ms_james", "ms_wilshire", "mrs_thurston"}
    others = [route for name, route in content.routes.items() if name not in team]
    lead = content.routes["ms_james"]

    assert len(others) >= 10
    assert all(team_member(year, [*others, lead]) == lead for year in (None, 7, 11, 13))
    assert team_member(7, others) is None


@pytest.mark.parametrize("category", [None, *Category])
@pytest.mark.parametrize("urgency", list(Urgency))
def test_staff_worry_puts_those_outside_the_school_first_and_removes_none(
    content: Content, urgency: Urgency, category: Category | None
) -> None:
    draft = Draft(standing=Standing(urgency, category), urgency=urgency)
    about_staff = replace(draft, standing=replace(draft.standing, staff=True))

    before = shown(draft, content, TEXTING)
    after = shown(about_staff, content, TEXTING)

    assert set(after) >= set(before)
    assert set(after) >= {"childline", "police_101", "council", LAST}
    inside = [name in SCHOOL for name in after if name != LAST]
    assert inside == sorted(inside)


def test_staff_worry_comes_before_whether_somebody_at_school_answers_now(content: Content) -> None:
    names = shown(signal("urgent", "grooming", staff=True), planned(content), TEXTING)

    assert names == ["childline", "police_101", "council", "ms_james", "text_line", LAST]


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        pytest.param(("text_line",), ["ms_james", "childline", "council", LAST], id="one"),
        pytest.param(
            ("ms_james", "ms_wilshire", "mrs_thurston", "text_line", "council"),
            ["childline", LAST],
            id="all but two",
        ),
        pytest.param(
            ("childline", "emergency_999", "council"),
            ["ms_james", "childline", "text_line", LAST],
            id="those of always stay",
        ),
    ],
)
def test_hand_over_hides_an_expired_route_and_keeps_a_national_one(
    content: Content, gone: tuple[str, ...], expected: list[str]
) -> None:
    assert (
        shown(signal("concern", "grooming"), expired(planned(content), *gone), LESSON) == expected
    )


@pytest.mark.parametrize(
    ("year", "gone", "expected"),
    [
        pytest.param(8, ["ms_wilshire"], ["ms_james"], id="the deputy for the year"),
        pytest.param(8, ["ms_james"], ["ms_wilshire"], id="the lead, who is not named"),
        pytest.param(10, ["mrs_thurston", "ms_james"], ["ms_wilshire"], id="all for the year"),
        pytest.param(None, ["ms_james"], ["ms_wilshire"], id="the lead, no year"),
        pytest.param(8, sorted(SCHOOL), [], id="all"),
    ],
)
@pytest.mark.parametrize("urgency", list(Urgency))
def test_hand_over_names_another_of_the_team_when_an_entry_has_expired(
    content: Content, year: int | None, gone: list[str], expected: list[str], urgency: Urgency
) -> None:
    draft = Draft(standing=Standing(urgency, year=year), urgency=urgency)

    names = shown(draft, expired(planned(content), *gone), LESSON)

    assert [name for name in names if name in SCHOOL - {"text_line"}] == expected
    assert set(names) >= {"childline", LAST}


@pytest.mark.parametrize(
    ("now", "there"),
    [
        pytest.param(datetime(2026, 11, 22, 23, 59, tzinfo=UTC), True, id="on its last day"),
        pytest.param(datetime(2026, 11, 23, 0, 0, tzinfo=UTC), False, id="the day after"),
        pytest.param(datetime(2026, 11, 22, 0, 0, tzinfo=LONDON), True, id="in the morning"),
    ],
)
def test_hand_over_shows_a_route_to_the_end_of_its_review_day(
    content: Content, now: datetime, there: bool
) -> None:
    names = shown(signal("concern", "grooming"), expired(planned(content), "council"), now)

    assert ("council" in names) is there


@pytest.mark.parametrize(
    ("card_routes", "expected"),
    [
        pytest.param((), ["ms_james", "childline", "text_line", LAST], id="none"),
        pytest.param(("kooth",), ["ms_james", "childline", "kooth", "text_line", LAST], id="one"),
        pytest.param(
            ("samaritans", "shout", "ceop", "kooth"),
            ["samaritans", "shout", "ms_james", "childline", "ceop", "kooth", "text_line", LAST],
            id="many",
        ),
        pytest.param(
            ("childline", "emergency_999"),
            ["childline", "ms_james", "text_line", LAST],
            id="those of always come once",
        ),
    ],
)
def test_hand_over_adds_the_routes_of_a_card(
    content: Content, card_routes: tuple[str, ...], expected: list[str]
) -> None:
    assert shown(Draft(card_routes=card_routes), planned(content), LESSON) == expected


def test_hand_over_puts_the_routes_of_a_worry_before_those_of_a_card(content: Content) -> None:
    draft = replace(signal("urgent", "bullying"), card_routes=("samaritans",))

    assert shown(draft, planned(content), LESSON) == [
        "ms_james",
        "shout",
        "samaritans",
        "childline",
        "kooth",
        "text_line",
        LAST,
    ]


def test_hand_over_keeps_the_people_for_the_worry_before_beside_those_for_a_new_one(
    content: Content,
) -> None:
    before = signal("urgent", "grooming")
    now = replace(before, category=Category.BULLYING)

    routes = shown(now, planned(content), LESSON)

    assert {"shout", "council"} <= set(routes)
    assert routes.index("shout") < routes.index("council")


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, [LAST, "nhs_111", "ms_james", "childline", "text_line"]),
        (2, [LAST, "nhs_111", "samaritans", "ms_james", "childline", "text_line"]),
        (7, [LAST, "nhs_111", "samaritans", "childline", "ms_james", "text_line"]),
    ],
)
def test_hand_over_keeps_the_first_routes_of_an_earlier_worry(
    content: Content, most: int, expected: list[str]
) -> None:
    own = planned(content)
    shorter = replace(own, handover=own.handover.copy(update={"most_of_earlier": most}))
    later = replace(signal("emergency", "suicide"), urgency=Urgency.NONE)

    assert shown(later, shorter, LESSON) == expected


@pytest.mark.parametrize(
    ("urgency", "category", "first_route"),
    [
        ("emergency", "suicide", "nhs_111"),
        ("emergency", "bullying", "childline"),
        ("emergency", None, "childline"),
        ("urgent", "bullying", "team"),
        ("concern", None, "team"),
        ("none", None, "team"),
        ("none", "suicide", "team"),
    ],
)
def test_plan_is_the_first_that_fits(
    content: Content, urgency: str, category: str | None, first_route: str
) -> None:
    standing = signal(urgency, category).standing

    plan = plan_for(standing, planned(content))

    assert plan.routes[0] == first_route
    assert standing.urgency in plan.urgency
    assert not plan.categories or standing.category in plan.categories


def test_line_says_who_how_and_what_to_know_for_every_route(content: Content) -> None:
    looked_at = 0
    for name, route in content.routes.items():
        lines = hand_over(Draft(card_routes=(name,)), content, TEXTING)
        text = next(line.text for line in lines if line.route == name)
        ways = [value for value in route.reach.dict().values() if value]
        looked_at += 1

        assert text.startswith(route.name)
        assert ways
        assert all(way in text for way in ways)
        assert route.role in text
        assert text.endswith(route.note or ".")
        assert "{" not in text
        assert ".." not in text
    assert looked_at >= 15


def test_line_gives_the_word_to_text_with_its_number(content: Content) -> None:
    lines = hand_over(Draft(card_routes=("shout",)), content, TEXTING)

    assert any("text SHOUT to 85258" in line.text for line in lines)


@pytest.mark.parametrize("always", [["childline", LAST], [LAST, "childline"]])
def test_static_card_gives_999_first_and_seals(content: Content, always: list[str]) -> None:
    lines = static_card(content.routes, always, content.notices)

    assert [line.route for line in lines] == [LAST, "childline"]
    assert SealedReply(Draft(), lines).routes == lines
    assert "999" in lines[0].text
    assert "0800 1111" in lines[1].text
    assert all(content.notices.always in line.text for line in lines)


# Properties, over the school's own plans.

YEARS = st.none() | st.integers(7, 13)
STANDINGS = st.builds(
    Standing,
    urgency=st.sampled_from(Urgency),
    category=st.none() | st.sampled_from(Category),
    about=st.none() | st.sampled_from(About),
    year=YEARS,
    staff=st.booleans(),
)
MOMENTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.sampled_from([UTC, LONDON])
)
# Places in the list of routes, so that the strategy needs no content to be made.
CARDS = st.lists(st.integers(0, 40), max_size=6)


def card_routes(places: list[int], content: Content) -> tuple[str, ...]:
    names = list(content.routes)
    return tuple(dict.fromkeys(names[place % len(names)] for place in places))


@given(STANDINGS, st.booleans(), CARDS, MOMENTS)
def test_hand_over_holds_its_promises_for_any_chat_at_any_moment(
    content: Content, standing: Standing, quiet: bool, places: list[int], now: datetime
) -> None:
    urgency = Urgency.NONE if quiet else standing.urgency
    draft = Draft(standing=standing, urgency=urgency, card_routes=card_routes(places, content))

    lines = hand_over(draft, content, now)
    names = [line.route for line in lines]

    assert any(line.open_now for line in lines)
    assert len(names) == len(set(names))
    assert set(names) <= set(content.routes)
    assert set(names) >= {*content.handover.always, LAST}
    place = 0 if standing.urgency is Urgency.EMERGENCY else -1
    assert names[place] == LAST


@given(STANDINGS, CARDS, MOMENTS)
def test_hand_over_puts_those_who_answer_now_first_within_and_outside_the_school(
    content: Content, standing: Standing, places: list[int], now: datetime
) -> None:
    draft = Draft(standing=standing, card_routes=card_routes(places, content))

    timed = [item for item in ordered(draft, content, now) if item[0].id != LAST]

    reach = [
        (standing.staff and route.id in SCHOOL, not (hours.open_now or hours.likely))
        for route, hours in timed
    ]
    assert reach == sorted(reach)


def without_signal(standing: Standing) -> Standing:
    return replace(standing, urgency=Urgency.NONE, category=None, about=None)


@given(STANDINGS, CARDS, MOMENTS)
@example(Standing(Urgency.EMERGENCY, Category.SUICIDE, staff=True), [3], TEXTING)
def test_signal_removes_no_route_from_its_own_reply(
    content: Content, standing: Standing, places: list[int], now: datetime
) -> None:
    routes = card_routes(places, content)

    without = Draft(standing=without_signal(standing), card_routes=routes)
    with_signal = Draft(standing=standing, urgency=standing.urgency, card_routes=routes)

    assert set(shown(with_signal, content, now)) >= set(shown(without, content, now))


@given(STANDINGS, CARDS, MOMENTS)
@example(Standing(Urgency.EMERGENCY, Category.SUICIDE), [], TEXTING)
def test_signal_removes_no_route_from_a_later_reply(
    content: Content, standing: Standing, places: list[int], now: datetime
) -> None:
    routes = card_routes(places, content)

    without = Draft(standing=without_signal(standing), card_routes=routes)
    later = Draft(standing=standing, urgency=Urgency.NONE, card_routes=routes)

    assert set(shown(later, content, now)) >= set(shown(without, content, now))
