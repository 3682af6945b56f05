"""Says why AskSafe answers a text as it does. For developers and the safeguarding lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.content.school import Route
from bot.conversation import Conversations
from bot.errors import ModelError
from bot.handover import ordered, plan_for
from bot.hours import Hours
from bot.model import Brain, Choice, Message
from bot.spotting.spotter import Examination, Hit, Spotter


@dataclass
class _Overheard:
    """A brain that notes what it said, so that it is asked only where the turn itself asks it."""

    brain: Brain
    said: str = "not asked"

    async def ready(self) -> None:
        """Wait until it can be asked."""
        await self.brain.ready()

    async def choose(self, text: str, chat: str) -> Choice:
        """Choose as the brain does.

        Raises:
            ModelError: When the brain does.
        """
        self.said = "no answer"
        try:
            choice = await self.brain.choose(text, chat)
        except ModelError as error:
            self.said = f"no answer ({error.code})"
            raise
        near = ", ".join(f"{name} {share:.2f}" for name, share in choice.ranking)
        self.said = f"{choice.intent} {choice.confidence:.2f}; runners-up: {near}"
        return choice


async def explain(
    text: str, conversations: Conversations, spotter: Spotter, now: datetime
) -> list[str]:
    """Lines that say what was seen, chosen and ordered, and why.

    Args:
        text: The message.
        conversations: What answers it, as a chat of its own.
        spotter: That of the conversations, asked for all it saw.
        now: The moment for opening hours.
    """
    seen = spotter.examine(text)
    conversations.forget("explain")
    brain = _Overheard(conversations.brain)
    reply = await replace(conversations, brain=brain).reply_to(Message(text, "explain"))
    content = conversations.content
    lines = [f"normalised: {seen.text}", f"read in full: {'yes' if seen.complete else 'no'}"]
    lines += [_hit(hit, seen.words) for hit in seen.hits] or ["rules: none matched"]
    lines += _classifier(seen, spotter)
    lines.append(f"cues: {', '.join(sorted(seen.cues)) or 'none'}; year: {seen.year or 'not said'}")
    lines.append(f"brain: {brain.said}")
    draft = reply.draft
    lines.append(f"urgency: {draft.urgency}; category: {draft.category}; about: {draft.about}")
    lines.append(f"card given: {draft.answer_id or 'none'}; answered: {draft.answered}")
    plan = plan_for(draft.standing, content)
    kinds = ", ".join(plan.categories) or "all others"
    lines.append(f"hand-over plan: {', '.join(plan.urgency)} for {kinds}: {', '.join(plan.routes)}")
    lines += _routes(reply.draft.standing.staff, ordered(draft, content, now))
    return lines


def _hit(hit: Hit, words: tuple[str, ...]) -> str:
    where = f'words {hit.span[0]}-{hit.span[1]} "{" ".join(words[slice(*hit.span)])}"'
    if hit.signal is None:
        return f"rule {hit.rule} matched {where}, not counted: {hit.dropped}"
    scopes = "; ".join(f'{scope} by "{cue}"' for scope, cue in hit.signal.scopes) or "no scope word"
    about = hit.signal.about
    return f"rule {hit.rule} matched {where}: {hit.signal.urgency}, about {about}, {scopes}"


def _classifier(seen: Examination, spotter: Spotter) -> Iterator[str]:
    """What the classifier scored, what the rules add to that, and what it takes."""
    if seen.scores is None or seen.total is None:
        yield "classifier: gave no scores"
        return
    scores, limits = seen.scores, spotter.content.classifier.data
    yield (
        f"classifier: {scores.risk:+.2f}, with the rules {seen.total:+.2f}; "
        f"a concern takes {limits.concern:+.2f}"
    )
    for name, shares in vars(scores).items():
        if name != "risk":
            best = sorted(shares.items(), key=lambda item: -item[1])[:4]
            yield f"  {name}: " + ", ".join(f"{key} {share:.2f}" for key, share in best)
    counted = ", ".join(f"{s.category} {s.urgency} ({s.rule})" for s in seen.signals)
    yield f"signals: {counted or 'none'}"


def _routes(staff: bool, timed: list[tuple[Route, Hours]]) -> Iterator[str]:
    for place, (route, hours) in enumerate(timed, 1):
        reasons = ["open now" if hours.open_now else "may be there" if hours.likely else "closed"]
        if hours.until:
            reasons.append(f"until {hours.until:%H:%M}")
        if hours.opens:
            reasons.append(f"opens {hours.opens:%a %d %b %H:%M}")
        if staff and route.kind in ("team", "school"):
            reasons.append("at school, after those outside")
        yield f"route {place}: {route.id} ({', '.join(reasons)})"
