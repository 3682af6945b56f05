"""Tables of how questions are answered, beside BM25 over the facts; the list of all misses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import bm25s

from bot.content.library import Content
from evaluation.figures import share
from evaluation.questions import (
    FOLLOW_UP,
    OFFERED,
    RIGHT,
    UNSURE,
    WRONG,
    Question,
    Verdict,
)

STYLES = {
    "full": "whole question", "few": "two to five words", "mis": "misspelt", "sla": "slang",
    "esl": "new to English", "ind": "indirect", "yes": "statement, right",
    "no": "statement, wrong", "two": "two in one", "fol": "follow-up",
}  # fmt: skip
OUTCOMES = (RIGHT, WRONG, OFFERED, UNSURE)
_LEAST_WAYS = 0.95  # of the ways in which a fact was asked for, so many must reach it
_HEAD = ["| | n | " + " | ".join(OUTCOMES) + " | taken for a worry |", "|---|" + "---|" * 6]
Rows = Sequence[tuple[Question, Verdict]]


def table(questions: Sequence[Question], found: Sequence[Verdict], content: Content) -> list[str]:
    """Which card is given, as lines of Markdown: in all, by style, by topic, by fact."""
    rows = list(zip(questions, found, strict=True))
    known = [row for row in rows if row[0].cards]
    unknown = [row for row in rows if not row[0].cards]
    return [
        *_HEAD,
        _line("answerable", known),
        _line("follow-ups", [row for row in known if row[0].style == FOLLOW_UP]),
        _line("not answerable", unknown),
        "",
        *_target_lines(known, unknown),
        "",
        "By style:",
        "",
        *_HEAD,
        *_grouped(known, lambda question: STYLES[question.style]),
        "",
        "By topic:",
        "",
        *_HEAD,
        *_grouped(known, lambda question: _topic(question, content)),
    ]


def _target_lines(known: Rows, unknown: Rows) -> list[str]:
    follow_ups = [row for row in known if row[0].style == FOLLOW_UP]
    reached, facts = _facts_reached(known)
    given = [found.outcome == WRONG for _, found in unknown]
    wrong = [found.outcome == WRONG for _, found in known]
    return [
        "| | aimed at | reached |",
        "|---|---|---|",
        f"| right answer | 96 % | {_share(_right(known))} |",
        f"| wrong card | at most 1.5 % | {_share(wrong)} |",
        f"| not answerable, and a card given | at most 3 % | {_share(given)} |",
        f"| follow-ups right | 90 % | {_share(_right(follow_ups))} |",
        f"| facts reached by 95 % of the ways they were asked for | all | {reached} of {facts} |",
    ]


def misses(questions: Sequence[Question], found: Sequence[Verdict]) -> list[str]:
    """Every question that did not get what it should, as lines of Markdown."""
    lines = []
    for question, verdict in zip(questions, found, strict=True):
        fine = verdict.outcome == RIGHT if question.cards else verdict.outcome != WRONG
        if not fine:
            wanted = " + ".join("/".join(sorted(part)) for part in question.cards) or "nothing"
            said = f"{question.before} >> {question.text}" if question.before else question.text
            got = ", ".join(verdict.given) or "nothing"
            lines.append(
                f"- {question.id} ({question.style}) {verdict.outcome}: {said}  \n"
                f"  wanted {wanted}; got {got}"
            )
    return lines


def bm25(questions: Sequence[Question], content: Content) -> list[Verdict]:
    """What plain BM25 over the facts gives: the card that holds the best fact, always one."""
    facts = [name for name, fact in content.facts.items() if not fact.other_school]
    index = bm25s.BM25()
    index.index(bm25s.tokenize([content.facts[name].fact for name in facts], show_progress=False),
                show_progress=False)  # fmt: skip
    holding: dict[str, set[str]] = defaultdict(set)
    for card in content.cards.values():
        for fact in card.facts:
            holding[fact].add(card.id)
    found = []
    for question in questions:
        words = bm25s.tokenize([question.text], show_progress=False)
        places, scores = index.retrieve(words, k=1, show_progress=False)
        fact = facts[int(places[0, 0])]
        cards = tuple(sorted(holding[fact]))
        if scores[0, 0] <= 0:
            found.append(Verdict(UNSURE, ()))
            continue
        meant = fact in question.facts or any(part & set(cards) for part in question.cards)
        right = bool(question.cards) and meant and len(question.cards) == 1
        found.append(Verdict(RIGHT if right else WRONG, cards))
    return found


def beside(questions: Sequence[Question], columns: Mapping[str, Sequence[Verdict]]) -> list[str]:
    """How several ways of answering do on the same questions, as lines of Markdown."""
    lines = ["| | right | wrong card | not answerable, and a card given |", "|---|---|---|---|"]
    for name, found in columns.items():
        rows = list(zip(questions, found, strict=True))
        known = [row for row in rows if row[0].cards]
        given = [verdict.outcome == WRONG for question, verdict in rows if not question.cards]
        wrong = [verdict.outcome == WRONG for _, verdict in known]
        lines.append(f"| {name} | {_share(_right(known))} | {_share(wrong)} | {_share(given)} |")
    return lines


def _grouped(rows: Rows, group: Callable[[Question], str]) -> Iterator[str]:
    groups: dict[str, list[tuple[Question, Verdict]]] = defaultdict(list)
    for question, verdict in rows:
        groups[group(question)].append((question, verdict))
    for name in sorted(groups):
        yield _line(name, groups[name])


def _line(name: str, rows: Rows) -> str:
    cells = [_share([verdict.outcome == outcome for _, verdict in rows]) for outcome in OUTCOMES]
    worries = _share([verdict.worry for _, verdict in rows])
    return f"| {name} | {len(rows)} | {' | '.join(cells)} | {worries} |"


def _topic(question: Question, content: Content) -> str:
    """The section of the first fact that its writer had in mind; a route's name for a contact."""
    fact = content.facts.get(question.facts[0])
    return fact.section if fact else "people and services"


def _facts_reached(rows: Rows) -> tuple[int, int]:
    """How many facts nearly all of their questions reach, and of how many."""
    ways: dict[str, list[bool]] = defaultdict(list)
    for question, verdict in rows:
        if len(question.cards) == 1:
            ways[question.facts[0]].append(verdict.outcome == RIGHT)
    reached = [sum(hits) >= _LEAST_WAYS * len(hits) for hits in ways.values()]
    return sum(reached), len(reached)


def _right(rows: Rows) -> list[bool]:
    return [verdict.outcome == RIGHT for _, verdict in rows]


def _share(hits: Sequence[bool]) -> str:
    return share(sum(hits), len(hits)) if hits else "none"
