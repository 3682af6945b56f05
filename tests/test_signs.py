"""Signs that the normaliser reads by their names, and stars that stand for letters."""

import pytest

from bot.spotting.signs import any_of, fits, named


@pytest.mark.parametrize(
    ("sign", "letter", "words"),
    [
        pytest.param("\U0001fa92", "", ["razor"], id="a thing"),
        pytest.param("\U0001f178", "i", [], id="a letter in a box"),
        pytest.param("\U0001f1fa", "u", [], id="half a flag"),
        pytest.param("\U0001f910", "", ["zipper", "mouth"], id="a face, by what it does"),
    ],
)
def test_a_sign_is_read_by_its_name(sign: str, letter: str, words: list[str]) -> None:
    assert named(sign) == (letter, words)


@pytest.mark.parametrize(
    ("parts", "word", "fitting"),
    [
        (["su", "cide"], "suicide", True),
        (["su", "c", "de"], "suicide", True),
        (["su", "cide"], "sucide", False),
        (["k", ""], "kill", True),
        (["k", ""], "killing", False),
        (["kill"], "kill", True),
    ],
)
def test_each_gap_stands_for_one_to_four_letters(
    parts: list[str], word: str, fitting: bool
) -> None:
    assert fits(parts, word) is fitting


def test_the_longest_key_of_a_table_is_found_first() -> None:
    pattern = any_of({"step": "", "step dad": ""}, "(?:%s)")

    assert pattern.findall("my step dad") == ["step dad"]
    assert any_of({}, "(?:%s)").findall("step") == []
