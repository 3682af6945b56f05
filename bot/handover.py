"""Chooses which routes a reply hands over to, in which order, and how each line reads.

Needs nothing but content and the clock, so it works when everything else has failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.content.library import Content
from bot.content.school import Plan, Route
from bot.content.telling import what_happens
from bot.content.words import Notices
from bot.hours import LONDON, Hours, hours_at, spoken_day, spoken_time
from bot.model import Draft, RouteLine, Standing, Urgency


def hand_over(draft: Draft, content: Content, now: datetime) -> tuple[RouteLine, ...]:
    """The people for a draft, those who can be reached now first.

    Args:
        draft: What is about to be said; its standing orders the routes.
        content: For routes, plans and words.
        now: The moment, with a time zone.
    """
    lines = []
    for route, hours in ordered(draft, content, now):
        when = _when(route, hours, now, content.notices)
        text = _line(route, when, content.notices)
        telling = what_happens(route, content.telling)
        lines.append(RouteLine(route.id, text, hours.open_now, telling))
    return tuple(lines)


def ordered(draft: Draft, content: Content, now: datetime) -> list[tuple[Route, Hours]]:
    """The routes of a draft in order, each with how it stands now."""
    standing = draft.standing
    today = now.astimezone(LONDON).date()
    valid = {name: route for name, route in content.routes.items() if route.review_by >= today}
    wanted = _expand(_wanted(draft, content), standing, valid.values())
    routes = [valid[name] for name in wanted if name in valid]
    routes += [content.routes[name] for name in content.handover.always]
    routes = list({route.id: route for route in routes}.values())
    avoided = {name for card in standing.avoids for name in content.handover.avoid.get(card, ())}
    timed = [(route, hours_at(route, now, content.calendar)) for route in routes]
    in_front = {"emergency"} if standing.urgency is Urgency.EMERGENCY else set()
    last = {"emergency"} - in_front

    def rank(item: tuple[Route, Hours]) -> tuple[bool, bool, bool, bool]:
        route, hours = item
        at_school = route.kind in ("team", "school")
        shunned = route.id in avoided or (route.kind == "team" and "team" in avoided)
        later = shunned or (standing.staff and at_school)
        closed = not (hours.open_now or hours.likely)
        return route.kind not in in_front, route.kind in last, later, closed

    return sorted(timed, key=rank)


def _wanted(draft: Draft, content: Content) -> list[str]:
    """Route ids of a draft, best first. A signal adds to what stands there without one."""
    handover, standing = content.handover, draft.standing
    plain = plan_for(Standing(), content).routes
    own = plan_for(standing, content).routes
    if draft.urgency is Urgency.NONE:
        own = own[: handover.most_of_earlier] if standing.urgency is not Urgency.NONE else []
    elif draft.category not in (None, standing.category):
        now = plan_for(replace(standing, category=draft.category), content).routes
        own = [*now, *own[: handover.most_of_earlier]]
    staff = handover.staff_routes if standing.staff else []
    if draft.urgency is Urgency.NONE:
        return [*staff, *draft.card_routes, *own, *plain]
    return [*staff, *own, *draft.card_routes, *plain]


def plan_for(standing: Standing, content: Content) -> Plan:
    """The first plan of content/handover.yml that fits."""
    for plan in content.handover.plans:
        fits = not plan.categories or standing.category in plan.categories
        if standing.urgency in plan.urgency and fits:
            return plan
    return content.handover.plans[-1]


def static_card(
    routes: Mapping[str, Route], always: list[str], notices: Notices
) -> tuple[RouteLine, ...]:
    """The routes of last resort: those of `always` in handover.yml, the emergency first."""
    return tuple(
        RouteLine(name, _line(routes[name], notices.always, notices), True)
        for name in sorted(always, key=lambda name: routes[name].kind != "emergency")
    )


def _expand(wanted: Iterable[str], standing: Standing, valid: Iterable[Route]) -> Iterable[str]:
    """`team` becomes the right person for the year, the lead where no year is known."""
    member = team_member(standing.year, valid)
    for name in wanted:
        if name != "team":
            yield name
        elif member is not None:
            yield member.id


def team_member(year: int | None, routes: Iterable[Route]) -> Route | None:
    """Who of the safeguarding team is for a year: the one with the fewest years that hold it.

    Args:
        year: 7 to 13, or None where the student did not say.
        routes: Those that may be shown.

    Returns:
        The lead, who has the most years, where no year fits; None where nobody is left.
    """
    team = [route for route in routes if route.kind == "team"]
    lead = max(team, key=lambda route: len(route.years), default=None)
    fitting = [route for route in team if year in route.years]
    return min(fitting, key=lambda route: len(route.years), default=lead)


def _line(route: Route, when: str, notices: Notices) -> str:
    """One route as a student reads it: who, how, when, what to know."""
    who = f"{route.name}, {route.role}" if route.role else route.name
    return f"{who}: {_how(route, notices)}. {when}. {route.note}".rstrip()


def _how(route: Route, notices: Notices) -> str:
    reach = route.reach
    ways = []
    if reach.in_person:
        ways.append(reach.in_person)
    if reach.call:
        ways.append(notices.reach_call.format(number=reach.call))
    if reach.text and reach.say:
        ways.append(notices.reach_say.format(number=reach.text, word=reach.say))
    elif reach.text:
        ways.append(notices.reach_text.format(number=reach.text))
    if reach.email:
        ways.append(notices.reach_email.format(address=reach.email))
    if reach.web:
        ways.append(notices.reach_web.format(address=reach.web))
    return ", ".join(ways)


def _when(route: Route, hours: Hours, now: datetime, notices: Notices) -> str:
    if route.hours == "always":
        return notices.always
    if hours.until:
        return notices.open_until.format(time=spoken_time(hours.until))
    if route.hours == "school_days":
        return notices.school_days
    if hours.opens is None:
        return notices.unknown
    at = spoken_time(hours.opens.time())
    if hours.opens.date() == now.astimezone(LONDON).date():
        return notices.opens_today.format(time=at)
    return notices.opens_later.format(day=spoken_day(hours.opens, now), time=at)
