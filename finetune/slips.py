"""Slips of the thumb, so that what is taught is typed as students type."""

from __future__ import annotations

from random import Random


def mistyped(text: str, chance: Random) -> str:
    """The text, every second time with a slip of the thumb in some of its words."""
    if chance.random() < 0.5:
        return text
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) > 3 and chance.random() < 0.04:
            at = chance.randrange(1, len(word) - 1)
            words[i] = chance.choice(
                (
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                    word[: at + 1] + word[at:],
                )
            )
    return " ".join(words)
