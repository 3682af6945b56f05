"""The shape of the code: who may import whom, one place for each framework, nothing said twice.

Reads the source with `ast` and runs none of it, but for the last test.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.settings import ROOT

# What each module may import of ours, and no more. A module may import only what stands above it,
# so that there can be no cycle. A new module gets a line here.
MAY_IMPORT = {
    "bot": "",
    "bot.errors": "",
    "bot.model": "bot.errors",
    "bot.settings": "bot.errors",
    "bot.privacy": "",
    "bot.no_tensorflow": "bot.errors",
    "bot.background": "",
    "bot.content": "",
    "bot.content.files": "bot.errors",
    "bot.content.school": "bot.content.files bot.model",
    "bot.content.signals": "bot.content.files bot.model",
    "bot.content.words": "bot.content.files bot.errors bot.model",
    "bot.hours": "bot.content.school",
    "bot.content.telling": "bot.content.files bot.content.school bot.hours",
    "bot.content.cards": "bot.content.files bot.content.school bot.content.signals "
    "bot.content.telling bot.content.words bot.hours",
    "bot.content.library": "bot.content.cards bot.content.files bot.content.school "
    "bot.content.signals bot.content.telling bot.content.words bot.model",
    "bot.spotting": "",
    "bot.spotting.phrases": "",
    "bot.spotting.vocabulary": "",
    "bot.spotting.signs": "",
    "bot.spotting.normalise": "bot.content.signals bot.spotting.signs bot.spotting.vocabulary",
    "bot.spotting.matcher": "bot.content.files bot.content.signals bot.errors "
    "bot.spotting.phrases bot.spotting.vocabulary",
    "bot.spotting.scope": "bot.content.signals bot.model bot.spotting.matcher",
    "bot.spotting.ranking": "bot.content.signals bot.model bot.spotting.matcher",
    "bot.spotting.cues": "bot.content.signals bot.model bot.spotting.matcher bot.spotting.scope",
    "bot.spotting.weighing": "bot.content.signals bot.model",
    "bot.spotting.spotter": "bot.content.signals bot.model bot.spotting.cues bot.spotting.matcher "
    "bot.spotting.normalise bot.spotting.ranking bot.spotting.scope bot.spotting.weighing",
    "bot.nlu": "",
    "bot.nlu.minilm": "bot.errors",
    "bot.nlu.minilm_graph": "",
    "bot.nlu.adapter": "bot.errors bot.nlu.minilm",
    "bot.nlu.build_minilm": "bot.errors bot.nlu bot.nlu.adapter bot.nlu.minilm "
    "bot.nlu.minilm_graph",
    "bot.nlu.featurizer": "bot.nlu.minilm",
    "bot.nlu.choosing": "",
    "bot.nlu.answer_classifier": "bot.nlu.choosing",
    "bot.spotting.letters": "",
    "bot.spotting.classifier": "bot.errors bot.model bot.nlu.minilm bot.spotting.letters "
    "bot.spotting.scope",
    "bot.spotting.build_classifier": "bot.errors bot.nlu bot.nlu.build_minilm "
    "bot.nlu.minilm_graph bot.spotting.classifier",
    "actions": "",
    "actions.answers": "",
    "bot.action_endpoint": "",
    "bot.tracker_store": "",
    "bot.brain": "actions.answers bot.action_endpoint bot.background bot.errors bot.model "
    "bot.no_tensorflow bot.privacy bot.tracker_store",
    "bot.training": "bot.errors bot.privacy bot.settings",
    "bot.chat": "bot.model",
    "bot.follow_up": "bot.chat bot.content.signals bot.model",
    "bot.handover": "bot.content.library bot.content.school bot.content.telling "
    "bot.content.words bot.hours bot.model",
    "bot.answering": "bot.chat bot.content.library bot.content.school bot.content.telling "
    "bot.content.words bot.handover bot.model",
    "bot.wording": "bot.answering bot.chat bot.content.library bot.content.school "
    "bot.content.telling bot.model",
    "bot.turn": "bot bot.answering bot.background bot.chat bot.content.library bot.errors "
    "bot.follow_up bot.model bot.wording",
    "bot.envelope": "bot.content.library bot.errors bot.handover bot.model bot.turn",
    "bot.conversation": "bot.chat bot.content.library bot.envelope bot.model bot.turn",
    "bot.check": "actions.answers bot.content.files bot.content.library bot.content.school "
    "bot.content.signals bot.content.words bot.errors bot.hours bot.model bot.settings "
    "bot.spotting.spotter",
    "bot.review": "bot.content.files bot.content.library bot.content.words",
    "bot.documents": "",
    "bot.documents.reading": "bot.errors",
    "bot.documents.drafting": "bot.content.library bot.documents.reading",
    "bot.channels": "",
    "bot.channels.batch": "bot.conversation bot.model",
    "bot.channels.explain": "bot.content.school bot.conversation bot.errors bot.handover "
    "bot.hours bot.model bot.spotting.spotter",
    "bot.channels.preview": "bot bot.answering bot.chat bot.content.library bot.content.words "
    "bot.envelope bot.errors bot.model bot.turn bot.wording",
    "bot.channels.terminal": "bot.content.files bot.content.school bot.content.words "
    "bot.conversation bot.handover bot.model",
    "bot.app": "bot.brain bot.chat bot.content.library bot.conversation bot.envelope bot.errors "
    "bot.hours bot.model bot.settings bot.spotting.classifier bot.spotting.spotter "
    "bot.training",
    "bot.commands": "bot bot.app bot.channels bot.channels.batch bot.channels.explain "
    "bot.channels.preview bot.channels.terminal bot.check bot.content.library "
    "bot.documents.drafting bot.documents.reading bot.errors bot.model bot.privacy bot.review "
    "bot.settings bot.spotting.spotter bot.training",
    "bot.__main__": "bot.channels bot.channels.terminal bot.commands bot.errors bot.hours "
    "bot.privacy bot.settings",
}
# Each framework and the only modules that may import it.
PLACES = {
    "rasa": "bot.brain bot.action_endpoint bot.tracker_store bot.training bot.nlu.featurizer "
    "bot.nlu.answer_classifier",
    "rasa_sdk": "actions.answers bot.action_endpoint",
    "spacy": "bot.spotting.matcher",
    "symspellpy": "bot.spotting.normalise bot.spotting.vocabulary",
    "onnx": "bot.nlu.minilm_graph bot.nlu.build_minilm bot.spotting.build_classifier",
    "onnxruntime": "bot.nlu.minilm bot.nlu.build_minilm",
    "tokenizers": "bot.nlu.minilm",
    "safetensors": "bot.nlu.adapter bot.nlu.build_minilm bot.spotting.classifier "
    "bot.spotting.build_classifier",
    "numpy": "bot.nlu.adapter bot.nlu.minilm bot.nlu.minilm_graph bot.nlu.featurizer "
    "bot.nlu.answer_classifier bot.nlu.choosing "
    "bot.spotting.letters "
    "bot.spotting.classifier bot.spotting.build_classifier",
    "scipy": "bot.spotting.letters",
    "sklearn": "bot.spotting.letters bot.nlu.choosing",
    "pydantic": "bot.content.files bot.content.school bot.content.signals "
    "bot.content.telling bot.content.words bot.review",
    "yaml": "bot.content.files bot.check bot.review bot.documents.drafting",
    "textstat": "bot.review",
    "pypdf": "bot.documents.reading",
    "docx": "bot.documents.reading",
    "bs4": "bot.documents.reading",
    "holidays": "bot.hours",
    "structlog": "bot.privacy",
    "tqdm": "bot.commands",
}
MOST_LINES = 299
MOST_WORDS = 11


@cache
def source_files() -> dict[str, Path]:
    """Every Python file of bot/ and actions/ by the name of its module."""
    files = {}
    for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("actions/**/*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        files[".".join(parts).removesuffix(".__init__")] = path
    return files


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(source_files()[module].read_text(encoding="utf-8"))


def imports_of(module: str) -> Iterator[str]:
    """Every module that a module imports, wherever in it."""
    return imports_in(tree(module))


def imports_in(code: ast.AST) -> Iterator[str]:
    """Every module that some code imports, and every name that it imports from one."""
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def ours(module: str) -> set[str]:
    return {name for name in imports_of(module) if name in source_files()}


def test_table_names_every_module_once_and_nothing_else() -> None:
    assert set(MAY_IMPORT) == set(source_files())
    assert len(MAY_IMPORT) >= 40


def test_table_runs_in_one_direction() -> None:
    order = list(MAY_IMPORT)

    for module, allowed in MAY_IMPORT.items():
        for other in allowed.split():
            assert order.index(other) < order.index(module), f"{module} before {other}"


@pytest.mark.parametrize("module", sorted(MAY_IMPORT))
def test_module_imports_only_what_it_may(module: str) -> None:
    packages = {"bot", "bot.content", "bot.spotting", "bot.channels", "bot.nlu"}

    assert ours(module) - packages <= set(MAY_IMPORT[module].split())


def test_no_import_is_relative() -> None:
    for module in source_files():
        nodes = [node for node in ast.walk(tree(module)) if isinstance(node, ast.ImportFrom)]
        assert all(node.level == 0 for node in nodes), module


def frameworks(module: str) -> set[str]:
    tops = {name.partition(".")[0] for name in imports_of(module)}
    return tops - set(sys.stdlib_module_names) - {"bot", "actions"}


@pytest.mark.parametrize("framework", sorted(PLACES))
def test_framework_is_imported_in_its_places_only(framework: str) -> None:
    places = {module for module in source_files() if framework in frameworks(module)}

    assert places == set(PLACES[framework].split())


def test_no_framework_is_left_out_of_the_table() -> None:
    used = set().union(*(frameworks(module) for module in source_files()))

    assert used == set(PLACES)


def called(node: ast.Call) -> str:
    """The last name of what is called: `Error` for `errors.Error(...)`."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def calls(module: str, *names: str) -> list[ast.Call]:
    nodes = [node for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    return [node for node in nodes if called(node) in names]


def test_only_the_envelope_seals_a_reply() -> None:
    sealing = {module: len(calls(module, "SealedReply")) for module in source_files()}

    assert {module for module, count in sealing.items() if count} == {"bot.envelope"}
    subclasses = [
        base
        for module in source_files()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name) and base.id == "SealedReply"
    ]
    assert subclasses == []


def is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(
        item is None or (isinstance(item, ast.Name) and item.id in ("Exception", "BaseException"))
        for item in kinds
    )


def test_only_the_envelope_catches_everything() -> None:
    broad = [
        module
        for module in source_files()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type)
    ]
    suppressing = [
        module
        for module in source_files()
        for node in calls(module, "suppress")
        if any(is_broad(argument) for argument in node.args)
    ]

    assert broad == ["bot.envelope"]
    assert suppressing == []


@pytest.mark.parametrize("module", sorted(MAY_IMPORT))
def test_file_is_short_and_says_what_it_is_for(module: str) -> None:
    text = source_files()[module].read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(tree(module))


def test_files_beside_the_bot_are_short_too() -> None:
    paths = [*ROOT.glob("scripts/*.py"), *ROOT.glob("bench/*.py")]

    assert len(paths) >= 4
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name for name, length in lengths.items() if length > MOST_LINES} == set()


def spoken(node: ast.AST) -> str:
    """The words of a string as they would be read, with one word for each value put in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(spoken(part) for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "x"


def is_for_developers(node: ast.AST) -> bool:
    """Raised, made into an error, or part of the command line's help."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.Call):
        return called(node).lower().endswith("error")
    if isinstance(node, ast.keyword):
        return node.arg in ("help", "description")
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        return names == ["message"]
    return False


def sentences(node: ast.AST) -> Iterator[str]:
    """Strings of more than 11 words below a node that a student might read."""
    has_docstring = isinstance(
        node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    ) and ast.get_docstring(node)
    if is_for_developers(node):
        return
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        if len(spoken(node).split()) > MOST_WORDS:
            yield spoken(node)
        return
    for child in ast.iter_child_nodes(node):
        if has_docstring and child is node.body[0]:  # type: ignore[attr-defined]  # has a body
            continue
        yield from sentences(child)


@pytest.mark.parametrize("module", sorted(MAY_IMPORT))
def test_code_holds_no_sentence_that_a_student_could_read(module: str) -> None:
    assert list(sentences(tree(module))) == []


def test_sentences_finds_one_where_it_is_said_and_not_where_it_is_explained() -> None:
    words = "one two three four five six seven eight nine ten eleven {x} twelve"
    said = ast.parse(f'"""{words}"""\nsay(f"{words}")\nsay("short")')
    explained = ast.parse(f'raise E("{words}")\nmessage = f"{words}"\nadd(help="{words}")')

    assert len(list(sentences(said))) == 1
    assert list(sentences(explained)) == []


def scripts_in(code: ast.AST) -> Iterator[ast.Module]:
    """Every text in some code that is Python itself: what a test runs in a process of its own."""
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            try:
                yield ast.parse(node.value)
            except (SyntaxError, ValueError):
                continue


def patched_in(code: ast.AST) -> Iterator[str]:
    """Every module whose parts a text names, as a patch does: "bot.commands.load_brain"."""
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (name for name in source_files() if f"{node.value}.".startswith(f"{name}."))


def test_every_module_is_named_by_a_test() -> None:
    tests = [path for path in ROOT.glob("tests/test_*.py") if path.name != Path(__file__).name]
    named: set[str] = set()
    for path in tests:
        code = ast.parse(path.read_text(encoding="utf-8"))
        subject = path.stem.removeprefix("test_")
        named.update(name for name in source_files() if name.endswith(f".{subject}"))
        named.update(imports_in(code), patched_in(code))
        for script in scripts_in(code):
            named.update(imports_in(script))

    packages = {module for module, path in source_files().items() if path.stem == "__init__"}
    assert len(tests) >= 15
    assert set(source_files()) - packages - named == set()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("bot.turn", ("rasa", "tensorflow", "spacy")),
        ("bot.envelope", ("rasa", "tensorflow", "spacy")),
        ("bot.app", ("rasa", "tensorflow")),
        ("bot.__main__", ("rasa", "tensorflow", "spacy", "onnxruntime")),
    ],
)
def test_importing_does_not_load_what_is_slow(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"

    done = subprocess.run(  # noqa: S603 (names from the table above)
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded.isdisjoint(unwanted)
