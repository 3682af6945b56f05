"""Weighs what the rules found and what the classifier makes of a text into signals.

Rules are precise and hear only what was thought of before; the classifier hears the rest, and
knows when the words of a rule mean no harm. Some rules stand whatever the classifier says (`alone`
in content/signals/): those of an emergency, but for some whose words were seen in harmless messages
too, and a few of less with which nothing else can be meant.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

from bot.content.signals import ClassifierFile
from bot.model import CLASSIFIER, Scores, Signal, Urgency

T = TypeVar("T")


def total(signals: tuple[Signal, ...], scores: Scores, limits: ClassifierFile) -> float:
    """The classifier's score and what the strongest rule adds to it."""
    return scores.risk + max((limits.rule[signal.urgency] for signal in signals), default=0.0)


def weighed(
    signals: tuple[Signal, ...], scores: Scores, limits: ClassifierFile, *, told: bool = False
) -> tuple[Signal, ...]:
    """Signals that count, the one to answer first in front and as urgent as the most urgent.

    Args:
        signals: Of the rules, ranked.
        scores: Of the classifier, for the same text.
        limits: content/signals/classifier.yml.
        told: True after a worry in the same chat: then the words alone are not all that is
            known, and the rules stand.
    """
    if total(signals, scores, limits) < limits.concern:
        return signals if told or any(signal.alone for signal in signals) else ()
    categories = {signal.category for signal in signals}
    abouts = {signal.about for signal in signals[:1]}  # of the strongest
    own = Signal(
        _likeliest(scores.category, categories, limits.category_of_rule),
        _urgency(scores, limits),
        _likeliest(scores.about, abouts, limits.about_of_rule),
        CLASSIFIER,
    )
    if not told and scores.risk < limits.concern:
        signals = tuple(_toned_down(signal) for signal in signals)
    urgency = max((signal.urgency for signal in (own, *signals)), key=lambda each: each.rank)
    rest = tuple(signal for signal in signals if signal.category is not own.category)
    same = [signal for signal in signals if signal.category is own.category]
    first = replace(same[0], about=own.about) if same else own
    return (replace(first, urgency=urgency), *same[1:], *rest)


def _toned_down(signal: Signal) -> Signal:
    """Without the classifier, an emergency only of a rule that stands alone."""
    if signal.alone or signal.urgency is not Urgency.EMERGENCY:
        return signal
    return replace(signal, urgency=Urgency.URGENT)


def _urgency(scores: Scores, limits: ClassifierFile) -> Urgency:
    """How urgent it is, if it is a risk: a concern unless the classifier is sure of more."""
    shares = {name: share for name, share in scores.urgency.items() if name is not Urgency.NONE}
    risky = max(sum(shares.values()), 1e-9)
    emergency = shares[Urgency.EMERGENCY] / risky
    if scores.risk < limits.sure:
        return Urgency.CONCERN
    if emergency >= limits.emergency:
        return Urgency.EMERGENCY
    if emergency + shares[Urgency.URGENT] / risky >= limits.urgent:
        return Urgency.URGENT
    return Urgency.CONCERN


def _likeliest(shares: dict[T, float], named: set[T], of_rule: float) -> T:
    """The likeliest, where one that a rule named is likelier by so much (log odds)."""
    boost = math.exp(of_rule)
    return max(shares, key=lambda name: shares[name] * (boost if name in named else 1.0))
