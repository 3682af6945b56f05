"""Tables of the report: what each column noticed, and where it cried wolf."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.model import Category, Urgency
from evaluation.columns import Finding, has_scores
from evaluation.figures import per_thousand, share
from evaluation.messages import LabelledMessage

LOOK_ALIKES = frozenset({"idiom", "gaming", "homework", "music_film", "news", "question"})
# A plain "nobody hits me" may well raise a gentle line; it is counted by itself, not as a chat.
DENIAL = "denial"
EVERYDAY = frozenset({"smalltalk", "admin", "happy", "sport", "testing", "quotation"})

# At which shares of false alarms columns are compared.
MATCHED = (0.01, 0.02, 0.05)

Rows = Sequence[LabelledMessage]
Findings = Mapping[str, Sequence[Finding]]


def compared(
    rows: Rows,
    findings: Findings,
    group: Callable[[LabelledMessage], str | None],
    cell: Callable[[int, int], str] = share,
) -> list[str]:
    """How much each column noticed in each group of messages, as Markdown.

    Args:
        rows: The messages.
        findings: By column, in the order of the messages.
        group: Names the group of a message, or None to leave it out.
        cell: Writes how many of how many were noticed.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        name = group(row)
        if name is not None:
            places[name].append(i)
    lines = [f"| | n | {' | '.join(findings)} |", f"|---|---|{'---|' * len(findings)}"]
    for name, members in sorted(places.items()):
        cells = [
            cell(sum(column[i].noticed for i in members), len(members))
            for column in findings.values()
        ]
        lines.append(f"| {name} | {len(members)} | {' | '.join(cells)} |")
    return lines


def parts(rows: Rows, findings: Findings) -> list[str]:
    """A line for each column: what it notices and at which price, as it is set."""
    lines = [
        "| | risk noticed | emergencies noticed | category right "
        "| false alarms per 1,000 look-alikes | per 1,000 everyday | per 1,000 harmless |",
        f"|{'---|' * 7}",
    ]
    for name, found in findings.items():
        risky = noticed(rows, found, lambda row: row.label.risk)
        of, seen, _ = emergencies(rows, found)
        known = any(finding.category for finding in found)
        alarms = (
            noticed(rows, found, lambda row: row.label.kind in LOOK_ALIKES),
            noticed(rows, found, lambda row: row.label.kind in EVERYDAY),
            noticed(rows, found, lambda row: not row.label.risk),
        )
        cells = [share(*risky), share(seen, of)]
        cells += [share(*agreed(rows, found)["category"]) if known else "-"]
        cells += [per_thousand(*counts) for counts in alarms]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def matched(rows: Rows, findings: Findings) -> list[str]:
    """Risk that each column with a score notices where all raise as many false alarms."""
    lines = [f"| | {' | '.join(f'at {part:.0%}' for part in MATCHED)} |"]
    lines.append(f"|---|{'---|' * len(MATCHED)}")
    for name, found in findings.items():
        if has_scores(found):
            cells = [share(*_noticed_at(rows, found, part)) for part in MATCHED]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _noticed_at(rows: Rows, found: Sequence[Finding], part: float) -> tuple[int, int]:
    """Risk above the lowest limit that no more than a part of the harmless lies above."""
    pairs = list(zip(rows, found, strict=True))
    calm = sorted((f.score for row, f in pairs if not row.label.risk), reverse=True)
    limit = calm[int(part * len(calm))] if calm else 0.0
    hits = [f.score > limit for row, f in pairs if row.label.risk]
    return sum(hits), len(hits)


def noticed(
    rows: Rows, found: Sequence[Finding], of: Callable[[LabelledMessage], bool]
) -> tuple[int, int]:
    """How many of some messages were noticed, and how many there are."""
    hits = [finding.noticed for row, finding in zip(rows, found, strict=True) if of(row)]
    return sum(hits), len(hits)


def confusion(rows: Rows, found: Sequence[Finding]) -> list[str]:
    """Labelled category down, given category across, of the risk that was noticed."""
    counts: Counter[tuple[Category, Category]] = Counter()
    for row, finding in zip(rows, found, strict=True):
        if row.label.category and finding.category:
            counts[row.label.category, finding.category] += 1
    names = list(Category)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for name in names:
        cells = [str(counts[name, other] or "·") for other in names]
        lines.append(f"| **{name}** | {' | '.join(cells)} |")
    return lines


def agreed(rows: Rows, found: Sequence[Finding]) -> dict[str, tuple[int, int]]:
    """Of the risk that was noticed: how often category, urgency and about are as labelled."""
    pairs = [
        (row.label, finding)
        for row, finding in zip(rows, found, strict=True)
        if row.label.risk and finding.noticed
    ]
    return {
        "category": (sum(a.category is b.category for a, b in pairs), len(pairs)),
        "urgency": (sum(a.urgency is b.urgency for a, b in pairs), len(pairs)),
        "about": (sum(a.about is b.about for a, b in pairs), len(pairs)),
    }


def worst(rows: Rows, found: Sequence[Finding], *, missed: bool, most: int = 20) -> list[str]:
    """The surest mistakes by name: risk that was missed, or harmless that was not."""
    wrong = [
        (finding.score, row)
        for row, finding in zip(rows, found, strict=True)
        if row.label.risk is missed and finding.noticed is not missed
    ]
    wrong.sort(key=lambda pair: pair[0], reverse=not missed)
    return [f"- {row.id} ({row.label}; {row.style}): {row.text}" for _, row in wrong[:most]]


def emergencies(rows: Rows, found: Sequence[Finding]) -> tuple[int, int, int]:
    """Emergencies there are, those noticed at all, and those given as one."""
    members = [
        finding
        for row, finding in zip(rows, found, strict=True)
        if row.label.urgency is Urgency.EMERGENCY
    ]
    given = sum(finding.urgency is Urgency.EMERGENCY for finding in members)
    return len(members), sum(finding.noticed for finding in members), given


def calibration(
    rows: Rows, shares: Iterable[float], bins: int = 10
) -> list[tuple[float, float, int]]:
    """In each tenth of the score: the share expected, the share that held a risk, how many."""
    members: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for row, expected in zip(rows, shares, strict=True):
        members[min(int(expected * bins), bins - 1)].append((expected, row.label.risk))
    return [
        (
            sum(expected for expected, _ in pairs) / len(pairs),
            sum(risk for _, risk in pairs) / len(pairs),
            len(pairs),
        )
        for _, pairs in sorted(members.items())
    ]
