"""`check` names what a safeguarding lead should look at again, in their words."""

from pathlib import Path

import pytest

from bot import review
from bot.content.library import Content, load_content
from bot.errors import ContentError
from tests.fakes import edit


def problems(folder: Path) -> list[str]:
    return list(review.wording_problems(folder, review.load_wording(folder).data))


def test_no_text_of_the_school_breaks_a_rule(content_folder: Path, content: Content) -> None:
    wording = review.load_wording(content_folder).data

    assert problems(content_folder) == []
    assert list(review.unfounded(content, content_folder, wording)) == []
    assert list(review.unused_facts(content)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "answers/people.yml",
            "Kooth offers free support online",
            "Kooth offers confidential support online",
            'people.yml, kooth: "confidential" is not said; say who is told',
        ),
        (
            "notices.yml",
            "Thank you for answering.",
            "Are you sure?",
            '"Are you sure" is not said; say that it matters',
        ),
        (
            "first_sentence.yml",
            "AskSafe has not sent this to anyone.",
            "You can trust me.",
            '"trust me" is not said; AskSafe is a computer program',
        ),
        (
            "telling.yml",
            "You can ask them first.",
            "You can ask them first and then you can ask them once more and then again and once "
            "more until they have told you all of it.",
            "words in one sentence, make two of it",
        ),
        (
            "school.yml",
            "note: Free.",
            "note: Unquestionably complimentary telephonic availability notwithstanding "
            "institutional organisational communication considerations everywhere nationally, "
            "internationally, occasionally.",
            "hard to read (grade",
        ),
    ],
)
def test_forbidden_long_and_hard_words_are_named_with_what_to_write(
    own_content: Path, file: str, old: str, new: str, says: str
) -> None:
    edit(own_content / file, old, new)

    found = problems(own_content)

    assert len(found) == 1
    assert says in found[0]


def test_a_number_or_a_name_that_stands_in_no_fact_is_named(own_content: Path) -> None:
    path = own_content / "answers" / "figures.yml"
    edit(path, "The school's page says: 75%", "The school's page says, with Ofsted: 85%")

    found = list(
        review.unfounded(
            load_content(own_content), own_content, review.load_wording(own_content).data
        )
    )

    assert [line.split("'")[-2] for line in found] == ["85%", "Ofsted"]
    assert all("figure_parental_controls" in line for line in found)


def test_a_fact_that_no_answer_uses_is_named(own_content: Path) -> None:
    edit(
        own_content / "documents" / "newsletter.yml",
        "  - id: newsletter.about_cse",
        "  - id: newsletter.lonely\n    section: Introduction\n    fact: Nobody uses this one.\n"
        "  - id: newsletter.about_cse",
    )

    found = list(review.unused_facts(load_content(own_content)))

    assert found == ["documents/: no answer uses newsletter.lonely: Nobody uses this one."]


def test_wording_rules_that_are_no_pattern_are_refused(own_content: Path) -> None:
    edit(own_content / "wording.yml", "'are you sure'", "'are you (sure'")

    with pytest.raises(ContentError, match="no regular expression"):
        review.load_wording(own_content)
