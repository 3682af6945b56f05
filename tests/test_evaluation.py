"""What `make eval` counts: right by hand-made examples, and nothing flattering."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import bench.spotting
import evaluation.__main__
from bot.content.library import Content
from bot.errors import ContentError
from bot.model import About, Category, Draft, Look, Urgency
from evaluation import chats, report, scored, stock, stock_answers, tables, targets
from evaluation.columns import Finding, keywords, of_draft, of_look, unread
from evaluation.figures import per_thousand
from evaluation.messages import Label, LabelledMessage
from evaluation.questions import Question

NONE = Finding(-3.0, Urgency.NONE)
GROOMING = Label(Urgency.URGENT, Category.GROOMING, About.SELF)
CALM = Label(Urgency.NONE, kind="gaming")
KOOTH = Question("q", "kooth?", "few", ("a fact",), (frozenset({"kooth"}),))
# What AskSafe says where it could not read a message, or broke.
LAST_RESORT = Draft(urgency=Urgency.EMERGENCY)
GOOD_CHAT = {
    "id": "k9-001",
    "kind": "slow",
    "messages": ["hes 19", "he got me trainers", "he says dont tell mum"],
    "labels": ["urgent grooming self from 2", "concern grooming self from 3"],
}


def message(label: Label, style: str = "plain", number: int = 1) -> LabelledMessage:
    return LabelledMessage(f"x1-{number}", "a text", style, (label, label), label)


def heard(label: Label, urgency: Urgency | None = None) -> Finding:
    return Finding(3.0, urgency or label.urgency, label.category, label.about)


def reply(said: str) -> Draft:
    """A draft from "urgent grooming", "none", or "unread" """
    if said == "none":
        return Draft()
    urgency, _, category = said.partition(" ")
    return Draft(urgency=Urgency(urgency), category=Category(category)) if category else LAST_RESORT


def one_chat(tmp_path: Path, **change: object) -> list[chats.LabelledChat]:
    path = tmp_path / "chats.jsonl"
    path.write_text(json.dumps({**GOOD_CHAT, **change}) + "\n", encoding="utf-8")
    return chats.load_chats(path)


def test_targets_name_the_weakest_category_and_say_whether_each_is_met() -> None:
    bullying = Label(Urgency.URGENT, Category.BULLYING, About.SELF)
    rows = [message(GROOMING), message(GROOMING), message(bullying), message(bullying)]
    found = [heard(GROOMING), heard(GROOMING), heard(bullying), NONE]

    lines = targets.table(rows, found)

    (noticed,) = [line for line in lines if line.startswith("| risk noticed")]
    (weakest,) = [line for line in lines if "each category" in line]
    (right,) = [line for line in lines if "category right" in line]
    assert "at least 97.0% | 75.0%" in noticed
    assert noticed.endswith("| no |")
    assert "the weakest, bullying | at least 93.0% | 50.0%" in weakest
    assert "100.0%" in right
    assert right.endswith("| yes |")


def test_targets_count_false_alarms_as_met_only_below_their_limit() -> None:
    rows = [message(CALM)] * 100

    few = targets.table(rows, [heard(GROOMING)] * 3 + [NONE] * 97)
    many = targets.table(rows, [heard(GROOMING)] * 4 + [NONE] * 96)

    assert any("look-alikes" in line and line.endswith("| yes |") for line in few)
    assert any("look-alikes" in line and line.endswith("| no |") for line in many)


def test_an_emergency_given_as_urgent_is_noticed_but_not_given() -> None:
    now = Label(Urgency.EMERGENCY, Category.SUICIDE, About.SELF)
    rows = [message(now)] * 3

    counted = tables.emergencies(rows, [heard(now), heard(now, Urgency.URGENT), NONE])

    assert counted == (3, 2, 1)


def test_a_category_counts_as_right_only_among_what_was_noticed() -> None:
    other = Finding(3.0, Urgency.URGENT, Category.SUICIDE, About.SELF)
    rows = [message(GROOMING)] * 3

    same = tables.agreed(rows, [heard(GROOMING), other, NONE])

    assert same["category"] == (1, 2)
    assert same["about"] == (2, 2)


def test_a_list_of_words_notices_its_words_only() -> None:
    said, calm = keywords(["i want to kill myself", "what time is lunch"])

    assert said.noticed
    assert not calm.noticed


def test_a_chat_asks_for_what_both_readers_asked_for(tmp_path: Path) -> None:
    (chat,) = one_chat(tmp_path)

    assert (chat.first, chat.start, chat.urgency) == (2, 3, Urgency.CONCERN)
    assert chat.categories == {Category.GROOMING}


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        pytest.param(
            ["none", "none", "urgent grooming"],
            {"noticed", "in time", "in time, rightly", "as urgent", "in the last message"},
            id="at the message where both readers would have asked",
        ),
        pytest.param(
            ["none", "concern bullying", "none"],
            {"noticed", "in time", "as urgent"},
            id="as another harm",
        ),
        pytest.param(
            ["concern grooming", "none", "none"],
            {"in time", "in time, rightly", "too soon", "as urgent"},
            id="before any reader would have asked, and then no more",
        ),
        pytest.param(["none", "none", "none"], set(), id="never"),
        pytest.param(["none", "unread", "unread"], set(), id="an answer to what was not read"),
    ],
)
def test_a_chat_is_counted_in_the_columns_that_it_earns(
    tmp_path: Path, said: list[str], counted: set[str]
) -> None:
    lines = chats.table(one_chat(tmp_path), [[reply(words) for words in said]])

    cells = lines[-1].split("|")[3:-1]
    full = {name for name, cell in zip(chats.COLUMNS, cells, strict=True) if "100.0% (" in cell}
    assert full == counted


def test_any_alarm_in_a_calm_chat_counts(tmp_path: Path) -> None:
    given = one_chat(tmp_path, kind="calm", labels=["none", "none"])

    lines = chats.table(given, [[reply("concern grooming"), Draft(), Draft()]])

    noticed, in_time, *_, last = (cell.strip() for cell in lines[-1].split("|")[3:-1])
    assert noticed.startswith("100.0%")
    assert not in_time
    assert last.startswith("0.0%")


def test_the_table_of_chats_says_what_each_column_means(tmp_path: Path) -> None:
    lines = chats.table(one_chat(tmp_path), [[Draft()] * 3])

    assert all(any(line.startswith(f"- **{name}**: ") for line in lines) for name in chats.COLUMNS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"kind": "odd"}, "slow", id="kind"),
        pytest.param({"labels": ["urgent grooming self"]}, "from 2", id="label without a number"),
        pytest.param({"labels": ["soon grooming self from 1"]}, "soon", id="urgency"),
        pytest.param({"messages": "hi"}, "lists", id="messages"),
    ],
)
def test_a_chat_that_cannot_be_used_is_named(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    with pytest.raises(ContentError, match=r"chats\.jsonl:1: ") as caught:
        one_chat(tmp_path, **change)
    assert says in str(caught.value)


def test_an_answer_to_what_could_not_be_read_is_not_noticing() -> None:
    finding = of_draft(LAST_RESORT, 2.0)

    assert unread(LAST_RESORT)
    assert (finding.noticed, finding.unread) == (False, True)


def test_a_reply_that_names_a_harm_is_noticing_and_a_plain_one_is_neither() -> None:
    worry, plain = of_draft(reply("urgent grooming"), 2.0), of_draft(Draft(), -2.0)

    assert (worry.noticed, worry.unread, worry.category) == (True, False, Category.GROOMING)
    assert (plain.noticed, plain.unread) == (False, False)


def test_a_look_that_saw_only_a_part_is_unread() -> None:
    assert of_look(Look(complete=False)).unread
    assert not of_look(Look()).unread


def test_the_report_counts_what_could_not_be_read() -> None:
    rows = [message(GROOMING), message(CALM)]
    findings = {report.ASKSAFE: [of_draft(LAST_RESORT, 0.0), NONE]}

    lines = report.messages("dev", rows, findings, None, "a note on a column")

    assert any(line.endswith("counted as not noticed: 1.") for line in lines)
    assert "a note on a column" in lines


def test_targets_show_what_has_no_target_and_where_speed_is_measured() -> None:
    denial = message(Label(Urgency.NONE, kind="denial"))

    lines = targets.table([denial, message(CALM)], [heard(GROOMING), NONE], failures=(9, 10))

    (denials,) = [line for line in lines if "denials" in line]
    (harmless,) = [line for line in lines if "all harmless" in line]
    (failures,) = [line for line in lines if "known failures" in line]
    assert "none set | 100.0%" in denials
    assert "none set | 50.0%" in harmless
    assert "none set | 90.0%" in failures
    assert any("make bench" in line for line in lines)


def test_false_alarms_are_counted_per_thousand_by_kind() -> None:
    rows = [message(CALM)] * 50

    lines = tables.compared(
        rows, {"x": [heard(GROOMING)] + [NONE] * 49}, lambda row: row.label.kind, per_thousand
    )

    assert "| gaming | 50 | 20 (" in lines[-1]
    assert per_thousand(0, 0) == "-"


def test_columns_are_compared_where_they_raise_as_many_false_alarms() -> None:
    rows = [message(CALM)] * 100 + [message(GROOMING)] * 4
    calm = [Finding(float(score), Urgency.NONE) for score in range(100)]
    risky = [Finding(score, Urgency.NONE) for score in (200.0, 98.5, 96.5, 3.0)]

    lines = tables.matched(rows, {"scored": calm + risky, "words": keywords(["a"] * 104)})

    (line,) = lines[2:]
    shares = [cell.strip().partition(" ")[0] for cell in line.split("|")[2:-1]]
    assert line.startswith("| scored |")
    assert shares == ["50.0%", "50.0%", "75.0%"]


def test_each_part_gets_a_line_and_no_category_where_it_gives_none() -> None:
    rows = [message(GROOMING), message(CALM)]
    words = [Finding(1.0, Urgency.URGENT), Finding(1.0, Urgency.URGENT)]

    head, _, first, second = tables.parts(rows, {"words": words, "us": [heard(GROOMING), NONE]})

    assert head.count("|") == first.count("|") == second.count("|")
    assert "| - | 1000 (" in first
    assert "| us | 100.0% (" in second


def test_a_scored_column_takes_no_more_than_its_share_of_the_harmless_for_a_risk() -> None:
    def score(texts: Sequence[str]) -> list[tuple[float, Category]]:
        return [(float(text), Category.GROOMING) for text in texts]

    def said(number: int, label: Label) -> LabelledMessage:
        return LabelledMessage(f"x1-{number}", str(number), "plain", (label, label), label)

    tuned = [said(number, CALM) for number in range(100)] + [said(500, GROOMING)] * 50
    column = scored.limited(score, tuned, share=0.03)

    below, above = column(["95", "97"])
    assert not below.noticed
    assert (above.noticed, above.category) == (True, Category.GROOMING)
    assert sum(finding.noticed for finding in column([str(n) for n in range(100)])) == 3


@pytest.mark.parametrize(
    ("kept", "columns", "says"),
    [
        pytest.param(None, [], "missing", id="never run"),
        pytest.param({"taught": "now", "found": {}}, [], "not of these", id="other messages"),
        pytest.param({"x1-1": ["none", 0.1]}, [], "not of these", id="as it was kept before"),
        pytest.param(
            {"taught": "then", "epochs": 6, "found": {"x1-1": ["grooming", 0.9]}},
            ["stock Rasa, 6 epochs, older pack"],
            "learnt from other messages",
            id="the pack has changed since",
        ),
        pytest.param(
            {"taught": "now", "epochs": 6, "found": {"x1-1": ["grooming", 0.9]}},
            ["stock Rasa, 6 epochs"],
            "",
            id="fits",
        ),
    ],
)
def test_what_stock_rasa_found_is_shown_only_for_what_it_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept: object,
    columns: list[str],
    says: str,
) -> None:
    path = tmp_path / "stock_rasa.json"
    if kept is not None:
        path.write_text(json.dumps(kept), encoding="utf-8")
    monkeypatch.setattr(stock, "FOUND", path)
    monkeypatch.setattr(stock, "taught_digest", lambda: "now")

    found, note = stock.column([message(GROOMING)])

    assert list(found) == columns
    assert (says in note) if says else not note
    assert all(finding.noticed for column in found.values() for finding in column)


@pytest.mark.parametrize(
    ("kept", "columns", "outcome", "says"),
    [
        pytest.param(None, [], "", "missing", id="never run"),
        pytest.param({"taught": "now", "found": {}}, [], "", "not of these", id="other questions"),
        pytest.param(
            {"taught": "then", "epochs": 6, "found": {"q": ["kooth", 0.9]}},
            ["stock Rasa, 6 epochs, older phrases"],
            "right",
            "learnt from other phrases",
            id="the phrases have changed since",
        ),
        pytest.param(
            {"taught": "now", "epochs": 6, "found": {"q": ["otr", 0.9]}},
            ["stock Rasa, 6 epochs"],
            "wrong card",
            "",
            id="another card",
        ),
        pytest.param(
            {"taught": "now", "epochs": 6, "found": {"q": ["kooth", 0.2]}},
            ["stock Rasa, 6 epochs"],
            "does not know",
            "",
            id="below Rasa's own threshold",
        ),
    ],
)
def test_what_stock_rasa_answered_is_shown_only_for_what_it_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: Content,
    kept: object,
    columns: list[str],
    outcome: str,
    says: str,
) -> None:
    path = tmp_path / "stock_answers.json"
    if kept is not None:
        path.write_text(json.dumps(kept), encoding="utf-8")
    monkeypatch.setattr(stock_answers, "FOUND", path)
    monkeypatch.setattr(stock_answers, "taught_digest", lambda: "now")

    found, note = stock_answers.column([KOOTH], content)

    assert list(found) == columns
    assert (says in note) if says else not note
    assert [each.outcome for column in found.values() for each in column] == [outcome] * len(found)


@pytest.mark.parametrize("measure", [evaluation.__main__.main, bench.spotting.main])
def test_nothing_is_measured_without_the_classifier(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    measure: Callable[[], int],
) -> None:
    monkeypatch.setenv("ASKSAFE_MODELS", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["evaluation", "dev", "--quick"])
    monkeypatch.setattr(evaluation.__main__, "quieten", lambda: None)

    status = measure()

    printed = capsys.readouterr()
    assert status == 1
    assert not printed.out
    assert "Nothing was measured" in printed.err
    assert "make train" in printed.err
