"""Finds messages that are nearly the same, so that none is learnt from or counted twice."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

# Shared part of all rows of five letters above which two messages count as nearly the same.
NEARLY_SAME = 0.55
_ROW = 5
_WORD = re.compile(r"[^\W_]+")


def near_duplicates(
    texts: Sequence[str], limit: float = NEARLY_SAME
) -> list[tuple[int, int, float]]:
    """All pairs whose rows of five letters have a Jaccard likeness of at least `limit`.

    Exact, and fast enough for tens of thousands: two sets that are as alike as that share one
    of the rarest rows of each (prefix filter: Chaudhuri, Ganti and Kaushik, ICDE 2006).

    Returns:
        (earlier index, later index, likeness from 0 to 1), in the order of the later one.
    """
    sets = [_rows_of(text) for text in texts]
    common = Counter(row for rows in sets for row in rows)
    index: dict[str, list[int]] = defaultdict(list)
    pairs = []
    for later, rows in enumerate(sets):
        rarest = sorted(rows, key=lambda row: (common[row], row))
        prefix = rarest[: len(rows) - math.ceil(limit * len(rows)) + 1]
        least, most = limit * len(rows), len(rows) / limit
        candidates = {
            earlier
            for row in prefix
            for earlier in index[row]
            if least <= len(sets[earlier]) <= most
        }
        for earlier in sorted(candidates):
            shared = len(rows & sets[earlier])
            likeness = shared / (len(rows) + len(sets[earlier]) - shared)
            if likeness >= limit:
                pairs.append((earlier, later, likeness))
        for row in prefix:
            index[row].append(later)
    return pairs


def _rows_of(text: str) -> frozenset[str]:
    """Rows of five letters of a text's words; a text too short for one is itself a row."""
    joined = " ".join(_WORD.findall(text.lower())) or text.strip()
    if len(joined) < _ROW:
        return frozenset({joined})
    return frozenset(joined[i : i + _ROW] for i in range(len(joined) - _ROW + 1))
