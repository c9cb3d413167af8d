"""Another provider of signatures: handed envelopes, heard when it proves who it is, and of no harm when it fails."""

import base64
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.agreements.cast import NDA, VERA, Desk
from tests.agreements.office import SECRET, SIGNING_URL, SigningOffice, Told, open_office
from tests.conftest import cloned, free_port, serving
from tests.documents import pdf
from tests.factories import Account, World
from tests.records.cast import eventually, together
from trustwright.agreements import actions, jobs
from trustwright.agreements.calls import WINDOW, require_genuine, signature
from trustwright.agreements.providers import Unreachable
from trustwright.errors import InvalidKey, WrongState
from trustwright.files.storage import Storage, connect
from trustwright.settings import Settings

SIGNED = pdf("Mutual agreement, signed elsewhere")

Served = tuple[World, SigningOffice, Path]


@pytest.fixture(scope="module")
def served(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service whose agreements are signed elsewhere, and where that is."""
    folder = tmp_path_factory.mktemp("outside")
    with open_office() as office, cloned(f"trustwright_outside_{worker_id}") as url:
        settings = {"TRUSTWRIGHT_SIGNATURE_URL": office.url, "TRUSTWRIGHT_SIGNATURE_SECRET": SECRET}
        with serving(url, folder, free_port(), **settings) as server:
            world = World(url, server)
            yield world, office, folder
            world.close()


@pytest.fixture
def acme(served: Served) -> Account:
    return served[0].account("Acme")


@pytest.fixture
def office(served: Served) -> Iterator[SigningOffice]:
    office = served[1]
    yield office
    office.status, office.answer = 200, b""


@pytest.fixture
def desk(acme: Account, office: SigningOffice) -> Desk:
    return Desk(
        acme,
        settings=Settings(public_url=acme.world.address, signature_url=office.url, signature_secret=SECRET),
    )


@pytest.fixture
def told(desk: Desk, office: SigningOffice) -> Told:
    """An envelope that the office took."""
    return Told(desk, office)


def test_an_envelope_is_handed_over_with_its_document(told: Told, office: SigningOffice) -> None:
    (handed,) = office.handed(told.envelope_id)

    assert base64.b64decode(handed["document"]) == NDA
    assert handed["documentSha256"] == hashlib.sha256(NDA).hexdigest()
    assert (handed["email"], handed["name"], handed["company"]) == (VERA, "Vera Núñez", "Buyer & Söhne")
    assert handed["documentName"] == "nda.pdf"
    assert handed["callbackUrl"] == f"{told.desk.world.address}/signatures"
    assert handed["expiresAt"].startswith(f"{told.desk.envelope(told.envelope_id).expires_at:%Y-%m-%d}")
    envelope = told.desk.envelope(told.envelope_id)
    assert (envelope.state, envelope.provider_reference) == ("SENT", told.reference)
    assert told.desk.status(told.envelope_id) == "NDA_SENT"


def test_the_link_of_the_provider_is_mailed_and_reminded_of(told: Told) -> None:
    told.desk.do(lambda tx: actions.send_again(tx, told.envelope_id, told.desk.settings))

    texts = [text for _, text in told.desk.mails(VERA) if SIGNING_URL in text]
    assert len(texts) == 2
    assert told.desk.links() == []


def test_a_provider_that_gives_no_link_writes_to_the_signer_itself(desk: Desk, office: SigningOffice) -> None:
    office.answer = b'{"reference": "r-1"}'
    envelope_id = desk.ask()
    eventually(lambda: desk.envelope(envelope_id).state == "SENT")

    assert [subject for subject, _ in desk.mails(VERA) if "sign" in subject] == []
    with pytest.raises(WrongState, match="mails its links itself"):
        desk.do(lambda tx: actions.send_again(tx, envelope_id, desk.settings))


def test_a_signature_elsewhere_is_kept_like_our_own(told: Told) -> None:
    answer = told.tell("completed", SIGNED, signedAt="2020-01-02T03:04:05Z")

    assert (answer.status_code, answer.json()) == (200, {"changed": True})
    assert told.state == "SIGNED"
    assert told.desk.status(told.envelope_id) == "FILES_SENT"
    kept = "select signed_sha256, accepted_at::date::text, ip from nda_acceptances where account_id = %s"
    rows = told.desk.account.sql(kept)
    assert rows == [(hashlib.sha256(SIGNED).digest(), "2020-01-02", None)]
    sent = told.desk.account.sql(
        "select recipient, cardinality(attachments) from mails where account_id = %s and event like 'signature_copy%%'"
    )
    assert sorted(sent) == [("legal@acme.test", 1), (VERA, 1)]


def test_a_signature_without_its_document_counts_too(told: Told) -> None:
    assert told.tell("completed").json() == {"changed": True}

    assert told.desk.acceptances() == [("SIGNATURE", VERA, "Vera Núñez", False)]
    assert "keeps the signed copy" in told.desk.mails("legal@acme.test")[-1][1]


def test_a_signature_of_tomorrow_is_of_now(told: Told) -> None:
    told.tell("completed", signedAt="2999-01-01T00:00:00Z")

    assert told.desk.account.sql("select accepted_at <= now() from nda_acceptances where account_id = %s") == [(True,)]


@pytest.mark.parametrize(
    ("event", "state", "status"),
    [("declined", "DECLINED", "DENIED"), ("voided", "VOIDED", "DENIED"), ("expired", "EXPIRED", "NDA_EXPIRED")],
)
def test_what_came_to_nothing_is_told_too(told: Told, event: str, state: str, status: str) -> None:
    assert told.tell(event, reason="Clause 7").json() == {"changed": True}

    envelope = told.desk.envelope(told.envelope_id)
    assert (envelope.state, envelope.reason) == (state, "Clause 7")
    assert told.desk.status(told.envelope_id) == status


def test_the_same_told_twice_changes_nothing_more(told: Told) -> None:
    body = told.body("completed", SIGNED)
    told.send(body)
    before = told.desk.everything()

    answers = [told.send(body), told.tell("declined", reason="No"), told.tell("completed", pdf("Another"))]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"changed": False})] * 3
    assert told.desk.everything() == before


def test_of_the_same_told_at_once_one_is_heard(told: Told) -> None:
    body = told.body("completed", SIGNED)

    answers = together(*[lambda: told.send(body)] * 4)

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["changed"] for answer in answers) == [False, False, False, True]
    assert len(told.desk.acceptances()) == 1


def test_a_callback_that_nobody_signed_is_refused(told: Told) -> None:
    before = told.desk.everything()
    body = told.body("completed", SIGNED)
    good = signature(SECRET, body, 1)

    answers = [
        told.send(body, secret="another"),
        told.send(body, secret=""),
        told.send(body, header=""),
        told.send(body, header="t=abc,v1=00"),
        told.send(body, header=good.replace("v1=", "v0=")),
        told.send(body + b" ", header=signature(SECRET, body, 2**31)),
        told.client.post("/signatures", content=body),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert told.desk.everything() == before


def test_a_body_that_was_changed_on_the_way_is_refused(told: Told) -> None:
    body = told.body("declined")
    header = signature(SECRET, body, int(time.time()))

    assert told.send(body.replace(b"declined", b"voided!!"), header=header).status_code == 401
    assert told.state == "SENT"


@pytest.mark.parametrize("age", [WINDOW + 5, -WINDOW - 5, 86_400])
def test_a_callback_of_another_time_is_refused(told: Told, age: int) -> None:
    assert told.send(told.body("declined"), age=age).status_code == 401
    assert told.state == "SENT"


def test_a_clock_that_is_a_little_off_is_forgiven(told: Told) -> None:
    assert told.send(told.body("declined"), age=WINDOW - 30).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"trackingId": "00000000-0000-4000-8000-000000000000"},
        {"trackingId": "abc"},
        {"trackingId": ...},
        {"reference": "another"},
        {"reference": ...},
        {"event": "signed"},
        {"event": ...},
        {"reason": "x" * 2001},
        {"reason": "a\0b"},
        {"document": "not base64!"},
        {"document": base64.b64encode(b"no PDF").decode()},
        {"signedAt": "yesterday"},
    ],
)
def test_a_callback_that_makes_no_sense_is_refused(told: Told, changes: dict[str, Any]) -> None:
    before = told.desk.everything()[:6]

    answer = told.send(told.body("completed", **changes))

    assert answer.status_code == 400
    assert answer.json()["statusCode"] == 400
    assert told.desk.everything()[:6] == before


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{"])
def test_a_callback_that_is_no_json_is_refused(told: Told, body: bytes) -> None:
    assert told.send(body).status_code == 400


def test_an_envelope_of_our_own_page_is_not_the_providers(desk: Desk, told: Told) -> None:
    told.desk.account.sql("update envelopes set provider = 'OWN_PAGE' where account_id = %s")

    assert told.tell("completed").status_code == 400
    assert told.state == "SENT"


def test_what_was_taken_back_stays_so(told: Told) -> None:
    told.desk.do(lambda tx: actions.void(tx, told.envelope_id, "Denied"))

    assert told.tell("completed", SIGNED).json() == {"changed": False}
    assert told.desk.acceptances() == []


@pytest.mark.parametrize("secret", ["", SECRET])
def test_without_a_secret_of_ours_nothing_is_genuine(secret: str) -> None:
    header = signature(secret, b"{}", 1000)

    with pytest.raises(InvalidKey):
        require_genuine("", header, b"{}", 1000)


def test_a_service_with_its_own_page_hears_no_provider(world: World, told: Told) -> None:
    told.client = world.account("Own").client(None)

    assert told.tell("completed").status_code == 401
    assert told.send(told.body("completed"), secret="").status_code == 401


class Attempts:
    """The job, run by hand: with settings of its own, against an envelope that no worker has taken."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.storage: Storage = connect("", folder)
        # The worker finds nobody there, and comes again later.
        self.settings = replace(desk.settings, signature_url=f"http://127.0.0.1:{free_port()}/")
        self.envelope_id = desk.ask()

    def attempt(self, *, is_last: bool = False, **settings: str) -> None:
        chosen = replace(self.settings, **settings)
        work = jobs.attempt(
            self.desk.world.database, self.storage, chosen, self.desk.account.id, self.envelope_id, is_last=is_last
        )
        self.desk.world.run(work)

    @property
    def state(self) -> str:
        return self.desk.envelope(self.envelope_id).state


@pytest.fixture
def attempts(desk: Desk, office: SigningOffice, served: Served) -> Attempts:
    office.status = 503
    return Attempts(desk, served[2])


def test_a_provider_that_is_away_is_tried_again(attempts: Attempts, office: SigningOffice) -> None:
    with pytest.raises(Unreachable, match="ConnectError"):
        attempts.attempt()
    with pytest.raises(Unreachable, match="503"):
        attempts.attempt(signature_url=office.url)
    assert attempts.state == "PREPARED"

    office.status = 200
    attempts.attempt(signature_url=office.url)
    assert attempts.state == "SENT"


def test_after_the_last_attempt_the_request_has_failed(attempts: Attempts) -> None:
    attempts.attempt(is_last=True)

    envelope = attempts.desk.envelope(attempts.envelope_id)
    assert envelope.state == "FAILED"
    assert "ConnectError" in (envelope.reason or "")
    assert attempts.desk.status(attempts.envelope_id) == "PROCESS_ERROR"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (400, b"", "answered 400"),
        (401, b"", "answered 401"),
        (302, b"", "answered 302"),
        (200, b"hello", "cannot be read"),
        (200, b"{}", "cannot be read"),
        (200, b'{"reference": ""}', "cannot be read"),
        (200, b'{"reference": "r", "signingUrl": "javascript:alert(1)"}', "cannot be read"),
    ],
)
def test_an_answer_that_will_not_change_is_not_asked_for_twice(
    attempts: Attempts, office: SigningOffice, status: int, answer: bytes, words: str
) -> None:
    office.status, office.answer = status, answer

    attempts.attempt(signature_url=office.url)

    assert attempts.state == "FAILED"
    assert words in (attempts.desk.envelope(attempts.envelope_id).reason or "")


def test_without_a_secret_nothing_is_handed_over(attempts: Attempts, office: SigningOffice) -> None:
    office.status = 200

    attempts.attempt(signature_url=office.url, signature_secret="")

    assert "TRUSTWRIGHT_SIGNATURE_SECRET" in (attempts.desk.envelope(attempts.envelope_id).reason or "")


def test_what_was_taken_back_is_not_handed_over(attempts: Attempts, office: SigningOffice) -> None:
    attempts.desk.do(lambda tx: actions.void(tx, attempts.envelope_id, "Denied"))
    office.status = 200
    before = len(office.handed(attempts.envelope_id))

    attempts.attempt(signature_url=office.url)

    assert len(office.handed(attempts.envelope_id)) == before
    assert attempts.state == "VOIDED"


def test_a_provider_faster_than_its_own_answer_is_heard(attempts: Attempts, office: SigningOffice) -> None:
    told = Told.__new__(Told)
    told.desk, told.envelope_id, told.reference = attempts.desk, attempts.envelope_id, "fast"
    told.client = attempts.desk.account.client(None)

    assert told.tell("completed", SIGNED).json() == {"changed": True}

    assert attempts.state == "SIGNED"
    assert attempts.desk.status(attempts.envelope_id) == "FILES_SENT"


def test_the_worker_tries_again_by_itself(desk: Desk, office: SigningOffice) -> None:
    office.status = 503
    envelope_id = desk.ask()
    eventually(lambda: len(office.handed(envelope_id)) == 1)

    office.status = 200

    eventually(lambda: desk.envelope(envelope_id).state == "SENT", seconds=30)
