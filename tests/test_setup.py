"""The set-up: every step once, nothing twice, and an interruption mended.

No network and no real packages: one shell script plays every interpreter, pip and uv, and
writes down what it was asked to do.
"""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import setup
from scripts.setup import INPUTS, Places

BUILDS = ("build_minilm", "build_classifier")
# Fails when the file `fail` beside it names a word of what it is asked to do.
ACTOR = """#!/bin/sh
root="{root}"
for last; do :; done
case "$*" in *"import sys"*) printf '3.11\\n%s\\n' "$0"; exit;; esac
echo "$*" >> "$root/calls"
if [ -e "$root/fail" ]; then case "$*" in *"$(cat "$root/fail")"*) exit 3;; esac; fi
case "$*" in
  *"pip install"*) mkdir -p "$root/.venv-tools/uv.new/bin"
                   cp "$0" "$root/.venv-tools/uv.new/bin/uv";;
  venv*) rm -rf "$last"; mkdir -p "$last/bin"; cp "$0" "$last/bin/python";;
  *build_minilm*) mkdir -p "$root/models/encoder"; echo {{}} > "$root/models/encoder/build.json";;
  *build_classifier*) mkdir -p "$root/models/classifier"
                      echo {{}} > "$root/models/classifier/build.json";;
esac
"""


def write_script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def make_checkout(root: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Write a checkout whose name has a space, where the script above plays every part."""
    places = Places(root / "ask safe")
    for name in INPUTS:
        (places.root / name).parent.mkdir(parents=True, exist_ok=True)
        (places.root / name).write_text(name, encoding="utf-8")
    python = write_script(root / "bin" / "python3.11", ACTOR.format(root=places.root))
    monkeypatch.setenv("PATH", f"{python.parent}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(setup, "ROOT", places.root)
    return places


def calls_of(places: Places) -> list[str]:
    """Return what was asked since the last time, each by the words that tell it apart."""
    log = places.root / "calls"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    known = ("pip install", "venv --quiet", "pip sync", *BUILDS)
    return [name for line in lines for name in known if name in line]


def break_python(places: Places) -> None:
    write_script(places.python, "#!/bin/sh\nexit 127\n")


def break_encoder(places: Places) -> None:
    places.built[0].unlink()


def break_classifier(places: Places) -> None:
    places.built[1].unlink()


def change_lock(places: Places) -> None:
    (places.root / "requirements.txt").write_text("changed", encoding="utf-8")


def test_set_up_does_every_step_and_then_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = make_checkout(tmp_path, monkeypatch)

    assert setup.main([]) == 0
    assert calls_of(places) == ["pip install", "venv --quiet", "pip sync", *BUILDS]
    assert setup.is_current(places)

    assert setup.main([]) == 0
    assert calls_of(places) == []


@pytest.mark.parametrize("step", ["pip install", "venv", "pip sync", *BUILDS])
def test_set_up_that_broke_off_starts_the_environment_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    places = make_checkout(tmp_path, monkeypatch)
    (places.root / "fail").write_text(step, encoding="utf-8")

    assert setup.main([]) == 1
    assert "Set-up stopped. " in capsys.readouterr().err
    assert not setup.is_current(places)
    calls_of(places)

    (places.root / "fail").unlink()
    assert setup.main([]) == 0
    assert calls_of(places)[-4:] == ["venv --quiet", "pip sync", *BUILDS]
    assert setup.is_current(places)


def test_set_up_that_broke_off_is_not_current_when_the_change_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = make_checkout(tmp_path, monkeypatch)
    setup.main([])
    before = (places.root / "requirements.txt").read_bytes()
    change_lock(places)
    (places.root / "fail").write_text("pip sync", encoding="utf-8")

    setup.main([])
    (places.root / "requirements.txt").write_bytes(before)

    assert not setup.is_current(places)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        pytest.param(change_lock, ["pip sync", *BUILDS], id="changed lock"),
        pytest.param(break_encoder, ["pip sync", *BUILDS], id="no encoder"),
        pytest.param(break_classifier, ["pip sync", *BUILDS], id="no classifier"),
        pytest.param(break_python, ["venv --quiet", "pip sync", *BUILDS], id="python does not run"),
    ],
)
def test_set_up_does_only_what_is_needed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Places], None],
    expected: list[str],
) -> None:
    places = make_checkout(tmp_path, monkeypatch)
    setup.main([])
    calls_of(places)
    damage(places)

    assert not setup.is_current(places)
    assert setup.main([]) == 0
    assert calls_of(places) == expected
    assert setup.is_current(places)


@pytest.mark.parametrize("name", INPUTS)
def test_digest_changes_with_every_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    places = make_checkout(tmp_path, monkeypatch)
    setup.main([])
    before = setup.digest(places)

    (places.root / name).write_text("changed", encoding="utf-8")

    assert before is not None
    assert setup.digest(places) != before


def test_inputs_are_files_of_this_project() -> None:
    root = Path(__file__).parent.parent

    assert [name for name in INPUTS if not (root / name).is_file()] == []


def test_second_set_up_waits_for_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entered = threading.Event()

    def enter() -> None:
        with setup.locked(Places(tmp_path)):
            entered.set()

    second = threading.Thread(target=enter)
    with setup.locked(Places(tmp_path)):
        second.start()
        assert not entered.wait(0.3)
    second.join(timeout=10)

    assert entered.is_set()
    assert "waiting" in capsys.readouterr().err
