"""What a template may ask, what fits as an answer, what counts, and what a submit lacks."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwright.questionnaires.questions import (
    LONG,
    MOST_QUESTIONS,
    SHORT,
    Answer,
    Answers,
    Condition,
    Question,
    QuestionType,
    Totals,
    answer_fault,
    answer_faults,
    asked,
    attachments,
    is_given,
    lacking,
    letters,
    merged,
    of_asked,
    template_faults,
    totals,
    with_ids,
)

T = QuestionType


def question(id_: str = "q1", kind: QuestionType = T.YES_NO, **more: Any) -> Question:
    options = ["Red", "Green", "Blue"] if kind in (T.SINGLE, T.MULTI) else []
    return Question(**{"id": id_, "text": f"What about {id_}?", "type": kind, "options": options, **more})


def when(question_id: str, equals: str) -> Condition:
    return Condition(question_id=question_id, equals=equals)


def given_(**values: Any) -> Answers:
    return {id_: Answer(value=value) for id_, value in values.items()}


EVERY_KIND = [question(kind.value, kind) for kind in QuestionType]
CHAIN = [
    question("stores", T.YES_NO),
    question("where", T.MULTI, show_if=when("stores", "yes")),
    question("why_red", T.LONG_TEXT, show_if=when("where", "Red"), required=True),
]


def test_every_kind_of_question_can_be_asked() -> None:
    assert template_faults(EVERY_KIND) == []


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ([question("a"), question("a")], "a is the id of more than one"),
        ([question("q", T.INFO)], "ask at least one"),
        ([], "ask at least one"),
        ([question(f"q{n}") for n in range(MOST_QUESTIONS + 1)], "1000 at most, not 1001"),
        ([question("no spaces")], "questions[0]: id must be letters"),
        ([question("é")], "id must be letters"),
        ([question("a\n")], "id must be letters"),
        ([question("a", text=" \n ")], "text must not be blank"),
        ([question("a", T.SINGLE, options=["One"])], "single needs at least two options"),
        ([question("a", T.MULTI, options=[])], "multi needs at least two options"),
        ([question("a", T.YES_NO, options=["One", "Two"])], "yes_no takes no options"),
        ([question("a", T.SINGLE, options=["One", "One"])], "options must differ"),
        ([question("a", T.SINGLE, options=["One", " "])], "options must differ and not be blank"),
        ([question("a"), question("b", T.INFO, required=True)], "questions[1]: info cannot be required"),
        ([question("a", show_if=when("a", "yes"))], "no question a stands before it"),
        ([question("a", show_if=when("b", "yes")), question("b")], "no question b stands before it"),
        ([question("a"), question("b", show_if=when("a", "na"))], "na cannot be chosen in a"),
        ([question("a", T.LONG_TEXT), question("b", show_if=when("a", "yes"))], "yes cannot be chosen in a"),
    ],
)
def test_a_template_that_cannot_be_asked_is_told_why(questions: list[Question], words: str) -> None:
    assert any(words in fault for fault in template_faults(questions))


def test_each_fault_of_a_template_is_told() -> None:
    assert len(template_faults([question("a"), question("a", T.SINGLE, options=["One", "One"])])) == 2


def test_questions_without_an_id_get_the_next_free_one() -> None:
    questions = [question(""), question("q1"), question(""), question("mine"), question("q4"), question("")]

    assert [each.id for each in with_ids(questions)] == ["q2", "q1", "q3", "mine", "q4", "q5"]


def test_ids_once_given_stay() -> None:
    questions = with_ids([question("") for _ in range(20)])

    assert with_ids(questions) == questions
    assert with_ids(questions[5:]) == questions[5:]


FITTING: dict[QuestionType, list[Any]] = {
    T.SHORT_TEXT: ["x", "x" * SHORT, "two\nlines"],
    T.LONG_TEXT: ["x" * LONG],
    T.YES_NO: ["yes", "no"],
    T.YES_NO_NA: ["yes", "no", "na"],
    T.SINGLE: ["Red"],
    T.MULTI: [["Red"], ["Blue", "Red", "Green"], []],
    T.NUMBER: [0, -1, 2.5, 10**15],
    T.DATE: ["2025-07-01", "2024-02-29"],
    T.FILE: [[7], [8, 7], []],
}
UNFIT: dict[QuestionType, list[Any]] = {
    T.SHORT_TEXT: ["x" * (SHORT + 1), 1, ["x"]],
    T.LONG_TEXT: ["x" * (LONG + 1), 1, ["x"]],
    T.YES_NO: ["na", "Yes", "maybe", 1, ["yes"]],
    T.YES_NO_NA: ["n/a", 0],
    T.SINGLE: ["Yellow", "red", ["Red"], 1],
    T.MULTI: ["Red", ["Yellow"], ["Red", "Red"], [7]],
    T.NUMBER: ["1", float("inf"), float("nan"), [1]],
    T.DATE: ["2025-7-1", "20250701", "2025-02-30", "2025-W27-2", "2025-07-01\n", "tomorrow", 20250701],
    T.FILE: [[9], ["7"], "7", 7, [7, 7]],
    T.INFO: ["x", None],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in FITTING.items() for value in values])
def test_an_answer_that_fits_is_taken(kind: QuestionType, value: Any) -> None:
    assert answer_fault(question("a", kind), Answer(value=value), {7, 8}) is None


@pytest.mark.parametrize("kind", [kind for kind in QuestionType if kind is not T.INFO])
@pytest.mark.parametrize("value", [None, ""])
def test_every_answer_can_be_taken_back(kind: QuestionType, value: Any) -> None:
    assert answer_fault(question("a", kind), Answer(value=value), set()) is None


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in UNFIT.items() for value in values])
def test_an_answer_that_does_not_fit_is_told_what_would(kind: QuestionType, value: Any) -> None:
    assert answer_fault(question("a", kind), Answer(value=value), {7, 8})


def test_faults_name_their_questions() -> None:
    changes = given_(yes_no="perhaps", number=1, elsewhere="yes")

    assert [fault.question_id for fault in answer_faults(EVERY_KIND, changes, set())] == ["yes_no", "elsewhere"]


@pytest.mark.parametrize("value", [None, "", " \n", []])
def test_blanks_are_no_answer(value: Any) -> None:
    assert not is_given(Answer(value=value, comment="Ask Bob"))


@pytest.mark.parametrize("value", ["na", "no", "x", 0, 0.0, ["Red"], [7]])
def test_not_applicable_no_and_zero_are_answers(value: Any) -> None:
    assert is_given(Answer(value=value))


def test_a_change_leaves_the_other_answers_and_an_empty_one_goes() -> None:
    before = {"a": Answer(value="yes"), "b": Answer(value="no"), "c": Answer(value="yes")}
    changes = {"b": Answer(), "c": Answer(comment="Not sure"), "d": Answer(value="na")}

    assert merged(before, changes) == {
        "a": Answer(value="yes"),
        "c": Answer(comment="Not sure"),
        "d": Answer(value="na"),
    }


def test_letters_count_values_and_comments() -> None:
    assert letters({"a": Answer(value="four", comment="five!"), "b": Answer(value=["ab"])}) >= 11


def test_what_is_not_a_question_is_not_counted() -> None:
    assert totals(EVERY_KIND, {}) == Totals(len(EVERY_KIND) - 1, 0)
    assert totals(EVERY_KIND, given_(yes_no_na="na", info="x", number=0, short_text=" ")) == Totals(9, 2)


@pytest.mark.parametrize(
    ("answers", "ids"),
    [
        ({}, ["stores"]),
        (given_(stores="no"), ["stores"]),
        (given_(stores="yes"), ["stores", "where"]),
        (given_(stores="yes", where=["Blue"]), ["stores", "where"]),
        (given_(stores="yes", where=["Blue", "Red"]), ["stores", "where", "why_red"]),
        (given_(stores="no", where=["Red"]), ["stores"]),
        (given_(where=["Red"]), ["stores"]),
    ],
)
def test_a_question_is_asked_while_its_condition_holds(answers: Answers, ids: list[str]) -> None:
    assert [each.id for each in asked(CHAIN, answers)] == ids
    assert totals(CHAIN, answers).questions == len(ids)


def test_only_required_questions_that_are_asked_can_be_lacking() -> None:
    reached = given_(stores="yes", where=["Red"])

    assert lacking(CHAIN, {}) == []
    assert [fault.question_id for fault in lacking(CHAIN, reached)] == ["why_red"]
    assert lacking(CHAIN, {**reached, "why_red": Answer(comment="Later")})
    assert not lacking(CHAIN, {**reached, "why_red": Answer(value="Because")})


def test_answers_to_questions_no_longer_asked_are_left_out() -> None:
    answers = given_(stores="no", where=["Red"], why_red="Because")

    assert of_asked(CHAIN, answers) == given_(stores="no")


def test_attachments_are_the_files_of_file_questions() -> None:
    questions = [question("a", T.FILE), question("b", T.MULTI), question("c", T.FILE), question("d", T.NUMBER)]

    assert attachments(questions, given_(a=[7, 8], b=["Red"], d=9)) == {7, 8}


names = st.sampled_from(["a", "b", "c", "d"])
values = st.sampled_from(["yes", "no", "na", "Red", ["Red"], ["Blue", "Green"], 3, None, "", "free text"])
answer_sets = st.dictionaries(names, st.builds(Answer, value=values, comment=st.sampled_from(["", "Hm"])))


@st.composite
def templates(draw: st.DrawFn) -> list[Question]:
    """Four questions of any kind with any conditions, some of them impossible."""
    kinds = draw(st.lists(st.sampled_from(list(QuestionType)), min_size=4, max_size=4))
    conditions = st.none() | st.builds(when, names, st.sampled_from(["yes", "no", "Red"]))
    return [
        question(name, kind, required=draw(st.booleans()), show_if=draw(conditions))
        for name, kind in zip("abcd", kinds, strict=True)
    ]


@given(templates(), answer_sets)
def test_no_more_is_answered_than_asked(questions: list[Question], answers: Answers) -> None:
    counted = totals(questions, answers)

    assert 0 <= counted.answered <= counted.questions <= len(questions)


@given(templates(), answer_sets)
def test_leaving_out_what_is_not_asked_changes_nothing_that_is(questions: list[Question], answers: Answers) -> None:
    kept = of_asked(questions, answers)

    assert asked(questions, kept) == asked(questions, answers)
    assert totals(questions, kept) == totals(questions, answers)
    assert of_asked(questions, kept) == kept


@given(answer_sets, answer_sets)
def test_the_same_change_twice_is_one(before: Answers, changes: Answers) -> None:
    once = merged(before, changes)

    assert merged(once, changes) == once


@given(templates())
def test_questions_survive_their_way_through_the_database(questions: list[Question]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(questions), type=list[Question]) == questions


def test_a_moment_is_no_answer_to_a_date() -> None:
    moment = datetime(2025, 7, 1, tzinfo=UTC).isoformat()

    assert answer_fault(question("a", T.DATE), Answer(value=moment), set())
