"""What happens if a student goes to a person or service: every route, nothing left out."""

from pathlib import Path

import pytest

from bot.content.library import Content
from bot.content.school import Route
from bot.content.telling import ASPECTS, load_first_sentence, load_telling, what_happens
from bot.errors import ContentError
from tests.fakes import edit


def told(route: Route) -> list[str]:
    """Aspects that mean something for a route: only what is called or texted has a bill."""
    by_phone = route.reach.call or route.reach.text
    return [name for name in ASPECTS if by_phone or name not in ("on_bill", "number_seen")]


def test_every_route_tells_all_that_is_known_and_says_where_there_is_more(
    school_content: Content,
) -> None:
    for route in school_content.routes.values():
        lines = what_happens(route, school_content.telling)
        known = [name for name in told(route) if getattr(route, name) != "unknown"]
        rest = [school_content.telling.rest] if len(known) < len(told(route)) else []

        assert len(lines) == len(known) + len(rest), route.id
        assert list(lines[len(known) :]) == rest
        assert not any("{" in line or "unknown" in line for line in lines), route.id


def test_what_is_unknown_is_said_as_unknown_where_it_was_asked(school_content: Content) -> None:
    for route in school_content.routes.values():
        for name in told(route):
            line = what_happens(route, school_content.telling, frozenset({name}))[0]
            unknown = getattr(route, name) == "unknown"

            assert ("AskSafe does not know" in line) == unknown, (route.id, name)


def test_the_text_line_tells_that_it_shows_the_number(school_content: Content) -> None:
    lines = what_happens(school_content.routes["text_line"], school_content.telling)

    assert any("they can see it" in line for line in lines)


@pytest.mark.parametrize("aspect", ["hours", "cost", "on_bill", "can_stop"])
def test_what_was_asked_stands_first(school_content: Content, aspect: str) -> None:
    route = school_content.routes["childline"]

    plain = what_happens(route, school_content.telling)
    first = what_happens(route, school_content.telling, frozenset({aspect}))

    assert sorted(first) == sorted(plain)
    assert first[0] in plain
    assert first[0].startswith(
        {"hours": "When", "cost": "Cost", "on_bill": "Phone"}.get(aspect, "Stop")
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("telling.yml", "Cost: {value}.", "Cost.", "write {value} once"),
        ("telling.yml", "  can_stop:", "  can_leave:", "give each of hours"),
        ("first_sentence.yml", "about {about}.", "about it.", "write {about} once"),
        ("first_sentence.yml", "id: online", "id: On-line", "regex"),
    ],
)
def test_a_broken_file_is_refused_with_what_to_write(
    own_content: Path, file: str, old: str, new: str, words: str
) -> None:
    edit(own_content / file, old, new)

    load = load_telling if file == "telling.yml" else load_first_sentence
    with pytest.raises(ContentError) as caught:
        load(own_content)

    assert file in str(caught.value)
    assert words in str(caught.value)
