"""Shares with their intervals, agreement between readers, and how well scores can be trusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209.
    """
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(middle - half, 0.0), min(middle + half, 1.0)  # rounding may pass either end


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> tuple[float, float]:
    """How often two readers said the same, and Cohen's kappa: the same beyond chance.

    Source: J. Cohen, Educational and Psychological Measurement 20 (1960) 37.

    Raises:
        ValueError: There are no pairs.
    """
    if not pairs:
        raise ValueError("agreement of no pairs")
    same = sum(a == b for a, b in pairs) / len(pairs)
    first, second = (Counter(pair[i] for pair in pairs) for i in (0, 1))
    chance = sum(first[name] * second[name] for name in first) / len(pairs) ** 2
    return same, 1.0 if chance == 1 else (same - chance) / (1 - chance)


def share(hits: int, of: int) -> str:
    """A share with its Wilson interval, as it stands in a table; a dash where there is none."""
    if of == 0:
        return "-"
    low, high = wilson(hits, of)
    return f"{hits / of:.1%} ({low:.1%} to {high:.1%})"


def per_thousand(hits: int, of: int) -> str:
    """The same for every thousand: false alarms are few, and each is somebody bothered."""
    if of == 0:
        return "-"
    low, high = wilson(hits, of)
    return f"{1000 * hits / of:.0f} ({1000 * low:.0f} to {1000 * high:.0f})"
