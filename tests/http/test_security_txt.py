"""Programs find where to report a weakness, and never an address that nobody published."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.factories import Account
from tests.http.conftest import OwnService, Serve
from tests.trust_page.cast import publish
from tests.trust_page.test_public import change
from trustwright.settings import InvalidSetting, Settings, from_environment
from trustwright.trust_page.security_txt import PATH, security_txt

NOW = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


@pytest.fixture
def installation(serve: Serve) -> OwnService:
    settings = Settings(
        security_contact="mailto:security@host.example, https://host.example/report",
        security_policy="https://host.example/rules",
        public_url="https://trust.host.example",
        jobs_in_web=False,
    )
    return serve([], settings)


def test_the_file_names_contacts_end_language_address_and_rules(installation: OwnService) -> None:
    answer = installation.request("GET", PATH)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert [name for name, _ in fields] == [
        "Contact",
        "Contact",
        "Expires",
        "Preferred-Languages",
        "Canonical",
        "Policy",
    ]
    assert [value for name, value in fields if name == "Contact"] == [
        "mailto:security@host.example",
        "https://host.example/report",
    ]
    assert dict(fields)["Canonical"] == f"https://trust.host.example{PATH}"


def test_it_ends_within_the_year_that_the_standard_allows() -> None:
    text = security_txt(["mailto:a@b.example"], "", "https://b.example", NOW)

    assert "Expires: 2026-07-15T00:00:00Z\n" in text


def test_without_https_it_names_no_address_of_its_own() -> None:
    assert "Canonical" not in security_txt(["mailto:a@b.example"], "", "http://b.example", NOW)


def test_an_installation_that_names_nobody_has_none(acme: Account) -> None:
    assert acme.visitor().get(PATH).status_code == 404


def test_at_a_companys_own_host_it_names_the_contact_of_its_page(acme: Account) -> None:
    host = f"trust.acme-{uuid4().hex[:8]}.example"
    publish(acme)
    change(acme, domain=host, contact_url="https://acme.example/security", security_emails="inside@acme.example")
    there = acme.visitor()
    there.headers["Host"] = host

    text = there.get(PATH).text

    assert text.startswith("Contact: https://acme.example/security\n")
    assert "inside@acme.example" not in text


def test_an_address_that_only_hears_of_requests_is_not_published(acme: Account) -> None:
    host = f"trust.acme-{uuid4().hex[:8]}.example"
    publish(acme)
    change(acme, domain=host, security_emails="inside@acme.example")
    there = acme.visitor()
    there.headers["Host"] = host

    answer = there.get(PATH)

    assert answer.status_code == 404
    assert "inside" not in answer.text


def test_below_the_page_at_our_own_host_is_none(acme: Account) -> None:
    slug = publish(acme)
    change(acme, contact_url="https://acme.example/security")

    assert acme.visitor().get(f"/trust/{slug}{PATH}").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["security@acme.example", "http://acme.example", "https://a.example\nContact: https://b.example", "https://"],
)
def test_what_is_no_address_keeps_the_service_from_starting(text: str) -> None:
    with pytest.raises(InvalidSetting, match="TRUSTWRIGHT_SECURITY_CONTACT must be addresses like mailto:"):
        from_environment({"TRUSTWRIGHT_SECURITY_CONTACT": text})


def test_several_addresses_have_commas_between_them() -> None:
    found = from_environment({"TRUSTWRIGHT_SECURITY_CONTACT": "mailto:a@b.example, tel:+31-20-0000000"})

    assert found.security_contact.endswith("0000000")
