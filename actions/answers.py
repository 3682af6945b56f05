"""The one action: says which answer card fits the predicted intents.

Returns an id, never a sentence: what a student reads is in content/answers/. It runs in the bot's
process through bot/action_endpoint.py, and in a plain Rasa action server just as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

FALLBACK = "nlu_fallback"
MOST_RANKED = 5
# "looks_consensual+no" is what somebody says who has it wrong; its card is looks_consensual.
SAYS = "+"


class AnswerAction(Action):
    """Maps the latest intents to an answer card id of the same name."""

    def name(self) -> str:
        """The name that the one rule in data/rules.yml predicts."""
        return "action_answer"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Send which card fits, how sure that is, and the runners-up, as a message."""
        latest = tracker.latest_message
        # Not `get_intent_of_latest_message`: that skips the fallback and names the best guess.
        intent = latest.get("intent", {}).get("name") or FALLBACK
        ranking = [
            (item["name"], item["confidence"])
            for item in latest.get("intent_ranking", [])
            if item["name"] != FALLBACK
        ]
        cards, says, share = merged(ranking)
        none = intent == FALLBACK or not cards
        dispatcher.utter_message(
            json_message={
                "answer": None if none else cards[0][0],
                "intent": intent,
                "confidence": cards[0][1] if cards else 0.0,
                "ranking": [{"intent": name, "confidence": each} for name, each in cards][
                    :MOST_RANKED
                ],
                "says": "" if none else says,
                "says_share": share,
            }
        )
        return []


def merged(ranking: Iterable[tuple[str, float]]) -> tuple[list[tuple[str, float]], str, float]:
    """Cards with their confidence, best first, and whether the message says so or the opposite.

    Args:
        ranking: Intents with their confidence; several may lead to one card.

    Returns:
        The cards; "yes", "no" or "" for the first, what most of its confidence comes from; and
        the share of it that does.
    """
    cards: defaultdict[str, float] = defaultdict(float)
    said: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, confidence in ranking:
        card, _, says = name.partition(SAYS)
        cards[card] += confidence
        said[card, says] += confidence
    best = sorted(cards.items(), key=lambda item: -item[1])
    if not best:
        return [], "", 0.0
    name, total = best[0]
    says = max(("", "yes", "no"), key=lambda word: said[name, word])
    return best, says, said[name, says] / total if total else 0.0
