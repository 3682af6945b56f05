"""What a student types goes nowhere: not to a log, not to a disk, not to a network, not back.

AskSafe is run for real, at debug level, with a marker in every message that takes another path;
the marker must be found nowhere. A watcher in those processes notes every try to use a network.
"""

import gc
import json
import logging
import os
import random
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.strings import StringStore

from bot import privacy
from bot.content.library import Content
from bot.conversation import Conversations
from bot.model import Message
from bot.privacy import OnlyCodes
from bot.settings import ROOT
from bot.spotting.classifier import load_classifier
from bot.spotting.spotter import Spotter
from tests.fakes import FakeBrain

CHANCE = random.SystemRandom()
SECONDS = 120
# Loaded by Python itself before anything else of these processes.
WATCHER = """
import os, socket, sys

def note(line):
    with open(os.environ["WATCH"], "a") as watch:
        watch.write(line + "\\n")

def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
                 "socket.sendto", "socket.sendmsg", "urllib.Request"):
        if getattr(args[0], "family", None) != socket.AF_UNIX:
            note("network " + event)
            raise OSError("no network here")

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "rasa":
            note("rasa telemetry=" + os.environ.get("RASA_TELEMETRY_ENABLED", "not set"))

sys.addaudithook(hook)
sys.meta_path.insert(0, Finder())
"""
# Everything that cannot be reached from the command line alone.
DRIVER = """
import asyncio, contextlib, gc, io, json, logging, os, sys, warnings
from dataclasses import replace
from pathlib import Path
from bot import brain
from bot.__main__ import main
from bot.app import build
from bot.model import Message
from bot.privacy import quieten, silence_structlog
from bot.settings import Settings
from tests.fakes import FakeAgent, FakeBrain, FakeSpotter, ScriptedBrain, raiser

markers = json.load(sys.stdin)
quieten(debug=True)
settings = replace(Settings(), content=Path(os.environ["ASKSAFE_CONTENT"]))
conversations = build(settings, brain=FakeBrain())

def broken(text):
    raise RuntimeError("cannot read: " + text)

def late(text):
    import time
    time.sleep(0.4)
    broken(text)

async def load(path):
    return FakeAgent(late if str(path) == "late" else broken)

async def lost(text):
    broken(text)

async def run():
    # It sees nothing, so that the brain is asked whatever a marker sounds like.
    quiet = replace(conversations, spotter=FakeSpotter())
    say = lambda parts, text: replace(quiet, **parts).reply_to(Message(text, "chat"))
    await say({"spotter": FakeSpotter(broken)}, markers["spotter raises"])
    await say({"brain": ScriptedBrain(broken)}, markers["brain raises"])
    brain._load = load
    await say({"brain": brain.RasaBrain(Path("broken"), 1.0)}, markers["rasa raises"])
    await say({"brain": brain.RasaBrain(Path("late"), 0.1)}, markers["rasa raises late"])
    task = asyncio.ensure_future(lost(markers["task nobody waits for"]))
    await asyncio.sleep(0.6)
    del task
    gc.collect()

asyncio.run(run())
silence_structlog()
import structlog
structlog.get_logger("rasa").error("processor.message", text=markers["structlog"])
structlog.get_logger().warning(markers["structlog"])
logging.getLogger("rasa.core.processor").debug("Received %s", markers["foreign debug line"])
logging.getLogger("rasa.core").error("Received %s", markers["foreign error line"])
logging.getLogger("httpx").warning(markers["foreign warning"])
try:
    broken(markers["foreign traceback"])
except RuntimeError:
    logging.getLogger("spacy").exception("failed")
logging.getLogger("sanic").error("failed", stack_info=True, extra={"x": markers["foreign extra"]})
logging.getLogger("rasa").error("%d of %s", markers["foreign bad format"])
warnings.warn(markers["warning"])
with contextlib.redirect_stdout(io.StringIO()) as explained:
    main(["explain", markers["explain"]])
assert markers["explain"] in explained.getvalue()
"""


@dataclass(frozen=True)
class Written:
    """All that one process wrote: to its outputs, and to any file."""

    out: str
    err: str
    files: dict[str, bytes]
    watch: tuple[str, ...]
    status: int

    def holds(self, marker: str) -> list[str]:
        """Where a marker is found."""
        plain = marker.lower()
        places = [name for name in ("out", "err") if plain in getattr(self, name).lower()]
        return places + [
            name for name, data in self.files.items() if plain.encode() in data.lower()
        ]


def run_bot(
    arguments: Iterable[str], typed: str, content: Path, models: Path | None = None
) -> Written:
    """Run Python in folders of its own, and read back everything that it wrote anywhere."""
    with tempfile.TemporaryDirectory(prefix="asksafe-test-") as name:
        root = Path(name)
        for folder in ("home", "tmp", "work", "start", "none"):
            (root / folder).mkdir()
        (root / "start" / "sitecustomize.py").write_text(WATCHER, encoding="utf-8")
        started = time.time() - 1
        done = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, *arguments],
            input=typed.encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=root / "work",
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(root / "home"),
                "TMPDIR": str(root / "tmp"),
                "PYTHONPATH": f"{root / 'start'}:{ROOT}",
                "PYTHONDONTWRITEBYTECODE": "1",
                "WATCH": str(root / "watch"),
                "ASKSAFE_DEBUG": "1",
                "ASKSAFE_CONTENT": str(content),
                "ASKSAFE_MODELS": str(models or root / "none"),
            },
        )
        watch = root / "watch"
        lines = watch.read_text(encoding="utf-8").splitlines() if watch.exists() else []
        return Written(
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"),
            {str(path): path.read_bytes() for path in written_since(started, root, ROOT)},
            tuple(lines),
            done.returncode,
        )


def written_since(moment: float, *roots: Path) -> Iterator[Path]:
    """Every file below these folders that was changed since then."""
    for root in roots:
        for folder, below, names in os.walk(root):
            below[:] = [name for name in below if name not in (".git", ".venv", ".venv-tools")]
            for path in (Path(folder) / name for name in names):
                if path.is_file() and path.stat().st_mtime >= moment:
                    yield path


@cache
def marker(path: str) -> str:
    """A word that stands in no file, another one for each path that a message can take."""
    return f"zq{''.join(CHANCE.choices(string.ascii_lowercase, k=14))}"


def line(path: str, text: str = "what about {}", **keys: object) -> str:
    record = {"id": path, "text": text.replace("{}", marker(path)), **keys}
    return json.dumps(record)


BATCH: dict[str, Callable[[str], str]] = {
    "question": lambda name: line(name, "who is {}?"),
    "signal": lambda name: line(name, "i want to die {}"),
    "emergency": lambda name: line(name, "i am going to die tonight {}"),
    "worry and question": lambda name: line(name, "he hits me who is {}?"),
    "other script": lambda name: line(name, "\u0633\u0627\u0639\u062f\u0646\u064a" * 9 + "{}"),
    "too long": lambda name: line(name, "{} and so on" * 900),
    "binary": lambda name: line(name, "\x00\x01\x02{}\ud800"),
    "Rasa command": lambda name: line(name, "/{}"),
    "chat id": lambda name: line(name, "hello", conversation=marker(name)),
    "bad line: no JSON": lambda name: f"i said {marker(name)}",
    "bad line: half JSON": lambda name: line(name)[:-3],
    "bad line: a list": lambda name: json.dumps([marker(name)]),
    "bad line: no id": lambda name: json.dumps({"text": marker(name)}),
    "bad line: number as id": lambda name: json.dumps({"id": 7, "text": marker(name)}),
    "bad line: text in a list": lambda name: json.dumps({"id": "1", "text": [marker(name)]}),
    "bad line: unknown key": lambda name: json.dumps({"id": "1", "txt": marker(name)}),
    "bad line: text as a key": lambda name: json.dumps({"id": "1", marker(name): "x"}),
}
TERMINAL = ["terminal question", "terminal signal"]
DRIVEN = [
    "spotter raises",
    "brain raises",
    "rasa raises",
    "rasa raises late",
    "task nobody waits for",
    "structlog",
    "foreign debug line",
    "foreign error line",
    "foreign warning",
    "foreign traceback",
    "foreign extra",
    "foreign bad format",
    "warning",
    "explain",
]


@cache
def batch(content: Path) -> Written:
    lines = [make(name) for name, make in BATCH.items()]
    return run_bot(["-m", "bot", "batch"], "\n".join(lines) + "\n", content)


@cache
def terminal(content: Path) -> Written:
    typed = f"who is {marker(TERMINAL[0])}\ni want to die {marker(TERMINAL[1])}\nleave\n"
    return run_bot(["-m", "bot", "chat"], typed, content)


@cache
def driven(content: Path) -> Written:
    return run_bot(["-c", DRIVER], json.dumps({name: marker(name) for name in DRIVEN}), content)


@pytest.mark.parametrize("path", BATCH)
def test_no_word_of_a_student_is_written_by_the_batch(content_folder: Path, path: str) -> None:
    written = batch(content_folder)

    assert written.status == 1  # the bad lines
    assert len(written.out.splitlines()) == len(BATCH)
    assert written.holds(marker(path)) == []


@pytest.mark.parametrize("path", TERMINAL)
def test_no_word_of_a_student_is_written_by_the_terminal_chat(
    content_folder: Path, path: str
) -> None:
    written = terminal(content_folder)

    assert written.status == 0
    assert "Who can help, and when:" in written.out
    assert written.holds(marker(path)) == []


@pytest.mark.parametrize("path", DRIVEN)
def test_no_word_of_a_student_is_written_when_something_breaks_with_it(
    content_folder: Path, path: str
) -> None:
    written = driven(content_folder)

    assert written.status == 0, written.err
    assert written.holds(marker(path)) == []


def test_faults_are_logged_by_code_and_foreign_lines_by_their_place(content_folder: Path) -> None:
    err = driven(content_folder).err

    assert err.count("envelope.caught code=unexpected error=RuntimeError") >= 3
    assert err.count("(its text is withheld)") >= 5
    assert "Traceback" not in err


@pytest.mark.parametrize("run", [batch, terminal, driven], ids=["batch", "terminal", "driven"])
def test_no_process_tries_to_use_a_network(
    content_folder: Path, run: Callable[[Path], Written]
) -> None:
    assert [note for note in run(content_folder).watch if note.startswith("network")] == []


def test_watcher_notices_a_try_to_use_a_network(content_folder: Path) -> None:
    ask = "import socket; socket.create_connection(('192.0.2.1', 9), 1)"

    written = run_bot(["-c", ask], "", content_folder)

    assert "network socket.getaddrinfo" in written.watch
    assert written.status != 0


@pytest.mark.trained
def test_a_whole_chat_with_the_trained_model_writes_nothing_and_calls_nobody(
    content_folder: Path,
) -> None:
    paths = ["trained question", "trained signal", "trained both", "trained nonsense"]
    texts = ["what are the signs {}", "i want to die {}", "he hits me who is ms james {}?", "{}"]
    lines = [line(p, text, conversation="one") for p, text in zip(paths, texts, strict=True)]
    lines.append(json.dumps({"id": "plain", "text": "what are the signs?"}))

    written = run_bot(["-m", "bot", "batch"], "\n".join(lines), content_folder, ROOT / "models")

    answers = [json.loads(answer) for answer in written.out.splitlines()]
    assert [answer["id"] for answer in answers] == [*paths, "plain"]
    assert answers[-1]["intent"] == "signs"
    assert [place for path in paths for place in written.holds(marker(path))] == []
    assert [note for note in written.watch if note.startswith("network")] == []
    assert {note for note in written.watch if note.startswith("rasa")} == {"rasa telemetry=false"}


@pytest.mark.parametrize(
    ("name", "level", "kept"),
    [
        ("bot.envelope", logging.DEBUG, True),
        ("actions.answers", logging.ERROR, True),
        ("botany", logging.ERROR, False),
        ("rasa", logging.ERROR, False),
        ("rasa.bot", logging.ERROR, False),
        ("root", logging.CRITICAL, False),
    ],
)
def test_log_filter_lets_only_our_own_lines_keep_their_text(
    name: str, level: int, kept: bool
) -> None:
    record = logging.LogRecord(name, level, "/x/module.py", 7, "said %s", ("secret",), None)

    passed = OnlyCodes().filter(record)

    assert passed
    assert ("secret" in record.getMessage()) is kept


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_log_filter_drops_foreign_lines_below_a_warning(level: int) -> None:
    record = logging.LogRecord("rasa.core", level, "/x/module.py", 7, "said", (), None)

    assert not OnlyCodes().filter(record)


def test_log_filter_drops_a_fault_that_was_told_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(privacy, "_told", set())

    def passes(code: str) -> bool:
        args = (code, "ModelError")
        record = logging.LogRecord("bot.envelope", logging.ERROR, "x", 1, "%s %s", args, None)
        return OnlyCodes().filter(record)

    before = passes("model.missing")
    privacy.told("model.missing")

    assert before
    assert not passes("model.missing")
    assert passes("model.time_out")


NAMES = st.text(string.ascii_lowercase, min_size=7, max_size=12).map(lambda name: f"Xq{name}")
NUMBERS = st.integers(900_000, 900_999).map(lambda tail: f"07700 {tail}")
MESSAGES = [
    "my name is {name} and my number is {number}",
    "{name} says i want to die, call {number}",
    "i am going to die tonight, {name} {number}",
    "who is {name}?",
    "{name} in year 9 has my picture, {number}",
    "{number:childline} {0} %s {name}",
    "\u0633\u0627\u0639\u062f\u0646\u064a {name} {number} \u0633\u0627\u0639\u062f\u0646\u064a",
]


@given(st.sampled_from(MESSAGES), NAMES, NUMBERS)
async def test_reply_never_repeats_a_name_or_number_of_a_student(
    make_conversations: Callable[..., Conversations],
    content: Content,
    spotter: Spotter,
    message: str,
    name: str,
    number: str,
) -> None:
    conversations = make_conversations(spotter=spotter)
    text = message.replace("{name}", name).replace("{number}", number)

    reply = await conversations.reply_to(Message(text, "chat"))

    said = "\n".join(reply.lines).lower()
    assert name.lower() not in said
    assert number not in said
    assert number.replace(" ", "") not in said.replace(" ", "")


async def test_no_word_of_a_student_stays_in_memory_when_it_was_answered(
    make_conversations: Callable[..., Conversations], content: Content
) -> None:
    word = marker("memory")
    conversations = make_conversations(
        spotter=Spotter(content.signals, classifier=load_classifier())
    )
    conversations.brain = FakeBrain(asked=Forgetful())

    await conversations.reply_to(Message(f"who is {word}", "chat"))
    await conversations.reply_to(Message(f"i want to die {word}", "chat"))

    texts = list(texts_within(conversations))
    assert len(texts) >= 1_000
    assert [text for text in texts if word in text] == []


class Forgetful(list[tuple[str, str]]):
    """A list that keeps nothing, for a fake that would."""

    def append(self, _: tuple[str, str]) -> None:
        pass


def texts_within(root: object) -> Iterator[str]:
    """Every text that can be reached from an object, spaCy's stores of words included."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType | FunctionType):
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, StringStore):
            yield from thing
        else:
            waiting.extend(gc.get_referents(thing))
