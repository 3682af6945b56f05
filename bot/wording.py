"""Puts a draft together from approved sentences. Adds no word of its own, repeats none typed."""

from __future__ import annotations

from dataclasses import replace

from bot.chat import Chat
from bot.content.library import Content
from bot.content.words import Card
from bot.model import Choice, Draft, Look, Signal, Urgency


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


def with_answer(draft: Draft, card: Card, choice: Choice, content: Content) -> Draft:
    """The same draft with an answer card in it."""
    return replace(
        draft,
        answer=card.text,
        answer_id=card.id,
        answered=card.kind != "talk" and card.raises is Urgency.NONE,
        intent=choice.intent,
        sources=content.sources[card.id],
        paper_trail=content.trails[card.id],
        card_routes=tuple(card.routes),
    )


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


def no_answer(look: Look, chat: Chat, content: Content, choice: Choice) -> Draft:
    """The reply where there is neither a signal nor a card."""
    notices = content.notices
    if look.year is not None:
        return plain(chat, content, (notices.year_noted,))
    if "question" in look.cues:
        return not_known(chat, content, choice)
    unclear = notices.not_readable if "not_english" in look.cues else notices.not_understood
    return replace(plain(chat, content, (unclear,)), intent=choice.intent)


def not_known(chat: Chat, content: Content, choice: Choice | None, most: int = 3) -> Draft:
    """AskSafe does not know this; the nearest topics it does know, and people."""
    notices = content.notices
    names = [name for name, _ in (choice.ranking if choice else ())]
    near = [content.cards[name] for name in names if name in content.cards]
    questions = [f"- {card.question}" for card in near if card.kind in ("document", "contact")]
    lead = [notices.dont_know]
    if questions:
        lead += [notices.dont_know_topics, *questions[:most]]
    return replace(plain(chat, content, tuple(lead)), intent=choice.intent if choice else None)


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
    """Asked for urgent and emergency, and again only if things got more urgent."""
    if signal.urgency.rank <= max(Urgency.CONCERN.rank, chat.asked_at.rank):
        return ""
    return _question(content)


def _question(content: Content) -> str:
    return f"{content.notices.danger_question} {content.notices.danger_answers}"


def _turned(variants: list[str], turn: int) -> str:
    return variants[turn % len(variants)]
