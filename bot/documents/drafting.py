"""Drafts facts from a document, for a person to rewrite and approve. Nothing goes live."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import yaml

from bot.content.library import Content
from bot.documents.reading import Section

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])")
_FIGURE = re.compile(
    r"\d{1,2}[:.]\d{2}\s?(?:am|pm)|\d{1,2}\s?(?:am|pm)\b|(?:\+44\s?|0)\d[\d ]{7,12}\d|"
    r"\d+(?:\.\d+)?\s?%|\b\d+(?:[-\u2013]\d+)?\b",
    re.I,
)
_PHONE = re.compile(r"(?<!\d)(?:\+44\s?|0)\d[\d ]{7,12}\d(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WEB = re.compile(r"(?:https?://|www\.)[^\s,;)]+|\b[\w-]+\.(?:co|org|gov|police|sch)\.uk[^\s,;)]*")
_DATED = re.compile(
    r"\b(?:\d{1,2}\s+)?(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\s+\d{4}\b|\b20\d\d\b",
    re.I,
)
_WORD = re.compile(r"[a-z]{4,}")
_ALIKE = 0.5  # share of words that two facts have in common to be about the same thing
_NOT_LETTERS = re.compile(r"[^a-z]+")
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u00b7]|\d{1,2}[.)])\s+")


def draft(path: Path, sections: Iterable[Section], content: Content, today: date) -> str:
    """A draft of content/documents/NAME.yml with notes on top, as text.

    Args:
        path: The file that was read.
        sections: What it holds.
        content: What AskSafe says now, to find what contradicts it.
        today: For the head of the draft.

    Returns:
        YAML. Every fact still has the document's own words and must be rewritten, so the loader
        refuses the draft as it stands: `schema: draft`.
    """
    name = _NOT_LETTERS.sub("", path.stem.lower()) or "document"
    facts = list(_facts(name, sections))
    notes = [
        f"Draft of {today} from {path.name}. Nothing here is live.",
        "Rewrite each fact in your own words and keep its figures.",
        "Delete what students do not need.",
        "Then write 'schema: 1' and move this file into content/documents/.",
        "`python -m bot check` says what is still wrong.",
        *_dates(facts),
        *dict.fromkeys(_contacts(facts, content)),
        *_contradictions(facts, content),
    ]
    body = {
        "schema": "draft",
        "document": name,
        "title": f"WRITE: what students know this document as ({path.name})",
        "date_note": _date_note(facts),
        "facts": facts,
    }
    head = "".join(f"# {note}\n" for note in notes)
    return head + yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=100)


def _facts(name: str, sections: Iterable[Section]) -> Iterator[dict[str, object]]:
    """One candidate for each sentence, with its figures."""
    number = 0
    for section in sections:
        for paragraph in section.paragraphs:
            for sentence in _SENTENCE_ENDS.split(_BULLET.sub("", paragraph)):
                if len(sentence.split()) < 3:
                    continue
                number += 1
                fact: dict[str, object] = {
                    "id": f"{name}.fact_{number}",
                    "section": section.heading or "WRITE: section",
                    "fact": sentence,
                }
                figures = [each.strip() for each in _FIGURE.findall(sentence)]
                if figures:
                    fact["figures"] = list(dict.fromkeys(figures))
                yield fact


def _dates(facts: list[dict[str, object]]) -> Iterator[str]:
    """Whether the document says when it was written, and which shares have no year beside them."""
    if not any(_DATED.search(str(fact["fact"])) for fact in facts):
        yield "UNDATED: the document names no date at all."
    for fact in facts:
        if "%" in str(fact.get("figures")) and not _DATED.search(str(fact["fact"])):
            yield f"UNDATED FIGURE in {fact['id']}: {fact['fact']}"


def _date_note(facts: list[dict[str, object]]) -> str:
    dates = [match.group() for fact in facts for match in _DATED.finditer(str(fact["fact"]))]
    found = ", ".join(dict.fromkeys(dates))
    return f"WRITE: its date (it names {found})" if found else "The document gives no date."


def _contacts(facts: list[dict[str, object]], content: Content) -> Iterator[str]:
    """Phone numbers and addresses, and whether school.yml has them."""
    known = " ".join(
        str(value)
        for route in content.routes.values()
        for value in route.reach.dict().values()
        if value
    )
    bare = re.sub(r"[^\w@.]", "", known).lower()
    for fact in facts:
        for pattern, kind in ((_PHONE, "number"), (_EMAIL, "address"), (_WEB, "website")):
            for found in pattern.findall(str(fact["fact"])):
                there = re.sub(r"[^\w@.]", "", found).lower() in bare
                where = "is in school.yml" if there else "is NOT in school.yml"
                yield f"CONTACT in {fact['id']}: the {kind} {found} {where}"


def _contradictions(facts: list[dict[str, object]], content: Content) -> Iterator[str]:
    """Facts about the same thing as one that is there, with another figure."""
    held = [(name, _words(fact.fact), _figures(fact.fact)) for name, fact in content.facts.items()]
    for fact in facts:
        words, figures = _words(str(fact["fact"])), _figures(str(fact["fact"]))
        for name, others, theirs in held:
            alike = len(words & others) / max(1, min(len(words), len(others)))
            if alike >= _ALIKE and figures and theirs and figures.isdisjoint(theirs):
                now = content.facts[name].fact
                yield f"CONTRADICTS? {fact['id']} and {name}: {fact['fact']} | now: {now}"


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _figures(text: str) -> set[str]:
    return {re.sub(r"\s", "", each.lower()) for each in _FIGURE.findall(text)}
