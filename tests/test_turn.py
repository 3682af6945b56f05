"""One message, top to bottom: which step comes first, and what each kind of message gets."""

from dataclasses import replace

import pytest

from bot.chat import Chat
from bot.content.library import Content
from bot.errors import ModelError
from bot.model import (
    About,
    Brain,
    Category,
    Choice,
    Draft,
    Look,
    Message,
    Offer,
    Signal,
    Standing,
    Urgency,
)
from bot.turn import Progress, take_turn
from tests.fakes import FakeSpotter, ScriptedBrain, raiser

ASKS = frozenset({"question"})


def sees(
    urgency: Urgency | None = None,
    *cues: str,
    complete: bool = True,
    year: int | None = None,
    category: Category = Category.BULLYING,
) -> Look:
    signals = (Signal(category, urgency, About.SELF, f"{category}.rule"),) if urgency else ()
    return Look(signals, complete, frozenset(cues), year)


def choosing(answer: str | None) -> ScriptedBrain:
    ranking = (("signs", 0.4), ("kooth", 0.2))
    return ScriptedBrain(lambda _: Choice(answer, answer or "nlu_fallback", 0.9, ranking))


async def turn(
    content: Content,
    look: Look,
    brain: Brain | None = None,
    chat: Chat | None = None,
    text: str = "a message",
    progress: Progress | None = None,
) -> Draft:
    return await take_turn(
        Message(text, "chat"),
        chat or Chat(),
        progress or Progress(),
        spotter=FakeSpotter(lambda _: look),
        brain=brain or choosing("signs"),
        content=content,
    )


async def asked_about_danger(content: Content, urgency: Urgency = Urgency.URGENT) -> Chat:
    """A chat in which AskSafe has just asked about danger."""
    chat = Chat()
    draft = await turn(content, sees(urgency), chat=chat)
    assert draft.question
    return chat


@pytest.mark.parametrize(
    ("look", "asked"),
    [
        pytest.param(sees(), True, id="no signal"),
        pytest.param(sees(Urgency.CONCERN), True, id="worry, which may be a statement to confirm"),
        pytest.param(sees(Urgency.CONCERN, "question"), True, id="worry and question"),
        pytest.param(sees(Urgency.URGENT, "question"), True, id="urgent worry and question"),
        pytest.param(sees(Urgency.EMERGENCY), False, id="emergency"),
        pytest.param(sees(Urgency.EMERGENCY, "question"), False, id="emergency and question"),
        pytest.param(sees(complete=False), False, id="not read"),
    ],
)
async def test_turn_asks_rasa_only_where_it_is_of_use(
    content: Content, look: Look, asked: bool
) -> None:
    brain = choosing("signs")

    await turn(content, look, brain)

    assert bool(brain.asked) is asked


async def test_turn_looks_for_signals_before_it_asks_rasa(content: Content) -> None:
    steps: list[str] = []

    def spot(_: str) -> Look:
        steps.append("spotter")
        return Look()

    def choose(_: str) -> Choice:
        steps.append("brain")
        return Choice("signs", "signs", 0.9)

    await take_turn(
        Message("what are the signs", "chat"),
        Chat(),
        Progress(),
        spotter=FakeSpotter(spot),
        brain=ScriptedBrain(choose),
        content=content,
    )

    assert steps == ["spotter", "brain"]


async def test_turn_tells_the_spotter_what_was_noticed_before(content: Content) -> None:
    chat = Chat(earlier=(Category.SUICIDE,))
    spotter = FakeSpotter()

    await take_turn(
        Message("it is tonight", "chat"),
        chat,
        Progress(),
        spotter=spotter,
        brain=choosing("signs"),
        content=content,
    )

    assert spotter.asked == [("it is tonight", (Category.SUICIDE,))]


async def test_turn_gives_worry_and_answer_when_a_message_holds_both(content: Content) -> None:
    draft = await turn(content, sees(Urgency.URGENT, "question"), choosing("ceop"))

    assert draft.lead[0] == content.heard[Category.BULLYING, About.SELF].heard
    assert draft.answer_id == "ceop"
    assert draft.answered
    assert draft.urgency is Urgency.URGENT


@pytest.mark.parametrize("card", ["thanks", "out_of_scope", None])
async def test_turn_gives_the_worry_alone_when_the_question_has_no_answer(
    content: Content, card: str | None
) -> None:
    draft = await turn(content, sees(Urgency.URGENT, "question"), choosing(card))

    assert draft.lead[0] == content.heard[Category.BULLYING, About.SELF].heard
    assert draft.answer == ""
    assert not draft.answered


@pytest.mark.parametrize(
    "error", [ModelError("model.time_out", "No answer."), RuntimeError(), KeyError("card")]
)
async def test_turn_has_the_whole_reply_to_a_worry_ready_before_the_brain_fails(
    content: Content, error: Exception
) -> None:
    progress, broken = Progress(), ScriptedBrain(raiser(error))

    with pytest.raises(type(error)):
        await turn(content, sees(Urgency.URGENT, "question"), broken, progress=progress)

    assert progress.draft == await turn(content, sees(Urgency.URGENT), choosing(None))


@pytest.mark.parametrize("look", [sees(None, "question"), sees(Urgency.URGENT, "question")])
async def test_turn_does_without_a_card_that_was_taken_out_of_content(
    content: Content, look: Look
) -> None:
    near = (("no_such_card", 0.4), ("signs", 0.3))
    brain = ScriptedBrain(lambda _: Choice("no_such_card", "no_such_card", 0.9, near))

    draft = await turn(content, look, brain)

    assert draft.answer == ""
    assert look.signals or Offer("signs", content.cards["signs"].question) in draft.offers


@pytest.mark.parametrize(
    ("before", "message", "expected"),
    [
        (About.FRIEND, About.SELF, About.FRIEND),
        (About.FRIEND, About.OTHER, About.FRIEND),
        (About.SELF, About.SELF, About.SELF),
        (None, About.SELF, About.SELF),
    ],
)
async def test_turn_takes_he_or_she_for_the_friend_spoken_of_before(
    content: Content, before: About | None, message: About, expected: About
) -> None:
    look = sees(Urgency.URGENT, "third_person")
    look = replace(look, signals=(replace(look.signals[0], about=message),))

    draft = await turn(content, look, chat=Chat(standing=Standing(about=before)))

    assert draft.about is expected


async def test_turn_takes_i_for_the_student_after_a_worry_about_a_friend(content: Content) -> None:
    chat = Chat(standing=Standing(about=About.FRIEND))

    draft = await turn(content, sees(Urgency.URGENT), chat=chat)

    assert draft.about is About.SELF


async def test_turn_passes_a_failure_of_the_brain_on_when_there_is_no_worry(
    content: Content,
) -> None:
    broken = ScriptedBrain(raiser(ModelError("model.time_out", "No answer.")))

    with pytest.raises(ModelError):
        await turn(content, sees(), broken)


async def test_turn_answers_a_question(content: Content) -> None:
    draft = await turn(content, sees(), choosing("signs"))

    assert (draft.answer_id, draft.answered, draft.lead) == ("signs", True, ())
    assert draft.urgency is Urgency.NONE


async def test_turn_says_that_it_does_not_know(content: Content) -> None:
    unlikely = ScriptedBrain(lambda _: Choice(None, "nlu_fallback", 0.05, (("signs", 0.05),)))

    draft = await turn(content, sees(None, "question"), unlikely)

    assert draft.lead[0] == content.notices.dont_know
    assert not draft.answered


async def test_turn_offers_what_may_be_meant_where_it_is_not_sure(content: Content) -> None:
    chat = Chat()

    draft = await turn(content, sees(None, "question"), choosing(None), chat)

    assert draft.lead == (content.notices.did_you_mean,)
    assert [offer.id for offer in draft.offers] == ["signs", "kooth"]
    assert not draft.answered


@pytest.mark.parametrize(
    ("said", "card"),
    [("2", "kooth"), ("first", "signs"), ("What is Kooth?", "kooth")],
)
async def test_turn_gives_the_card_that_is_chosen_from_what_was_offered(
    content: Content, said: str, card: str
) -> None:
    chat = Chat()
    await turn(content, sees(None, "question"), choosing(None), chat)

    draft = await turn(content, sees(), choosing(None), chat, said)

    assert (draft.answer_id, draft.answered) == (card, True)


@pytest.mark.parametrize(
    ("cues", "notice"), [((), "not_understood"), (("not_english",), "not_readable")]
)
async def test_turn_says_that_it_did_not_understand_what_asks_nothing(
    content: Content, cues: tuple[str, ...], notice: str
) -> None:
    draft = await turn(content, sees(None, *cues), choosing(None))

    assert draft.lead == (getattr(content.notices, notice),)
    assert not draft.answered


async def test_turn_takes_nothing_back_where_nothing_was_told(content: Content) -> None:
    draft = await turn(content, sees(None, "talk:joking"), choosing("worry"))

    assert draft.urgency is Urgency.CONCERN


@pytest.mark.parametrize("card", ["thanks"])
async def test_turn_gives_small_talk_only_where_it_is_the_whole_message(
    content: Content, card: str
) -> None:
    as_part = await turn(content, sees(), choosing(card))
    as_whole = await turn(content, sees(None, f"talk:{card}"), choosing("signs"))

    assert as_part.answer_id is None
    assert as_part.lead == (content.notices.not_understood,)
    assert as_whole.answer_id == card


@pytest.mark.parametrize(
    ("cues", "confidence", "given"),
    [((), 0.59, False), ((), 0.6, True), (("question",), 0.41, True)],
)
async def test_turn_gives_no_card_on_a_guess_to_what_asks_nothing(
    content: Content, cues: tuple[str, ...], confidence: float, given: bool
) -> None:
    brain = ScriptedBrain(lambda _: Choice("signs", "signs", confidence))

    draft = await turn(content, sees(None, *cues), brain)

    assert draft.answered is given


async def test_turn_takes_what_it_does_not_understand_for_a_worry_where_the_model_does(
    content: Content,
) -> None:
    brain = ScriptedBrain(lambda _: Choice("worry", "worry", 0.41))

    draft = await turn(content, sees(), brain)

    assert draft.urgency is Urgency.CONCERN


async def test_turn_says_whom_to_tell_where_a_member_of_staff_is_named(content: Content) -> None:
    brain = choosing("ms_james")

    draft = await turn(content, sees(None, "staff_named"), brain)

    assert draft.lead == (content.notices.staff_worry,)
    assert draft.standing.staff
    assert brain.asked == []


async def test_turn_asks_about_danger_once_more_when_what_came_was_no_answer(
    content: Content,
) -> None:
    chat = await asked_about_danger(content)

    first = await turn(content, sees(), choosing(None), chat)
    second = await turn(content, sees(), choosing(None), chat)

    assert content.notices.danger_question in first.question
    assert second.question == ""


async def test_turn_does_not_ask_again_when_something_else_was_answered(content: Content) -> None:
    chat = await asked_about_danger(content)

    draft = await turn(content, sees(None, "question"), choosing("signs"), chat)

    assert draft.question == ""


async def test_turn_says_what_to_do_all_the_same_when_there_was_an_emergency_before(
    content: Content,
) -> None:
    chat = Chat()
    await turn(content, sees(Urgency.EMERGENCY), chat=chat)

    draft = await turn(content, sees(None, "no"), choosing(None), chat)

    heard = content.heard[Category.BULLYING, About.SELF]
    assert draft.lead == (content.notices.danger_no, heard.emergency)
    assert draft.standing.urgency is Urgency.EMERGENCY


async def test_turn_notes_the_year(content: Content) -> None:
    chat = Chat()

    draft = await turn(content, sees(year=9), choosing(None), chat)

    assert draft.lead == (content.notices.year_noted,)
    assert draft.standing.year == 9


async def test_turn_notes_the_year_and_answers(content: Content) -> None:
    draft = await turn(content, sees(year=9), choosing("who_for_my_year"))

    assert draft.lead == (content.notices.year_noted,)
    assert draft.answer_id == "ms_wilshire"


async def test_turn_keeps_help_when_a_worry_is_taken_back(content: Content) -> None:
    chat = Chat()
    await turn(content, sees(Urgency.URGENT), chat=chat)

    draft = await turn(content, sees(None, "talk:joking"), choosing(None), chat)

    assert draft.lead[0] in content.notices.denied
    assert draft.standing.urgency is Urgency.URGENT
    assert draft.answer == ""


async def test_turn_answers_a_joke_kindly_when_nothing_was_told(content: Content) -> None:
    draft = await turn(content, sees(None, "talk:joking"), choosing("joking"))

    assert draft.answer_id == "joking"
    assert draft.urgency is Urgency.NONE


async def test_turn_takes_an_indirect_worry_for_a_worry(content: Content) -> None:
    chat = Chat()

    draft = await turn(content, sees(), choosing("worry"), chat)

    assert (draft.urgency, draft.category) == (Urgency.CONCERN, Category.WELLBEING)
    assert draft.answer_id == "worry"
    assert not draft.answered
    assert chat.told == 1


async def test_turn_counts_an_indirect_worry_for_more_when_a_worry_was_told(
    content: Content,
) -> None:
    chat = Chat()
    await turn(content, sees(Urgency.CONCERN), chat=chat)

    draft = await turn(content, sees(), choosing("worry"), chat)

    assert draft.urgency is Urgency.URGENT
    assert chat.standing.urgency is Urgency.URGENT


@pytest.mark.parametrize(
    ("cue", "notice", "urgency"),
    [
        ("yes", "danger_yes", Urgency.EMERGENCY),
        ("no", "danger_no", Urgency.CONCERN),
        ("unsure", "danger_unsure", Urgency.URGENT),
    ],
)
async def test_turn_understands_the_answer_when_it_asked_about_danger(
    content: Content, cue: str, notice: str, urgency: Urgency
) -> None:
    chat = await asked_about_danger(content)
    brain = choosing("signs")

    draft = await turn(content, sees(None, cue), brain, chat)

    assert draft.lead == (getattr(content.notices, notice),)
    assert draft.urgency is urgency
    assert draft.standing.urgency.rank >= Urgency.URGENT.rank
    assert brain.asked == []


async def test_turn_does_not_take_yes_for_danger_when_it_did_not_ask(content: Content) -> None:
    draft = await turn(content, sees(None, "yes", "talk:thanks"), choosing(None))

    assert draft.answer_id == "thanks"
    assert draft.urgency is Urgency.NONE


@pytest.mark.parametrize(("between", "taken"), [(0, True), (2, True), (3, False)])
async def test_turn_takes_yes_for_an_answer_to_its_question_for_three_messages(
    content: Content, between: int, taken: bool
) -> None:
    chat = await asked_about_danger(content)
    for _ in range(between):
        await turn(content, sees(), choosing("signs"), chat)

    draft = await turn(content, sees(None, "yes", "talk:thanks"), choosing(None), chat)

    assert (draft.lead == (content.notices.danger_yes,)) is taken


async def test_turn_takes_one_answer_to_its_question(content: Content) -> None:
    chat = await asked_about_danger(content)
    await turn(content, sees(None, "no"), choosing("thanks"), chat)

    draft = await turn(content, sees(None, "yes", "talk:thanks"), choosing(None), chat)

    assert draft.answer_id == "thanks"


async def test_turn_still_waits_for_the_answer_when_nothing_was_typed_between(
    content: Content,
) -> None:
    chat = await asked_about_danger(content)
    await turn(content, sees(), chat=chat, text=" ")

    draft = await turn(content, sees(None, "yes", "talk:thanks"), choosing(None), chat)

    assert draft.lead == (content.notices.danger_yes,)


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT])
async def test_turn_takes_yes_for_an_emergency_when_the_answer_holds_a_lower_worry_too(
    content: Content, urgency: Urgency
) -> None:
    chat = await asked_about_danger(content)

    draft = await turn(content, sees(urgency, "yes"), chat=chat)

    assert draft.urgency is Urgency.EMERGENCY
    assert draft.standing.urgency is Urgency.EMERGENCY


async def test_turn_asks_about_danger_once(content: Content) -> None:
    chat = await asked_about_danger(content)

    again = await turn(content, sees(Urgency.URGENT), chat=chat)
    worse = await turn(content, sees(Urgency.EMERGENCY), chat=chat)
    still = await turn(content, sees(Urgency.EMERGENCY), chat=chat)

    assert [bool(draft.question) for draft in (again, worse, still)] == [False, True, False]


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000"], ids=ascii)
async def test_turn_asks_nobody_when_nothing_was_typed(content: Content, text: str) -> None:
    brain, spotter = choosing("signs"), FakeSpotter()

    draft = await take_turn(
        Message(text, "chat"), Chat(), Progress(), spotter=spotter, brain=brain, content=content
    )

    assert draft.lead == (content.notices.empty,)
    assert (brain.asked, spotter.asked) == ([], [])


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("a long story " * 500, "too_long"),
        ("\u0633\u0627\u0639\u062f\u0646\u064a", "not_readable"),
        ("\x00\x01\x02", "not_readable"),
        ("\U0001f9a9\U0001f9a9", "not_readable"),
    ],
    ids=["too long", "Arabic", "binary", "emoji"],
)
async def test_turn_says_why_it_could_not_read_all_and_calls_it_an_emergency(
    content: Content, text: str, notice: str
) -> None:
    draft = await turn(content, sees(complete=False), text=text)

    assert draft.lead == (getattr(content.notices, notice),)
    assert draft.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT])
async def test_turn_says_that_it_did_not_read_all_when_what_it_read_holds_a_worry(
    content: Content, urgency: Urgency
) -> None:
    draft = await turn(content, sees(urgency, complete=False), text="it is so sad " * 500)

    assert draft.lead[0] == content.heard[Category.BULLYING, About.SELF].heard
    assert content.notices.too_long in draft.lead
    assert draft.standing.urgency is Urgency.EMERGENCY


async def test_turn_tells_how_far_it_came_when_the_brain_fails(content: Content) -> None:
    progress, look = Progress(), sees(year=8)
    broken = ScriptedBrain(raiser(RuntimeError("broken")))

    with pytest.raises(RuntimeError):
        await turn(content, look, broken, progress=progress)

    assert progress.look == look
    assert progress.standing.year == 8


async def test_turn_tells_that_nobody_has_looked_when_the_spotter_fails(content: Content) -> None:
    progress = Progress()

    with pytest.raises(RuntimeError):
        await take_turn(
            Message("help", "chat"),
            Chat(),
            progress,
            spotter=FakeSpotter(raiser(RuntimeError("broken"))),
            brain=choosing("signs"),
            content=content,
        )

    assert progress.look is None


async def test_a_guessed_worry_counts_only_where_the_words_are_not_plainly_calm(
    content: Content,
) -> None:
    guessed = await turn(content, sees(None), choosing("worry"))
    calm = await turn(content, sees(None, "calm"), choosing("worry"))

    assert (guessed.urgency, guessed.answer_id) == (Urgency.CONCERN, "worry")
    assert (calm.urgency, calm.answer_id) == (Urgency.NONE, "worry")


async def test_without_the_classifier_a_reply_says_so_and_questions_are_still_answered(
    content: Content,
) -> None:
    draft = await turn(content, sees(None, "rules_only"), choosing("signs"))

    assert draft.lead[0] == content.notices.half_working
    assert (draft.urgency, draft.answer_id) == (Urgency.NONE, "signs")
