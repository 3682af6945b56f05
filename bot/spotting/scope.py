"""What the words around a hit say: denied, past, only supposed, and who it is about."""

from __future__ import annotations

from bot.content.signals import Rule, ScopeFile
from bot.model import About, Category, Scope, Urgency
from bot.spotting.matcher import Found, Span

_BREAKS = frozenset({".", "!", "?", "but", "however", "except", "although"})
_ENDS = frozenset({".", "!", "?"})


def scopes_of(hit: Span, found: Found, cues: ScopeFile) -> tuple[tuple[Scope, str], ...]:
    """The scopes a hit stands in, each with the words that say so.

    Args:
        hit: First token and token after the last.
        found: All matches in the message.
        cues: content/signals/scope.yml.
    """
    clause = _around(hit, found.words, _BREAKS)
    kept = []
    for scope in Scope:
        reach = getattr(cues, scope.value).reach
        before = [
            cue
            for cue in _cues(found, scope.value, "before")
            if clause[0] <= cue[0] and cue[1] <= hit[0] and hit[0] - cue[1] < reach
        ]
        anywhere = [
            cue
            for cue in _cues(found, scope.value, "anywhere")
            if clause[0] <= cue[0] and cue[1] <= clause[1] and not _inside(cue, hit)
        ]
        for start, end in (before + anywhere)[:1]:
            kept.append((scope, " ".join(found.words[start:end])))
    return tuple(kept)


def about(hit: Span, rule: Rule, found: Found, cues: ScopeFile) -> About:
    """Who may be at risk: the rule's own word, else read from the words around the hit."""
    if rule.about is not None:
        return rule.about
    friend, other = _people(found, "friend"), _people(found, "other")
    self_words = frozenset(cues.self_words)
    named = [*friend, *other]
    for i in range(*hit):
        if found.words[i] in self_words and not any(start <= i < end for start, end in named):
            return About.SELF
    sentence = _around(hit, found.words, _ENDS)
    for spans, who in ((friend, About.FRIEND), (other, About.OTHER)):
        if any(sentence[0] <= start < hit[1] for start, _ in spans):
            return who
    for spans, who in ((friend, About.FRIEND), (other, About.OTHER)):
        if any(start < hit[0] for start, _ in spans) and not self_words.intersection(
            found.words[sentence[0] : hit[0]]
        ):
            return who
    return About.SELF


def lowered(
    urgency: Urgency, category: Category, scopes: tuple[tuple[Scope, str], ...], cues: ScopeFile
) -> Urgency:
    """Urgency after scope: denied, past and supposed make a concern of it, never nothing.

    Abuse in the past stays urgent where content says so: who did it may still be near.
    """
    kinds = {scope for scope, _ in scopes}
    if Scope.NEGATED in kinds or Scope.HYPOTHETICAL in kinds:
        return Urgency.CONCERN
    if Scope.PAST in kinds:
        if category in cues.past_stays_urgent and urgency is not Urgency.CONCERN:
            return Urgency.URGENT
        return Urgency.CONCERN
    return urgency


def _people(found: Found, name: str) -> list[Span]:
    return [*_cues(found, name, "before"), *_cues(found, name, "anywhere")]


def _cues(found: Found, name: str, field: str) -> list[Span]:
    """Matches of one cue list that no `unless` phrase of the same scope overlaps."""
    spared = found.of(f"{name}:unless")
    return [
        cue
        for cue in found.of(f"{name}:{field}")
        if not any(cue[0] < end and start < cue[1] for start, end in spared)
    ]


def _inside(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _around(hit: Span, words: tuple[str, ...], breaks: frozenset[str]) -> Span:
    """The run of words around a hit up to the nearest break on each side."""
    start, end = hit
    while start > 0 and words[start - 1] not in breaks:
        start -= 1
    while end < len(words) and words[end] not in breaks:
        end += 1
    return start, end
