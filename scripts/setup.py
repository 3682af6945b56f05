"""Sets up everything AskSafe needs in .venv and models/; does nothing when all is there.

`python3 -m scripts.setup` sets up, `python3 -m scripts.setup lock` recompiles the locks.
Runs on any Python 3.8 or newer with nothing installed, so it imports only what comes with
Python. An interruption at any moment is repaired by running it again. Called by the Makefile.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence

from scripts.machine import (
    VERSION,
    SetupError,
    find_pip,
    find_python,
    index_settings,
    probe,
)

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
# What the environment depends on; the set-up runs again when one of these changes.
INPUTS = (*LOCKS, "requirements-uv.txt", "scripts/setup.py", "scripts/machine.py",
          "bot/nlu/minilm.sha256", "bot/nlu/minilm_graph.py", "bot/nlu/build_minilm.py",
          "bot/spotting/build_classifier.py", "bot/spotting/classifier.sha256")  # fmt: skip
BUILDS = {
    "sentence encoder": "bot.nlu.build_minilm",
    "classifier": "bot.spotting.build_classifier",
}


class Places(NamedTuple):
    """Where things are in a checkout; the tests use a checkout of their own."""

    root: Path

    @property
    def venv(self) -> Path:
        """The environment that AskSafe runs in."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.venv / "bin" / "python"

    @property
    def tools(self) -> Path:
        """What only the set-up itself needs."""
        return self.root / ".venv-tools"

    @property
    def uv(self) -> Path:
        """The pinned uv."""
        return self.tools / "uv" / "bin" / "uv"

    @property
    def stamp(self) -> Path:
        """Written last: the digest of what a finished set-up was made from."""
        return self.venv / "setup.stamp"

    @property
    def built(self) -> List[Path]:
        """The last file of each model that the set-up builds."""
        return [self.root / "models" / name / "build.json" for name in ("encoder", "classifier")]


def is_current(places: Places) -> bool:
    """Return whether a finished set-up is there and nothing it was made from has changed."""
    try:
        stamp = places.stamp.read_text(encoding="utf-8")
    except OSError:
        return False
    return all(path.exists() for path in places.built) and stamp == digest(places)


def digest(places: Places) -> Optional[str]:
    """Return the digest of the inputs and of .venv's interpreter; None if that is broken."""
    interpreter = probe(places.python)
    if interpreter is None:
        return None
    total = hashlib.sha256(str(interpreter).encode())
    for name in INPUTS:
        total.update(f"\n{name}\n".encode() + (places.root / name).read_bytes())
    return total.hexdigest()


class Runner:
    """Runs the numbered steps of one set-up, which holds the lock `lock_handle`."""

    def __init__(self, places: Places, lock_handle: int, steps: int) -> None:
        self._places = places
        self._lock_handle = lock_handle
        self._steps = steps
        self._done = 0
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        # A user's own pip settings that cannot go with the --target below.
        self.environ.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")

    def step(self, name: str, action: Callable[[], None]) -> None:
        """Run `action`, and say its number, its name and how long it took."""
        self._done += 1
        _say(f"[{self._done}/{self._steps}] {name} ...")
        started = time.monotonic()
        action()
        _say(f"[{self._done}/{self._steps}] done in {time.monotonic() - started:.1f} s")

    def run(self, command: Sequence[object], advice: str) -> None:
        """Run `command` with its output shown; raise SetupError with `advice` if it fails."""
        # The child holds the lock too: should only this process be killed, the next
        # set-up waits until the child, which is still writing, has ended.
        status = subprocess.call(
            [str(word) for word in command],
            cwd=str(self._places.root), env=self.environ, pass_fds=[self._lock_handle],
        )  # fmt: skip
        if status:
            raise SetupError(advice)


def set_up(places: Places, runner: Runner) -> None:
    """Bring everything up to date, and write the stamp when all of it is.

    Raises:
        SetupError: a step failed.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError("The packages are locked for Linux on x86_64: run AskSafe on such a one.")
    python = find_python(os.environ)
    runner.step("Fetching uv", lambda: fetch_uv(places, runner, python))
    runner.step("Making .venv", lambda: make_venv(places, runner, python))
    runner.step("Installing the locked packages", lambda: install_packages(places, runner))
    for name, module in BUILDS.items():
        runner.step(f"Building the {name}", partial(build_model, places, runner, name, module))
    new = places.stamp.with_suffix(".new")
    new.write_text(digest(places) or "", encoding="utf-8")
    new.replace(places.stamp)


def fetch_uv(places: Places, runner: Runner, python: Optional[Path]) -> None:
    """Install the pinned uv with pip, unless it is there, and point it at pip's index."""
    pip = find_pip(places.tools / "pip", python)
    config = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    runner.environ.update(index_settings(config.stdout, os.environ))
    lock = places.root / "requirements-uv.txt"
    there = places.tools / "uv" / lock.name
    if places.uv.exists() and there.exists() and there.read_bytes() == lock.read_bytes():
        return
    new = places.tools / "uv.new"
    shutil.rmtree(new, ignore_errors=True)
    runner.run(
        [*pip, "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:",
         "--disable-pip-version-check", "--target", new, "-r", lock],
        "uv could not be fetched: check that pip reaches a package index, then run this again.",
    )  # fmt: skip
    shutil.copyfile(str(lock), str(new / lock.name))
    shutil.rmtree(there.parent, ignore_errors=True)
    new.replace(there.parent)


def make_venv(places: Places, runner: Runner, python: Optional[Path]) -> None:
    """Make .venv afresh, unless a finished one with a running interpreter is there."""
    finished = places.stamp.exists() and probe(places.python) is not None
    # From here on .venv is unfinished. Without the stamp the next run starts it afresh,
    # because a package that was half written looks installed.
    places.stamp.unlink(missing_ok=True)
    if finished:
        return
    source = [python] if python else [VERSION, "--managed-python"]
    runner.run(
        [places.uv, "venv", "--quiet", "--clear", "--no-project", "--python", *source, places.venv],
        f"Python {VERSION} is missing: install it (on Debian: apt install python{VERSION}-venv; "
        f"elsewhere: pyenv install {VERSION}), then run the same command again.",
    )


def install_packages(places: Places, runner: Runner) -> None:
    """Bring .venv to exactly what the locks say."""
    runner.run(
        [places.uv, "pip", "sync", "--require-hashes", "--python", places.python, *LOCKS],
        "The packages could not be installed: check the network and the free disk space "
        "(4 GB are needed), then run the same command again.",
    )


def build_model(places: Places, runner: Runner, name: str, module: str) -> None:
    """Build a model in models/ from the weights among the packages."""
    runner.run(
        [places.python, "-m", module],
        f"The {name} could not be built: see the line above, then run this again.",
    )


def lock(places: Places, runner: Runner) -> None:
    """Recompile the lock files from the .in files, keeping versions that still fit."""
    python = find_python(os.environ)
    runner.step("Fetching uv", lambda: fetch_uv(places, runner, python))
    for name in ("requirements-uv", "requirements", "requirements-dev", "requirements-finetune"):
        overrides = ["--override", "overrides.txt"] if name == "requirements" else []
        command = [
            places.uv, "pip", "compile", "--quiet", "--generate-hashes",
            "--custom-compile-command", "make lock",
            "--python", python or VERSION, "--python-version", VERSION,
            "--python-platform", "linux", *overrides, f"{name}.in", "-o", f"{name}.txt",
        ]  # fmt: skip
        advice = f"{name}.in does not resolve: change it as the lines above say, then lock again."
        runner.step(f"Locking {name}", partial(runner.run, command, advice))


@contextmanager
def locked(places: Places) -> Iterator[int]:
    """Hold the set-up's lock and yield its file handle; wait while another set-up has it."""
    places.tools.mkdir(exist_ok=True)
    with (places.tools / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another set-up is running here; waiting for it to end ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def main(arguments: Sequence[str]) -> int:
    """Set up, or lock with the argument "lock"; return the exit status."""
    places = Places(ROOT)
    locking = list(arguments) == ["lock"]
    try:
        if not locking and is_current(places):
            return 0
        with locked(places) as handle:
            if locking:
                lock(places, Runner(places, handle, steps=5))
            elif not is_current(places):  # the set-up that was waited for may have done it
                set_up(places, Runner(places, handle, steps=3 + len(BUILDS)))
    except SetupError as error:
        _say(f"Set-up stopped. {error}")
        return 1
    except KeyboardInterrupt:
        _say("Set-up interrupted; run the same command again to go on.")
        return 130
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
