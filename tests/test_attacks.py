"""What attackers tried: disclosures to slip past the spotter, harmless words to make it cry wolf.

One line a message. A line that begins with "~ " is one that still succeeds: it stands there so that
nobody believes the spotter to be better than it is, and must lose its mark once it fails.
"""

from pathlib import Path

import pytest

from bot.spotting.spotter import Spotter

FOLDER = Path(__file__).with_name("attacks")


@pytest.mark.parametrize(
    ("name", "risky"),
    [
        pytest.param("slip_past.txt", True, id="slip past"),
        pytest.param("cry_wolf.txt", False, id="cry wolf"),
    ],
)
def test_attacks_that_failed_once_fail_again_and_those_that_succeed_are_marked(
    school_spotter: Spotter, name: str, risky: bool
) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    texts = [line.removeprefix("~ ") for line in lines]
    succeeding = {line.removeprefix("~ ") for line in lines if line.startswith("~ ")}

    seen = {text for text in texts if bool(school_spotter.spot(text).signals) is not risky}

    assert len(set(texts)) >= 250
    assert seen - succeeding == set()
    assert succeeding - seen == set()
