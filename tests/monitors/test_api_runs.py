"""What runs found, through the API: results, failures, passes, exclusions, and the history."""

from typing import Any

import pytest

from tests.monitors.api import Test, good
from tests.monitors.cast import group, leaf
from tests.records.cast import Json, Resource, accepted, refused, row
from tests.trust.cast import act
from trustwright.monitors import history
from trustwright.monitors.model import Cause


@pytest.fixture
def ran(devices: Resource) -> Test:
    """A test of three records that ran: `high` passes, `low` and `none` fail."""
    accepted(devices.post([row("high", level=9), row("low", level=1, tags={"env": "lab"}), row("none")]))
    made = Test(devices)
    made.run()
    return made


def test_a_run_answers_what_it_came_to_and_is_kept(devices: Resource) -> None:
    accepted(devices.post([row("high", level=9), row("low", level=1)]))
    made = Test(devices)

    answer = made.run()

    counted = {"checkResultStatus": "FAILED", "evaluated": 2, "passed": 1, "failed": 1, "excluded": 0, "outOfScope": 0}
    assert {name: answer[name] for name in counted} == counted
    assert answer["message"] is None
    kept = made.get(f"/runs/{answer['runId']}")
    assert {name: kept[name] for name in counted} == counted
    assert (kept["cause"], kept["version"], kept["failures"]) == ("MANUAL", 1, answer["failures"])
    assert kept["definition"]["groups"] == made.made["groups"]
    assert kept["groups"][0]["providerName"] == "Devices"
    shown = made.get()
    assert (shown["checkResultStatus"], shown["failedSince"] is None, shown["lastPassedAt"]) == ("FAILED", False, None)


def test_the_history_tells_what_was_true_then(ran: Test, devices: Resource) -> None:
    accepted(devices.post([row("low", level=7), row("none", level=8)]))
    ran.run()

    first, second = ran.ids("/runs", size=1)
    assert ran.ids("/runs", sortDir="DESC") == [second, first]
    assert [each["targetId"] for each in ran.get(f"/runs/{first}")["failures"]] == ["low", "none"]
    assert ran.get(f"/runs/{second}")["checkResultStatus"] == "PASSED"
    page = ran.get("/runs", size=1, includeTotalCount="true")
    assert (page["pagination"]["totalCount"], len(page["data"])) == (2, 1)


def test_what_cannot_be_evaluated_is_a_run_with_the_reason(ran: Test, devices: Resource) -> None:
    assert ran.alice.delete(f"/public/v2/custom-connections/{devices.connection_id}").status_code == 204

    answer = ran.run()

    assert answer["checkResultStatus"] == "ERROR"
    assert "deleted" in answer["message"]
    assert ran.get()["checkResultStatus"] == "ERROR"
    assert ran.ids("/failures") == ["low", "none"]
    assert ran.ids("/passes") == []


def test_one_run_at_a_time(ran: Test) -> None:
    begun = act(ran.account, lambda tx: history.begin_run(tx, ran.id, 1, Cause.MANUAL))
    assert begun is not None

    refused(ran.alice.post(f"{ran.path}/run"), 409, "under way")

    shown = ran.get(f"/runs/{begun.id}")
    assert (shown["checkResultStatus"], shown["finishedAt"], shown["asOf"]) == (None, None, None)


def test_failures_and_passes_name_the_records_and_their_connection(ran: Test) -> None:
    page = ran.get("/failures")

    low, none = page["data"]
    assert (low["id"], low["resourceName"], low["providerName"], low["clientId"]) == (
        "low",
        "low",
        "Devices",
        "Devices",
    )
    assert {low[name] for name in ("accountName", "resourceArn", "organizationalUnitId", "region")} == {None}
    assert low["cause"][0]["factResult"] == 1
    assert none["cause"][0]["missing"] is True
    passes = ran.get("/passes")
    assert [(each["id"], each["providerName"]) for each in passes["data"]] == [("high", "Devices")]
    (run,) = ran.get("/runs")["data"]
    assert page["lastCheck"] == passes["lastCheck"] == run["finishedAt"]


def test_tags_are_shown_when_they_are_expanded_and_there(ran: Test) -> None:
    shown = [each.get("tags") for each in ran.get("/failures", **{"expand[]": "tags"})["data"]]

    assert shown == [{"env": "lab"}, None]
    assert all("tags" not in each for each in ran.get("/failures")["data"])
    refused(ran.alice.get(f"{ran.path}/failures", params={"expand[]": "owner"}), 400, "expand")


@pytest.mark.parametrize("list_", ["failures", "passes"])
def test_findings_come_in_pages(devices: Resource, list_: str) -> None:
    level = 1 if list_ == "failures" else 9
    ids = [f"r{number}" for number in range(5)]
    accepted(devices.post([row(id_, level=level) for id_ in ids]))
    made = Test(devices)
    made.run()

    assert made.ids(f"/{list_}", size=2) == ids
    assert made.ids(f"/{list_}", size=2, sortDir="DESC") == ids[::-1]
    page = made.get(f"/{list_}", size=2, includeTotalCount="true")
    assert page["pagination"]["totalCount"] == 5
    made.run()
    refused(made.alice.get(f"{made.path}/{list_}", params={"cursor": page["pagination"]["cursor"]}), 400, "cursor")


def test_a_test_that_never_ran_has_found_nothing(devices: Resource) -> None:
    made = Test(devices)

    for list_ in ("failures", "passes"):
        page = made.get(f"/{list_}", includeTotalCount="true")
        assert page == {"data": [], "pagination": {"cursor": None, "totalCount": 0}, "lastCheck": None}


def test_each_finding_names_the_connection_of_its_group(ran: Test, devices: Resource) -> None:
    inverse = group(devices, {"all": [leaf("level", "lessThan", 3)]})
    count = group(devices, population={"kind": "count", "operator": "greaterThan", "value": 10})
    both = Test(devices, "Both", groups=[group(devices), inverse, count])

    answer = both.run()

    found = {(each["group"], each["targetId"]) for each in answer["failures"]}
    assert found == {(0, "low"), (0, "none"), (1, "high"), (1, "none"), (2, f"resource:{devices.id}")}
    assert sorted(both.ids("/passes")) == ["high", "low"]


def test_a_record_that_passes_twice_is_listed_twice_on_any_page(ran: Test, devices: Resource) -> None:
    some = group(devices, {"any": [leaf("level", "greaterThan", 0)]})
    twice = Test(devices, "Twice", groups=[group(devices), some])
    twice.run()

    assert sorted(twice.ids("/passes", size=1)) == ["high", "high", "low"]
    assert twice.get("/passes", includeTotalCount="true")["pagination"]["totalCount"] == 3


def test_an_excluded_record_is_hidden_at_once(ran: Test) -> None:
    excluded = ran.exclude("low", "In the lab")

    assert ran.ids("/failures") == ["none"]
    assert ran.ids("/failures", includeExclusions="true") == ["low", "none"]
    assert ran.run()["excluded"] == 1
    assert ran.ids("/failures") == ["none"]
    assert ran.alice.delete(f"{ran.path}/exclusions/{excluded['id']}").status_code == 204
    # Of a run those that were excluded by then come last.
    assert ran.ids("/failures") == ["none", "low"]


def test_exclusions_say_who_and_why(ran: Test, devices: Resource) -> None:
    made = ran.exclude("low", "In the lab")
    ran.exclude("later", "Comes with the next session")

    expand: dict[str, Any] = {"expand[]": ["connection", "exclusionDesignator"]}
    first, second = ran.get("/exclusions", **expand)["data"]
    assert first == made
    assert (first["targetName"], first["exclusionReason"]) == ("low", "In the lab")
    assert first["exclusionDesignator"]["id"] == ran.account.alice_id
    assert (first["connection"]["id"], first["connection"]["clientType"]) == (devices.connection_id, "CUSTOM")
    (plain,) = ran.get("/exclusions", targetId="later")["data"]
    assert plain == {name: second[name] for name in plain}
    assert not {"connection", "exclusionDesignator"} & set(plain)
    assert ran.ids("/exclusions", size=1, sortDir="DESC") == [second["id"], first["id"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"targetId": "", "exclusionReason": "x"},
        {"targetId": "a\nb", "exclusionReason": "x"},
        {"targetId": "a" * 256, "exclusionReason": "x"},
        {"targetId": "a", "exclusionReason": " "},
        {"targetId": "a", "exclusionReason": "x" * 10_001},
        {"targetId": "a"},
        {"exclusionReason": "x"},
    ],
)
def test_an_exclusion_needs_an_id_and_a_reason(devices: Resource, wrong: Json) -> None:
    made = Test(devices)

    refused(made.alice.post(f"{made.path}/exclusions", json=wrong), 400)
    assert made.ids("/exclusions") == []


def test_a_record_is_excluded_once(ran: Test) -> None:
    ran.exclude("low")

    sent = {"targetId": "low", "exclusionReason": "Again"}
    refused(ran.alice.post(f"{ran.path}/exclusions", json=sent), 409, "already")


def test_an_exclusion_belongs_to_its_test(ran: Test, devices: Resource) -> None:
    excluded = ran.exclude("low")
    other = Test(devices, "Others")

    refused(other.alice.delete(f"{other.path}/exclusions/{excluded['id']}"), 404)
    assert good(ran.alice.get(f"{ran.path}/exclusions"))["data"] != []
