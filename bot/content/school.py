"""Records of content/school.yml and handover.yml: every route to a person, and which come when."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Literal

from pydantic import Field, validator

from bot.content.files import File, Loaded, Loc, Record, calendar_date, read
from bot.model import Category, Urgency

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PHONE = re.compile(r"0\d{9,10}|08001111|116\d{3}|1\d{2}|999|\d{5}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def _clock_time(value: object) -> object:
    """Refuse what pydantic would take for seconds since midnight."""
    if not isinstance(value, time) and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)):
        raise ValueError('write a time as "15:00", in quotes')
    return value


class Opening(Record):
    """Days of the week with a time from and to (London time; `to` is the first moment closed)."""

    days: str
    from_: time = Field(alias="from")
    to: time

    @validator("from_", "to", pre=True)
    def _as_clock(cls, value: object) -> object:  # noqa: N805
        return _clock_time(value)

    @validator("days")
    def _known_days(cls, days: str) -> str:  # noqa: N805 (pydantic 1 passes the class)
        parts = days.split("-")
        if len(parts) > 2 or any(part not in _DAYS for part in parts):
            raise ValueError("write a day or a range such as mon-fri")
        if _DAYS.index(parts[-1]) < _DAYS.index(parts[0]):
            raise ValueError("write the earlier day first, such as mon-fri")
        return days

    @validator("to")
    def _after_from(cls, to: time, values: dict[str, time]) -> time:  # noqa: N805
        if "from_" in values and to <= values["from_"]:
            raise ValueError("'to' must be later than 'from' on the same day")
        return to

    @property
    def weekdays(self) -> range:
        """Days as `date.weekday()` counts them."""
        first, _, last = self.days.partition("-")
        return range(_DAYS.index(first), _DAYS.index(last or first) + 1)


class Reach(Record):
    """The ways to reach a route; at least one."""

    call: str | None = None
    text: str | None = None
    say: str | None = None
    email: str | None = None
    web: str | None = None
    in_person: str | None = None

    @validator("call", "text")
    def _phone(cls, number: str) -> str:  # noqa: N805
        if not _PHONE.fullmatch(number.replace(" ", "")):
            raise ValueError(f"'{number}' is no UK phone number; write it as 01454 866000 or 999")
        return number

    @validator("email")
    def _email(cls, address: str) -> str:  # noqa: N805
        if not _EMAIL.fullmatch(address):
            raise ValueError(f"'{address}' is no e-mail address; write it as name@school.uk")
        return address

    @validator("in_person", always=True)
    def _some_way(cls, value: str | None, values: dict[str, str | None]) -> str | None:  # noqa: N805
        if value is None and not any(values.get(key) for key in ("call", "text", "email", "web")):
            raise ValueError("give at least one of call, text, email, web, in_person")
        return value


class Route(Record):
    """A person or service that a student can reach."""

    id: str = Field(regex=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=1)
    role: str
    kind: Literal["team", "school", "local", "national", "emergency"]
    who_for: str
    years: list[int] = Field(default=(), min_items=1)
    reach: Reach
    hours: Literal["always", "unknown", "school_days"] | list[Opening]
    note: str = ""
    ages: str
    region: str
    cost: str
    name_needed: str
    on_bill: str
    number_seen: str
    who_is_told: str
    wait: str
    can_stop: str
    source: str = Field(min_length=1)
    checked_on: date
    review_by: date
    confirmed: bool

    @validator("checked_on", "review_by", pre=True)
    def _as_date(cls, value: object) -> object:  # noqa: N805
        return calendar_date(value)

    @validator("hours", pre=True)
    def _clear_hours(cls, hours: object) -> object:  # noqa: N805
        if isinstance(hours, list) and hours:
            return hours
        if hours in ("always", "unknown", "school_days"):
            return hours
        raise ValueError(
            "write always, unknown, school_days or a list such as "
            '- {days: mon-fri, from: "15:00", to: "17:00"}'
        )


class Closed(Record):
    """Days, first to last, on which nobody at school reads or answers."""

    from_: date = Field(alias="from")
    to: date
    name: str

    @validator("from_", "to", pre=True)
    def _as_date(cls, value: object) -> object:  # noqa: N805
        return calendar_date(value)

    @validator("to")
    def _not_before(cls, to: date, values: dict[str, date]) -> date:  # noqa: N805
        if "from_" in values and to < values["from_"]:
            raise ValueError("'to' lies before 'from'")
        return to


class SchoolDay(Record):
    """When people at school are likely to be met."""

    from_: time = Field(alias="from")
    to: time

    @validator("from_", "to", pre=True)
    def _as_clock(cls, value: object) -> object:  # noqa: N805
        return _clock_time(value)

    @validator("to")
    def _after_from(cls, to: time, values: dict[str, time]) -> time:  # noqa: N805
        if "from_" in values and to <= values["from_"]:
            raise ValueError("'to' must be later than 'from'")
        return to


class Calendar(Record):
    """When the school is closed."""

    holidays_of: Literal["ENG", "WLS", "SCT", "NIR"]
    guidance: bool = True
    closed: list[Closed]
    school_day: SchoolDay


class SchoolFile(File):
    """content/school.yml."""

    school: Calendar
    routes: list[Route] = Field(min_items=1)


class Plan(Record):
    """Routes for an urgency and its categories (all of them if none is named)."""

    urgency: list[Urgency] = Field(min_items=1)
    categories: list[Category] = Field(default=(), min_items=1)
    routes: list[str] = Field(min_items=1)


class HandoverFile(File):
    """content/handover.yml."""

    always: list[str] = Field(min_items=1)
    most_of_earlier: int = Field(ge=1, le=7)
    plans: list[Plan] = Field(min_items=1)
    staff_routes: list[str] = Field(min_items=1)
    avoid: dict[str, list[str]] = Field(default_factory=dict)


def load_school(folder: Path) -> Loaded[SchoolFile]:
    """Read content/school.yml.

    Raises:
        ContentError: On a route given twice, or no team member for every year, or a broken file.
    """
    loaded = read(folder / "school.yml", SchoolFile)
    seen: set[str] = set()
    for i, route in enumerate(loaded.data.routes):
        if route.id in seen:
            message = f"the route '{route.id}' stands here twice; keep one"
            raise loaded.error("content.twice", ("routes", i, "id"), message)
        seen.add(route.id)
        if route.kind == "team" and not route.years:
            message = f"'{route.id}' is of the team: say for which years, such as 'years: [7, 8]'"
            raise loaded.error("content.years", ("routes", i), message)
    if not any(route.kind == "team" for route in loaded.data.routes):
        message = "no route is of 'kind: team'; AskSafe does not start without a safeguarding lead"
        raise loaded.error("content.no_team", ("routes",), message)
    return loaded


def load_handover(folder: Path, school: SchoolFile) -> Loaded[HandoverFile]:
    """Read content/handover.yml.

    Raises:
        ContentError: On an unknown route, an urgency without a plan for every category, an
            `always` route that is not always open, or a broken file.
    """
    loaded = read(folder / "handover.yml", HandoverFile)
    data = loaded.data
    routes = {route.id: route for route in school.routes}
    allowed = ", ".join(["team", *routes])
    lists: list[tuple[Loc, list[str]]] = [
        (("always",), data.always),
        (("staff_routes",), data.staff_routes),
        *((("avoid", card), ids) for card, ids in data.avoid.items()),
    ]
    lists += [(("plans", i, "routes"), plan.routes) for i, plan in enumerate(data.plans)]
    for loc, ids in lists:
        for j, route in enumerate(ids):
            if route not in routes and route != "team":
                message = f"no route is called '{route}'; there are {allowed}"
                raise loaded.error("content.route", (*loc, j), message)
    for j, route in enumerate(data.always):
        if route not in routes or routes[route].hours != "always":
            message = f"'{route}' is not open always; name routes with 'hours: always'"
            raise loaded.error("content.always", ("always", j), message)
    for urgency in Urgency:
        if not any(urgency in plan.urgency and not plan.categories for plan in data.plans):
            message = f"add a plan for '{urgency}' without categories, for all the others"
            raise loaded.error("content.plan", ("plans",), message)
    return loaded
