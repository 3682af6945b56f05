"""Finds what answers a message: a card or two, questions to choose from, or nothing.

Understands a message together with what was said before: "the second one", "and boys?".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.chat import Chat
from bot.content.library import Content
from bot.content.school import Route
from bot.content.telling import Topic
from bot.content.words import Card, plain
from bot.handover import team_member
from bot.model import Brain, Choice, Look, Message, Urgency

_SENTENCE_ENDS = r"(?<=[?.!])\s+"
_FEWEST_WORDS = 2  # in each of two questions
_MOST_PARTS = 3
# The two cards that are more than their text.
FIRST_SENTENCE = "first_sentence"
WHO_FOR_MY_YEAR = "who_for_my_year"
NOTHING = Choice(None, "nlu_fallback", 0.0)


@dataclass(frozen=True)
class Found:
    """What answers a message.

    Attributes:
        cards: To be given, in this order; at most two.
        route: Whom the student asked something about, instead of a card.
        likely: To be offered, where none is sure enough: "Did you mean".
        choice: Of the brain, for the first card.
    """

    cards: tuple[Card, ...] = ()
    route: Route | None = None
    likely: tuple[Card, ...] = ()
    choice: Choice = NOTHING


async def find(message: Message, look: Look, chat: Chat, brain: Brain, content: Content) -> Found:
    """What answers a message.

    Args:
        message: What was typed.
        look: What the spotter saw in it.
        chat: Its memory: what was offered, and what was answered last.
        brain: Chooses a card for a text.
        content: All cards.

    Raises:
        ModelError: When the brain cannot choose.
    """
    chosen = picked(message.text, chat, content)
    if chosen is not None:
        return Found((chosen,), choice=sure_of(chosen))
    choice = await _in_context(message, look, chat, brain, content)
    route = _route(choice, look, chat, content)
    if route is not None:
        return Found(route=route, choice=choice)
    parts = await _of_parts(message, look, brain, content) if "question" in look.cues else []
    of_one = choice.confidence >= content.signals.asking.data.sure
    if len(parts) == 2 and (not of_one or choice.answer in {card.id for card, _ in parts}):
        return Found(tuple(card for card, _ in parts), choice=choice)
    card = _fitting(choice, look, chat, content)
    if card is None or _is_of_team(card, content):
        # "i do not trust ms james" does not ask who she is.
        card = content.cards.get(held_back(look), card)
    half = max(choice.confidence, content.signals.asking.data.sure_of_half)
    if parts and (card is None or look.signals or parts[0][1] > half):
        # "my dad hits me. who is ms james?": the half that asks is clearer than the whole.
        part = parts[0][0]
        return Found((_of_year(part, chat, content),), choice=sure_of(part))
    if card is not None:
        return Found((_of_year(card, chat, content),), choice=choice)
    return Found(likely=_likely(choice, look, content), choice=choice)


def sure_of(card: Card) -> Choice:
    """The choice of a card that needed no brain."""
    return Choice(card.id, card.id, 1.0)


def held_back(look: Look) -> str:
    """The card for somebody who holds back from asking for help, or ""."""
    return next((cue.removeprefix("path:") for cue in sorted(look.cues) if "path:" in cue), "")


def aspects(look: Look) -> frozenset[str]:
    """What of a route was asked about: its cost, who is told, and so on."""
    return frozenset(cue.removeprefix("aspect:") for cue in look.cues if "aspect:" in cue)


def topic(text: str, chat: Chat, content: Content) -> Topic | None:
    """The topic of a first sentence that was chosen from those just offered."""
    topics = {topic.id: topic for topic in content.first_sentence.topics}
    if not topics.keys() & set(chat.offered):
        return None
    chosen = {plain(topic.choice): topic for topic in topics.values()}
    return chosen.get(plain(text)) or topics.get(_place(text, chat, content))


def picked(text: str, chat: Chat, content: Content) -> Card | None:
    """The card of a question as it stands on a button, or of "the second one" after an offer."""
    name = content.asked.get(plain(text)) or _place(text, chat, content)
    return content.cards.get(name)


def was_offered(text: str, chat: Chat, content: Content) -> bool:
    """Whether a message is one of the choices of the last reply, in AskSafe's own words."""
    questions = {
        plain(content.cards[name].question) for name in chat.offered if name in content.cards
    }
    topics = {
        plain(each.choice) for each in content.first_sentence.topics if each.id in chat.offered
    }
    return plain(text) in questions | topics


def _place(text: str, chat: Chat, content: Content) -> str:
    """What "the second one" means of what was offered, or ""."""
    said = plain(text)
    for name, words in zip(chat.offered, content.signals.asking.data.picks, strict=False):
        if said in words:
            return name
    return ""


def _route(choice: Choice, look: Look, chat: Chat, content: Content) -> Route | None:
    """The route of which an aspect was asked; where none is named, the one just answered about."""
    card = content.cards.get(choice.answer or "")
    asked_else = card is not None and not card.answers
    if not aspects(look) or (asked_else and choice.confidence >= content.signals.asking.data.sure):
        return None
    named = [cue.removeprefix("route:") for cue in sorted(look.cues) if "route:" in cue]
    if not named and "follow_up" in look.cues:
        named = content.cards[chat.last_card].routes if chat.last_card in content.cards else []
    return content.routes.get(named[0]) if len(named) == 1 else None


def _is_of_team(card: Card, content: Content) -> bool:
    return card.id in content.routes and content.routes[card.id].kind == "team"


def _of_year(card: Card, chat: Chat, content: Content) -> Card:
    """Instead of "who is for my year", the person for it, where the year is known."""
    if card.id != WHO_FOR_MY_YEAR or chat.standing.year is None:
        return card
    member = team_member(chat.standing.year, content.routes.values())
    return content.cards.get(member.id, card) if member else card


async def _in_context(
    message: Message, look: Look, chat: Chat, brain: Brain, content: Content
) -> Choice:
    """The brain's choice; for a short message that goes on, by itself and with the last answer."""
    text = look.text or message.text
    choice = await brain.choose(text, message.chat)
    last = content.cards.get(chat.last_card or "")
    if last is None or "follow_up" not in look.cues:
        return choice
    going_on = await brain.choose(f"{last.question} {text}", message.chat)
    return _either(choice, going_on, last, content)


def _either(alone: Choice, going_on: Choice, last: Card, content: Content) -> Choice:
    """What a message means by itself or after the last card, whichever is surer, as one choice."""
    shares = dict(alone.ranking)
    for name, each in going_on.ranking:
        # The last card once more is seldom an answer to what was asked after it.
        again = name == last.id and alone.answer != last.id
        if name in content.cards and content.cards[name].answers and not again:
            shares[name] = max(each, shares.get(name, 0.0))
    ranking = tuple(sorted(shares.items(), key=lambda item: -item[1]))
    if not ranking:
        return alone
    name, confidence = ranking[0]
    of = going_on if going_on.answer == name else alone
    says = (of.says, of.says_share) if of.answer == name else ("", 0.0)
    return Choice(name, name, confidence, ranking, *says)


async def _of_parts(
    message: Message, look: Look, brain: Brain, content: Content
) -> list[tuple[Card, float]]:
    """The two cards that answer parts of a message of several, and how sure each is."""
    asking = content.signals.asking.data
    joins = "|".join(map(re.escape, asking.joins))
    text = (look.text or message.text).strip()
    parts = re.split(rf"{_SENTENCE_ENDS}|\s(?:{joins})\s", text, flags=re.I)
    parts = [part for part in parts if len(part.split()) >= _FEWEST_WORDS]
    if not 2 <= len(parts) <= _MOST_PARTS:
        return []
    cards: dict[str, tuple[Card, float]] = {}
    for part in parts:
        of_part = await brain.choose(part, message.chat)
        card = content.cards.get(of_part.answer or "")
        clear = of_part.confidence >= asking.sure_of_a_part
        if card and card.answers and clear and card.raises is Urgency.NONE:
            cards.setdefault(card.id, (card, of_part.confidence))
    return list(cards.values())[:2]


def _fitting(choice: Choice, look: Look, chat: Chat, content: Content) -> Card | None:
    """The card to give: no small talk beside other words, no guesses at what asks nothing.

    To a model that knows no better word, what a frightened student types may sound like either.
    """
    cues, asking = content.signals.cues.data, content.signals.asking.data
    for name in cues.talk:
        # "it is nothing" takes back what was said; where nothing was, it may be a first try.
        takes_back = content.cards[name].denies and not chat.told
        if f"talk:{name}" in look.cues and (choice.answer == name or not takes_back):
            return content.cards[name]
    # The model may know a card that has been taken out of content/ since it was trained.
    card = content.cards.get(choice.answer or "")
    if card is None or card.id in cues.talk or choice.confidence < asking.sure:
        return None
    unsure = choice.confidence < asking.sure_of_a_statement
    if unsure and not asks(look, choice) and not raises(card, look):
        return None
    return card


def asks(look: Look, choice: Choice) -> bool:
    """Whether something is asked, be it by saying what one thinks: "so its only girls"."""
    return "question" in look.cues or bool(choice.says)


def _likely(choice: Choice, look: Look, content: Content) -> tuple[Card, ...]:
    """Cards that may be meant, the likeliest first; none where nothing was asked."""
    asking = content.signals.asking.data
    if not asks(look, choice):
        return ()
    ranked = [
        (content.cards[name], share) for name, share in choice.ranking if name in content.cards
    ]
    if ranked and not ranked[0][0].answers:
        return ()
    likely = [card for card, share in ranked if card.answers and share >= asking.likely]
    return tuple(likely[: asking.most_offered])


def raises(card: Card, look: Look) -> bool:
    """Whether a card is a sign of a worry; where the words themselves are calm, it is a guess."""
    return card.raises is not Urgency.NONE and "calm" not in look.cues
