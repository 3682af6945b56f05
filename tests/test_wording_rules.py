"""A linter over every sentence that a student can read: what is never written, and how simply.

The rules come from the project's wording table. It reads the files themselves, so that a text
which the program does not show yet is held to them too.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from statistics import mean

import pytest

from bot.content.files import read
from bot.content.school import SchoolFile
from bot.content.words import AnswerFile, DocumentFile, HeardFile, NoticeFile, paths_of
from bot.model import About, Category
from bot.settings import ROOT

CONTENT = ROOT / "content"
PLACEHOLDER = re.compile(r"\{[a-z_:0-9]+\}")
ABUSE = [
    Category.SEXUAL_ABUSE,
    Category.EXPLOITATION,
    Category.GROOMING,
    Category.IMAGE_SHARING,
    Category.RELATIONSHIP_ABUSE,
    Category.HOME_ABUSE,
    Category.BULLYING,
    Category.HARASSMENT,
    Category.CRIMINAL_EXPLOITATION,
]


@dataclass(frozen=True)
class Text:
    """One text and the place it stands in."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def answers() -> Iterator[tuple[Text, Text]]:
    """Question and text of each card, as written in the file."""
    for path in paths_of(CONTENT / "answers"):
        for card in read(path, AnswerFile).data.answers:
            yield Text(f"{card.id} (question)", card.question), Text(card.id, card.text)


def heard() -> Iterator[Text]:
    for line in read(CONTENT / "heard.yml", HeardFile).data.lines:
        for text in (line.heard, *line.not_your_fault, line.emergency, line.next):
            yield Text(f"heard {line.category} {line.about}", text)


def notices() -> Iterator[Text]:
    for name, value in read(CONTENT / "notices.yml", NoticeFile).data.notices:
        for text in [value] if isinstance(value, str) else value:
            yield Text(f"notice {name}", text)


def school() -> Iterator[Text]:
    for route in read(CONTENT / "school.yml", SchoolFile).data.routes:
        for text in (route.name, route.role, route.note, route.reach.in_person):
            if text:
                yield Text(f"school {route.id}", text)


def documents() -> Iterator[Text]:
    for path in paths_of(CONTENT / "documents"):
        document = read(path, DocumentFile).data
        yield Text(document.document, document.title)
        yield Text(document.document, document.date_note)
        for fact in document.facts:
            yield Text(fact.id, fact.section)


KINDS: dict[str, Callable[[], Iterable[Text]]] = {
    "answers": lambda: (text for _, text in answers()),
    "heard": heard,
    "notices": notices,
    "school": school,
    "documents": documents,
}


@cache
def spoken() -> tuple[Text, ...]:
    """What AskSafe says: everything but the questions, which are a student's."""
    return tuple(text for kind in KINDS.values() for text in kind())


@cache
def everything() -> tuple[Text, ...]:
    return (*spoken(), *(question for question, _ in answers()))


def sentences(text: str) -> list[list[str]]:
    """Words of each sentence; an item of a list and a line of its own are sentences too."""
    plain = PLACEHOLDER.sub("Name", text)
    parts = re.split(r"(?<=[.!?:])\s+|\n+", plain)
    return [words for part in parts if (words := re.findall(r"[A-Za-z0-9'%]+", part))]


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower().removesuffix("e"))
    return max(1, len(groups))


def grade(text: str) -> float:
    """Flesch-Kincaid school grade; 4 to 6 is a reading age of 9 to 11."""
    parts = sentences(text)
    words = [word for part in parts for word in part]
    per_word = sum(syllables(word) for word in words) / len(words)
    return 0.39 * len(words) / len(parts) + 11.8 * per_word - 15.59


@pytest.mark.parametrize(
    ("kind", "least"),
    [("answers", 80), ("heard", 39 * 5), ("notices", 40), ("school", 30), ("documents", 80)],
)
def test_linter_looks_at_every_text(kind: str, least: int) -> None:
    assert len(list(KINDS[kind]())) >= least


@pytest.mark.parametrize(
    "banned",
    [
        # disbelief, blame, why
        r"why (did|do|don't|didn't|are|were|have|would|not)\b",
        r"are you sure",
        r"is (that|this|it) true",
        r"you should(n't| not)? have",
        r"(is|was|be) your (own )?fault(?<!not your fault)",
        r"you let (him|her|them|it|someone)",
        r"what (exactly )?happened\?",
        r"did (he|she|they|someone) (touch|hurt|hit)",
        r"who (was it|did this|is it)\?",
        r"is it (that )?serious",
        r"scale (of|from)",
        # promises of secrecy or of safety
        r"100 ?(%|per ?cent)",
        r"confidential",
        r"(completely|totally|fully|truly) (anonymous|private|safe|secure)",
        r"no ?one (else )?will (ever )?(know|find out|see)",
        r"nobody will (ever )?(know|find out|see)",
        r"secret is safe",
        r"(just|only) between us",
        r"will (always )?keep (this|it|your) .*(secret|private)",
        r"(shouldn't|should not|don't|do not) (mention|tell) (this|anyone|anybody)",
        r"we guarantee",
        r"you are safe now",
        # persona
        r"\b(here|there) for you\b",
        r"trust (me|us|asksafe)",
        r"(your|a) friend to talk to",
        r"no one else (will )?understand",
        r"(i|we) (understand|know) how you feel",
        # belittling, cheer, praise, demands
        r"cheer up",
        r"don't worry|do not worry|no worries",
        r"be brave",
        r"(don't|do not) be (silly|sad|scared|upset)",
        r"others have it worse",
        r"it (will|'ll) (all )?be (fine|ok|okay|alright)",
        r"everything (will|is going to)",
        r"promise (me|us|asksafe)",
        r"you must promise",
        r"stay strong|calm down|man up|get over",
        r"\b(well done|good job|great|amazing|awesome|beautiful|proud)\b",
        r"congrat",
        # words about suicide and abuse
        r"commit(s|ted|ting)? suicide",
        r"(failed|successful|unsuccessful) (suicide )?attempt|attempt (failed|succeeded)",
        r"attention.seek",
        r"child prostitut|prostitution|rent boy|sugar daddy",
        r"child porn",
        r"sexting mistake|silly mistake|your mistake|bad choice|poor choice",
        r"(put|putting|place|placed) yourself (at|in) (risk|danger)",
        r"risky behaviou?r",
        r"\b(monster|pervert|paedo|evil|psycho|crazy|mental case)\b",
        # methods, amounts
        r"calorie|kcal|milligram|\bmg\b|\bdose of\b|how many (tablets|pills)|overdose of",
        r"hide (it|the bruise|your|this)|cover (it|the bruise) up|delete (the )?(messages|chat) so",
        # score, mood, other machinery
        r"risk (score|level|rating)|your score|mood|out of (5|five|10|ten)\b",
        r"\b(click|swipe|emoji|gif)\b",
        r"\b(lol|gonna|wanna|btw|mate|guys)\b",
        # another school's site
        r"alleyne",
    ],
)
def test_no_text_says(banned: str) -> None:
    pattern = re.compile(banned, re.IGNORECASE)

    assert [str(text) for text in everything() if pattern.search(text.text)] == []


def test_no_text_speaks_in_the_first_person() -> None:
    person = re.compile(r"\b(I|I'm|I've|I'll|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|[Oo]urs?|[Uu]s)\b")

    assert [str(text) for text in spoken() if person.search(text.text)] == []


def test_no_text_asks_why() -> None:
    first_words = [*heard(), *notices()]

    assert [str(text) for text in first_words if re.search(r"\bwhy\b", text.text.lower())] == []


def test_no_text_holds_an_emoji_or_an_odd_sign() -> None:
    def odd(text: str) -> list[str]:
        return [
            char
            for char in text
            if unicodedata.category(char) in ("So", "Sk", "Cs", "Co", "Cn", "Cf") or char > "\u2190"
        ]

    assert [str(text) for text in everything() if odd(text.text)] == []


def test_no_text_shouts() -> None:
    loud = re.compile(r"\b(?!NSPCC|SHOUT)[A-Z]{5,}\b|!")

    assert [str(text) for text in everything() if loud.search(text.text)] == []


def test_only_one_question_is_ever_asked_back() -> None:
    asking = [str(text) for text in (*heard(), *notices()) if "?" in text.text]

    assert asking == ["notice danger_question: Are you in danger right now?"]


@pytest.mark.parametrize("kind", ["heard", "notices"])
def test_fixed_sentences_hold_no_number_but_999_and_55(kind: str) -> None:
    numbers = {number for text in KINDS[kind]() for number in re.findall(r"\d+", text.text)}

    assert numbers <= {"999", "55"}


def test_answers_take_phone_numbers_names_and_addresses_only_from_school_yml() -> None:
    people = r"James|Wilshire|Thurston"
    raw = re.compile(
        rf"\d[\d ]{{4,}}\d|\b(999|101|116 ?123)\b|@|\bwww\.|\.(co\.uk|org|uk)\b|{people}"
    )
    texts = [(text, PLACEHOLDER.sub("", text.text)) for _, text in answers()]

    assert [str(text) for text, plain in texts if raw.search(plain)] == []


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("category", ABUSE)
def test_every_first_reply_to_abuse_says_that_it_is_not_their_fault(
    category: Category, about: About
) -> None:
    lines = read(CONTENT / "heard.yml", HeardFile).data.lines
    (line,) = [line for line in lines if (line.category, line.about) == (category, about)]

    assert all(re.search(r"not (your|their) fault", text) for text in line.not_your_fault)


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("category", Category)
def test_every_first_reply_takes_seriously_and_names_999_and_an_adult_or_help(
    category: Category, about: About
) -> None:
    lines = read(CONTENT / "heard.yml", HeardFile).data.lines
    (line,) = [line for line in lines if (line.category, line.about) == (category, about)]

    assert re.search(r"thank you|serious|right to|matters|hard", line.heard, re.I)
    assert "999" in line.emergency
    assert re.search(r"adult|someone|anyone|help|999|Report Remove", line.next)


@pytest.mark.parametrize(
    ("kind", "longest", "on_average"),
    [("heard", 20, 10.0), ("notices", 20, 10.0), ("answers", 20, 11.0), ("school", 20, 8.0)],
)
def test_sentences_are_short(kind: str, longest: int, on_average: float) -> None:
    lengths = {
        f"{text.place}: {' '.join(words)}": len(words)
        for text in KINDS[kind]()
        for words in sentences(text.text)
    }

    assert [sentence for sentence, length in lengths.items() if length > longest] == []
    assert mean(lengths.values()) <= on_average


@pytest.mark.parametrize(
    ("kind", "hardest", "on_average"),
    [("heard", 9.0, 4.5), ("notices", 7.0, 4.0), ("answers", 8.0, 5.0)],
)
def test_words_are_simple(kind: str, hardest: float, on_average: float) -> None:
    grades = {
        str(text): grade(text.text)
        for text in KINDS[kind]()
        if sum(map(len, sentences(text.text))) >= 12  # a grade of a few words means nothing
    }

    assert len(grades) >= 10
    assert [f"{hard:.1f} {text}" for text, hard in grades.items() if hard > hardest] == []
    assert mean(grades.values()) <= on_average
