"""The normaliser: what teenagers type becomes the plain words that rules are written in.

The tables are the school's own (content/signals/normalise.yml); the words that misspellings are
mended towards are a few of our own, so that a new rule cannot change what is tested here.
"""

import re
import string
import time
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content.files import read
from bot.content.signals import NormaliseFile
from bot.settings import ROOT
from bot.spotting.normalise import Normaliser
from bot.spotting.spotter import Spotter
from bot.spotting.vocabulary import word_frequencies
from tests.fakes import make_signals

WORDS = """
blackmail boyfriend everyone friends kill knife myself naked nudes picture pictures police
pretend scared school someone stepdad suicide threatened touched tonight raped
"""
RULE_WORDS = frozenset(WORDS.split())
MOST_SECONDS = 0.5  # of processor time, for one message of any length


@cache
def school_normaliser() -> Normaliser:
    tables = read(ROOT / "content" / "signals" / "normalise.yml", NormaliseFile).data
    return Normaliser(tables, RULE_WORDS, 5_000)


def normalised(text: str) -> str:
    return school_normaliser()(text).text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("don't", "do not"),
        ("dont", "do not"),
        ("don\u2019t", "do not"),
        ("don\u02bct", "do not"),
        ("DON`T", "do not"),
        ("can't", "can not"),
        ("cannot", "can not"),
        ("won\u2019t", "will not"),
        ("wont", "will not"),
        ("shan't", "shall not"),
        ("ain't", "is not"),
        ("aint", "is not"),
        ("i'm", "i am"),
        ("im", "i am"),
        ("i\u2019ve", "i have"),
        ("ive", "i have"),
        ("he's", "he is"),
        ("shes", "she is"),
        ("they're", "they are"),
        ("youre", "you are"),
        ("it's", "it is"),
        ("thats", "that is"),
        ("wouldn't've", "would not have"),
        ("he'd", "he would"),
        ("we'll", "we will"),
        ("mum's hitting me", "mum is hitting me"),
        ("mum's phone", "mums phone"),
    ],
)
def test_normaliser_writes_contractions_out(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("i feel ill", "i feel ill"),
        ("i'll tell", "i will tell"),
        ("show your id", "show your id"),
        ("i'd tell", "i would tell"),
        ("we were well", "we were well"),
        ("go to hell", "go to hell"),
        ("in the shed", "in the shed"),
        ("she wed him", "she wed him"),
        ("a shell", "a shell"),
        ("he lets me", "he lets me"),
    ],
)
def test_normaliser_leaves_a_word_alone_when_it_only_looks_like_a_contraction(
    typed: str, plain: str
) -> None:
    assert normalised(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("gonna", "going to"),
        ("wanna", "want to"),
        ("gotta", "got to"),
        ("idk", "i do not know"),
        ("u r l8", "you are late"),
        ("me n him", "me and him"),
        ("me & him", "me and him"),
        ("w/ him", "with him"),
        ("abt it", "about it"),
        ("bc", "because"),
        ("cuz", "because"),
        ("coz", "because"),
        ("ppl", "people"),
        ("smth", "something"),
        ("some1", "someone"),
        ("sum1", "someone"),
        ("every1", "everyone"),
        ("no1", "no one"),
        ("rn", "right now"),
        ("2nite", "tonight"),
        ("tmrw", "tomorrow"),
        ("my bf", "my boyfriend"),
        ("her gf", "her girlfriend"),
        ("m8", "mate"),
        ("kms", "kill myself"),
        ("kys", "kill yourself"),
        ("unalive", "kill"),
        ("sewerslide", "suicide"),
        ("plz", "please"),
        ("tbh", "to be honest"),
        ("thru", "through"),
        ("wot", "what"),
        ("cud", "could"),
        ("noods", "nudes"),
        ("n00ds", "nudes"),
        ("step dad", "stepdad"),
        ("step-dad", "stepdad"),
        ("step mum", "stepmum"),
    ],
)
def test_normaliser_writes_text_speak_out(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        pytest.param("k i l l myself", "kill myself", id="spaced"),
        pytest.param("k.i.l.l myself", "kill myself", id="dots"),
        pytest.param("s.u.i.c.i.d.e", "suicide", id="dots in a long word"),
        pytest.param("s-u-i-c-i-d-e", "suicide", id="dashes"),
        pytest.param("k_i_l_l myself", "kill myself", id="low lines"),
        pytest.param("k m s", "kill myself", id="spaced text-speak"),
        pytest.param("su*cide", "suicide", id="star"),
        pytest.param("k**l", "kill", id="two stars"),
        pytest.param("su#cide", "suicide", id="hash"),
        pytest.param("sui-cide", "suicide", id="cut by a dash"),
        pytest.param("sui.cide", "suicide", id="cut by a dot"),
        pytest.param("k1ll mys3lf", "kill myself", id="digits"),
        pytest.param("$u1cide", "suicide", id="dollar"),
        pytest.param("he r@ped me", "he raped me", id="at sign"),
        pytest.param("n@ked", "naked", id="at sign in another word"),
        pytest.param("k!ll myself", "kill myself", id="exclamation mark inside a word"),
        pytest.param("su!cide", "suicide", id="exclamation mark inside a long word"),
        pytest.param("k\u0456ll mys\u0435lf", "kill myself", id="Cyrillic look-alikes"),
        pytest.param("\uff2b\uff29\uff2c\uff2c myself", "kill myself", id="full width"),
        pytest.param("\U0001d4f4\U0001d4f2\U0001d4f5\U0001d4f5", "kill", id="script letters"),
        pytest.param("ki\u200bll my\u200dself", "kill myself", id="zero width"),
        pytest.param("ki\u00adll", "kill", id="soft hyphen"),
        pytest.param("k\u0336i\u0336l\u0336l\u0336", "kill", id="struck through"),
        pytest.param("k\u00efll", "kill", id="accent"),
        pytest.param("KILL MYSELF", "kill myself", id="capitals"),
        pytest.param("kiiiillll mysellllf", "kill myself", id="repeated letters"),
        pytest.param("\U0001f52a", "knife", id="knife emoji"),
        pytest.param("\U0001f52a\U0001f52a him", "knife knife him", id="two emoji and a word"),
    ],
)
def test_normaliser_undoes_a_disguise(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("threatend", "threatened"),
        ("thretened", "threatened"),
        ("blackmale", "blackmail"),
        ("suiside", "suicide"),
        ("skared", "scared"),
        ("toched", "touched"),
        ("boyfreind", "boyfriend"),
        ("picturs", "pictures"),
        ("myslef", "myself"),
    ],
)
def test_normaliser_mends_a_misspelling_towards_a_rule_word(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


def test_normaliser_never_changes_an_english_word() -> None:
    tables = read(ROOT / "content" / "signals" / "normalise.yml", NormaliseFile).data
    spoken = tables.text_speak.keys() | tables.joined.keys()
    words = [word for word in word_frequencies() if word.isalpha() and word not in spoken]
    normalise = Normaliser(tables, RULE_WORDS, 2_000_000)

    plain = normalise("\n".join(words)).text.split(" . ")

    assert len(words) > 80_000
    assert [pair for pair in zip(words, plain, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("hes 31yo", "he is 31 year old"),
        ("14yr old", "14 year old"),
        ("2yrs ago", "2 years ago"),
        ("5km away", "5 km away"),
        ("on 07700 900123", "on 07700 900123"),
        ("year9", "year9"),
        ("b4 school", "before school"),
    ],
)
def test_normaliser_parts_a_number_from_its_unit(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        pytest.param("im gettin it", "i am getting it", id="no g at the end"),
        pytest.param("begin again", "begin again", id="a word that ends so"),
        pytest.param("scaredd", "scared", id="last letter twice"),
        pytest.param("i will tell", "i will tell", id="a word that ends so too"),
        pytest.param("under 13s", "under 13", id="plural of a number"),
    ],
)
def test_normaliser_mends_the_end_of_a_word(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


def test_normaliser_takes_the_commoner_of_two_words_that_are_as_near() -> None:
    tables = school_normaliser()._tables
    mend = Normaliser(tables, frozenset({"beefing", "being"}), 100)

    assert mend("beeing").text == "being"


@pytest.mark.parametrize("word", ["jqvxs*cret", "m_jqvxother", "jqvx#word", "k*jqvx*l"])
def test_normaliser_leaves_no_typed_word_in_the_cache_of_patterns(word: str) -> None:
    normalised(f"my {word} here")

    patterns = [str(pattern) for pattern in re._cache]  # type: ignore[attr-defined]
    assert patterns
    assert [pattern for pattern in patterns if "jqvx" in pattern] == []


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("help\nhe is here", "help . he is here"),
        ("help\r\nhe is here", "help . he is here"),
        ("help. he is here", "help . he is here"),
        ("help!!! he is here", "help ! he is here"),
        ("why?!? he is here", "why ? he is here"),
        ("help... he", "help . he"),
        ('"help", (he) said;', "help he said"),
    ],
)
def test_normaliser_keeps_sentence_ends_and_no_other_sign(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain", "complete"),
    [
        pytest.param("", "", True, id="nothing"),
        pytest.param(" \t\n ", ".", True, id="blank"),
        pytest.param("12345", "12345", True, id="digits"),
        pytest.param("?!", "?", True, id="punctuation"),
        pytest.param("___ ///", "", True, id="signs"),
        pytest.param(
            "\u0633\u0627\u0639\u062f\u0646\u064a", "\u0633\u0627\u0639\u062f\u0646\u064a", False
        ),
        pytest.param("\u8bf7\u5e2e\u5e2e\u6211", "\u8bf7\u5e2e\u5e2e\u6211", False, id="Chinese"),
        pytest.param("help \u0633\u0627\u0639\u062f\u0646\u064a", None, False, id="mixed"),
        pytest.param("\ud800", "", False, id="lone surrogate"),
        pytest.param("\x00\x01\x02\x03\x04", "", False, id="binary"),
        pytest.param("\ufffd\ufffd\ufffd", "", False, id="undecodable bytes"),
        pytest.param("\U0001f9a9", "", True, id="emoji without a meaning here"),
        pytest.param("\u200b\u200b", "", False, id="only zero width"),
        pytest.param("caf\u00e9", "cafe", True, id="accent"),
        pytest.param("hi \U0001f9a9", "hi", True, id="emoji beside words"),
    ],
)
def test_normaliser_says_when_it_could_not_read_all(
    typed: str, plain: str | None, complete: bool
) -> None:
    seen = school_normaliser()(typed)

    assert seen.complete is complete
    assert plain is None or seen.text == plain


@pytest.mark.parametrize(
    "piece",
    ["a", "ab", "a ", "k i l l ", "su*cide ", "a.b-", "aa'", "\ufdfa", "1yr", "\U0001f52a", "\x00"],
    ids=ascii,
)
def test_normaliser_is_quick_and_says_not_all_was_read_when_a_message_is_huge(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    started = time.process_time()

    seen = school_normaliser()(text)

    assert time.process_time() - started < MOST_SECONDS
    assert not seen.complete


def test_normaliser_changes_nothing_when_a_table_is_empty() -> None:
    empty: dict[str, object] = {"text_speak": {}, "joined": {}, "emoji": {}, "look_alikes": {}}
    tables = make_signals(normalise=empty).normalise.data

    seen = Normaliser(tables, RULE_WORDS, 5_000)("he touched me")

    assert seen.text == "he touched me"


@given(st.text(max_size=300))
@example("\u0130\u00df\ufb01")
@example("a\u0300\u0301*#_")
def test_normaliser_gives_only_words_and_sentence_ends_for_any_text(text: str) -> None:
    words = normalised(text).split(" ")

    assert all(word in (".", "!", "?", "") or word.isalnum() for word in words)
    assert "" not in words or words == [""]
    assert not any(word != word.lower() for word in words if word.isascii())


ENGLISH = sorted(word for word in word_frequencies() if word.isalpha())
TYPED = st.one_of(
    st.sampled_from(ENGLISH),
    st.sampled_from(["dont", "u", "r", "kms", "31yr", "2nite", "im", "ill", "k1ll", "step dad"]),
    st.text(string.ascii_lowercase + string.digits + "'", min_size=1, max_size=8),
)


@given(st.lists(TYPED, min_size=1, max_size=8), st.sampled_from([" ", ". ", "\n", "? "]))
def test_normaliser_changes_nothing_when_it_reads_its_own_words_again(
    words: list[str], between: str
) -> None:
    once = normalised(between.join(words))

    assert normalised(once) == once


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ran 10kms today", "ran 10 kilometres today"),
        ("it is 5 kms away", "it is 5 kilometres away"),
        ("cycled 40 kms", "cycled 40 kilometres"),
        ("groot", "groot"),
        ("got an a* in maths", "got an a in maths"),
        ("c# is hard", "c is hard"),
        ("at 1am", "at 1 am"),
        ("\U0001f347 in my lunchbox", "grape in my lunchbox"),
    ],
)
def test_normaliser_makes_no_harm_of_harmless_words(typed: str, plain: str) -> None:
    assert school_normaliser()(typed).text == plain


@pytest.mark.parametrize("typed", ["\u2813\u2811\u2807\u280f", "help \u2813\u2811\u2807\u280f"])
def test_normaliser_does_not_say_that_it_read_braille(typed: str) -> None:
    assert not school_normaliser()(typed).complete


@pytest.mark.parametrize(
    ("typed", "text", "emoji"),
    [
        pytest.param("idk \U0001f97a", "i do not know", "pleading eyes", id="an answer stays one"),
        pytest.param("\U0001f51e ok", "ok", "no one under eighteen", id="no words for rules"),
        pytest.param("\U0001fa92" * 9_000, "", " ".join(["razor"] * 20), id="at most twenty"),
    ],
)
def test_normaliser_gives_names_of_unknown_emoji_apart_from_the_words(
    typed: str, text: str, emoji: str
) -> None:
    seen = Normaliser(school_normaliser()._tables, RULE_WORDS, 10_000)(typed)

    assert (seen.text, seen.emoji, seen.complete) == (text, emoji, True)


def test_normaliser_reads_a_word_with_a_digit_that_a_rule_looks_for() -> None:
    mend = Normaliser(school_normaliser()._tables, frozenset({"ps2"}), 100)

    assert mend("my ps2").text == "my ps2"


def test_normaliser_does_not_take_another_script_for_english() -> None:
    seen = school_normaliser()(
        "\u0445\u043e\u0447\u0443 \u0443\u043c\u0435\u0440\u0435\u0442\u044c"
    )

    assert not seen.complete


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        pytest.param("su*c*de", "suicide", id="stars in two places"),
        pytest.param("ki11 me", "kill me", id="ones for l"),
        pytest.param("idontwanttolive", "i do not want to live", id="no spaces"),
        pytest.param("hewontletmeleave", "he will not let me leave", id="no spaces, contraction"),
        pytest.param("h e  h i t s  m e", "he hits me", id="spaced letters, wide between words"),
        pytest.param("h e h i t s m e", "he hits me", id="spaced letters"),
        pytest.param("w~a~n~t to d~i~e", "want to die", id="waves"),
        pytest.param(
            "\U0001f178 \U0001f186ant to \U0001f173ie", "i want to die", id="boxed letters"
        ),
        pytest.param("k  i  l  l me", "kill me", id="spaced letters of one word, wide"),
        pytest.param("want to \u0501\u0456\u0435.", "want to die .", id="with a full stop"),
        pytest.param("\u0501\u200b\u0456\u0435", "die", id="with zero width"),
        pytest.param("i am 14 kms tonight", "i am 14 kill myself tonight", id="a number before"),
        pytest.param("suicidr", "suicide", id="last letter"),
    ],
)
def test_school_normaliser_undoes_what_slipped_past_it(
    school_spotter: Spotter, typed: str, plain: str
) -> None:
    assert school_spotter.normalise(typed).text == plain
