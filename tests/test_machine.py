"""What the set-up finds on a machine: a Python that runs, a pip, a package index.

Small shell scripts play the interpreters; nothing is installed.
"""

import sys
from pathlib import Path

import pytest

from scripts import machine
from scripts.machine import SetupError


def write_script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def says(*lines: str) -> str:
    return "#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("#!/bin/sh\necho 'pyenv: not found' >&2\nexit 127\n", id="broken shim"),
        pytest.param(says("3.10", "/usr/bin/python3.10"), id="other version"),
        pytest.param("#!/bin/sh\necho 3.11\necho /x\nexit 1\n", id="lacks a module"),
        pytest.param(says("3.11"), id="half an answer"),
        pytest.param(says("welcome", "3.11", "/x"), id="answers something else"),
        pytest.param("#!/no/such/shell\n", id="cannot start"),
    ],
)
def test_probe_refuses_what_does_not_run_as_3_11(tmp_path: Path, text: str) -> None:
    assert machine.probe(write_script(tmp_path / "python3.11", text)) is None


def test_probe_refuses_what_is_not_there(tmp_path: Path) -> None:
    assert machine.probe(tmp_path / "python3.11") is None


def test_probe_returns_the_interpreter_behind_a_shim(tmp_path: Path) -> None:
    shim = write_script(tmp_path / "python3.11", says("3.11", "/opt/real/python"))

    assert machine.probe(shim) == Path("/opt/real/python")


def test_probe_accepts_the_python_that_runs_the_tests() -> None:
    found = machine.probe(Path(sys.executable))

    assert found is not None
    assert found.exists()


def test_find_python_goes_on_after_a_broken_shim(tmp_path: Path) -> None:
    write_script(tmp_path / "shims" / "python3.11", "#!/bin/sh\nexit 127\n")
    write_script(tmp_path / "bin" / "python3", says("3.9", "/usr/bin/python3.9"))
    write_script(tmp_path / "more bin" / "python3", says("3.11", "/opt/py/python"))
    folders = ("shims", "empty", "bin", "more bin")
    path = ":".join(str(tmp_path / folder) for folder in folders)

    assert machine.find_python({"PATH": path, "HOME": str(tmp_path)}) == Path("/opt/py/python")


@pytest.mark.parametrize("variable", ["HOME", "PYENV_ROOT"])
def test_candidates_include_what_pyenv_has_installed(tmp_path: Path, variable: str) -> None:
    root = tmp_path / ".pyenv" if variable == "HOME" else tmp_path
    installed = write_script(root / "versions" / "3.11.9" / "bin" / "python", says())
    write_script(root / "versions" / "3.12.1" / "bin" / "python", says())

    found = list(machine.candidates({"PATH": "", variable: str(tmp_path)}))

    assert installed in found
    assert not any("3.12.1" in str(path) for path in found)


def test_candidates_come_once_and_can_be_run(tmp_path: Path) -> None:
    first = write_script(tmp_path / "a" / "python3.11", says())
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "python3.11").write_text("not executable", encoding="utf-8")
    path = f"{tmp_path / 'a'}:{tmp_path / 'b'}:{tmp_path / 'a'}"

    found = list(machine.candidates({"PATH": path, "HOME": str(tmp_path)}))

    assert found[0] == first
    assert len(found) == len(set(found))
    assert tmp_path / "b" / "python3.11" not in found


def test_find_pip_makes_a_venv_when_there_is_no_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '#!/bin/sh\n[ "$2" = venv ]\n'
    monkeypatch.setattr(sys, "executable", str(write_script(tmp_path / "python3", text)))

    command = machine.find_pip(tmp_path / "own", None)

    assert command == [str(tmp_path / "own" / "bin" / "python"), "-m", "pip"]


def test_find_pip_says_what_to_install_when_nothing_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = write_script(tmp_path / "python3", "#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(sys, "executable", str(broken))

    with pytest.raises(SetupError, match="apt install python3-venv"):
        machine.find_pip(tmp_path / "own", None)


@pytest.mark.parametrize(
    ("pip_config", "environ", "expected"),
    [
        pytest.param("", {}, {}, id="nothing set"),
        pytest.param("global.extra-index-url='file:///x'", {}, {}, id="extra alone is left"),
        pytest.param("global.index-url='file:///a'", {}, {"UV_INDEX_URL": "file:///a"}, id="index"),
        pytest.param(
            ":env:.index-url='file:///env'\nglobal.index-url='file:///a'",
            {},
            {"UV_INDEX_URL": "file:///env"},
            id="environment wins",
        ),
        pytest.param(
            "global.index-url='file:///a?b=c'\nglobal.extra-index-url='file:///x file:///y'",
            {},
            {
                "UV_INDEX_URL": "file:///a?b=c",
                "UV_EXTRA_INDEX_URL": "file:///x file:///y",
                "UV_INDEX_STRATEGY": "unsafe-best-match",
            },
            id="extra indexes",
        ),
        pytest.param(
            "global.cert='/a/cert.pem'", {}, {"SSL_CERT_FILE": "/a/cert.pem"}, id="certificate"
        ),
        pytest.param(
            "global.index-url='file:///a'\nglobal.cert='/a'",
            {"UV_DEFAULT_INDEX": "file:///uv", "SSL_CERT_FILE": "/own"},
            {},
            id="what uv is told already stays",
        ),
    ],
)
def test_index_settings_follow_pip(
    pip_config: str, environ: dict[str, str], expected: dict[str, str]
) -> None:
    assert machine.index_settings(pip_config, environ) == expected
