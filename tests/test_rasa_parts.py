"""The parts that sit inside Rasa, in a process of their own: Rasa is slow to import and changes it.

Covers bot.no_tensorflow, bot.tracker_store, bot.action_endpoint and bot.nlu.featurizer.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.settings import ROOT

SCRIPT = """
import asyncio, sys
from bot.privacy import quieten
quieten()
from bot.no_tensorflow import _StandIn, without_tensorflow
from bot.errors import ModelError
with without_tensorflow():
    from actions.answers import AnswerAction
    from bot.action_endpoint import InProcessActions, trust_own_results
    from bot.nlu.featurizer import MiniLMFeaturizer
    from bot.tracker_store import NoTrackerStore
    from rasa.shared.core.trackers import DialogueStateTracker
assert "tensorflow.python" not in sys.modules
try:
    _StandIn()
except ModelError:
    print("stand-in refuses")
store = NoTrackerStore()
asyncio.run(store.save(DialogueStateTracker("chat", [])))
print("kept", len(store.store))
tracker = {"sender_id": "chat", "slots": {}, "events": [], "latest_message": {
    "intent": {"name": "kooth", "confidence": 0.9}, "intent_ranking": []}}
call = {"next_action": "action_answer", "sender_id": "chat", "tracker": tracker, "domain": {}}
result = asyncio.run(InProcessActions(AnswerAction()).request(json=call))
print(result["responses"][0]["custom"]["answer"])
print(MiniLMFeaturizer.get_default_config()["scale"])
"""


@pytest.mark.trained
def test_rasa_parts_work_without_tensorflow_and_keep_nothing() -> None:
    run = subprocess.run(  # noqa: S603 (our own interpreter and script)
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["stand-in refuses", "kept 0", "kooth", "1.0"]
