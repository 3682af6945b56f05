"""Puts the signals of a message in order; the first one chooses the words of the reply."""

from __future__ import annotations

from dataclasses import replace

from bot.content.signals import CueFile
from bot.model import Category, Signal, Urgency
from bot.spotting.matcher import Found

_ORDER = list(Category)


def ranked(
    signals: list[Signal], found: Found, earlier: tuple[Category, ...], cues: CueFile
) -> tuple[Signal, ...]:
    """Signals, the one to answer first in front, and as urgent as the most urgent of them.

    "My brother is hitting me right now" is violence at home and danger now. The reply needs the
    words of the first and the urgency of the second.

    Args:
        signals: Those that count.
        found: All matches in the message, for who is named as the one who does it.
        earlier: Categories noticed before in the same chat.
        cues: content/signals/cues.yml.
    """
    ordered = sorted(signals, key=_strength)
    if not ordered:
        return ()
    first = _most_telling(ordered, found, earlier, cues)
    rest = [signal for signal in ordered if signal is not first]
    return (replace(first, urgency=ordered[0].urgency), *rest)


def _strength(signal: Signal) -> tuple[int, int, int]:
    """Urgency, then category; of one category the longer match, as it says more."""
    length = signal.end - signal.start
    return -signal.urgency.rank, _ORDER.index(signal.category), -length


def _most_telling(
    ordered: list[Signal], found: Found, earlier: tuple[Category, ...], cues: CueFile
) -> Signal:
    """The strongest, or the one of a category that says better what is going on."""
    strongest = ordered[0]
    if strongest.category not in {*cues.doers, *cues.unspecific}:
        return strongest
    least = min(strongest.urgency.rank, Urgency.URGENT.rank)

    def named(signal: Signal) -> bool:
        return bool(found.of(f"doer:{signal.category}"))

    telling = [
        signal
        for signal in ordered
        if signal.category not in cues.unspecific
        and (named(signal) or signal.urgency.rank >= least)
    ]
    return min(
        telling,
        key=lambda signal: (not named(signal), signal.category not in earlier),
        default=strongest,
    )
