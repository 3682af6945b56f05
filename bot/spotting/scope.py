"""What the words around a hit say: denied, past, only supposed, and who it is about."""

from __future__ import annotations

from bot.content.signals import Rule, ScopeFile
from bot.model import About, Category, Scope, Urgency
from bot.spotting.matcher import Found, Span

ENDS = frozenset({".", "!", "?"})
_BREAKS = ENDS | {"but", "however", "except", "although"}
_FAR = 60  # words; where nobody wrote a full stop, what is farther away is not meant
_OTHERS = (("friend", About.FRIEND), ("other", About.OTHER))


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
    """Who may be at risk: read from the words of the hit, the rule, and the words around it."""
    if rule.about is About.SELF or (rule.about is None and _says_self(hit, found, cues)):
        return About.SELF
    if rule.about or any(overlap(cue, hit) for cue in _people(found, "hurt_person")):
        return _named_before(hit, found) or rule.about or About.OTHER
    return _read_around(hit, found, cues)


def _says_self(hit: Span, found: Found, cues: ScopeFile) -> bool:
    """Whether a word of the hit means the student; the "my" of "my friend" does not."""
    named = [*_people(found, "friend"), *_people(found, "other")]
    return any(
        found.words[i] in cues.self_words and not any(start <= i < end for start, end in named)
        for i in range(*hit)
    )


def _named_before(hit: Span, found: Found) -> About | None:
    """A friend, else another, named anywhere before the hit ends; even in "my friend said"."""
    for name, who in _OTHERS:
        if any(start < hit[1] for start, _ in found.of(f"{name}:anywhere")):
            return who
    return None


def _read_around(hit: Span, found: Found, cues: ScopeFile) -> About:
    """Who is named in the sentence of the hit, else in those before it."""
    sentence = sentence_of(hit, found.words)
    for name, who in _OTHERS:
        if any(sentence[0] <= start < hit[1] for start, _ in _people(found, name)):
            return who
    if not set(cues.self_words).intersection(found.words[sentence[0] : hit[0]]):
        for name, who in _OTHERS:
            if any(start < hit[0] for start, _ in _people(found, name)):
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


def sentence_of(hit: Span, words: tuple[str, ...]) -> Span:
    """The sentence that a hit stands in."""
    return _around(hit, words, ENDS)


def overlap(one: Span, other: Span) -> bool:
    """Whether two runs of tokens share one."""
    return one[0] < other[1] and other[0] < one[1]


def _people(found: Found, name: str) -> list[Span]:
    return [*_cues(found, name, "before"), *_cues(found, name, "anywhere")]


def _cues(found: Found, name: str, field: str) -> list[Span]:
    """Matches of one cue list that no `unless` phrase of the same scope overlaps."""
    return found.of_unless(f"{name}:{field}", f"{name}:unless")


def _inside(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _around(hit: Span, words: tuple[str, ...], breaks: frozenset[str]) -> Span:
    """The run of words around a hit up to the nearest break on each side, if one is near."""
    start, end = hit
    first, last = max(0, start - _FAR), min(len(words), end + _FAR)
    while start > first and words[start - 1] not in breaks:
        start -= 1
    while end < last and words[end] not in breaks:
        end += 1
    return start, end
