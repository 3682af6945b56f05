"""The parts that sit inside Rasa, in a process of their own: Rasa is slow to import and changes it.

Covers bot.no_tensorflow, bot.tracker_store, bot.action_endpoint, bot.nlu.featurizer and
bot.nlu.answer_classifier, and that the trained model keeps nothing of a message.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.settings import ROOT
from tests.test_privacy import marker

SCRIPT = """
import asyncio, sys
from bot.privacy import quieten
quieten()
from bot.no_tensorflow import _StandIn, without_tensorflow
from bot.errors import ModelError
with without_tensorflow():
    from actions.answers import AnswerAction
    from bot.action_endpoint import InProcessActions, trust_own_results
    from bot.nlu.answer_classifier import AnswerClassifier
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
    "intent": {"name": "kooth", "confidence": 0.9},
    "intent_ranking": [{"name": "kooth", "confidence": 0.9}]}}
call = {"next_action": "action_answer", "sender_id": "chat", "tracker": tracker, "domain": {}}
result = asyncio.run(InProcessActions(AnswerAction()).request(json=call))
print(result["responses"][0]["custom"]["answer"])
print(MiniLMFeaturizer.required_components()[0].__name__)
"""


@pytest.mark.trained
def test_rasa_parts_work_without_tensorflow_and_keep_nothing() -> None:
    run = subprocess.run(  # noqa: S603 (our own interpreter and script)
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["stand-in refuses", "kept 0", "kooth", "Tokenizer"]


# The marker comes in two halves, and they are only joined where nothing keeps them.
MEMORY = """
import asyncio, gc, sys
from bot.privacy import quieten
quieten()
from bot.app import build
from bot.brain import RasaBrain
from bot.model import Message
from bot.settings import ROOT, Settings
from bot.training import model_path
from tests.test_privacy import texts_within

SAYS = ("what are the signs {}", "who is {}?", "/{}", "{} he hits me who is {}?", "m_{} k*i*l*l {}")

async def ask(conversations):
    await conversations.brain.ready()
    for says in SAYS:
        text = says.replace("{}", "".join(sys.argv[1:]))
        choice = await conversations.brain.choose(text, "chat")
        reply = await conversations.reply_to(Message(text, "chat"))
        assert choice.intent and reply.routes, says

def holding(root):
    gc.collect()
    texts = list(texts_within(root))
    return len(texts) > 300, sum("".join(sys.argv[1:]) in text.lower() for text in texts)

brain = RasaBrain(model_path(ROOT / "models"), 60.0)
conversations = build(Settings(turn_seconds=90.0), brain=brain)
asyncio.run(ask(conversations))
print("model", *holding(brain))
print("process", *holding(gc.get_objects()))
brain._agent.result().tracker_store.planted = ["".join(sys.argv[1:])]
print("planted", *holding(brain))
"""


@pytest.mark.trained
def test_the_trained_model_keeps_no_text_of_a_message() -> None:
    word = marker("rasa memory")
    run = subprocess.run(  # noqa: S603 (our own interpreter and script)
        [sys.executable, "-c", MEMORY, word[:9], word[9:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["model True 0", "process True 0", "planted True 1"]
