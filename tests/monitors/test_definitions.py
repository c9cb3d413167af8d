import datetime
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwright.errors import Invalid
from trustwright.monitors.conditions import All, Leaf, Literal, Operator, Term
from trustwright.monitors.definitions import GROUP, parse_definition, parse_draft, refuse, rendered_definition
from trustwright.monitors.model import (
    Definition,
    Draft,
    Fault,
    Filtering,
    FilterMode,
    Group,
    OnEmpty,
    Population,
    PopulationKind,
    Requirement,
)
from trustwright.monitors.populations import OPERATORS

Json = dict[str, Any]

ENCRYPTED = {"all": [{"fact": "encrypted", "operator": "equal", "value": True}]}
IS_ENCRYPTED = All((Leaf(Term("encrypted"), Operator.EQUAL, Literal(True)),))
FRESH = {"kind": "freshness", "withinHours": 24}
FORM = '{"mode": "exclusion", "evaluator": {"all": [...]}}'


def group(**more: Any) -> Json:
    return {"connectionId": 1, "resourceId": 2, "evaluator": ENCRYPTED, **more}


def counted(**population: Any) -> Json:
    return {"connectionId": 1, "resourceId": 2, "population": population}


def body(*groups: Any, **more: Any) -> Json:
    return {"name": "Disks", "groups": list(groups) or [group()], **more}


def without(key: str, value: Json) -> Json:
    return {name: inner for name, inner in value.items() if name != key}


def drafted(value: Any) -> Draft:
    faults: list[Fault] = []
    draft = parse_draft(value, faults)
    assert faults == []
    assert draft is not None
    return draft


def faults_of(value: Any) -> list[tuple[str, str]]:
    faults: list[Fault] = []
    assert (parse_draft(value, faults) is None) == bool(faults)
    return [(fault.path, fault.message) for fault in faults]


def population_of(**population: Any) -> Population:
    check = drafted(body(counted(**population))).definition.groups[0].check
    assert isinstance(check, Population)
    return check


def test_what_is_left_out_has_a_default() -> None:
    assert drafted(body()) == Draft(
        name="Disks",
        description=None,
        is_enabled=True,
        control_ids=[],
        definition=Definition(
            requirement=Requirement.ALL,
            on_empty=OnEmpty.READY,
            allow_unknown=False,
            groups=[Group(connection_id=1, resource_id=2, filtering=None, check=IS_ENCRYPTED)],
        ),
    )


def test_everything_that_is_written_is_kept() -> None:
    criteria = {"mode": "inclusion", "evaluator": ENCRYPTED}
    draft = drafted(
        {
            "name": " Disks ",
            "description": "All of them",
            "enabled": False,
            "controlIds": [3, 5, 3],
            "validationRequirement": "AT_MOST_ONE_FAIL",
            "onEmpty": "FAILED",
            "allowUnknownFields": True,
            "groups": [group(filteringCriteria=criteria)],
        }
    )

    assert (draft.name, draft.description, draft.is_enabled, draft.control_ids) == (
        "Disks",
        "All of them",
        False,
        [3, 5],
    )
    assert (draft.definition.requirement, draft.definition.on_empty) == (
        Requirement.AT_MOST_ONE_FAIL,
        OnEmpty.FAILED,
    )
    assert draft.definition.allow_unknown
    assert draft.definition.groups[0].filtering == Filtering(mode=FilterMode.INCLUSION, evaluator=IS_ENCRYPTED)


def test_an_answer_can_be_sent_back_as_it_came() -> None:
    answer = {
        "id": 1008,
        "testId": 3,
        "version": 2,
        "checkResultStatus": "PASSED",
        "checkStatus": "ENABLED",
        "testSource": "CUSTOM",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "lastPassedAt": None,
        "failedSince": None,
    }

    assert faults_of({**body(), **answer}) == []


def test_a_definition_is_read_without_a_name() -> None:
    faults: list[Fault] = []

    assert parse_definition({"groups": [group()]}, faults) == drafted(body()).definition
    assert faults == []


@pytest.mark.parametrize(
    "written",
    [
        group(filteringCriteria={"mode": "exclusion", "evaluator": ENCRYPTED}),
        counted(kind="count", operator="greaterThanOrEqual", value=10),
        counted(kind="count", where=ENCRYPTED, operator="equal", value=0),
        counted(kind="percent", where=ENCRYPTED, operator="greaterThan", value=99.5),
        counted(kind="exists"),
        counted(kind="exists", where=ENCRYPTED),
        counted(kind="unique", fact="email"),
        counted(kind="unique", fact="owner", path="email"),
        counted(kind="freshness", withinHours=0.5),
    ],
)
def test_a_definition_is_rendered_as_it_was_written(written: Json) -> None:
    definition = {
        "validationRequirement": "ANY_PASS",
        "onEmpty": "PASSED",
        "allowUnknownFields": True,
        "groups": [{"filteringCriteria": None, **written}],
    }

    parsed = parse_definition(definition, [])

    assert parsed is not None
    assert rendered_definition(parsed) == definition


def test_population_checks_are_read() -> None:
    assert population_of(kind="count", operator="greaterThanInclusive", value=10.0) == Population(
        kind=PopulationKind.COUNT, operator=Operator.GREATER_THAN_OR_EQUAL, value=10
    )
    assert population_of(kind="unique", fact="owner", path="$.email") == Population(
        kind=PopulationKind.UNIQUE, term=Term("owner", "email")
    )
    assert population_of(kind="exists", where=ENCRYPTED) == Population(kind=PopulationKind.EXISTS, where=IS_ENCRYPTED)


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        ([], "", 'an array is no definition; write an object: {"groups": [...]}'),
        (body(enbled=True), "", "'enbled' has no meaning here; did you mean 'enabled'?"),
        (without("name", body()), "name", "is missing: name the test"),
        (body(name=" "), "name", "' ' is no name; write a string that is not blank"),
        (body(name=None), "name", "null is no name; write a string that is not blank"),
        (body(name="x" * 192), "name", "has 192 characters; at most 191 are possible"),
        (body(description=1), "description", "1 is no text; write a string or null"),
        (body(description="x" * 30_001), "description", "has 30,001 characters; at most 30,000 are possible"),
        (
            body(description="\0"),
            "description",
            "has a character that no record can have (NUL or half a surrogate pair); remove it",
        ),
        (body(enabled="true"), "enabled", "'true' is neither true nor false; write one of them, without quotes"),
        (body(controlIds=3), "controlIds", "3 is no array; list the ids of controls, or write []"),
        (body(controlIds=[1] * 501), "controlIds", "has 501 ids; at most 500 are possible"),
        (body(controlIds=[1, True]), "controlIds[1]", "true is no id; write the number of a control"),
        (body(controlIds=[2**31]), "controlIds[0]", "2147483648 is no id; write the number of a control"),
        (
            body(validationRequirement="ALL_PAS"),
            "validationRequirement",
            "'ALL_PAS' is no choice; did you mean 'ALL_PASS'?",
        ),
        (body(onEmpty=0), "onEmpty", "0 is no choice; write one of READY, PASSED, FAILED"),
        (
            body(allowUnknownFields=None),
            "allowUnknownFields",
            "null is neither true nor false; write one of them, without quotes",
        ),
        (
            {"name": "x"},
            "groups",
            "is missing: list the groups, each with connectionId, resourceId and an evaluator",
        ),
        ({"name": "x", "groups": {}}, "groups", "an object is no array; put the groups into [...]"),
        ({"name": "x", "groups": []}, "groups", "has 0 groups; write 1 to 20"),
        (body(*[group()] * 21), "groups", "has 21 groups; write 1 to 20"),
    ],
)
def test_a_faulty_body_is_told_what_to_write(value: Any, place: str, message: str) -> None:
    assert faults_of(value) == [(place, message)]


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        ("x", "", "'x' is no group; write an object with connectionId, resourceId, evaluator"),
        (
            group(resource=3),
            "",
            f"'resource' has no meaning here; remove it (known here: {', '.join(GROUP)})",
        ),
        (without("connectionId", group()), ".connectionId", "is missing: write the id of a connection"),
        (group(resourceId="2"), ".resourceId", "'2' is no id; write the number of a resource of it"),
        (group(resourceId=0), ".resourceId", "0 is no id; write the number of a resource of it"),
        (
            group(evaluator=None),
            ".evaluator",
            'is missing: write a condition, such as {"all": [...]}, or a population',
        ),
        (
            group(population=FRESH),
            "",
            "holds evaluator and population; keep one, and give the other a group of its own",
        ),
        (
            group(evaluator={"all": []}),
            ".evaluator.all",
            "is empty; write at least one condition into it, or remove the group",
        ),
        (group(filteringCriteria=[]), ".filteringCriteria", f"an array is no filter; write {FORM} or null"),
        (
            group(filteringCriteria=ENCRYPTED),
            ".filteringCriteria.mode",
            f"is missing: choose exclusion or inclusion and wrap the condition: {FORM}",
        ),
        (
            group(filteringCriteria={"evaluator": ENCRYPTED}),
            ".filteringCriteria.mode",
            f"is missing: choose exclusion or inclusion: {FORM}",
        ),
        (
            group(filteringCriteria={"mode": "exclude", "evaluator": ENCRYPTED}),
            ".filteringCriteria.mode",
            "'exclude' is no choice; did you mean 'exclusion'?",
        ),
        (
            group(filteringCriteria={"mode": "inclusion"}),
            ".filteringCriteria.evaluator",
            'is missing: write a condition, such as {"all": [...]}',
        ),
        (
            group(filteringCriteria={"mode": "inclusion", "evaluator": ENCRYPTED["all"][0]}),
            ".filteringCriteria.evaluator",
            'is a bare comparison; wrap it: {"all": [...]}',
        ),
        (
            {**counted(**FRESH), "filteringCriteria": {"mode": "inclusion", "evaluator": ENCRYPTED}},
            ".filteringCriteria",
            "means nothing here: freshness counts every push; leave it out",
        ),
    ],
)
def test_a_faulty_group_is_told_what_to_write(value: Any, place: str, message: str) -> None:
    assert faults_of(body(group(), value)) == [(f"groups[1]{place}", message)]


@pytest.mark.parametrize(
    ("population", "place", "message"),
    [
        (3, "", '3 is no population check; write an object, such as {"kind": "exists"}'),
        ({}, ".kind", "is missing; write one of count, exists, percent, unique, freshness"),
        ({"kind": "counts"}, ".kind", "'counts' is no kind; did you mean 'count'?"),
        (
            {**FRESH, "where": ENCRYPTED},
            "",
            "'where' has no meaning here; remove it (known here: kind, withinHours)",
        ),
        ({"kind": "freshness"}, ".withinHours", "is missing: write a number above 0 up to 876,000"),
        (
            {"kind": "freshness", "withinHours": 0},
            ".withinHours",
            "0 does not fit; write a number above 0 up to 876,000",
        ),
        (
            {"kind": "freshness", "withinHours": True},
            ".withinHours",
            "true is no number; write a number above 0 up to 876,000, without quotes",
        ),
        ({"kind": "unique"}, ".fact", "is missing: name a field of the record"),
        (
            {"kind": "percent", "operator": "equal", "value": 100},
            ".where",
            "is missing: write the condition that so many of a hundred records have to meet",
        ),
        (
            {"kind": "percent", "where": ENCRYPTED, "operator": "equal", "value": 100.5},
            ".value",
            "100.5 does not fit; write a number from 0 to 100",
        ),
        (
            {"kind": "count", "operator": "equal", "value": 1.5},
            ".value",
            "1.5 does not fit; write a whole number from 0 to 1,000,000,000,000,000",
        ),
        (
            {"kind": "count", "operator": "equal", "value": float("nan")},
            ".value",
            "a float does not fit; write a whole number from 0 to 1,000,000,000,000,000",
        ),
        ({"kind": "count", "value": 1}, ".operator", "is missing: write an operator, such as 'equal'"),
        (
            {"kind": "count", "operator": "contains", "value": 1},
            ".operator",
            f"'contains' is no operator here; write one of {', '.join(OPERATORS)}",
        ),
        (
            {"kind": "exists", "where": {"any": [3]}},
            ".where.any[0]",
            '3 is no condition; write a group, such as {"all": [{"fact": "name", "operator": "equal", "value": "x"}]}',
        ),
    ],
)
def test_a_faulty_population_check_is_told_what_to_write(population: Any, place: str, message: str) -> None:
    wrong = {"connectionId": 1, "resourceId": 2, "population": population}

    assert faults_of(body(wrong)) == [(f"groups[0].population{place}", message)]


def test_faults_come_in_the_order_of_the_body() -> None:
    wrong = group(connectionId=None, filteringCriteria=ENCRYPTED, evaluator={"any": []})

    assert [place for place, _ in faults_of(body(wrong, wrong, name=""))] == [
        "name",
        *(f"groups[{i}].{key}" for i in (0, 1) for key in ("connectionId", "filteringCriteria.mode", "evaluator.any")),
    ]


def test_what_yaml_has_and_json_does_not_is_refused() -> None:
    dated = {"all": [{"fact": "day", "operator": "equal", "value": datetime.date(2026, 1, 1)}]}

    assert faults_of(body(group(evaluator=dated), name=datetime.date(2026, 1, 1))) == [
        ("name", "a date is no name; write a string that is not blank"),
        ("groups[0].evaluator.all[0].value", "a date is no value that JSON has; put it into quotes"),
    ]


def test_a_refusal_tells_ten_faults_and_how_many_more_there_are() -> None:
    faults = [Fault(f"groups[{i}]", "is wrong") for i in range(12)]

    with pytest.raises(
        Invalid, match=rf"^{re.escape('groups[0]: is wrong; groups[1]')}.*groups\[9\]: is wrong; and 2 more$"
    ):
        refuse(faults)
    with pytest.raises(Invalid, match=r"; and at least 40 more$"):
        refuse([Fault("a", "is wrong")] * 50)
    with pytest.raises(Invalid, match=r"^no object$"):
        refuse([Fault("", "no object")])


keys = st.sampled_from(
    "name groups connectionId resourceId evaluator population kind where fact value withinHours mode all"
    " filteringCriteria controlIds operator".split()
)
words = st.sampled_from(["count", "percent", "unique", "freshness", "exclusion", "equal", "x"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(anything, anything, anything)
def test_any_value_is_a_draft_or_has_faults(value: Any, population: Any, criteria: Any) -> None:
    assert faults_of(value) != []
    faults_of(body({"connectionId": 1, "resourceId": 2, "population": population, "filteringCriteria": criteria}))
