"""Drafts: what is said to a worry, to an answer about danger, to a denial, and to the unknown."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bot import wording
from bot.answering import Found
from bot.chat import Chat
from bot.content.library import Content
from bot.model import About, Category, Choice, Draft, Look, Signal, Standing, Urgency

ASKS = Look(cues=frozenset({"question"}))
SIGNS = Choice("signs", "signs", 0.9, (("signs", 0.9), ("gangs", 0.05)))


def told(
    urgency: Urgency = Urgency.URGENT,
    category: Category = Category.SUICIDE,
    about: About = About.SELF,
) -> tuple[Signal, Chat]:
    """A signal and a chat that has just noted it."""
    signal, chat = Signal(category, urgency, about, f"{category}.rule"), Chat()
    chat.note_signal(signal)
    return signal, chat


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("category", Category)
def test_worry_speaks_of_the_category_and_of_whom_it_is_about(
    content: Content, category: Category, about: About
) -> None:
    signal, chat = told(Urgency.URGENT, category, about)
    heard = content.heard[category, about]

    draft = wording.worry(signal, chat, content)

    assert draft.lead == (heard.heard, heard.not_your_fault[0], heard.next)
    assert (draft.urgency, draft.category, draft.about) == (Urgency.URGENT, category, about)
    assert draft.standing == chat.standing


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("category", Category)
def test_worry_gives_the_emergency_line_in_an_emergency(
    content: Content, category: Category, about: About
) -> None:
    signal, chat = told(Urgency.EMERGENCY, category, about)

    draft = wording.worry(signal, chat, content)

    assert content.heard[category, about].emergency in draft.lead
    assert "999" in content.heard[category, about].emergency


def test_worry_says_who_can_help_what_telling_means_and_who_sees_this(content: Content) -> None:
    signal, chat = told()

    draft = wording.worry(signal, chat, content)

    assert draft.heading == content.notices.who_now
    assert draft.after == (content.notices.telling, content.notices.privacy)


def test_worry_varies_its_words_when_a_second_and_third_one_is_told(content: Content) -> None:
    signal, chat = told()
    leads = []
    for _ in range(4):
        leads.append(wording.worry(signal, chat, content).lead)
        chat.note_signal(signal)

    assert leads[1][0] in content.notices.more_than_once
    assert all(first[0] != second[0] for first, second in pairwise(leads))


def test_worry_names_people_outside_school_when_it_is_about_staff(content: Content) -> None:
    signal, chat = told()

    draft = wording.worry(signal, chat, content, staff=True)

    assert content.notices.staff_worry in draft.lead
    assert content.notices.staff_worry not in wording.worry(signal, chat, content).lead


@pytest.mark.parametrize(
    ("urgency", "asked_at", "asked"),
    [
        (Urgency.CONCERN, Urgency.NONE, False),
        (Urgency.URGENT, Urgency.NONE, True),
        (Urgency.EMERGENCY, Urgency.NONE, True),
        (Urgency.URGENT, Urgency.URGENT, False),
        (Urgency.EMERGENCY, Urgency.URGENT, True),
        (Urgency.EMERGENCY, Urgency.EMERGENCY, False),
    ],
)
def test_worry_asks_about_danger_once_and_again_only_when_it_got_more_urgent(
    content: Content, urgency: Urgency, asked_at: Urgency, asked: bool
) -> None:
    signal, chat = told(urgency, Category.BULLYING)
    chat.asked_at = asked_at

    draft = wording.worry(signal, chat, content)

    question = f"{content.notices.danger_question} {content.notices.danger_answers}"
    assert draft.question == (question if asked else "")


@pytest.mark.parametrize(
    ("rule", "pending", "asked"),
    [("suicide.wish", 0, True), ("suicide.wish", 1, False), ("classifier", 0, False)],
    ids=["plain words", "just asked", "only the classifier hears it"],
)
def test_suicide_in_plain_words_is_asked_about_again(
    content: Content, rule: str, pending: int, asked: bool
) -> None:
    signal, chat = told()
    chat.asked_at, chat.asked_danger = Urgency.URGENT, pending

    draft = wording.worry(replace(signal, rule=rule), chat, content)

    assert bool(draft.question) is asked


@pytest.mark.parametrize(
    ("cues", "urgency", "notice"),
    [
        ({"yes"}, Urgency.EMERGENCY, "danger_yes"),
        ({"unsure"}, Urgency.URGENT, "danger_unsure"),
        ({"no"}, Urgency.CONCERN, "danger_no"),
        ({"yes", "unsure"}, Urgency.URGENT, "danger_unsure"),
        ({"yes", "no"}, Urgency.CONCERN, "danger_no"),
    ],
    ids=["yes", "not sure", "no", "i am not sure", "i am not"],
)
def test_danger_answer_says_what_to_do(
    content: Content, cues: set[str], urgency: Urgency, notice: str
) -> None:
    _, chat = told(Urgency.CONCERN)

    draft = wording.danger_answer(Look(cues=frozenset(cues)), chat, content)

    assert draft is not None
    assert draft.lead == (getattr(content.notices, notice),)
    assert draft.urgency is urgency
    assert draft.standing.category is Category.SUICIDE


@pytest.mark.parametrize(
    ("cue", "after"),
    [("yes", Urgency.EMERGENCY), ("unsure", Urgency.URGENT), ("no", Urgency.URGENT)],
)
def test_danger_answer_raises_what_stands_and_never_lowers_it(
    content: Content, cue: str, after: Urgency
) -> None:
    _, chat = told(Urgency.URGENT)

    draft = wording.danger_answer(Look(cues=frozenset({cue})), chat, content)

    assert chat.standing.urgency is after
    assert draft is not None
    assert draft.standing == chat.standing


def test_danger_answer_is_none_when_nothing_was_answered(content: Content) -> None:
    _, chat = told()

    assert wording.danger_answer(Look(cues=frozenset({"question"})), chat, content) is None


def given(card: str, content: Content) -> Found:
    return Found((content.cards[card],), choice=SIGNS)


def test_with_answer_adds_the_card_its_sources_and_its_routes(content: Content) -> None:
    draft = wording.with_answer(Draft(lead=("Hello.",)), given("ceop", content), content)

    assert draft.lead == ("Hello.",)
    assert (draft.answer_id, draft.answer) == ("ceop", content.cards["ceop"].text)
    assert draft.card_routes == tuple(content.cards["ceop"].routes)
    assert draft.sources == content.sources["ceop"]
    assert draft.intent == "signs"


@pytest.mark.parametrize(
    ("card", "answered"),
    [
        ("signs", True),
        ("childline", True),
        ("what_can_you_do", True),
        ("greet", False),
        ("out_of_scope", False),
        ("worry", False),
    ],
)
def test_with_answer_says_answered_only_when_a_question_was_answered(
    content: Content, card: str, answered: bool
) -> None:
    draft = wording.with_answer(Draft(), given(card, content), content)

    assert draft.answered is answered


def test_with_answer_shows_where_a_document_card_comes_from(content: Content) -> None:
    for card in content.cards.values():
        draft = wording.with_answer(Draft(), given(card.id, content), content)

        assert bool(draft.paper_trail) == bool(draft.sources)
        if card.kind == "document":
            assert draft.sources


def test_plain_says_that_people_are_there(content: Content) -> None:
    draft = wording.plain(Chat(), content, ("Nothing was typed.",))

    assert draft == Draft(lead=("Nothing was typed.",), heading=content.notices.who_row)


def test_plain_keeps_the_help_in_one_line_when_a_worry_was_told_before(content: Content) -> None:
    _, chat = told()

    draft = wording.plain(chat, content)

    assert draft.heading in content.notices.still_here
    assert draft.standing.urgency is Urgency.URGENT
    assert draft.urgency is Urgency.NONE


def test_denied_is_kind_and_the_help_stays(content: Content) -> None:
    _, chat = told(Urgency.EMERGENCY)

    draft = wording.denied(chat, content, Choice("joking", "joking", 0.9))

    assert draft.lead[0] in content.notices.denied
    assert draft.urgency is Urgency.CONCERN
    assert draft.standing.urgency is Urgency.EMERGENCY
    assert draft.heading == content.notices.who_now
    assert not draft.answered


def test_with_answer_gives_two_cards_each_source_and_route_once(content: Content) -> None:
    two = Found((content.cards["signs"], content.cards["gangs"]), choice=SIGNS)

    draft = wording.with_answer(Draft(), two, content)

    assert draft.answer_ids == ("signs", "gangs")
    assert draft.answer.startswith(content.cards["signs"].text)
    assert draft.answer.endswith(content.cards["gangs"].text)
    assert len(draft.sources) == len(set(draft.sources))


@pytest.mark.parametrize(
    ("says", "share", "confirms"),
    [
        ("yes", 1.0, "confirm_yes"),
        ("no", 1.0, "confirm_no"),
        ("yes", 0.6, None),
        ("no", 0.6, None),
    ],
)
def test_with_answer_says_yes_or_no_first_to_a_statement_only_where_it_is_sure(
    content: Content, says: str, share: float, confirms: str | None
) -> None:
    card = content.cards["once_or_many"].copy(update={"point": "Once counts."})
    choice = replace(SIGNS, says=says, says_share=share)

    draft = wording.with_answer(Draft(), Found((card,), choice=choice), content)

    said = f"{getattr(content.notices, confirms)} Once counts." if confirms else "Once counts."
    assert draft.answer.splitlines()[0] == said


def test_with_answer_says_nothing_first_to_a_question(content: Content) -> None:
    card = content.cards["once_or_many"].copy(update={"point": "Once counts."})

    draft = wording.with_answer(Draft(), Found((card,), choice=SIGNS), content)

    assert draft.answer == card.text


def test_no_answer_offers_the_nearest_questions_and_people(content: Content) -> None:
    ranking = (("greet", 0.3), ("signs", 0.02), ("kooth", 0.01), ("gangs", 0.01), ("otr", 0.01))
    found = Found(choice=Choice(None, "nlu_fallback", 0.2, ranking))

    draft = wording.no_answer(ASKS, Chat(), content, found)

    assert draft.lead == (content.notices.dont_know, content.notices.dont_know_topics)
    assert [offer.id for offer in draft.offers] == ["signs", "kooth", "gangs"]
    assert not draft.answered


def test_no_answer_offers_nothing_when_no_topic_is_near(content: Content) -> None:
    found = Found(choice=Choice(None, "nlu_fallback", 0.2, (("greet", 0.3),)))

    assert wording.no_answer(ASKS, Chat(), content, found).lead == (content.notices.dont_know,)


def test_about_route_tells_what_was_asked_first_and_says_what_is_not_known(
    content: Content,
) -> None:
    route = content.routes["childline"]

    draft = wording.about_route(Draft(), route, frozenset({"who_is_told"}), content)

    lines = draft.answer.splitlines()
    assert lines[0] == content.telling.heading.format(name="Childline")
    assert lines[1].startswith("- Who they tell: ")
    assert draft.paper_trail[-1] == content.notices.partly_general
    assert (draft.answered, draft.card_routes) == (True, ("childline",))


def test_about_route_says_call_now_where_somebody_is_in_danger(content: Content) -> None:
    draft = wording.about_route(Draft(), content.routes["emergency_999"], frozenset(), content)

    assert draft.answer == content.telling.emergency


def test_first_sentence_puts_the_topic_into_each_sentence_and_sends_nothing(
    content: Content,
) -> None:
    topic = content.first_sentence.topics[0]

    draft = wording.first_sentence(Chat(), content, topic)

    assert draft.answer.count(topic.about) == len(content.first_sentence.sentences)
    assert content.first_sentence.after in draft.answer


def test_unread_is_never_taken_for_safe(content: Content) -> None:
    chat = Chat(standing=Standing(year=8))

    draft = wording.unread(chat, content, "Not readable.")

    assert draft.urgency is Urgency.EMERGENCY
    assert draft.standing == Standing(urgency=Urgency.EMERGENCY, year=8)
    assert draft.lead == ("Not readable.",)
