"""The one action: says which answer card fits the predicted intent.

Returns an id, never a sentence: what a student reads is in content/answers/. It runs in the bot's
process through bot/action_endpoint.py, and in a plain Rasa action server just as well.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

FALLBACK = "nlu_fallback"
MOST_RANKED = 5


class AnswerAction(Action):
    """Maps the latest intent to an answer card id of the same name."""

    def name(self) -> str:
        """The name that the one rule in data/rules.yml predicts."""
        return "action_answer"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Send {"answer": id or None, "intent", "confidence", "ranking"} as a custom message."""
        latest = tracker.latest_message
        ranking = [
            {"intent": item["name"], "confidence": item["confidence"]}
            for item in latest.get("intent_ranking", [])
            if item["name"] != FALLBACK
        ]
        # Not `get_intent_of_latest_message`: that skips the fallback and names the best guess.
        predicted = latest.get("intent", {})
        intent = predicted.get("name") or FALLBACK
        confidence = predicted.get("confidence", 0.0)
        dispatcher.utter_message(
            json_message={
                "answer": None if intent == FALLBACK else intent,
                "intent": intent,
                "confidence": confidence,
                "ranking": ranking[:MOST_RANKED],
            }
        )
        return []
