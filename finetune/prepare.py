"""Writes what train.py learns from: each message as typed and normalised, with soft targets.

Run in AskSafe's own environment, because it needs the normaliser and the rules:
`python -m finetune.prepare`. Writes models/finetune/train.jsonl.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence

import yaml
from tqdm import tqdm

from bot.content.signals import load_signals
from bot.model import About, Category, Urgency
from bot.spotting.spotter import Spotter, heard
from evaluation.messages import TESTPACK, Label, LabelledMessage, load
from finetune.files import MESSAGES, ROOT, replacing

# What else is in the project teaches less than the messages: it was written for other ends.
WEIGHT_OF_EXAMPLES = 0.7
WEIGHT_OF_PHRASES = 0.35
# Intents whose phrases may themselves hold a worry.
NOT_HARMLESS = {
    "worry", "joking", "report_concern", "immediate_danger", "no_role_play", "keep_a_secret",
    "talk_to_person", "is_it_abuse", "not_your_fault", "why_not_told", "without_knowing", "rude",
    "dont_trust_team", "no_police", "told_before", "parents_told", "first_sentence", "shy",
    "unhealthy_what_to_do", "break_up_scared", "ex_keeps_messaging", "pressure", "saying_no",
    "help_a_friend", "friend_secret", "friend_report", "grooming_friend", "own_thoughts",
    "own_behaviour", "asked_for_picture", "asked_by_partner", "already_sent", "picture_shared",
    "sent_a_picture", "already_passed_on", "threatened_to_share", "unwanted_pictures",
    "fake_picture_help", "grooming_help", "meet_online_friend", "asked_to_meet", "fake_account",
    "online_bullying_help", "upsetting_online", "hacked_account",
}  # fmt: skip

Row = dict[str, object]


def main() -> int:
    """Write the file."""
    spotter = Spotter(load_signals(ROOT / "content" / "signals"))
    MESSAGES.parent.mkdir(parents=True, exist_ok=True)
    with replacing(MESSAGES) as new, new.open("w", encoding="utf-8") as file:
        rows = [targets(message) for message in load(TESTPACK / "train")]
        rows += [*_of_rules(spotter), *_of_phrases(spotter)]
        for row in tqdm(rows, desc="preparing", file=sys.stderr):
            normalised = heard(spotter.normalise(str(row["text"])))
            file.write(json.dumps({**row, "normalised": normalised}, ensure_ascii=False) + "\n")
    return 0


def targets(message: LabelledMessage) -> Row:
    """What the classifier shall say to a message, as shares of those who labelled it.

    Returns:
        text, weight, risk (0 to 1), and for urgency, category and about a list of shares in the
        order of the enums. The last two are empty where nobody saw a risk.
    """
    return _row(message.text, message.labels, 1.0)


def _row(text: str, labels: Sequence[Label], weight: float) -> Row:
    risky = [label for label in labels if label.risk]
    return {
        "text": text,
        "weight": weight,
        "risk": len(risky) / len(labels),
        "urgency": _shares((label.urgency for label in labels), list(Urgency)),
        "category": _shares((label.category for label in risky), list(Category)),
        "about": _shares((label.about for label in risky), list(About)),
    }


def _shares(given: Iterable[object], order: Sequence[object]) -> list[float]:
    values = list(given)
    return [values.count(name) / len(values) for name in order] if values else []


def _of_rules(spotter: Spotter) -> Iterator[Row]:
    """The hits and non-hits that stand beside each rule, and the sayings that mute rules."""
    content = spotter.content
    for rule in (rule for file in content.rules for rule in file.data.rules if not rule.after):
        for text in rule.examples:
            hits = spotter.examine(text).hits
            for signal in (hit.signal for hit in hits if hit.rule == rule.id and hit.signal):
                label = Label(signal.urgency, signal.category, signal.about)
                yield _row(text, [label], WEIGHT_OF_EXAMPLES)
        yield from _harmless(rule.not_examples, spotter, WEIGHT_OF_EXAMPLES)
    for saying in (*content.idioms.data.idioms, *content.idioms.data.frames):
        yield from _harmless(saying.examples, spotter, WEIGHT_OF_EXAMPLES)


def _of_phrases(spotter: Spotter) -> Iterator[Row]:
    """What students ask, by the training phrases of the intents."""
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if item["intent"] not in NOT_HARMLESS:
                phrases = [line.removeprefix("- ") for line in item["examples"].splitlines()]
                yield from _harmless(phrases, spotter, WEIGHT_OF_PHRASES)


def _harmless(texts: Iterable[str], spotter: Spotter, weight: float) -> Iterator[Row]:
    """Those without a signal: a non-hit of one rule may well be a hit of another."""
    for text in texts:
        if not spotter.examine(text).signals:
            yield _row(text, [Label(Urgency.NONE)], weight)


if __name__ == "__main__":
    sys.exit(main())
