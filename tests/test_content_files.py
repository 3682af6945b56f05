"""Reading a content file: strict YAML, and errors that a person who edits words can mend.

The records here are the test's own, so that no change of the real ones can weaken these tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from bot.content.files import File, Record, read
from bot.content.signals import TABLES, load_signals
from bot.errors import ContentError
from bot.model import Category
from tests.fakes import edit


class Item(Record):
    name: str
    colour: Literal["red", "green"] = "red"


class Sample(File):
    title: str
    count: int = 0
    items: list[Item] = Field(default_factory=list)
    value: Any = None


def sample(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sample.yml"
    path.write_text(text, encoding="utf-8")
    return path


def value_of(tmp_path: Path, written: str) -> Any:
    path = sample(tmp_path, f"schema: 1\ntitle: a\nvalue: {written}\n")
    return read(path, Sample).data.value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("15:00", "15:00", id="a time stays text"),
        pytest.param("8:30", "8:30", id="a time without a zero stays text"),
        pytest.param("2026-11-22", "2026-11-22", id="a date stays text"),
        pytest.param("0117", "0117", id="a leading zero stays"),
        pytest.param("07749 723552", "07749 723552", id="a number with a space stays text"),
        pytest.param("no", "no", id="no stays a word"),
        pytest.param("yes", "yes", id="yes stays a word"),
        pytest.param("on", "on", id="on stays a word"),
        pytest.param("off", "off", id="off stays a word"),
        pytest.param("No", "No", id="No stays a word"),
        pytest.param("True", "True", id="True stays a word"),
        pytest.param("Null", "Null", id="Null stays a word"),
        pytest.param("1_000", "1_000", id="an underscore stays text"),
        pytest.param("1e3", "1e3", id="an exponent stays text"),
        pytest.param("0x1F", "0x1F", id="hexadecimal stays text"),
        pytest.param("1.5", "1.5", id="a decimal stays text"),
        pytest.param("+7", "+7", id="a plus stays text"),
        pytest.param("=", "=", id="an equals sign stays text"),
        pytest.param('"7"', "7", id="quotes keep a digit text"),
        pytest.param("7", 7, id="a plain number is a number"),
        pytest.param("-3", -3, id="a negative number is a number"),
        pytest.param("0", 0, id="zero is a number"),
        pytest.param("true", True, id="true is true"),
        pytest.param("false", False, id="false is false"),
        pytest.param("", None, id="nothing is nothing"),
        pytest.param("~", None, id="a tilde is nothing"),
        pytest.param("[no, 15:00, 7]", ["no", "15:00", 7], id="the same within a list"),
        pytest.param("{no: yes}", {"no": "yes"}, id="the same within a mapping"),
    ],
)
def test_read_takes_a_value_as_it_is_written(tmp_path: Path, written: str, expected: Any) -> None:
    value = value_of(tmp_path, written)

    assert value == expected
    assert type(value) is type(expected)


def test_read_takes_no_shortcut_for_merging_keys(tmp_path: Path) -> None:
    assert value_of(tmp_path, "{<<: {a: b}}") == {"<<": {"a": "b"}}


def test_read_gives_a_frozen_record_without_outer_spaces(tmp_path: Path) -> None:
    loaded = read(sample(tmp_path, 'schema: 1\ntitle: "  two words "\n'), Sample)

    assert loaded.data.title == "two words"
    with pytest.raises(TypeError, match="immutable"):
        loaded.data.title = "other"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("\ufeffschema: 1\ntitle: café\n".encode(), id="byte order mark"),
        pytest.param("schema: 1\r\ntitle: café\r\n".encode(), id="Windows line ends"),
        pytest.param(
            "# words\n---\nschema: 1\ntitle: café".encode(), id="comment, no last newline"
        ),
    ],
)
def test_read_accepts_what_editors_write(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "sample.yml"
    path.write_bytes(raw)

    assert read(path, Sample).data.title == "café"


ALL_KEYS = "allowed here: count, items, schema, title, value"
TWO_ITEMS = "schema: 1\ntitle: a\nitems:\n  - name: b\n  - {item}\n"


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        pytest.param(
            "schema: 1\ntitle: a\ncolor: red\n",
            "content.unknown_key",
            3,
            ["unknown key 'color'", ALL_KEYS],
            id="unknown key",
        ),
        pytest.param(
            TWO_ITEMS.replace("{item}", "{name: c, colur: red}"),
            "content.unknown_key",
            5,
            ["unknown key 'colur'", "allowed here: colour, name"],
            id="unknown key in a list",
        ),
        pytest.param(
            "schema: 1\ncount: 2\n",
            "content.missing_key",
            1,
            ["the key 'title' is missing; add it"],
            id="missing key",
        ),
        pytest.param(
            TWO_ITEMS.replace("{item}", "colour: green"),
            "content.missing_key",
            5,
            ["the key 'name' is missing; add it"],
            id="missing key in a list",
        ),
        pytest.param(
            "schema: 1\ntitle: a\n\ntitle: b\n",
            "content.yaml",
            4,
            ["the key 'title' stands here twice; keep one"],
            id="double key",
        ),
        pytest.param(
            TWO_ITEMS.replace("{item}", "{name: c, name: d}"),
            "content.yaml",
            5,
            ["the key 'name' stands here twice; keep one"],
            id="double key in a list",
        ),
        pytest.param(
            "schema: 1\ntitle: a\ncount: many\n",
            "content.value",
            3,
            ["'count'", "not a valid integer"],
            id="word for a number",
        ),
        pytest.param(
            "schema: 1\ncount: 1\ntitle: [a, b]\n",
            "content.value",
            3,
            ["'title'", "str type expected"],
            id="list for a text",
        ),
        pytest.param(
            "schema: 1\ncount: 1\ntitle:\n",
            "content.value",
            3,
            ["'title'", "none is not an allowed value"],
            id="nothing for a text",
        ),
        pytest.param(
            "schema: 1\ntitle: a\nitems: b\n",
            "content.value",
            3,
            ["'items'", "not a valid list"],
            id="text for a list",
        ),
        pytest.param(
            TWO_ITEMS.replace("{item}", "{name: c, colour: blue}"),
            "content.value",
            5,
            ["'items.1.colour'", "permitted: 'red', 'green'"],
            id="word that is not allowed",
        ),
        pytest.param(
            "title: a\nschema: 2\n",
            "content.schema",
            2,
            ["write 'schema: 1'"],
            id="another schema",
        ),
        pytest.param(
            "title: a\n",
            "content.missing_key",
            1,
            ["the key 'schema' is missing; add it"],
            id="no schema",
        ),
        pytest.param("- a\n- b\n", "content.shape", 1, ["must hold keys", ALL_KEYS], id="a list"),
        pytest.param("", "content.shape", 1, ["must hold keys", ALL_KEYS], id="empty"),
        pytest.param(
            "schema: 1\n\ttitle: a\n",
            "content.yaml",
            2,
            ["Check indents, colons and quotes there"],
            id="tab",
        ),
        pytest.param(
            "schema: 1\ntitle: a: b\n",
            "content.yaml",
            2,
            ["Check indents, colons and quotes there"],
            id="colon without quotes",
        ),
        pytest.param(
            "schema: 1\ntitle: !!python/name:os.system\n",
            "content.yaml",
            2,
            ["could not determine a constructor"],
            id="a tag that would run code",
        ),
        pytest.param(
            "schema: 1\ntitle: a\n---\nschema: 1\n",
            "content.yaml",
            3,
            ["another document"],
            id="two documents",
        ),
        pytest.param(
            "schema: 1\ntitle: a\nvalue:\n  {privacy}: b\n",
            "content.yaml",
            4,
            ["Check indents, colons and quotes there"],
            id="placeholder without quotes for a key",
        ),
    ],
)
def test_read_says_which_line_to_mend_and_how(
    tmp_path: Path, text: str, code: str, line: int, words: list[str]
) -> None:
    path = sample(tmp_path, text)

    with pytest.raises(ContentError) as caught:
        read(path, Sample)

    assert caught.value.code == code
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        pytest.param(
            "title: café".encode("latin-1"), "content.encoding", "not UTF-8", id="Latin-1"
        ),
        pytest.param("title: a".encode("utf-16"), "content.encoding", "not UTF-8", id="UTF-16"),
        pytest.param(b"title: \x07", "content.yaml", "not allowed", id="control character"),
    ],
)
def test_read_names_the_file_when_its_bytes_are_no_text(
    tmp_path: Path, raw: bytes, code: str, words: str
) -> None:
    path = tmp_path / "sample.yml"
    path.write_bytes(raw)

    with pytest.raises(ContentError, match=words) as caught:
        read(path, Sample)

    assert caught.value.code == code
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "name", ["absent.yml", "no_such_folder/sample.yml", "folder.yml", "file.yml/sample.yml"]
)
def test_read_says_that_a_file_is_missing_when_there_is_none_to_read(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "file.yml").touch()

    with pytest.raises(ContentError, match="missing; AskSafe cannot start") as caught:
        read(tmp_path / name, Sample)

    assert caught.value.code == "content.missing"
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("items",), 3),
        (("items", 0), 4),
        (("items", 1, "colour"), 6),
        (("items", 9, "colour"), 3),
        (("items", 0, "no_such_key"), 4),
        (("no_such_key", 1), 1),
    ],
)
def test_loaded_error_points_at_the_deepest_line_that_is_there(
    tmp_path: Path, loc: tuple[int | str, ...], line: int
) -> None:
    text = "schema: 1\ntitle: a\nitems:\n  - name: b\n  - name: c\n    colour: green\n"
    loaded = read(sample(tmp_path, text), Sample)

    error = loaded.error("content.some", loc, "mend this")

    assert error.code == "content.some"
    assert str(error) == f"{loaded.path}, line {line}: mend this."


# content/signals/: one file for each category and one for each table, and nothing else.


def test_signals_are_read_with_every_category_and_table(own_content: Path) -> None:
    signals = load_signals(own_content / "signals")

    assert [loaded.data.category for loaded in signals.rules] == list(Category)
    assert all(loaded.data.rules for loaded in signals.rules)


@pytest.mark.parametrize("name", [*Category, *TABLES])
def test_signals_are_refused_when_a_file_is_missing(own_content: Path, name: str) -> None:
    path = own_content / "signals" / f"{name}.yml"
    path.unlink()

    with pytest.raises(ContentError) as caught:
        load_signals(path.parent)

    assert caught.value.code == "content.missing"
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["sadness.yml", "suicide.yaml", "suicide.yml.bak", "notes.txt"])
def test_signals_are_refused_when_a_stray_file_lies_beside_them(
    own_content: Path, name: str
) -> None:
    folder = own_content / "signals"
    (folder / name).write_text("schema: 1\n", encoding="utf-8")

    with pytest.raises(ContentError, match="is none of asking, ") as caught:
        load_signals(folder)

    assert caught.value.code == "content.stray_file"
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "words"),
    [
        pytest.param(
            "category: suicide",
            "category: bullying",
            "content.category",
            2,
            "write 'category: suicide'",
            id="another category",
        ),
        pytest.param(
            "id: suicide.tonight",
            "id: bullying.bag",
            "content.rule_id",
            9,
            "an id starts with 'suicide.'",
            id="id of another category",
        ),
        pytest.param(
            "id: suicide.tonight",
            "id: suicide.wish",
            "content.rule_id",
            9,
            "stands once only",
            id="id twice",
        ),
        pytest.param("id: suicide.wish", "id: wish", "content.value", 4, "regex", id="half an id"),
        pytest.param(
            "urgency: urgent", "urgency: low", "content.value", 5, "permitted: ", id="no urgency"
        ),
        pytest.param(
            "phrases: [want to die]", "phrases: []", "content.value", 6, "at least 1", id="empty"
        ),
        pytest.param(
            "examples: [it is want to die, they said want to die]",
            "examples: [it is want to die]",
            "content.value",
            7,
            "at least 2 items",
            id="one example",
        ),
        pytest.param(
            "not_examples: [where is my locker, what is for lunch]",
            "not_examples: [where is my locker]",
            "content.value",
            8,
            "at least 2 items",
            id="one not_example",
        ),
        pytest.param(
            "    phrases: [want to die]",
            "    phrases: [want to die]\n    afterwards: [bullying]",
            "content.unknown_key",
            7,
            "allowed here: about, after, alone, even_in_fiction",
            id="unknown key",
        ),
        pytest.param(
            "    phrases: [want to die]",
            "    phrases: [want to die]\n    after: [sadness]",
            "content.value",
            7,
            "permitted: 'suicide'",
            id="after no category",
        ),
    ],
)
def test_signals_are_refused_with_file_and_line(
    own_content: Path, old: str, new: str, code: str, line: int, words: str
) -> None:
    path = own_content / "signals" / "suicide.yml"
    edit(path, old, new)

    with pytest.raises(ContentError) as caught:
        load_signals(path.parent)

    assert caught.value.code == code
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert words in str(caught.value)
