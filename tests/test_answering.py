"""What answers a message, understood together with what was said before."""

import pytest

from bot import answering
from bot.chat import Chat
from bot.content.library import Content
from bot.model import Choice, Draft, Look, Message, Offer, Standing
from tests.fakes import ScriptedBrain

ASKS = frozenset({"question"})
NOTHING = Choice(None, "nlu_fallback", 0.05)


def brain(**chosen: tuple[str, float]) -> ScriptedBrain:
    """Chooses by the words of a text; keys have _ for a space."""
    known = {words.replace("_", " "): choice for words, choice in chosen.items()}

    def choose(text: str) -> Choice:
        for words, (card, sure) in known.items():
            if words in text.lower():
                return Choice(card, card, sure, ((card, sure),))
        return NOTHING

    return ScriptedBrain(choose)


async def found(
    content: Content,
    text: str,
    asked: ScriptedBrain,
    *cues: str,
    chat: Chat | None = None,
) -> answering.Found:
    look = Look(cues=ASKS | set(cues))
    return await answering.find(Message(text, "chat"), look, chat or Chat(), asked, content)


def after(card: str) -> Chat:
    """A chat in which a card was just given."""
    chat = Chat()
    chat.note_reply(Draft(answered=True, answer_ids=(card,)))
    return chat


async def test_a_follow_up_is_understood_together_with_the_last_answer(content: Content) -> None:
    asked = brain(who_can_sexual_exploitation_happen_to=("can_it_happen_to_boys", 0.9))

    given = await found(
        content, "and boys?", asked, "follow_up", chat=after("who_can_it_happen_to")
    )

    assert [card.id for card in given.cards] == ["can_it_happen_to_boys"]


async def test_a_follow_up_that_is_clear_by_itself_is_taken_by_itself(content: Content) -> None:
    asked = brain(kooth=("kooth", 0.9))

    given = await found(content, "and kooth?", asked, "follow_up", chat=after("otr"))

    assert [card.id for card in given.cards] == ["kooth"]


async def test_a_follow_up_that_means_more_after_the_last_answer_is_taken_as_that(
    content: Content,
) -> None:
    asked = brain(happen_to=("can_it_happen_to_boys", 0.9), who_else=("outside_support", 0.8))

    given = await found(content, "who else", asked, "follow_up", chat=after("who_can_it_happen_to"))

    assert [card.id for card in given.cards] == ["can_it_happen_to_boys"]


async def test_a_message_that_does_not_go_on_is_never_mixed_with_the_last_answer(
    content: Content,
) -> None:
    asked = brain()

    given = await found(content, "what is the capital of peru", asked, chat=after("signs"))

    assert given.cards == ()
    assert all("signs" not in text for text in asked.asked)


@pytest.mark.parametrize("text", ["what is otr and what is kooth", "what is otr? what is kooth?"])
async def test_two_questions_in_one_message_get_two_cards(content: Content, text: str) -> None:
    given = await found(content, text, brain(otr=("otr", 0.9), kooth=("kooth", 0.9)))

    assert {card.id for card in given.cards} == {"otr", "kooth"}


async def test_two_halves_with_the_same_answer_get_one_card(content: Content) -> None:
    given = await found(content, "what is otr and who are otr", brain(otr=("otr", 0.9)))

    assert [card.id for card in given.cards] == ["otr"]


async def test_half_a_message_gets_no_card_where_it_is_not_sure(content: Content) -> None:
    asked = brain(what_is_otr=("otr", 0.9), who_made_it=("kooth", 0.3))

    given = await found(content, "what is otr and who made it", asked)

    assert [card.id for card in given.cards] == ["otr"]


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        (("route:childline", "aspect:cost"), "childline"),
        (("route:childline",), None),
        (("aspect:cost",), None),
        (("route:childline", "route:kooth", "aspect:cost"), None),
    ],
)
async def test_a_route_is_told_of_where_one_is_named_with_what_was_asked(
    content: Content, cues: tuple[str, ...], expected: str | None
) -> None:
    given = await found(content, "does childline cost anything", brain(), *cues)

    assert (given.route.id if given.route else None) == expected


async def test_a_follow_up_asks_about_the_route_that_was_just_answered_with(
    content: Content,
) -> None:
    chat = after("childline")

    given = await found(
        content, "and does it cost money", brain(), "follow_up", "aspect:cost", chat=chat
    )

    assert given.route is not None
    assert given.route.id == "childline"


async def test_what_nothing_answers_is_not_answered_with_a_route(content: Content) -> None:
    asked = brain(earn=("not_in_documents", 0.9))

    given = await found(
        content, "how much do they earn at childline", asked, "route:childline", "aspect:cost"
    )

    assert given.route is None
    assert [card.kind for card in given.cards] == ["unknown"]


@pytest.mark.parametrize(
    ("year", "card"),
    [(7, "ms_wilshire"), (8, "ms_wilshire"), (10, "mrs_thurston"), (12, "ms_james")],
)
async def test_who_is_for_me_is_the_person_for_the_year_that_was_said(
    content: Content, year: int, card: str
) -> None:
    chat = Chat(standing=Standing(year=year))

    given = await found(content, "who is it", brain(who=("who_for_my_year", 0.9)), chat=chat)

    assert [each.id for each in given.cards] == [card]


async def test_who_is_for_me_without_a_year_names_everybody(content: Content) -> None:
    given = await found(content, "who is it", brain(who=("who_for_my_year", 0.9)))

    assert [each.id for each in given.cards] == ["who_for_my_year"]


async def test_nothing_is_offered_where_the_likeliest_is_that_nobody_knows(
    content: Content,
) -> None:
    ranking = (("out_of_scope", 0.3), ("signs", 0.2))
    asked = ScriptedBrain(lambda _: Choice("out_of_scope", "out_of_scope", 0.3, ranking))

    assert (await found(content, "how tall is it", asked)).likely == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", "home"), ("the second", ""), ("Something online or a picture", "online"), ("no", "")],
)
def test_a_topic_is_chosen_by_its_place_or_its_words(
    content: Content, text: str, expected: str
) -> None:
    chat, topics = Chat(), content.first_sentence.topics
    chat.note_reply(Draft(offers=tuple(Offer(each.id, each.choice) for each in topics)))

    chosen = answering.topic(text, chat, content)

    assert (chosen.id if chosen else "") == expected


def test_a_topic_is_chosen_only_where_topics_were_offered(content: Content) -> None:
    assert answering.topic("something at home", Chat(), content) is None


def test_every_card_is_found_by_its_own_question(school_content: Content) -> None:
    for card in school_content.cards.values():
        assert answering.picked(card.question, Chat(), school_content) == card
