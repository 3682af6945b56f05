"""Answer cards are held to what they rest on, and general guidance is kept apart."""

from pathlib import Path

import pytest

from bot.content.library import Content, load_content
from bot.errors import ContentError
from tests.fakes import edit


def test_guidance_says_that_it_is_not_from_the_school_and_who_says_so(
    school_content: Content,
) -> None:
    guidance = [card for card in school_content.cards.values() if card.kind == "guidance"]

    assert len(guidance) >= 100
    for card in guidance:
        trail = school_content.trails[card.id][-1]
        assert trail.startswith(school_content.notices.general_guidance)
        assert school_content.notices.from_ in trail


def test_no_answer_of_the_school_rests_on_general_guidance(school_content: Content) -> None:
    for card in school_content.cards.values():
        if card.kind == "document":
            assert not any(school_content.facts[fact].public for fact in card.facts), card.id


def test_the_school_can_switch_general_guidance_off(own_content: Path) -> None:
    edit(own_content / "school.yml", "guidance: true", "guidance: false")

    content = load_content(own_content)

    assert not any(card.kind == "guidance" for card in content.cards.values())
    assert "signs" in content.cards


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "answers/guidance_online.yml",
            "kind: guidance",
            "kind: document",
            "of the school's documents only",
        ),
        ("answers/figures.yml", "kind: document", "kind: guidance", "fact of general guidance"),
        ("signals/asking.yml", "routes: {childline", "routes: {chidline", "'chidline'"),
        ("signals/asking.yml", "aspects: {cost", "aspects: {costs", "'costs' is not known"),
        ("signals/asking.yml", "paths: {}", "paths: {nobody: [nobody]}", "'nobody' is not known"),
        ("documents/guidance.yml", "    url:", "    #url:", "give source, page and url"),
    ],
)
def test_a_card_or_a_cue_that_refers_to_what_is_not_there_is_refused(
    own_content: Path, file: str, old: str, new: str, words: str
) -> None:
    path = own_content / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError, match=r"\.yml") as caught:
        load_content(own_content)

    assert words in str(caught.value)
