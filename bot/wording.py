"""Puts a draft together from approved sentences. Adds no word of its own, repeats none typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.answering import FIRST_SENTENCE, Found
from bot.chat import Chat
from bot.content.library import Content
from bot.content.school import Route
from bot.content.telling import Topic, what_happens
from bot.model import CLASSIFIER, Category, Choice, Draft, Look, Offer, Signal, Urgency


def worry(signal: Signal, chat: Chat, content: Content, staff: bool = False) -> Draft:
    """The reply to a signal: heard, not your fault, who can help now, at most one question.

    Args:
        signal: The strongest of the message.
        chat: Already holds this signal; what was told before chooses the wording.
        content: For the words.
        staff: True where it must be said whom to tell of a worry about staff.
    """
    notices = content.notices
    heard = content.heard[signal.category, signal.about]
    again = chat.told - 1
    lead = [_turned(notices.more_than_once, again - 1) if again else heard.heard]
    if signal.urgency is Urgency.EMERGENCY:
        lead.append(heard.emergency)
    lead.append(_turned(heard.not_your_fault, chat.earlier.count(signal.category) - 1))
    lead.append(heard.next)
    if staff:
        lead.append(notices.staff_worry)
    return Draft(
        lead=tuple(lead),
        heading=notices.who_now,
        after=(notices.telling, notices.privacy_again if again else notices.privacy),
        question=_danger_question(signal, chat, content),
        urgency=signal.urgency,
        category=signal.category,
        about=signal.about,
        standing=chat.standing,
    )


def danger_answer(look: Look, chat: Chat, content: Content) -> Draft | None:
    """The reply to yes, no or not sure, where AskSafe had just asked about danger."""
    notices = content.notices
    answers = (
        ("unsure", notices.danger_unsure, Urgency.URGENT),
        ("no", notices.danger_no, Urgency.CONCERN),
        ("yes", notices.danger_yes, Urgency.EMERGENCY),
    )
    for cue, words, urgency in answers:
        if cue in look.cues:
            lead = (words, *_still_an_emergency(chat, content)) if cue == "no" else (words,)
            if urgency.rank > chat.standing.urgency.rank:
                chat.standing = replace(chat.standing, urgency=urgency)
            return _of_earlier_worry(replace(_to_people(lead, chat, content), urgency=urgency))
    return None


def _still_an_emergency(chat: Chat, content: Content) -> tuple[str, ...]:
    """What to do all the same after "no", where something has already happened."""
    standing = chat.standing
    if standing.urgency is not Urgency.EMERGENCY or not (standing.category and standing.about):
        return ()
    return (content.heard[standing.category, standing.about].emergency,)


def with_answer(draft: Draft, found: Found, content: Content) -> Draft:
    """The same draft with the answer cards of what was found in it."""
    cards = found.cards
    texts = [*_said_to_a_statement(found, content), *(card.text for card in cards)]
    return replace(
        draft,
        answer="\n".join(texts),
        answer_ids=tuple(card.id for card in cards),
        answered=any(card.answers and card.raises is Urgency.NONE for card in cards),
        intent=found.choice.intent,
        sources=_each(content.sources[card.id] for card in cards),
        paper_trail=_each(content.trails[card.id] for card in cards),
        card_routes=_each(tuple(card.routes) for card in cards),
    )


def _said_to_a_statement(found: Found, content: Content) -> tuple[str, ...]:
    """What comes first where the student said what they think; "yes" and "no" only if sure."""
    choice, point = found.choice, found.cards[0].point
    if not choice.says or not point:
        return ()
    asking, notices = content.signals.asking.data, content.notices
    confirm = notices.confirm_yes if choice.says == "yes" else notices.confirm_no
    least = asking.sure_of_yes if choice.says == "yes" else asking.sure_of_no
    sure = choice.says_share * choice.confidence >= least
    return (f"{confirm} {point}\n" if sure else f"{point}\n",)


def about_route(draft: Draft, route: Route, first: frozenset[str], content: Content) -> Draft:
    """The same draft with what happens if the student goes to a route, what was asked first."""
    words = content.telling
    lines = [words.heading.format(name=_capital(route.name))]
    lines += [f"- {line}" for line in what_happens(route, words, first)]
    if route.kind == "emergency":
        lines = [words.emergency]
    source = content.route_sources[route.id]
    return replace(
        draft,
        answer="\n".join(lines),
        answer_ids=(f"telling.{route.id}",),
        answered=True,
        intent="telling",
        sources=(f"{source.title} § {source.section}",),
        paper_trail=(
            f"{content.notices.from_} {source.title}. {source.date_note}",
            content.notices.partly_general,
        ),
        card_routes=(route.id,),
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _each(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """What several cards hold, each once."""
    return tuple(dict.fromkeys(item for group in groups for item in group))


def plain(chat: Chat, content: Content, lead: tuple[str, ...] = ()) -> Draft:
    """A draft without a signal. What was said before keeps its help, in one line."""
    notices = content.notices
    heading = notices.who_row
    if chat.told:
        heading = _turned(notices.still_here, chat.turns)
    return Draft(lead=lead, heading=heading, standing=chat.standing)


def denied(chat: Chat, content: Content, choice: Choice) -> Draft:
    """The reply to "jk" after a worry: kind, and the help stays."""
    draft = _to_people((_turned(content.notices.denied, chat.turns),), chat, content)
    return _of_earlier_worry(replace(draft, intent=choice.intent, urgency=Urgency.CONCERN))


def no_answer(look: Look, chat: Chat, content: Content, found: Found) -> Draft:
    """The reply where there is neither a signal nor a card."""
    notices = content.notices
    if look.year is not None:
        return plain(chat, content, (notices.year_noted,))
    if found.likely:
        return _offering(plain(chat, content, (notices.did_you_mean,)), found)
    if "question" in look.cues:
        return _not_known(chat, content, found)
    unclear = notices.not_readable if "not_english" in look.cues else notices.not_understood
    return replace(plain(chat, content, (unclear,)), intent=found.choice.intent)


def _not_known(chat: Chat, content: Content, found: Found) -> Draft:
    """AskSafe does not know this; the nearest topics it does know, and people."""
    notices = content.notices
    most = content.signals.asking.data.most_offered
    near = [content.cards[name] for name, _ in found.choice.ranking if name in content.cards]
    near = [card for card in near if card.kind in ("document", "guidance", "contact")]
    lead = (notices.dont_know, notices.dont_know_topics) if near else (notices.dont_know,)
    return _offering(plain(chat, content, lead), replace(found, likely=tuple(near[:most])))


def _offering(draft: Draft, found: Found) -> Draft:
    """The same draft with the likely cards to choose from."""
    offers = tuple(Offer(card.id, card.question) for card in found.likely)
    return replace(draft, offers=offers, intent=found.choice.intent)


def first_sentence(chat: Chat, content: Content, topic: Topic | None = None) -> Draft:
    """Topics to choose from for a first sentence, or the sentences about the chosen one."""
    draft = with_topics(plain(chat, content), content)
    if topic is None:
        return draft
    words = content.first_sentence
    lines = [f"- {sentence.format(about=topic.about)}" for sentence in words.sentences]
    return replace(draft, offers=(), answer="\n".join((words.ready, *lines, words.after)))


def with_topics(draft: Draft, content: Content) -> Draft:
    """The same draft with the topics of a first sentence to choose from."""
    return replace(
        draft,
        answer=content.cards[FIRST_SENTENCE].text,
        answer_ids=(FIRST_SENTENCE,),
        answered=True,
        intent=FIRST_SENTENCE,
        offers=tuple(Offer(topic.id, topic.choice) for topic in content.first_sentence.topics),
    )


def about_staff(chat: Chat, content: Content) -> Draft:
    """A worry about somebody who works at the school, of which no more was said."""
    return _to_people((content.notices.staff_worry,), chat, content)


def asked_again(draft: Draft, content: Content) -> Draft:
    """The same draft, and the danger question once more: what came was no answer to it."""
    return replace(draft, question=_question(content))


def unread(chat: Chat, content: Content, words: str) -> Draft:
    """A message that could not be read in full: never taken for safe."""
    standing = replace(chat.standing, urgency=Urgency.EMERGENCY)
    draft = _to_people((words,), chat, content)
    return replace(draft, urgency=Urgency.EMERGENCY, standing=standing)


def _to_people(lead: tuple[str, ...], chat: Chat, content: Content) -> Draft:
    """Words, then who can help, then who sees this."""
    notices = content.notices
    after = (notices.privacy,)
    return Draft(lead=lead, heading=notices.who_now, after=after, standing=chat.standing)


def _of_earlier_worry(draft: Draft) -> Draft:
    """The same draft, as one about the worry that was told before."""
    return replace(draft, category=draft.standing.category, about=draft.standing.about)


def _danger_question(signal: Signal, chat: Chat, content: Content) -> str:
    """Asked for urgent and emergency, again if it got more urgent or is plainly of suicide."""
    rank = signal.urgency.rank
    plain = signal.category is Category.SUICIDE and signal.rule != CLASSIFIER
    again = plain and not chat.asked_danger
    if rank <= Urgency.CONCERN.rank or (rank <= chat.asked_at.rank and not again):
        return ""
    return _question(content)


def _question(content: Content) -> str:
    return f"{content.notices.danger_question} {content.notices.danger_answers}"


def _turned(variants: list[str], turn: int) -> str:
    return variants[turn % len(variants)]
