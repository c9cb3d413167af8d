"""Two accounts with the same ids everywhere: neither sees or changes anything of the other, by each of two walls alone.

The first wall are the predicates of the statements, the second is row-level security."""

import shutil
from collections.abc import Iterator
from functools import cached_property

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import cloned
from tests.security.inside import InsideDemo, demo_inside
from tests.security.mutants import tried
from tests.security.recording import Sent, caught, predicates, recorded
from tests.security.twins import OURS, THEIRS, copy_account, digests, fill_empty_tables
from tests.security.walks import Addresses, Route, ask, look, readings, send

TWIN, NOBODYS = 4_000_000, 4_000_001

# Predicates that no statement of these tests has shown to matter, because it meets no row that they would keep out.
# Nothing is added here: a new statement is met by what the demo account has, or by a value that can be made up.
UNPROVEN = {
    "access_requests.store.id_of_tracking 1",
    "access_requests.store.mailed_by 1",
    "access_requests.store.managers 1",
    "accounts.administration_store.has_other_admin 1",
    "agreements.store.insert_nda 1",
    "agreements.store.overdue 1",
    "agreements.store.prepared_before 1",
    "agreements.store.set_token 1",
    "agreements.store.signed_file 1",
    "agreements.store.standing_signature 1",
    "agreements.store.supersede 1",
    "agreements.store.unsigned 1",
    "cli.demo_store.GRANTS 1",
    "cli.demo_store.PAIRED 1",
    "cli.demo_store.REQUESTS 1",
    "cli.demo_store.add_past_failures 1",
    "events.chain_store.event_behind 1",
    "files.store.delete_blob 1",
    "files.store.unnamed_blobs 1",
    "files.store.unsettled_files 1",
    "mail.due_store.failed_mails 1",
    "mail.store.failed_since 1",
    "mail.store.postpone_overdue 1",
    "monitors.history.end_run 1",
    "monitors.history.give_up_run 1",
    "monitors.store.insert_monitor 1",
    "monitors.store.set_controls 1",
    "monitors.store.set_resources 1",
    "questionnaires.sent_lists.previous 1",
    "questionnaires.sent_lists.previous 2",
    "questionnaires.store.OF_REVIEW 1",
    "questionnaires.store.due_for_reminder 1",
    "records.listing_store.set_workspaces 1",
    "records.store.delete_some_records 1",
    "records.store.delete_some_records 2",
    "records.store.update_record 1",
    "records.watching.watch 1",
    "records.watching.watch 2",
    "reviews.list_store.FOUND 1",
    "reviews.list_store.VENDORS_NAMED 1",
    "reviews.store.open_reviews_between 1",
    "sign_in.factors_store.replace_recovery_codes 1",
    "sign_in.factors_store.use_step 1",
    "sign_in.tokens_store.count_tokens_since 1",
    "sign_in.tokens_store.insert_token 1",
    "trust.due_store.ending_documents 1",
    "trust.store.get_document_for_update 1",
    "trust.store.update_trust_center 1",
    "trust_page.subscriber_store.confirmed_after 1",
    "trust_page.subscriber_store.count_confirmed 1",
    "trust_reports.chart_store.bars 1",
    "trust_reports.store.DOMAINS 1",
    "trust_reports.store.DOMAINS 2",
    "vendors.list_store.vendors_named 1",
    "webhooks.due_store.troubled_webhooks 1",
    "webhooks.due_store.troubled_webhooks 2",
    "webhooks.store.postpone_forgotten 1",
}

# The least number of answers that show something of the account's own; else the marks would prove nothing.
SHOWING = 140


class Twins:
    """The demo account and its twin, by the marks of their texts."""

    def __init__(self, demo: InsideDemo, sent: list[Sent]) -> None:
        self.demo = demo
        self._sent = sent
        self.account_id = demo.account.id
        self.addresses = Addresses(demo)
        copy_account(demo.database_url, self.account_id, TWIN)
        files = demo.data_dir / "files"
        shutil.copytree(files / str(self.account_id), files / str(TWIN))
        self.sides = {
            mark: demo.world.account_of(account_id, f"{mark}.{demo.opened['email']}")
            for mark, account_id in ((OURS, self.account_id), (THEIRS, TWIN))
        }
        self.browsers = {mark: account.browser() for mark, account in self.sides.items()}

    @cached_property
    def answers(self) -> dict[str, dict[str, httpx.Response]]:
        """What each of the two is shown at every address."""
        return {
            mark: dict([*look(self.browsers[mark], self.addresses), *ask(account.alice, self.addresses)])
            for mark, account in self.sides.items()
        }

    @property
    def sent(self) -> list[Sent]:
        """The statements of the first account: those that filled it, and those that answered."""
        assert self.answers
        return [each for each in self._sent if each.values["account_id"] == self.account_id]

    def get(self, mark: str, address: str) -> httpx.Response:
        """The answer to one of the two at an address of the API or the console."""
        client = self.sides[mark].alice if address.startswith("/public/") else self.browsers[mark]
        return client.get(address)


@pytest.fixture(scope="module")
def twins(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with (
        pytest.MonkeyPatch.context() as patch,
        recorded(patch) as sent,
        cloned(f"trustwright_twins_{worker_id}") as url,
        demo_inside(url, tmp_path_factory.mktemp("twins")) as demo,
    ):
        yield Twins(demo, sent)


def test_no_answer_shows_anything_of_the_other_account(twins: Twins) -> None:
    for mark, other in ((OURS, THEIRS), (THEIRS, OURS)):
        answers = twins.answers[mark]

        assert [address for address, answer in answers.items() if answer.status_code >= 500] == []
        assert [address for address, answer in answers.items() if other in answer.text] == []
        assert sum(mark in answer.text for answer in answers.values()) > SHOWING


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(route=st.sampled_from(readings()), numbers=st.lists(st.integers(1, 12), min_size=6, max_size=6))
def test_nor_at_any_other_id(twins: Twins, route: Route, numbers: list[int]) -> None:
    address = twins.addresses.at_numbers(route, numbers)

    ours, theirs = twins.get(OURS, address), twins.get(THEIRS, address)

    assert THEIRS not in ours.text
    assert OURS not in theirs.text
    assert max(ours.status_code, theirs.status_code) < 500
    assert ours.status_code == theirs.status_code


def test_row_level_security_holds_without_any_predicate_and_the_predicates_without_it(twins: Twins) -> None:
    """Every predicate of the source is taken away in turn. As the application nothing of the other account is read or
    changed then; as the owner of the tables it is, so the attempt was one; and as the owner nothing is while all
    predicates stand."""
    sent = twins.sent
    fill_empty_tables(twins.demo.database_url, [twins.account_id, TWIN])

    found = tried(twins.demo.database_url, [NOBODYS, twins.account_id], [*sent, *caught(TWIN)], predicates())

    assert found.leaking == set()
    assert found.leaning == set()
    names = {predicate.name for predicate in predicates()}
    assert sorted(names - found.proven - UNPROVEN) == []
    assert sorted(UNPROVEN - names) == []


def test_nothing_that_one_account_sends_changes_the_other(twins: Twins) -> None:
    """With all ids the same, each operation that writes, in the name of one of the two."""
    with psycopg.connect(twins.demo.database_url) as connection:
        before = digests(connection, TWIN)

        answers = list(send(twins.sides[OURS].alice, twins.addresses))
        after = digests(connection, TWIN)

    assert sum(answer.is_success for _, answer in answers) > len(answers) / 2
    assert [table for table in after if after[table] != before[table]] == []
