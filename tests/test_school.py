"""content/school.yml and what refers to it: a broken route or reference stops the start.

Broken files are the test's own or made from a copy; the last tests read the school's real file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.library import load_content
from bot.content.school import Route, SchoolFile, load_handover, load_school
from bot.errors import ContentError
from bot.model import About, Category
from bot.settings import ROOT
from tests.fakes import edit

REST = """\
    ages: any
    region: UK
    cost: free
    name_needed: "no"
    on_bill: "no"
    number_seen: "no"
    who_is_told: nobody
    wait: unknown
    can_stop: unknown
    source: a test
    checked_on: 2026-11-22
    review_by: 2027-09-01
    confirmed: true
"""
SCHOOL = f"""\
schema: 1
school:
  holidays_of: ENG
  closed:
    - {{from: 2026-12-21, to: 2027-01-01, name: Christmas}}
  school_day: {{from: "08:30", to: "15:30"}}
routes:
  - id: lead
    name: Ms Lead
    role: Lead
    kind: team
    who_for: any student
    years: [7, 8, 9]
    reach: {{email: lead@school.uk}}
    hours: school_days
{REST}
  - id: helpline
    name: Helpline
    role: ""
    kind: national
    who_for: anyone
    reach: {{call: 01454 866000}}
    hours:
      - {{days: mon-fri, from: "15:00", to: "17:00"}}
{REST}
"""
HANDOVER = """\
schema: 1
always: [childline, emergency_999]
most_of_earlier: 3
plans:
  - urgency: [emergency, urgent, concern]
    routes: [team, childline]
  - urgency: [none]
    routes: [team]
staff_routes: [childline]
"""
CARD = """\
schema: 1
topic: test
title: Test
answers:
  - id: test_card
    kind: document
    question: What?
    text: {text}
    facts: [{fact}]
    routes: [{route}]
    reviewed_by: a test
    review_by: 2027-09-01
"""
Change = Callable[[Any], object]


def school_of(folder: Path) -> SchoolFile:
    return load_school(folder).data


def rewrite(path: Path, change: Change) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data), encoding="utf-8")


def add_card(folder: Path, **values: str) -> Path:
    filled = {"text": "Text.", "fact": "page.team_lead", "route": "childline", **values}
    path = folder / "answers" / "zz_test.yml"
    path.write_text(CARD.format(**filled), encoding="utf-8")
    return path


def refused(load: Callable[[Path], object], folder: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        load(folder)
    return caught.value


def test_school_accepts_a_file_without_faults(tmp_path: Path) -> None:
    (tmp_path / "school.yml").write_text(SCHOOL, encoding="utf-8")

    assert [route.id for route in school_of(tmp_path).routes] == ["lead", "helpline"]


def school_fault(old: str, new: str, words: str, name: str) -> object:
    return pytest.param(old, new, words, id=name)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        school_fault("01454 866000", "01454 8660", "no UK phone number", "phone too short"),
        school_fault("01454 866000", "01454 866000 00", "no UK phone number", "phone too long"),
        school_fault("01454 866000", '"+44 1454 866000"', "write it as 01454", "phone abroad"),
        school_fault("01454 866000", "01454-866000", "no UK phone number", "phone with dash"),
        school_fault("01454 866000", "O1454 866000", "no UK phone number", "letter O in phone"),
        school_fault("{call: 01454 866000}", "{text: 8525}", "no UK phone", "bad text number"),
        school_fault("lead@school.uk", "lead@school", "write it as name@school.uk", "half e-mail"),
        school_fault("lead@school.uk", "lead.school.uk", "no e-mail address", "e-mail without at"),
        school_fault("lead@school.uk", "the lead@school.uk", "no e-mail", "e-mail with space"),
        school_fault("{email: lead@school.uk}", "{}", "at least one of call", "no way to reach"),
        school_fault("{email: lead@school.uk}", "{say: HELP}", "at least one", "a word alone"),
        school_fault(
            "{email:", "{mail: x, email:", "allowed here: call, email, in_person", "unknown way"
        ),
        school_fault("hours: school_days", "hours: sometimes", "write always, unknown", "hours"),
        school_fault("hours: school_days", "hours: []", "write always, unknown", "empty hours"),
        school_fault("hours: school_days", "hours:", "write always, unknown", "no hours"),
        school_fault('from: "15:00"', 'from: "25:00"', 'write a time as "15:00"', "hour 25"),
        school_fault('to: "17:00"', 'to: "15:00"', "later than 'from'", "closes as it opens"),
        school_fault('to: "17:00"', 'to: "14:00"', "later than 'from'", "closes before it opens"),
        school_fault('from: "15:00", to: "17:00"', "from: 15, to: 17", "from", "hours as numbers"),
        school_fault('from: "15:00"', 'from: "15"', "from", "hour without minutes"),
        school_fault(', to: "17:00"', "", "the key 'to' is missing", "no closing time"),
        school_fault(
            'to: "17:00"}', 'to: "17:00", till: x}', "allowed here: days, from, to", "key of hours"
        ),
        school_fault("mon-fri", "monday-friday", "such as mon-fri", "days written out"),
        school_fault("mon-fri", "Mon-Fri", "such as mon-fri", "days with capitals"),
        school_fault("mon-fri", "mon-wed-fri", "such as mon-fri", "three days"),
        school_fault("mon-fri", "mon-", "such as mon-fri", "half a range"),
        school_fault("mon-fri", "fri-mon", "such as mon-fri", "range that runs backwards"),
        school_fault("years: [7, 8, 9]", "years: []", "at least 1 item", "empty years"),
        school_fault("years: [7, 8, 9]", "years: [seven]", "not a valid integer", "years in words"),
        school_fault("    years: [7, 8, 9]\n", "", "say for which years", "team without years"),
        school_fault("kind: team", "kind: friend", "permitted: 'team'", "unknown kind"),
        school_fault("kind: team", "kind: school", "without a safeguarding lead", "no team"),
        school_fault("id: helpline", "id: lead", "stands here twice", "route twice"),
        school_fault("id: helpline", "id: Help line", "regex", "id with a space"),
        school_fault("name: Helpline", 'name: ""', "at least 1 char", "empty name"),
        school_fault("source: a test", 'source: ""', "at least 1 char", "empty source"),
        school_fault("source: a test\n", "\n", "the key 'source' is missing", "no source"),
        school_fault("confirmed: true", "confirmed: perhaps", "boolean", "confirmed neither way"),
        school_fault("review_by: 2027-09-01", "review_by: 2027", "review_by", "review by a year"),
        school_fault(
            "review_by: 2027-09-01", "review_by: 2027-02-30", "invalid date", "no such day"
        ),
        school_fault(
            "checked_on: 2026-11-22",
            "checked_on: 22/11/2026",
            "write a date as 2027-09-01",
            "UK date",
        ),
        school_fault("holidays_of: ENG", "holidays_of: UK", "permitted: 'ENG'", "no such nation"),
        school_fault("to: 2027-01-01", "to: 2026-01-01", "lies before 'from'", "closed backwards"),
        school_fault("to: 2027-01-01", "to: 20270101", "closed.0.to", "closed until a number"),
        school_fault('to: "15:30"', 'to: "07:30"', "school_day", "school day backwards"),
        school_fault("routes:", "routes: []\nx:", "at least 1 item", "no routes"),
    ],
)
def test_school_refuses_a_fault_and_names_the_file_and_the_cure(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    path = tmp_path / "school.yml"
    path.write_text(SCHOOL, encoding="utf-8")
    edit(path, old, new)

    error = refused(load_school, tmp_path)

    assert str(error).startswith(f"{path}, line ")
    assert words in str(error)


def test_school_points_at_the_line_of_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "school.yml"
    path.write_text(SCHOOL.replace("01454 866000", "nine"), encoding="utf-8")
    line = 1 + SCHOOL[: SCHOOL.index("01454")].count("\n")

    assert f"line {line}: 'routes.1.reach.call'" in str(refused(load_school, tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("[team, childline]", "[team, nobody]", "called 'nobody'", id="unknown route"),
        pytest.param("routes: [team]", "routes: [Team]", "called 'Team'", id="capital letter"),
        pytest.param("staff_routes: [childline]", "staff_routes: [x]", "called 'x'", id="staff"),
        pytest.param("always: [childline", "always: [x", "called 'x'", id="unknown always"),
        pytest.param("always: [childline", "always: [council", "not open always", id="council"),
        pytest.param("always: [childline", "always: [text_line", "not open always", id="text line"),
        pytest.param("always: [childline", "always: [team", "always", id="team as always"),
        pytest.param(
            "always: [childline, emergency_999]", "always: []", "at least 1 item", id="no always"
        ),
        pytest.param("routes: [team]", "routes: []", "at least 1 item", id="empty plan"),
        pytest.param(
            "staff_routes: [childline]", "staff_routes: []", "at least 1 item", id="no staff routes"
        ),
        pytest.param(
            "[emergency, urgent, concern]",
            "[emergency, urgent]",
            "plan for 'concern'",
            id="no plan",
        ),
        pytest.param(
            "urgency: [none]", "categories: [bullying]\n    urgency: [none]", "'none'", id="not all"
        ),
        pytest.param("urgency: [none]", "urgency: [low]", "permitted: 'none'", id="no urgency"),
        pytest.param(
            "urgency: [none]",
            "categories: [sadness]\n    urgency: [none]",
            "permitted: 'suicide'",
            id="no category",
        ),
        pytest.param("most_of_earlier: 3", "most_of_earlier: 0", "1", id="room for none"),
    ],
)
def test_handover_refuses_a_fault_and_names_the_file_and_the_cure(
    own_content: Path, old: str, new: str, words: str
) -> None:
    path = own_content / "handover.yml"
    path.write_text(HANDOVER, encoding="utf-8")
    edit(path, old, new)
    school = school_of(own_content)

    error = refused(lambda folder: load_handover(folder, school), own_content)

    assert str(error).startswith(f"{path}, line ")
    assert words in str(error)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"fact": "page.nothing"}, "no fact is called 'page.nothing'", id="fact"),
        pytest.param({"route": "nobody"}, "no route is called 'nobody'", id="route"),
        pytest.param({"route": "team"}, "no route is called 'team'", id="team is no route"),
        pytest.param({"fact": ""}, "needs facts", id="document without fact"),
    ],
)
def test_content_refuses_a_card_that_refers_to_nothing(
    own_content: Path, values: dict[str, str], words: str
) -> None:
    path = add_card(own_content, **values)

    error = refused(load_content, own_content)

    assert str(error).startswith(f"{path}, line ")
    assert words in str(error)


@pytest.mark.parametrize("written", ["2027", "20270901", "09/2027", "2027-13-01", "soon"])
def test_content_refuses_a_card_whose_review_date_is_none(own_content: Path, written: str) -> None:
    path = add_card(own_content)
    edit(path, "review_by: 2027-09-01", f"review_by: {written}")

    error = refused(load_content, own_content)

    assert str(error).startswith(f"{path}, line 12: 'answers.0.review_by'")


def test_content_refuses_a_contact_card_without_a_route(own_content: Path) -> None:
    edit(add_card(own_content, route=""), "kind: document", "kind: contact")

    assert "needs at least one route" in str(refused(load_content, own_content))


@pytest.mark.parametrize(
    ("folder", "name"), [("answers", "zz_test"), ("answers", "about"), ("documents", "newsletter")]
)
def test_content_refuses_the_same_id_twice(own_content: Path, folder: str, name: str) -> None:
    add_card(own_content)
    text = (own_content / folder / f"{name}.yml").read_text(encoding="utf-8")
    (own_content / folder / "zzz_again.yml").write_text(text, encoding="utf-8")

    error = refused(load_content, own_content)

    assert "zzz_again.yml, line " in str(error)
    assert "is there twice; give one another id" in str(error)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("{name:ms_james}", "Ms James"),
        ("{number:council}", "01454 866000"),
        ("{number:text_line}", "07749 723552"),
        ("{hours:text_line}", "Monday to Friday, 3 pm to 5 pm"),
        ("{hours:childline}", "day and night"),
        ("{email:ms_james}", "Zoe.James@clf.uk"),
        ("{web:knowaboutcse}", "knowaboutcse.co.uk/parents"),
    ],
)
def test_content_fills_a_placeholder_from_the_school(
    own_content: Path, written: str, read_as: str
) -> None:
    add_card(own_content, text=f'"Before {written} after."')

    assert load_content(own_content).cards["test_card"].text == f"Before {read_as} after."


def test_content_fills_the_privacy_notice_in(own_content: Path) -> None:
    add_card(own_content, text='"{privacy}"')

    loaded = load_content(own_content)

    assert loaded.cards["test_card"].text == loaded.notices.privacy


@pytest.mark.parametrize(
    "written",
    [
        "{number:nobody}",
        "{number:kooth}",
        "{email:text_line}",
        "{phone:text_line}",
        "{text_line}",
        "{number: text_line}",
        "{number:text-line}",
        "{number:text_line",
        "number:text_line}",
        "{}",
    ],
)
def test_content_refuses_a_placeholder_that_it_cannot_fill(own_content: Path, written: str) -> None:
    path = add_card(own_content, text=f'"Call {written} now."')

    error = refused(load_content, own_content)

    assert error.code == "content.placeholder"
    assert str(error).startswith(f"{path}, line 8: ")
    assert "{number:route}" in str(error)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        pytest.param("reach_call", "call them", id="call without its number"),
        pytest.param("reach_text", "text them", id="text without its number"),
        pytest.param("reach_say", "text {word}", id="word without its number"),
        pytest.param("reach_email", "send an e-mail", id="e-mail without its address"),
        pytest.param("reach_web", "online", id="web without its address"),
        pytest.param("open_until", "It is open", id="open without a time"),
        pytest.param("opens_today", "It opens today", id="opens without a time"),
        pytest.param("opens_later", "It is next read on {day}", id="a day without a time"),
        pytest.param("opens_later", "It is next read on {dya} at {time}", id="misspelt"),
        pytest.param("reach_call", "call {number", id="half a placeholder"),
        pytest.param("reach_call", "call {number} or {number}", id="twice"),
        pytest.param("reach_call", "call {number} at {time}", id="one of another notice"),
    ],
)
def test_content_refuses_a_notice_that_would_lose_how_or_when(
    own_content: Path, key: str, words: str
) -> None:
    def change(data: Any) -> None:
        data["notices"][key] = words

    rewrite(own_content / "notices.yml", change)

    error = refused(load_content, own_content)

    assert str(own_content / "notices.yml") in str(error)
    assert key in str(error)


@pytest.mark.parametrize(
    ("category", "about"),
    [
        (Category.SUICIDE, About.SELF),
        (Category.SEXUAL_ABUSE, About.FRIEND),
        (Category.UNSAFE_NOW, About.OTHER),
        (Category.WELLBEING, About.SELF),
    ],
)
def test_heard_refuses_to_lack_a_category(
    own_content: Path, category: Category, about: About
) -> None:
    def change(data: Any) -> None:
        data["lines"] = [
            line for line in data["lines"] if (line["category"], line["about"]) != (category, about)
        ]

    rewrite(own_content / "heard.yml", change)

    error = refused(load_content, own_content)

    assert str(error).startswith(f"{own_content / 'heard.yml'}, line ")
    assert f"add an entry for category {category}, about {about}" in str(error)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda data: data["lines"].append(data["lines"][0]), "is there twice", id="2x"
        ),
        pytest.param(
            lambda data: data["lines"][4].update(heard=""), "at least 1", id="no first words"
        ),
        pytest.param(
            lambda data: data["lines"][4].update(not_your_fault=[]), "at least 1", id="no wording"
        ),
        pytest.param(lambda data: data["lines"][4].pop("emergency"), "'emergency'", id="no 999"),
        pytest.param(lambda data: data["lines"][4].update(about="them"), "permitted", id="whom"),
    ],
)
def test_heard_refuses_half_an_entry(own_content: Path, change: Change, words: str) -> None:
    rewrite(own_content / "heard.yml", change)

    error = refused(load_content, own_content)

    assert str(error).startswith(f"{own_content / 'heard.yml'}, line ")
    assert words in str(error)


@pytest.mark.parametrize(
    "name", ["school.yml", "handover.yml", "notices.yml", "heard.yml", "signals/suicide.yml"]
)
def test_content_refuses_to_load_without_a_file(own_content: Path, name: str) -> None:
    (own_content / name).unlink()

    error = refused(load_content, own_content)

    assert error.code == "content.missing"
    assert str(own_content / name) in str(error)


@pytest.mark.parametrize("name", ["answers", "documents"])
def test_content_refuses_an_empty_folder(own_content: Path, name: str) -> None:
    for path in (own_content / name).glob("*.yml"):
        path.unlink()

    assert f"{own_content / name}: no .yml file" in str(refused(load_content, own_content))


# The school's real file: what the two documents say, letter by letter.


def real_routes() -> dict[str, Route]:
    return {route.id: route for route in school_of(ROOT / "content").routes}


@pytest.mark.parametrize(
    ("route", "name", "way", "value"),
    [
        ("ms_james", "Ms James", "email", "Zoe.James@clf.uk"),
        ("ms_wilshire", "Ms Wilshire", "email", "Carly.Wilshire@clf.uk"),
        ("mrs_thurston", "Mrs Thurston", "email", "Jane.Thurston@clf.uk"),
        ("text_line", "The school's text line", "text", "07749 723552"),
        ("council", "South Gloucestershire Council", "call", "01454 866000"),
        ("police_101", "Police", "call", "101"),
        ("emergency_999", "Police, ambulance or fire", "call", "999"),
        ("knowaboutcse", "knowaboutcse.co.uk", "web", "knowaboutcse.co.uk/parents"),
    ],
)
def test_real_school_holds_the_contacts_of_the_documents(
    route: str, name: str, way: str, value: str
) -> None:
    found = real_routes()[route]

    assert found.name == name
    assert getattr(found.reach, way) == value
    assert found.source.startswith("the school's safeguarding page, ")


@pytest.mark.parametrize(
    ("route", "role", "years"),
    [
        ("ms_james", "Designated Safeguarding Lead", [7, 8, 9, 10, 11]),
        ("ms_wilshire", "Deputy Safeguarding Lead", [7, 8, 9]),
        ("mrs_thurston", "Deputy Safeguarding Lead", [10, 11]),
    ],
)
def test_real_school_gives_each_of_the_team_their_years(
    route: str, role: str, years: list[int]
) -> None:
    found = real_routes()[route]

    assert found.kind == "team"
    assert found.role.startswith(role)
    assert [year for year in found.years if year <= 11] == years


def test_real_school_has_only_the_three_e_mails_and_one_team() -> None:
    routes = real_routes()

    e_mails = {route.reach.email for route in routes.values() if route.reach.email}
    team = {route.id for route in routes.values() if route.kind == "team"}

    assert e_mails == {"Zoe.James@clf.uk", "Carly.Wilshire@clf.uk", "Jane.Thurston@clf.uk"}
    assert team == {"ms_james", "ms_wilshire", "mrs_thurston"}
    assert "alleynes" not in (ROOT / "content" / "school.yml").read_text(encoding="utf-8")


def test_real_text_line_is_read_on_weekdays_from_three_to_five() -> None:
    hours = real_routes()["text_line"].hours

    assert isinstance(hours, list)
    assert [(list(day.weekdays), day.from_, day.to) for day in hours] == [
        ([0, 1, 2, 3, 4], time(15), time(17))
    ]
