"""The account that `make run` shows."""

import json
from pathlib import Path

import httpx

from tests.conftest import cloned, free_port, serving
from tests.factories import Account, World
from tests.vendors.cast import VENDORS, everything
from trustwright.cli.demo import KEPT, fill
from trustwright.settings import Settings

REVIEWS = "/public/v2/vendor-security-reviews"


def demo_settings(world: World, data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, public_url=world.address)


def test_it_has_vendors_in_every_state(world: World, acme: Account, tmp_path: Path) -> None:
    client = acme.client(world.run(fill(world.database, demo_settings(world, tmp_path))).api_key)

    vendors = everything(client, VENDORS, **{"expand[]": ["user", "customFields"]})

    assert {vendor["renewalDateStatus"] for vendor in vendors} == {
        "NO_RENEWAL",
        "COMPLETED",
        "RENEWAL_DUE_SOON",
        "RENEWAL_DUE",
    }
    assert {"ACTIVE", "APPROVED", "PROSPECTIVE", "ARCHIVED"} <= {vendor["status"] for vendor in vendors}
    assert all(vendor["user"] and vendor["customFields"] for vendor in vendors)


def test_it_has_a_report_half_read_one_decided_and_a_template_to_send(
    world: World, acme: Account, tmp_path: Path
) -> None:
    client = acme.client(world.run(fill(world.database, demo_settings(world, tmp_path))).api_key)

    reviews = everything(client, REVIEWS)

    assert sorted((review["status"], review["decision"]) for review in reviews) == [
        ("COMPLETED", "APPROVED_WITH_CONDITIONS"),
        ("IN_PROGRESS", "PENDING"),
        ("IN_PROGRESS", "PENDING"),
    ]
    assert {form["readyToFinalize"] for review in reviews if (form := review.get("socReviewForm"))} == {True, False}
    assert len(everything(client, "/public/v2/questionnaire-templates")) == 1


def test_it_is_made_once(world: World, tmp_path: Path) -> None:
    settings = demo_settings(world, tmp_path)

    assert world.run(fill(world.database, settings)) == world.run(fill(world.database, settings))


def test_a_key_that_another_database_knew_is_replaced(world: World, acme: Account, tmp_path: Path) -> None:
    kept = {"accountId": 1, "apiKey": "tw_of_another_database", "note": "longer than what will be written " * 9}
    (tmp_path / KEPT).write_text(json.dumps(kept))

    key = world.run(fill(world.database, demo_settings(world, tmp_path))).api_key

    assert acme.client(key).get(VENDORS).status_code == 200
    assert json.loads((tmp_path / KEPT).read_text())["apiKey"] == key


def test_it_has_a_trust_page_with_a_lock_and_requests_in_every_state(
    world: World, acme: Account, tmp_path: Path
) -> None:
    client = acme.client(world.run(fill(world.database, demo_settings(world, tmp_path))).api_key)

    settings = client.get("/public/trust-center/settings").json()
    page = client.get(f"/trust/{settings['slug']}.json").json()
    decided = client.get("/public/trust-center/requests").json()["data"]
    waiting = client.get("/public/trust-center/requests", params={"status": "PENDING"}).json()["data"]

    assert settings["isPublished"] is True
    assert len(page["documents"]) == 5
    assert {request["status"] for request in decided} == {"AUTO_APPROVED", "APPROVED", "DENIED"}
    assert len(waiting) == 1


def test_a_service_that_has_just_made_it_gives_out_its_documents(worker_id: str, tmp_path: Path) -> None:
    with (
        cloned(f"trustwright_demo_{worker_id}") as url,
        serving(url, tmp_path, free_port(), "--demo") as address,
    ):
        page = httpx.get(f"{address}/trust/northwind-health.json").json()
        (policy,) = [each["address"] for each in page["documents"] if each["name"] == "Information security policy"]

        document = httpx.get(address + policy, timeout=20)

        assert document.content.startswith(b"%PDF-")


def test_it_has_monitors_that_pass_and_fail_and_controls_that_follow_them(
    world: World, acme: Account, tmp_path: Path
) -> None:
    client = acme.client(world.run(fill(world.database, demo_settings(world, tmp_path))).api_key)
    (workspace,) = client.get("/public/v2/workspaces").json()["data"]
    tests = f"/public/v2/workspaces/{workspace['id']}/monitoring-tests"

    found = {test["name"]: test for test in everything(client, tests)}
    encrypted = found["Storage and databases are encrypted at rest"]
    failures = everything(client, f"{tests}/{encrypted['testId']}/failures")
    exclusions = everything(client, f"{tests}/{encrypted['testId']}/exclusions")
    slug = client.get("/public/trust-center/settings").json()["slug"]
    groups = client.get(f"/trust/{slug}.json").json()["controls"]
    statuses = {control["name"]: control["status"] for group in groups for control in group["controls"]}

    assert sorted(test["checkResultStatus"] for test in found.values()) == ["FAILED"] * 3 + ["PASSED"] * 3
    assert [failure["id"] for failure in failures] == ["bucket-08"]
    assert [exclusion["targetId"] for exclusion in exclusions] == ["bucket-03"]
    assert statuses["Databases are encrypted at rest"] == "NEEDS_ATTENTION"
    assert statuses["Ports of administration are closed to the internet"] == "PASSING"
