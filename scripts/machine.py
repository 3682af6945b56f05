"""Finds what this machine has for the set-up: a Python 3.11, a pip, a package index.

Reads and runs, changes nothing but the folder it is given for a pip of its own. Like setup.py
it runs on any Python 3.8 or newer with nothing installed. Called by setup.py only.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence

VERSION = "3.11"
USUAL_PLACES = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "~/.local/bin")
# Modules that a self-compiled Python often lacks, and that only show when AskSafe runs.
PROBE = (
    "import sys, venv, ssl, sqlite3, ctypes; "
    "print('%d.%d' % sys.version_info[:2]); "
    "print(getattr(sys, '_base_executable', None) or sys.executable)"
)


class SetupError(Exception):
    """Raised with one sentence that says what to do next."""


def probe(candidate: Path) -> Optional[Path]:
    """Run `candidate`; return the interpreter behind it, or None unless it is a whole 3.11.

    Only running it tells: a pyenv shim is there and executable, yet may stand for nothing.
    """
    try:
        answer = subprocess.run(
            [str(candidate), "-I", "-c", PROBE],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True,
        ).stdout.splitlines()  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return Path(answer[1]) if len(answer) == 2 and answer[0] == VERSION else None


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield every file that may be a Python 3.11, likeliest first, each once."""
    home = Path(environ.get("HOME", "~")).expanduser()
    on_path = [Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    found = [folder / f"python{VERSION}" for folder in on_path]
    found += [folder / "python3" for folder in on_path]
    found += [Path(sys.executable)]
    found += sorted(pyenv.glob(f"{VERSION}*/bin/python"), reverse=True)
    found += [Path(place.replace("~", str(home), 1)) / f"python{VERSION}" for place in USUAL_PLACES]
    return (path for path in dict.fromkeys(found) if os.access(path, os.X_OK))


def find_python(environ: Mapping[str, str]) -> Optional[Path]:
    """Return the first whole Python 3.11, or None."""
    return next(filter(None, map(probe, candidates(environ))), None)


def find_pip(own: Path, python: Optional[Path]) -> List[str]:
    """Return a command that is pip, from an interpreter that has one or a venv made in `own`.

    Raises:
        SetupError: no interpreter here has pip or can make a venv.
    """
    interpreters = [str(own / "bin" / "python"), sys.executable, *([str(python)] if python else [])]
    for interpreter in interpreters:
        if _works([interpreter, "-m", "pip", "--version"]):
            return [interpreter, "-m", "pip"]
    for interpreter in interpreters[1:]:
        if _works([interpreter, "-m", "venv", "--clear", str(own)]):
            return [str(own / "bin" / "python"), "-m", "pip"]
    raise SetupError(
        "Python has no pip here: install it (on Debian or Ubuntu: apt install python3-venv), "
        "then run the same command again."
    )


def index_settings(pip_config: str, environ: Mapping[str, str]) -> Dict[str, str]:
    """Return the variables that make uv use this machine's package index, as pip would.

    Args:
        pip_config: what `pip config list` printed.
        environ: the environment; what it already says to uv stays.
    """
    values: Dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # the later one wins, as in pip
        for line in pip_config.splitlines():
            key, _, value = line.partition("=")
            if key.startswith(f"{section}."):
                values[key[len(section) + 1 :]] = " ".join(shlex.split(value))
    settings: Dict[str, str] = {}
    if "index-url" in values:
        settings["UV_INDEX_URL"] = values["index-url"]
        if "extra-index-url" in values:
            settings["UV_EXTRA_INDEX_URL"] = " ".join(values["extra-index-url"].split())
            # Every index is asked, as pip does; the hashes in the lock make that safe.
            settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if "cert" in values:
        settings["SSL_CERT_FILE"] = values["cert"]
    if any(name in environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL")):
        settings = {name: value for name, value in settings.items() if name == "SSL_CERT_FILE"}
    return {name: value for name, value in settings.items() if name not in environ}


def _works(command: Sequence[str]) -> bool:
    try:
        return not subprocess.call(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120
        )
    except (OSError, subprocess.SubprocessError):
        return False
