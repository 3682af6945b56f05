"""Words of a message that steer the turn and are no signal: answers, small talk, year, staff."""

from __future__ import annotations

from bot.content.signals import AskingFile, CueFile
from bot.model import CLASSIFIER, Signal
from bot.spotting.matcher import ASKED, CUES, Found, Span
from bot.spotting.scope import ENDS, overlap

_ANSWERS = ("yes", "no", "unsure")


def asked_of(found: Found, asking: AskingFile) -> frozenset[str]:
    """Cues of what is asked: "follow_up", "route:<id>", "aspect:<name>", "path:<card>".

    Args:
        found: All matches in the message.
        asking: content/signals/asking.yml.
    """
    names = [f"{kind}:{name}" for kind, field in ASKED.items() for name in getattr(asking, field)]
    asked = {name for name in names if found.of(name)}
    short = len(found.words) <= asking.longest_follow_up
    if short and any(start == 0 for start, _ in found.of("asking:follow_up")):
        asked.add("follow_up")
    return frozenset(asked)


def cues_of(
    found: Found, signals: list[Span], cues: CueFile, self_words: frozenset[str]
) -> frozenset[str]:
    """Names of the cues that apply, and "talk:<card>" for small talk.

    Args:
        found: All matches in the message.
        signals: Where signals that count stand.
        cues: content/signals/cues.yml.
        self_words: Words that mean the student.
    """
    single = {cue for cue in CUES if _applies(cue, found, signals, cues, self_words)}
    filler = {*cues.filler, *ENDS}
    talk = {
        f"talk:{card}" for card in cues.talk if _covered(found, found.of(f"talk:{card}"), filler)
    }
    staff = {"staff_words"} if found.of("cue:staff") else set()
    return frozenset(single | talk | staff)


def is_saying(found: Found, idioms: int, cues: CueFile) -> bool:
    """Whether harmless sayings, with filler words, are the whole message.

    Args:
        found: All matches in the message.
        idioms: How many `idioms` content/signals/idioms.yml has.
        cues: content/signals/cues.yml.
    """
    spans = [span for i in range(idioms) for span in found.of(f"idioms:{i}")]
    spans += found.of("cue:saying")
    return _covered(found, spans, {*cues.filler, *ENDS})


def staff_meant(cues: frozenset[str], signals: tuple[Signal, ...], file: CueFile) -> frozenset[str]:
    """The cues with "staff" where only the classifier noticed a harm of a kind staff may do.

    It cannot say which words led to it, so nearness cannot tell whether staff did it or helped.
    """
    if "staff_words" not in cues or not signals or signals[0].rule != CLASSIFIER:
        return cues
    return cues | {"staff"} if signals[0].category in file.staff_harms else cues


def year_of(found: Found, cues: CueFile) -> int | None:
    """The school year that the student gives for themselves, if it is one."""
    said = [word for word in found.words if word not in ENDS]
    alone = [_whole(found.words)] if len(said) == 2 and said[0] == "year" else []
    for start, end in [*found.of("cue:year"), *alone]:
        for word in found.words[start:end]:
            if word.isdecimal() and int(word) in cues.years:
                return int(word)
    return None


def _applies(
    cue: str, found: Found, signals: list[Span], cues: CueFile, self_words: frozenset[str]
) -> bool:
    """Answers count only as a whole message, staff only near a signal."""
    spans = found.of(f"cue:{cue}")
    if cue in _ANSWERS:
        return _whole(found.words) in spans
    if cue == "staff":
        near = [(start, end + cues.staff_reach) for start, end in spans]
        return any(overlap(span, signal) for span in near for signal in signals)
    if cue == "third_person":
        return bool(spans) and not _names_somebody(found, self_words)
    return bool(spans)


def _whole(words: tuple[str, ...]) -> Span:
    ends = [i for i, word in enumerate(words) if word not in ENDS]
    return (0, ends[-1] + 1) if ends else (0, 0)


def _names_somebody(found: Found, self_words: frozenset[str]) -> bool:
    """Whether the student or anybody to be worried about is named: "he" alone does not."""
    named = found.of("friend:anywhere") or found.of("other:anywhere")
    return bool(named) or not self_words.isdisjoint(found.words)


def _covered(found: Found, spans: list[Span], filler: set[str]) -> bool:
    """Whether there are spans, and they are the whole message, filler words aside."""
    covered = {i for span in spans for i in range(*span)}
    words = enumerate(found.words)
    return bool(covered) and all(i in covered or word in filler for i, word in words)
