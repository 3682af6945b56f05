"""A stock Rasa project with our intents: default pipeline, HTTP action server, REST channel.

What `rasa init` of Rasa 3.6 sets up, with the training phrases of data/nlu/ and the same action,
served the usual way: `rasa run` and `rasa run actions`, two processes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import ROOT

# The suggested pipeline and policies of Rasa 3.6.21. Epochs are cut from 100: they change how long
# training takes and how good it gets, not what runs for a message.
CONFIG = """
recipe: default.v1
assistant_id: stock
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: {epochs}
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - name: UnexpecTEDIntentPolicy
    max_history: 5
    epochs: {epochs}
  - name: TEDPolicy
    max_history: 5
    epochs: {epochs}
    constrain_similarities: true
"""
_LONGEST_START = 180
_ENDPOINTS = 'action_endpoint:\n  url: "http://127.0.0.1:{port}/webhook"\n'


def prepare(folder: Path, epochs: int) -> None:
    """Write the project into `folder` and train it there.

    Raises:
        subprocess.CalledProcessError: When training fails.
    """
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copytree(ROOT / "actions", folder / "actions")
    shutil.copyfile(ROOT / "domain.yml", folder / "domain.yml")
    (folder / "config.yml").write_text(CONFIG.format(epochs=epochs), encoding="utf-8")
    arguments = ("train", "--skip-validation", "--fixed-model-name", "stock")
    subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


@contextmanager
def started(
    folder: Path, port: int, cores: str
) -> Iterator[tuple[list[subprocess.Popen[bytes]], float]]:
    """Both servers on given cores, and the seconds until a turn was answered; ended in any case.

    Args:
        folder: As `prepare` left it.
        port: For the REST channel; the action server takes the next.
        cores: For taskset, such as "0".

    Raises:
        TimeoutError: When no turn was answered in time.
    """
    (folder / "endpoints.yml").write_text(_ENDPOINTS.format(port=port + 1), encoding="utf-8")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    began = time.monotonic()
    bound = ("-i", "127.0.0.1", "-p", str(port))
    servers: list[subprocess.Popen[bytes]] = []
    try:
        servers.append(_spawn(folder, cores, "run", "actions", "-p", str(port + 1)))
        servers.append(_spawn(folder, cores, "run", *bound, "-m", "models/stock.tar.gz"))
        _wait_for(f"http://127.0.0.1:{port}/webhooks/rest/webhook")
        yield servers, time.monotonic() - began
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def ask(url: str, text: str, sender: str) -> bytes:
    """Send one message over HTTP and return the raw JSON answer, b"" for an empty one."""
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: bytes = response.read()
    return b"" if answer == b"[]" else answer


def _wait_for(url: str) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _LONGEST_START:
        try:
            if ask(url, "hello", "first"):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(f"The stock server did not answer within {_LONGEST_START} seconds.")


def _spawn(folder: Path, cores: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["taskset", "-c", cores, sys.executable, "-m", "rasa", *arguments],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _environment() -> dict[str, str]:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **quiet, "PYTHONPATH": str(ROOT)}
