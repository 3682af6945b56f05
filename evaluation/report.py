"""Lays out what was measured as lines of Markdown, with two plots beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation import plots, scored, tables, targets
from evaluation.columns import Finding
from evaluation.figures import per_thousand, share
from evaluation.messages import LabelledMessage

ASKSAFE = "AskSafe"
SETS = {"f1": "known failures", "n1": "negation and scope", "s1": "typed to slip past"}
# Shown by themselves once; in every table they would hide what AskSafe is compared with.
PARTS = ("rules only", "letters only", "encoder only", "classifier only")

Rows = Sequence[LabelledMessage]
Findings = Mapping[str, Sequence[Finding]]


def messages(
    part: str,
    rows: Rows,
    findings: Findings,
    failures: tuple[int, int] | None,
    note: str,
) -> list[str]:
    """All that single messages show.

    Args:
        part: Of the test pack.
        rows: Its messages.
        findings: Of each column, in the order of the messages.
        failures: Of the known failures how many AskSafe told right, where they were measured.
        note: What is to be said of a column, or an empty line.
    """
    ours = findings[ASKSAFE]
    unread = sum(finding.unread for finding in ours)
    return [
        *(f"# What AskSafe notices: testpack/{part}", ""),
        *("Shares with their 95 % Wilson intervals.", ""),
        *(f"Messages that could not be read, counted as not noticed: {unread}.", ""),
        *(*targets.table(rows, ours, failures), ""),
        *(*_each_part(rows, findings), "", note, ""),
        *(*_risk(rows, findings), ""),
        *(*_alarms(rows, findings), ""),
        *(*_labelled_the_same(rows, ours), ""),
        *("## Risk missed, the worst first", "", *tables.worst(rows, ours, missed=True), ""),
        *("## False alarms, the worst first", "", *tables.worst(rows, ours, missed=False)),
    ]


def sets(rows: Rows, found: Sequence[Finding]) -> list[str]:
    """The sets of one kind each."""
    findings = {ASKSAFE: found}
    return [
        *("## Sets of one kind each (testpack/sets)", "", "Risk noticed:", ""),
        *tables.compared(rows, findings, lambda row: SETS[row.hand] if row.label.risk else None),
        *("", "False alarms per 1,000 harmless messages:", ""),
        *tables.compared(
            rows,
            findings,
            lambda row: None if row.label.risk else SETS[row.hand],
            per_thousand,
        ),
    ]


def failures_told(rows: Rows, found: Sequence[Finding]) -> tuple[int, int]:
    """Of the known failures: how many AskSafe tells right, risk or none, and how many there are."""
    pairs = [pair for pair in zip(rows, found, strict=True) if pair[0].hand == "f1"]
    return sum(row.label.risk is finding.noticed for row, finding in pairs), len(pairs)


def draw(part: str, rows: Rows, findings: Findings, folder: Path) -> None:
    """Write the plots to a folder."""
    expected = [1 / (1 + math.exp(-finding.score)) for finding in findings[ASKSAFE]]
    plots.price(rows, findings, folder / f"{part}_price.svg")
    plots.calibration(tables.calibration(rows, expected), folder / f"{part}_calibration.svg")


def _each_part(rows: Rows, findings: Findings) -> list[str]:
    return [
        *("## Each part by itself, and what others do", ""),
        f"Columns that are set by us (frozen vectors, letters, encoder, classifier) take "
        f"{scored.ALARMS:.0%} of the harmless messages of testpack/dev for a risk.",
        *("", *tables.parts(rows, findings), ""),
        "Risk noticed where all raise as many false alarms; the limits are read off these very "
        "messages, so only the columns can be compared, and AskSafe goes by its score alone:",
        *("", *tables.matched(rows, findings)),
    ]


def _risk(rows: Rows, findings: Findings) -> list[str]:
    shown = _without_parts(findings)
    lines = ["## Risk noticed", ""]
    for group in (_all, _category, _urgency, _style, _about):
        lines += [*tables.compared(rows, shown, group), ""]
    of, noticed, given = tables.emergencies(rows, findings[ASKSAFE])
    return [
        *lines,
        f"Emergencies: {of}; noticed {share(noticed, of)}, "
        f"given as an emergency {share(given, of)}.",
    ]


def _alarms(rows: Rows, findings: Findings) -> list[str]:
    shown = _without_parts(findings)
    lines = ["## False alarms per 1,000 harmless messages"]
    for group in (_harmless, _sort, _kind):
        lines += ["", *tables.compared(rows, shown, group, per_thousand)]
    return lines


def _labelled_the_same(rows: Rows, ours: Sequence[Finding]) -> list[str]:
    return [
        *("## Of the risk that was noticed, labelled the same", ""),
        *(f"- {name}: {share(*counts)}" for name, counts in tables.agreed(rows, ours).items()),
        *("", "Category as labelled down, as given across:", ""),
        *tables.confusion(rows, ours),
    ]


def _without_parts(findings: Findings) -> Findings:
    return {name: found for name, found in findings.items() if name not in PARTS}


def _all(row: LabelledMessage) -> str | None:
    return "all" if row.label.risk else None


def _category(row: LabelledMessage) -> str | None:
    return row.label.category


def _urgency(row: LabelledMessage) -> str | None:
    return row.label.urgency if row.label.risk else None


def _style(row: LabelledMessage) -> str | None:
    return row.style if row.label.risk else None


def _about(row: LabelledMessage) -> str | None:
    return row.label.about


def _harmless(row: LabelledMessage) -> str | None:
    return None if row.label.risk else "all harmless"


def _kind(row: LabelledMessage) -> str | None:
    return row.label.kind


def _sort(row: LabelledMessage) -> str | None:
    if row.label.kind in tables.LOOK_ALIKES:
        return "look-alikes"
    return "everyday" if row.label.kind in tables.EVERYDAY else None
