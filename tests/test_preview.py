"""`preview` shows a card as a student sees it."""

from datetime import datetime

import pytest

from bot.channels.preview import preview
from bot.content.library import Content
from bot.errors import SettingsError
from bot.hours import LONDON

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=LONDON)


def test_preview_shows_the_text_where_it_comes_from_and_the_people(content: Content) -> None:
    lines = list(preview(content, ["kooth"], NOW))

    assert lines[0].startswith("=== kooth (contact), review by 2027-")
    assert content.cards["kooth"].question in lines
    assert set(content.cards["kooth"].text.splitlines()) <= set(lines)
    assert set(content.trails["kooth"]) <= set(lines)
    assert any(line.startswith("- Childline") for line in lines)


def test_preview_shows_every_card_where_none_is_named(content: Content) -> None:
    heads = [line for line in preview(content, [], NOW) if line.startswith("=== ")]

    assert [head.split()[1] for head in heads] == list(content.cards)


def test_preview_shows_what_is_said_first_to_a_statement(content: Content) -> None:
    lines = list(preview(content, ["consent_silence"], NOW))

    point = content.cards["consent_silence"].point
    assert f"(said first to a student who says what they think: {point})" in lines


def test_preview_names_a_card_that_is_not_there(content: Content) -> None:
    with pytest.raises(SettingsError, match="No answer card is called 'nobody'"):
        list(preview(content, ["nobody"], NOW))
