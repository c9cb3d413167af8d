"""Agreements come in versions, and what was accepted under one stays on record."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import psycopg
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.agreements.cast import NDA, VERA, Desk, Signer
from tests.documents import pdf
from tests.records.cast import everything, together
from tests.trust import cast as trust
from trustwright.agreements import actions
from trustwright.agreements.model import Acceptance, Nda
from trustwright.agreements.model import Signer as Asked
from trustwright.agreements.sealing import MOST_PAGES, CannotBeSealed, require_sealable
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.files.model import KeptFile, ScanState

NEWER = pdf("Mutual agreement, second version")


def current(desk: Desk) -> Nda | None:
    return desk.do(lambda tx: actions.current_nda(tx, desk.account.workspace_id))


def events(desk: Desk, type_: str) -> list[str]:
    found = everything(desk.account.alice, "/public/v2/events", type=type_)
    return [event["description"] for event in found]


def clicked(desk: Desk, signer: Signer) -> Acceptance:
    """What ticking the box leaves."""

    async def click(tx: Tx) -> Acceptance:
        envelope = await actions.get_envelope(tx, signer.envelope_id)
        nda = await actions.current_nda(tx, desk.account.workspace_id)
        assert nda is not None
        asked = Asked(
            workspace_id=envelope.workspace_id,
            request_id=envelope.request_id,
            email=envelope.email,
            name=envelope.name,
            company=envelope.company,
        )
        return await actions.accept_by_click(tx, nda, asked, "192.0.2.1", "Firefox")

    return desk.do(click)


def standing(desk: Desk, email: str = VERA) -> Acceptance | None:
    return desk.do(lambda tx: actions.standing_signature(tx, desk.account.workspace_id, email))


def test_an_agreement_is_known_by_its_hash(desk: Desk) -> None:
    nda = current(desk)

    assert nda is not None
    assert (nda.version, nda.name, nda.sha256) == (1, "nda.pdf", hashlib.sha256(NDA).digest())
    assert events(desk, "NDA_UPLOADED") == ["Agreement nda.pdf (version 1) uploaded"]


def test_a_new_version_takes_the_place_of_the_last(desk: Desk) -> None:
    trust.nda(desk.account, NEWER)

    nda = current(desk)
    assert nda is not None
    assert (nda.version, nda.sha256) == (2, hashlib.sha256(NEWER).digest())
    assert desk.account.sql("select version, removed_at is null from ndas where account_id = %s order by 1") == [
        (1, False),
        (2, True),
    ]


def test_of_versions_uploaded_at_once_one_is_in_force(desk: Desk) -> None:
    together(*[lambda number=number: trust.post_nda(desk.account, pdf(f"V{number}")) for number in range(4)])

    rows = desk.account.sql("select version, removed_at is null from ndas where account_id = %s order by 1")
    assert [version for version, _ in rows] == [1, 2, 3, 4, 5]
    assert [in_force for _, in_force in rows] == [False] * 4 + [True]


def test_a_removed_agreement_is_gone_and_its_acceptances_are_not(desk: Desk, vera: Signer) -> None:
    vera.sign()

    removed = [desk.do(lambda tx: actions.remove_nda(tx, desk.account.workspace_id)) for _ in range(2)]

    assert removed == [True, False]
    assert current(desk) is None
    assert events(desk, "NDA_DELETED") == ["Agreement nda.pdf (version 1) removed"]
    assert len(desk.acceptances()) == 1
    assert standing(desk) is None


def test_a_new_version_asks_anew(desk: Desk, vera: Signer) -> None:
    vera.sign()
    assert standing(desk) is not None

    trust.nda(desk.account, NEWER)

    assert standing(desk) is None
    assert len(desk.acceptances()) == 1


def test_the_version_that_was_sent_is_the_one_that_is_signed(desk: Desk, vera: Signer) -> None:
    trust.nda(desk.account, NEWER)

    vera.sign()

    accepted = desk.account.sql("select nda_sha256 from nda_acceptances where account_id = %s")
    assert accepted == [(hashlib.sha256(NDA).digest(),)]
    assert vera.client.get(vera.link).status_code == 200


def test_a_tick_is_kept_with_all_that_is_known_of_it(desk: Desk, vera: Signer) -> None:
    acceptance = clicked(desk, vera)

    assert (acceptance.method, acceptance.email, acceptance.name) == ("CLICK", VERA, "Vera Núñez")
    assert (acceptance.ip, acceptance.user_agent) == ("192.0.2.1", "Firefox")
    assert acceptance.nda_sha256 == hashlib.sha256(NDA).digest()
    assert acceptance.envelope_id is None
    assert events(desk, "NON_DISCLOSURE") == [f"{VERA} accepted nda.pdf (version 1)"]


def test_a_tick_is_no_signature(desk: Desk, vera: Signer) -> None:
    clicked(desk, vera)

    assert standing(desk) is None


def test_a_superseded_signature_stands_no_more_and_stays_on_record(desk: Desk, vera: Signer) -> None:
    vera.sign()
    before = desk.account.sql("select a::text from nda_acceptances a where account_id = %s")

    for _ in range(2):
        desk.do(lambda tx: actions.supersede(tx, desk.account.workspace_id, VERA, "Access was revoked"))

    assert standing(desk) is None
    assert desk.account.sql("select a::text from nda_acceptances a where account_id = %s") == before
    assert [line for line in events(desk, "NON_DISCLOSURE") if "no more" in line] == [
        f"What {VERA} accepted stands no more: Access was revoked"
    ]


@pytest.mark.parametrize("table", ["nda_acceptances", "nda_supersessions"])
@pytest.mark.parametrize("statement", ["update {} set account_id = account_id", "delete from {}", "truncate {}"])
def test_the_application_cannot_change_what_was_accepted(desk: Desk, table: str, statement: str) -> None:
    async def tamper(tx: Tx) -> None:
        await tx.run(statement.format(table))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.do(tamper)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"a,b\r\n", "nda.csv", "pdf"),
        (b"%PDF-1.7\nnot really", "nda.pdf", "damaged"),
        (NDA[:-20], "nda.pdf", "damaged"),
        (NDA[:-300], "nda.pdf", "damaged"),
        (b"hello", "nda.pdf", "its content is not that of a pdf file"),
    ],
)
def test_what_is_no_whole_pdf_is_no_agreement(desk: Desk, content: bytes, name: str, words: str) -> None:
    before = desk.everything()

    answer = trust.post_nda(desk.account, content, name)

    trust.refused(answer, 400, words)
    assert desk.everything()[1:4] == before[1:4]


def encrypted() -> bytes:
    content = io.BytesIO()
    canvas = Canvas(content, encrypt=StandardEncryption("secret", "owner"))
    canvas.drawString(72, 720, "Hidden")
    canvas.save()
    return content.getvalue()


def changed(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    content = io.BytesIO()
    with pikepdf.open(io.BytesIO(NDA)) as document:
        change(document)
        document.save(content)
    return content.getvalue()


def signed(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3)


def emptied(document: pikepdf.Pdf) -> None:
    del document.pages[0]


def lengthened(document: pikepdf.Pdf) -> None:
    for _ in range(MOST_PAGES):
        document.pages.append(document.pages[0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (encrypted(), "encrypted; remove its password"),
        (changed(signed), "digital signature"),
        (changed(emptied), "no pages"),
        (changed(lengthened), "at most 500"),
    ],
    ids=["encrypted", "signed", "empty", "long"],
)
def test_what_cannot_be_sealed_is_no_agreement(desk: Desk, content: bytes, words: str) -> None:
    trust.refused(trust.post_nda(desk.account, content), 400, words)

    nda = current(desk)
    assert nda is not None
    assert nda.version == 1


def test_a_form_without_signatures_can_be_sealed(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"

    def form(document: pikepdf.Pdf) -> None:
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array())

    path.write_bytes(changed(form))

    require_sealable(path)


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 9 0 R >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF")

    with pytest.raises(CannotBeSealed):
        require_sealable(path)


def test_a_file_kept_as_something_else_is_refused_by_the_action_itself(desk: Desk, vera: Signer) -> None:
    kept = KeptFile(
        name="nda.txt",
        content_type="text/csv",
        size=1,
        sha256=b"",
        generation=vera.envelope_id,
        scan_state=ScanState.UNSCANNED,
    )

    with pytest.raises(Invalid, match="must be a PDF"):
        desk.do(lambda tx: actions.store_nda(tx, desk.account.workspace_id, kept))
