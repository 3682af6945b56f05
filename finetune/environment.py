"""Makes .venv-finetune with PyTorch, which only train.py needs: `python -m finetune.environment`.

Installs what requirements-finetune.txt locks, with the uv and the package index of the set-up.
"""

from __future__ import annotations

import sys

from finetune.files import ROOT
from scripts.machine import SetupError
from scripts.setup import Places, Runner, fetch_uv, locked

FOLDER = ROOT / ".venv-finetune"


def main() -> int:
    """Make it, or bring it to what is locked; return the exit status."""
    places = Places(ROOT)
    try:
        with locked(places) as handle:
            runner = Runner(places, handle, steps=3)
            runner.step("Fetching uv", lambda: fetch_uv(places, runner, places.python))
            runner.step("Making .venv-finetune", lambda: _make(places, runner))
            runner.step("Installing PyTorch (several GB)", lambda: _install(places, runner))
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _make(places: Places, runner: Runner) -> None:
    runner.run(
        [places.uv, "venv", "--quiet", "--allow-existing", "--no-project",
         "--python", places.python, FOLDER],
        f"{FOLDER.name} could not be made: delete that folder, then run `make finetune` again.",
    )  # fmt: skip


def _install(places: Places, runner: Runner) -> None:
    runner.run(
        [places.uv, "pip", "sync", "--require-hashes", "--python", FOLDER / "bin" / "python",
         "requirements-finetune.txt"],
        "PyTorch could not be installed: check the network and the free disk space (several GB "
        "are needed), then run `make finetune` again.",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
