"""The one Rasa action: from what Rasa predicted to an answer card id, or none."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import MOST_RANKED, AnswerAction


def run(intent: str | None, confidence: float, ranking: list[tuple[str, float]]) -> dict[str, Any]:
    """What the action sends for a prediction."""
    latest = {
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [{"name": name, "confidence": share} for name, share in ranking],
    }
    tracker = Tracker("chat", {}, latest, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()

    assert AnswerAction().run(dispatcher, tracker, {}) == []
    assert len(dispatcher.messages) == 1
    sent: dict[str, Any] = dispatcher.messages[0]["custom"]
    return sent


def test_action_gives_the_card_of_the_intent() -> None:
    sent = run("kooth", 0.9, [("kooth", 0.9), ("otr", 0.1)])

    assert (sent["answer"], sent["intent"], sent["confidence"]) == ("kooth", "kooth", 0.9)


def test_action_gives_no_card_when_rasa_is_not_sure() -> None:
    sent = run("nlu_fallback", 0.4, [("nlu_fallback", 0.4), ("kooth", 0.2), ("otr", 0.1)])

    assert sent["answer"] is None
    assert sent["intent"] == "nlu_fallback"


@pytest.mark.parametrize("intent", [None, ""], ids=["none", "empty"])
def test_action_gives_no_card_when_rasa_predicted_nothing(intent: str | None) -> None:
    sent = run(intent, 0.0, [])

    assert sent["answer"] is None
    assert sent["ranking"] == []


def test_action_ranks_what_was_likely_without_the_fallback() -> None:
    ranking = [("nlu_fallback", 0.4), *((f"card_{i}", 0.1) for i in range(9))]

    sent = run("nlu_fallback", 0.4, ranking)

    assert [item["intent"] for item in sent["ranking"]] == [f"card_{i}" for i in range(MOST_RANKED)]
