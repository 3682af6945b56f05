"""`python -m bot`: every command, what stops it before a student is served, and `explain`.

Commands run in this process, with the small content and without a model.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot import commands
from bot.__main__ import main
from bot.brain import RasaBrain
from bot.channels.explain import explain
from bot.content.library import Content
from bot.conversation import Conversations
from bot.errors import ModelError
from bot.hours import LONDON
from bot.settings import ROOT, Settings
from bot.spotting.spotter import Spotter
from tests.fakes import FakeBrain, edit

COMMANDS = ("batch", "chat", "check", "documents", "explain", "preview", "train")


def arguments_of(command: str) -> list[str]:
    needs = {"explain": ["some text"], "documents": ["a.pdf"]}
    return [command, *needs.get(command, [])]


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str, **env: str
) -> tuple[int, str, str]:
    """Status, standard output and standard error of a command, with these settings."""
    # It would change this process's loggers and environment for every test after this one.
    monkeypatch.setattr("bot.__main__.quieten", lambda *, debug: None)
    for key, value in env.items():
        monkeypatch.setenv(f"ASKSAFE_{key.upper()}", value)
    try:
        status = main(list(arguments))
    except SystemExit as end:
        status = int(str(end.code))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_help_lists_every_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, _ = run(capsys, monkeypatch, "--help")

    listed = re.findall(r"^ {4}(\w+)(?: {2,}\w|$)", out, re.MULTILINE)
    assert status == 0
    assert tuple(sorted(listed)) == COMMANDS
    assert tuple(sorted(commands.COMMANDS)) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    status, out, err = run(capsys, monkeypatch, command, "--help")

    assert status == 0
    assert out.startswith(f"usage: python -m bot {command} ")
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], "required: command", id="no command"),
        pytest.param(["serve_all"], "invalid choice: 'serve_all'", id="unknown command"),
        pytest.param(["explain"], "required: text", id="explain without a text"),
        pytest.param(["batch", "--now", "3 pm"], "write it as 2026-11-23T15:30", id="no time"),
        pytest.param(["check", "--now", "2026-11-23T15:30"], "unrecognized", id="not its option"),
    ],
)
def test_command_line_says_what_is_wrong_with_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    status, out, err = run(capsys, monkeypatch, *arguments)

    assert status == 2
    assert words in err
    assert out == ""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        pytest.param("foo", "1", "ASKSAFE_FOO is no setting; there are ASKSAFE_", id="unknown"),
        pytest.param("most_chats", "many", "ASKSAFE_MOST_CHATS: write a number", id="no number"),
    ],
)
def test_wrong_setting_stops_every_command(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    setting: str,
    value: str,
    words: str,
) -> None:
    status, out, err = run(capsys, monkeypatch, *arguments_of(command), **{setting: value})

    assert status == 2
    assert words in err
    assert out == ""


def test_wrong_setting_stops_the_process_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        cwd=ROOT,
        env={**os.environ, "ASKSAFE_FOO": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("ASKSAFE_FOO is no setting; ")
    assert done.stderr.endswith(" [settings.unknown]\n")
    assert "Traceback" not in done.stderr
    assert "uncaught" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["chat", "batch", "explain", "check"])
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        pytest.param("school.yml", "07749 723552", "07749 72", id="phone number"),
        pytest.param("handover.yml", "always: [", "always: [nobody, ", id="unknown route"),
        pytest.param("notices.yml", "  bye:", "  extra: words\n  bye:", id="unknown notice"),
        pytest.param("heard.yml", "about: self", "about: me", id="unknown person"),
        pytest.param("signals/suicide.yml", "[want to die]", "['want {them}']", id="unknown list"),
    ],
)
def test_broken_content_stops_a_command_before_anything_is_answered(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    own_content: Path,
    tmp_path: Path,
    content: Content,
    command: str,
    name: str,
    old: str,
    new: str,
) -> None:
    path = own_content / name
    edit(path, old, new)
    line = 1 + path.read_text(encoding="utf-8").partition(new)[0].count("\n")

    status, out, err = run(
        capsys,
        monkeypatch,
        *arguments_of(command),
        content=str(own_content),
        models=str(tmp_path / "none"),
    )

    assert status == 2
    assert re.search(rf"{re.escape(str(path))}, line {line}(\b|:)", err)
    assert "[content." in err
    assert content.notices.ready not in out
    assert "All is as it should be" not in out
    assert command in ("chat", "check") or out == ""


@pytest.mark.parametrize("command", ["chat", "batch", "explain", "check"])
@pytest.mark.parametrize("place", ["no_such_folder", "a_file"])
def test_content_that_is_not_there_stops_a_command(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    place: str,
) -> None:
    (tmp_path / "a_file").touch()
    folder = tmp_path / place

    status, out, err = run(
        capsys,
        monkeypatch,
        *arguments_of(command),
        content=str(folder),
        models=str(tmp_path / "none"),
    )

    assert status == 2
    assert str(folder) in err
    assert "AskSafe cannot start without it. [content.missing]" in err
    assert out == ""


def raise_interrupt(options: Namespace, settings: Settings) -> int:
    raise KeyboardInterrupt


def raise_error(options: Namespace, settings: Settings) -> int:
    raise ModelError("model.test", "Some sentence.")


@pytest.mark.parametrize(
    ("command", "outcome", "status"),
    [
        ("chat", raise_interrupt, 0),
        ("batch", raise_interrupt, 130),
        ("train", raise_interrupt, 130),
        ("train", raise_error, 2),
        ("batch", raise_error, 2),
    ],
)
def test_command_ends_with_a_status_and_no_traceback_when_it_is_cut_off(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content_folder: Path,
    command: str,
    outcome: commands.Command,
    status: int,
) -> None:
    monkeypatch.setitem(commands.COMMANDS, command, outcome)

    ended, _, err = run(capsys, monkeypatch, command, content=str(content_folder))

    assert ended == status
    assert err == ("Some sentence. [model.test]\n" if outcome is raise_error else "")


@pytest.mark.parametrize("debug", ["0", "1"])
def test_every_command_quietens_the_logs_first(monkeypatch: pytest.MonkeyPatch, debug: str) -> None:
    told: list[str] = []

    def command(options: Namespace, settings: Settings) -> int:
        told.append("ran")
        return 0

    monkeypatch.setenv("ASKSAFE_DEBUG", debug)
    monkeypatch.setattr("bot.__main__.quieten", lambda *, debug: told.append(f"debug {debug:d}"))
    monkeypatch.setitem(commands.COMMANDS, "train", command)

    assert main(["train"]) == 0
    assert told == [f"debug {debug}", "ran"]


def test_check_command_ends_with_0_or_1_for_a_rule_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, own_content: Path
) -> None:
    path = own_content / "signals" / "suicide.yml"
    good = run(capsys, monkeypatch, "check", "--rules", str(path))
    edit(path, "[it is want to die", "[it is something else")
    bad = run(capsys, monkeypatch, "check", "--rules", str(path))

    assert good == (0, "All is as it should be.\n", "")
    assert bad == (1, f"{path}: suicide.wish misses its example: it is something else\n", "")


def test_train_command_trains_into_the_models_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(commands, "train", asked.append)

    status, _, _ = run(capsys, monkeypatch, "train", models=str(tmp_path))

    assert (status, asked) == (0, [tmp_path])


@pytest.mark.parametrize(
    ("typed", "london"),
    [
        ("2026-07-01T14:30", "2026-07-01T14:30+01:00"),
        ("2026-11-23T14:30", "2026-11-23T14:30+00:00"),
        ("2026-07-01T14:30Z", "2026-07-01T15:30+01:00"),
        ("2026-07-01T14:30+00:00", "2026-07-01T15:30+01:00"),
        ("2026-11-23T14:30-05:00", "2026-11-23T19:30+00:00"),
    ],
)
def test_now_is_london_time_unless_it_has_an_offset(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str, london: str
) -> None:
    told: list[datetime] = []

    def command(options: Namespace, settings: Settings) -> int:
        told.append(options.now)
        return 0

    monkeypatch.setitem(commands.COMMANDS, "batch", command)

    run(capsys, monkeypatch, "batch", "--now", typed)

    assert [moment.isoformat(timespec="minutes") for moment in told] == [london]
    assert told[0].tzinfo is LONDON


def test_command_goes_on_when_the_model_hangs_while_it_loads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content_folder: Path
) -> None:
    async def hang(path: Path) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("bot.brain._load", hang)
    monkeypatch.setattr(commands, "load_brain", lambda settings: RasaBrain(Path("model"), 0.1))
    env = {"content": str(content_folder), "ready_seconds": "0.2"}

    status, out, err = run(capsys, monkeypatch, "explain", "who is kooth", **env)

    assert status == 0
    assert err == "The model is still loading after 0.2 seconds; going on. [model.slow]\n"
    assert "brain: no answer (model.time_out)" in out


def test_command_ends_with_1_and_no_traceback_when_nobody_reads_its_output(
    content_folder: Path, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "explain", "hello"],
            cwd=ROOT,
            env={
                **os.environ,
                "ASKSAFE_CONTENT": str(content_folder),
                "ASKSAFE_MODELS": str(tmp_path),
            },
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "uncaught" not in done.stderr


# explain


def explained(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    text: str,
    now: str = "2026-11-23T15:30",
) -> list[str]:
    brain = FakeBrain({"who is kooth": "kooth"}, (("kooth", 0.5), ("signs", 0.25)))
    monkeypatch.setattr(commands, "load_brain", lambda settings: brain)
    status, out, err = run(capsys, monkeypatch, "explain", text, "--now", now, content=str(folder))
    assert (status, err) == (0, "")
    return out.splitlines()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "I wanna DIE!!",
            [
                "normalised: i want to die !",
                "read in full: yes",
                'rule suicide.wish matched words 1-4 "want to die": urgent, about self, '
                "no scope word",
                "urgency: urgent; category: suicide; about: self",
                "urgency: urgent; category: suicide; about: self",
            ],
            id="rule and where",
        ),
        pytest.param(
            "i dont want to die",
            [
                'rule suicide.wish matched words 3-6 "want to die": concern, about self, '
                'negated by "not"',
                "urgency: urgent; category: suicide; about: self",
            ],
            id="scope",
        ),
        pytest.param(
            "last year i said i want to die",
            [
                'rule suicide.wish matched words 5-8 "want to die": concern, about self, '
                'past by "last year"',
            ],
            id="past",
        ),
        pytest.param(
            "my friend said she will want to die",
            [
                'rule suicide.wish matched words 5-8 "want to die": urgent, about friend, '
                "no scope word",
            ],
            id="about whom",
        ),
        pytest.param(
            "i want to die of laughter",
            [
                'rule suicide.wish matched words 1-4 "want to die", not counted: '
                "saying: die of laughter",
                "urgency: none; category: None; about: None",
            ],
            id="saying",
        ),
        pytest.param(
            "i want to die in minecraft",
            [
                'rule suicide.wish matched words 1-4 "want to die", not counted: talk of a game',
            ],
            id="game",
        ),
        pytest.param(
            "who is kooth",
            [
                "rules: none matched",
                "brain: kooth 0.90; runners-up: kooth 0.50, signs 0.25",
                "card given: kooth; answered: True",
            ],
            id="card and runners-up",
        ),
        pytest.param(
            "i am in year 8 ...",
            ["cues: calm, year; year: 8"],
            id="year",
        ),
        pytest.param("\u4f60\u597d\u4f60\u597d", ["read in full: no"], id="not read"),
        pytest.param("", ["normalised: ", "card given: none; answered: False"], id="empty"),
    ],
)
def test_explain_says_what_was_seen_and_why(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content_folder: Path,
    text: str,
    lines: list[str],
) -> None:
    shown = explained(capsys, monkeypatch, content_folder, text)

    for line in lines:
        assert line in shown


@pytest.mark.parametrize(
    ("now", "text", "reasons"),
    [
        pytest.param(
            "2026-11-23T15:15",
            "hello",
            {"childline": "open now", "text_line": "open now, until 17:00"},
            id="text line open",
        ),
        pytest.param(
            "2026-11-28T15:15",
            "i want to die",
            {"text_line": "closed, opens Mon 30 Nov 15:00", "ms_james": "closed"},
            id="Saturday",
        ),
        pytest.param(
            "2026-11-23T10:00", "i want to die", {"ms_james": "may be there"}, id="in lessons"
        ),
        pytest.param(
            "2026-11-23T10:00",
            "my teacher hits me",
            {"ms_james": "may be there, at school, after those outside"},
            id="about staff",
        ),
    ],
)
def test_explain_gives_the_routes_in_order_with_the_reason_for_each(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content_folder: Path,
    now: str,
    text: str,
    reasons: dict[str, str],
) -> None:
    shown = explained(capsys, monkeypatch, content_folder, text, now)

    routes = [
        match.groups()
        for line in shown
        if (match := re.fullmatch(r"route (\d+): (\w+) \((.+)\)", line))
    ]
    assert [int(place) for place, _, _ in routes] == list(range(1, len(routes) + 1))
    assert len(routes) >= 4
    given = {name: reason for _, name, reason in routes}
    assert {name: given[name] for name in reasons} == reasons
    assert sum(line.startswith("hand-over plan: ") for line in shown) == 1


def test_explain_goes_on_without_a_model(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content_folder: Path,
    tmp_path: Path,
) -> None:
    status, out, err = run(
        capsys,
        monkeypatch,
        "explain",
        "who is kooth",
        content=str(content_folder),
        models=str(tmp_path),
    )

    assert status == 0
    assert "brain: no answer (model.missing)" in out
    assert "card given: none; answered: False" in out
    assert err.endswith("run 'make train'. [model.missing]\n")
    assert err.count("\n") == 1


def test_explain_makes_one_spotter_and_asks_rasa_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content_folder: Path
) -> None:
    brain, made = FakeBrain(), []
    really = Spotter.__init__

    def noted(self: Spotter, *args: Any, **kwargs: Any) -> None:
        made.append(self)
        really(self, *args, **kwargs)

    monkeypatch.setattr(commands, "load_brain", lambda settings: brain)
    monkeypatch.setattr(Spotter, "__init__", noted)

    status, _, _ = run(capsys, monkeypatch, "explain", "what is it", content=str(content_folder))

    assert status == 0
    assert len(made) == 1
    assert [text for text, _ in brain.asked] == ["what is it"]


async def test_explain_is_a_chat_of_its_own_each_time(
    make_conversations: Callable[..., Conversations], content: Content
) -> None:
    spotter = Spotter(content.signals)
    conversations = make_conversations(spotter=spotter)
    now = datetime(2026, 11, 23, 15, 30, tzinfo=LONDON)

    first = await explain("i feel so low", conversations, spotter, now)
    second = await explain("i feel so low", conversations, spotter, now)

    assert "urgency: concern; category: wellbeing; about: self" in first
    assert second == first
