"""The phrase language: what each element matches, and what the loader says of a wrong one."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import spacy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.content.signals import SignalContent
from bot.errors import ContentError
from bot.spotting.matcher import PhraseMatcher, groups, vocabulary
from bot.spotting.normalise import Normaliser
from bot.spotting.phrases import PhraseError, compiler, words_of
from tests.fakes import make_rule, make_signals

RULE = "bullying.tried"
LISTS = {
    "they": ["he", "she", "my dad", "a boy", "one of them"],
    "threat": ["kill", "hurt", "beat up"],
}


@cache
def english() -> Vocab:
    return spacy.blank("en").vocab


HITS = [
    pytest.param("hurt", "he hurt me", "hurt", id="word"),
    pytest.param("hurt me", "it hurt me today", "hurt me", id="row of words"),
    pytest.param("hit|kicked me", "he kicked me", "kicked me", id="alternative"),
    pytest.param("{they} hit me", "she hit me", "she hit me", id="list"),
    pytest.param("{they} hit me", "my dad hit me", "my dad hit me", id="list entry of two"),
    pytest.param("{they} hit me", "our dad hit me", "dad hit me", id="other determiner"),
    pytest.param("{they} hit me", "dad hit me", "dad hit me", id="determiner left out"),
    pytest.param("{they} hit me", "one of them hit me", "one of them hit me", id="of three"),
    pytest.param("{they}|sam hit me", "sam hit me", "sam hit me", id="list or word"),
    pytest.param("{they}|sam hit me", "he hit me", "he hit me", id="list or word: the list"),
    pytest.param("he (really) hurt me", "he hurt me", "he hurt me", id="optional left out"),
    pytest.param("he (really) hurt me", "he really hurt me", "he really hurt me", id="optional"),
    pytest.param("he (so|very) mean", "he very mean", "he very mean", id="optional alternative"),
    pytest.param("will ({they}) go", "will my dad go", "will my dad go", id="optional list"),
    pytest.param("will ({they}) go", "will go", "will go", id="optional list left out"),
    pytest.param("hit .. me", "hit me", "hit me", id="short gap of none"),
    pytest.param("hit .. me", "hit all of me", "hit all of me", id="short gap of two"),
    pytest.param("hit ... me", "hit a b c d e me", "hit a b c d e me", id="long gap of five"),
    pytest.param("threat* me", "he threatened me", "threatened me", id="prefix"),
    pytest.param("threat* me", "he will threat me", "threat me", id="prefix alone"),
    pytest.param("i am #", "i am 12", "i am 12", id="number"),
    pytest.param("am #|twelve", "i am twelve", "am twelve", id="number or word"),
    pytest.param("help me !", "help me !", "help me !", id="sentence end as a word"),
]
MISSES = [
    pytest.param("hurt", "it hurts", id="longer word"),
    pytest.param("hurt me", "hurt and me", id="word between"),
    pytest.param("hurt me", "me hurt", id="other order"),
    pytest.param("hit|kicked me", "he touched me", id="no alternative"),
    pytest.param("{they} hit me", "someone hit me", id="not in the list"),
    pytest.param("he (really) hurt me", "he never hurt me", id="other word for an optional"),
    pytest.param("hit .. me", "hit a b c me", id="short gap of three"),
    pytest.param("hit ... me", "hit a b c d e f me", id="long gap of six"),
    pytest.param("hit .. me", "hit . me", id="short gap over a full stop"),
    pytest.param("hit ... me", "hit him ! me", id="long gap over an exclamation mark"),
    pytest.param("hit ... me", "hit who ? me", id="long gap over a question mark"),
    pytest.param("hit me", "hit . me", id="row over a full stop"),
    pytest.param("threat* me", "he treats me", id="other beginning"),
    pytest.param("i am #", "i am old", id="no number"),
]
PHRASES_TRIED = sorted({str(row.values[0]) for row in (*HITS, *MISSES)})
RULES = {phrase: make_rule(f"bullying.r{i}", phrase) for i, phrase in enumerate(PHRASES_TRIED)}


def content_of(*phrases: str, **keys: Any) -> SignalContent:
    return make_signals(make_rule(RULE, *phrases, **keys), words={"words": LISTS})


def matcher_of(content: SignalContent) -> PhraseMatcher:
    normaliser = Normaliser(content.normalise.data, vocabulary(content), 5_000)
    return PhraseMatcher(content, lambda text: normaliser(text).text)


@cache
def matcher_of_the_tables() -> PhraseMatcher:
    """One matcher for both tables, because each takes a fifth of a second to make."""
    return matcher_of(make_signals(*RULES.values(), words={"words": LISTS}))


def matches(phrase: str, text: str) -> list[str]:
    """The words of each match."""
    found = matcher_of_the_tables()(text)
    spans = found.of(f"rule:{RULES[phrase]['id']}")
    return [" ".join(found.words[start:end]) for start, end in spans]


@pytest.mark.parametrize(("phrase", "text", "hit"), HITS)
def test_phrase_matches_what_it_says(phrase: str, text: str, hit: str) -> None:
    found = matches(phrase, text)

    assert hit in found


@pytest.mark.parametrize(("phrase", "text"), MISSES)
def test_phrase_does_not_match_what_it_does_not_say(phrase: str, text: str) -> None:
    assert matches(phrase, text) == []


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        pytest.param("{tehy} hit me", "no word list is called 'tehy'; there are", id="list"),
        pytest.param("i dont know", "write 'do not'", id="text-speak"),
        pytest.param("he's mean", "letters and digits only", id="apostrophe"),
        pytest.param("Hit me", "lower-case", id="capital"),
        pytest.param("hit, me", "letters and digits only", id="comma"),
        pytest.param("hit| me", "is no plain lower-case word", id="empty alternative"),
        pytest.param("..", "no word that must be there; add one", id="only a gap"),
        pytest.param("(hit)", "no word that must be there; add one", id="only an optional"),
        pytest.param("(hit) ... (me)", "no word that must be there; add one", id="nothing solid"),
        pytest.param("{threat}|{they} " * 5, "cut it in two or use fewer lists", id="too many"),
    ],
)
def test_phrase_is_refused_with_what_to_write_instead(phrase: str, problem: str) -> None:
    with pytest.raises(ContentError, match="line") as error:
        matcher_of(content_of(phrase.strip()))

    assert error.value.code == "content.phrase"
    assert problem in str(error.value)


def test_word_list_entry_is_refused_when_the_normaliser_would_change_it() -> None:
    content = make_signals(make_rule(RULE, "hit me"), words={"words": {"they": ["dont"]}})

    with pytest.raises(ContentError, match="write 'do not'"):
        matcher_of(content)


def test_matcher_names_every_wrong_phrase_and_its_file_at_once() -> None:
    content = content_of("{tehy} hit", "i dont know")

    with pytest.raises(ContentError) as error:
        matcher_of(content)

    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert all("bullying.yml, line" in line for line in lines)


def test_rule_file_adds_lists_of_its_own_when_it_has_some() -> None:
    content = make_signals(make_rule(RULE, "{friends} left me"))
    content.rules[0].data.words["friends"] = ["mates"]

    found = matcher_of(content)("my mates left me")

    assert found.of(f"rule:{RULE}") == [(1, 4)]


def test_words_of_leaves_out_names_of_lists_and_prefixes() -> None:
    words = words_of(["{they} hit|kicked (really) me", "threat* i"])

    assert words == {"hit", "kicked", "really", "me"}


ELEMENTS = """
he hits me my dad not hits|kicked he|she|dad {they} ({they}) {threat} {threat}|hits (really)
(so|very) .. ... thr* hit* # #|me . (#)
"""
WORDS = """
he she hits kicked me my dad not one of them a boy beat up kill hurt really so very threw three
hitting 12 7 . ! ? other words
"""
PHRASES = st.lists(st.sampled_from(ELEMENTS.split()), min_size=1, max_size=5).map(" ".join)
TEXTS = st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)


def compiles(phrase: str) -> bool:
    try:
        compiler(LISTS, lambda text: text)(phrase)
    except PhraseError:
        return False
    return True


def plain_matcher(content: SignalContent) -> Callable[[str], set[tuple[str, int, int]]]:
    """One spaCy Matcher with all patterns of all groups, always run."""
    matcher = Matcher(english(), validate=False)
    for group in groups(content):
        patterns = [
            pattern
            for phrase in group.phrases
            for pattern in compiler(group.lists, lambda text: text)(phrase)
        ]
        if patterns:
            matcher.add(group.key, patterns)

    def find(text: str) -> set[tuple[str, int, int]]:
        hits = matcher(Doc(english(), words=text.split()))
        return {(english().strings[key], start, end) for key, start, end in hits}

    return find


@settings(max_examples=25)
@given(st.lists(PHRASES, min_size=3, max_size=10), st.lists(TEXTS, min_size=5, max_size=12))
def test_anchored_matcher_finds_exactly_what_a_plain_matcher_finds(
    phrases: list[str], texts: list[str]
) -> None:
    usable = [phrase for phrase in phrases if compiles(phrase)]
    assume(usable)
    rules = [
        make_rule(f"bullying.r{i}", phrase, unless=[usable[0]]) for i, phrase in enumerate(usable)
    ]
    content = make_signals(*rules, words={"words": LISTS})
    anchored, plain = matcher_of(content), plain_matcher(content)

    for text in texts:
        found = anchored(text)

        keys = [group.key for group in groups(content) if group.phrases]
        assert {(key, *span) for key in keys for span in found.of(key)} == plain(text)
