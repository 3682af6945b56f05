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
    urgency = ordered[0].urgency
    alone = any(signal.alone for signal in ordered if signal.urgency is urgency)
    alone = alone or (first.alone and urgency is not Urgency.EMERGENCY)
    return (replace(first, urgency=urgency, alone=alone), *rest)


def _strength(signal: Signal) -> tuple[int, int, int]:
    """Urgency, then category; of one category the longer match, as it says more."""
    length = signal.end - signal.start
    return -signal.urgency.rank, _ORDER.index(signal.category), -length


def _most_telling(
    ordered: list[Signal], found: Found, earlier: tuple[Category, ...], cues: CueFile
) -> Signal:
    """The strongest, or the one of a category that says better what is going on."""
    strongest = ordered[0]
    vague = {*cues.doers, *cues.unspecific}
    if strongest.category not in vague:
        return strongest
    least = strongest.urgency.rank
    if strongest.category in cues.unspecific:
        least = min(least, Urgency.URGENT.rank)

    def rank(signal: Signal) -> tuple[bool, bool]:
        return not found.of(f"doer:{signal.category}"), signal.category not in earlier

    specific = [signal for signal in ordered if signal.category not in cues.unspecific]
    telling = [
        signal
        for signal in specific
        if rank(signal) != (True, True)
        or (signal.category not in vague and signal.urgency.rank >= least)
    ]
    if telling:
        return min(telling, key=rank)
    # No other student is named: better "you have a right to be safe" than "keep the messages".
    if strongest.category in cues.peers:
        for signal in ordered:
            if signal.category is Category.UNSAFE_NOW and signal.urgency is strongest.urgency:
                return signal
    return strongest
