"""The signing page: looked at, signed, declined, by who has the link and the mailbox."""

import hashlib
import io
import json
from datetime import timedelta

import httpx
import pypdf
import pytest

from tests.agreements.cast import DRAWING, NDA, VERA, Desk, Signer, texts
from tests.records.cast import everything, together
from trustwright.agreements import actions, signing
from trustwright.agreements.model import hash_code
from trustwright.db import Tx
from trustwright.errors import TooManyRequests
from trustwright.links import hash_token, new_token


def test_the_page_shows_who_asks_for_what(vera: Signer) -> None:
    page = vera.get()

    assert page.status_code == 200
    for shown in ("Acme Trust", "Vera Núñez", "Buyer &amp; Söhne", VERA, "nda.pdf", hashlib.sha256(NDA).hexdigest()):
        assert shown in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert " style=" not in page.text


def test_the_agreement_is_shown_as_it_was_uploaded(vera: Signer) -> None:
    answer = vera.client.get(f"{vera.link}/agreement.pdf")

    assert answer.content == NDA
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["signing.js", "signing.css"])
def test_what_the_page_loads_is_there(vera: Signer, name: str) -> None:
    assert f"/sign/static/{name}" in vera.get().text
    assert vera.client.get(f"/sign/static/{name}").status_code == 200


def test_to_look_changes_nothing_however_often(vera: Signer) -> None:
    before = vera.desk.everything()

    answers = [
        vera.client.request(method, vera.link + rest)
        for _ in range(25)
        for method in ("GET", "HEAD")
        for rest in ("", "/agreement.pdf")
    ]

    assert {answer.status_code for answer in answers} <= {200, 429}
    assert answers[0].status_code == 200
    assert vera.client.get(f"{vera.link}/code").status_code == 405
    assert vera.client.get(f"{vera.link}/decline").status_code == 405
    assert vera.desk.everything() == before


def test_a_signature_is_sealed_kept_and_told(vera: Signer) -> None:
    answer = vera.sign()

    assert (answer.status_code, answer.headers["location"]) == (303, vera.link)
    assert "The agreement is signed" in vera.get().text
    assert vera.state == "SIGNED"
    assert vera.desk.status(vera.envelope_id) == "FILES_SENT"
    assert vera.desk.acceptances() == [("SIGNATURE", VERA, "Vera Núñez", True)]
    ((nda, sealed, ip, agent),) = vera.desk.account.sql(
        "select nda_sha256, signed_sha256, ip, user_agent from nda_acceptances where account_id = %s"
    )
    assert nda == hashlib.sha256(NDA).digest()
    assert sealed == hashlib.sha256(vera.sealed()).digest()
    assert ip == "127.0.0.1"
    assert agent.startswith("python-httpx")


def test_the_sealed_copy_has_the_agreement_and_a_certificate(vera: Signer) -> None:
    vera.sign()

    agreement, certificate = texts(vera.sealed())
    assert agreement == texts(NDA)[0]
    envelope = vera.desk.envelope(vera.envelope_id)
    for written in (
        "Vera Núñez",
        "Buyer & Söhne",
        VERA,
        "Acme Trust",
        "127.0.0.1",
        "python-httpx",
        hashlib.sha256(NDA).hexdigest(),
        str(vera.envelope_id),
        str(envelope.request_id),
        f"{envelope.settled_at:%Y-%m-%d}",
        "UTC",
        f"A code mailed to {VERA}",
    ):
        assert written in certificate


def test_the_page_of_the_agreement_keeps_its_content_byte_for_byte(vera: Signer) -> None:
    vera.sign()

    before, after = (pypdf.PdfReader(io.BytesIO(content)).pages[0] for content in (NDA, vera.sealed()))
    was, is_ = before.get_contents(), after.get_contents()
    assert was is not None
    assert is_ is not None
    assert is_.get_data() == was.get_data()
    assert after.mediabox == before.mediabox


@pytest.mark.parametrize("name", ["Дарья 中文 😀", '<b>Eve</b> & "Co" </para>', "José\u202egnp\\u{41}"])
def test_a_name_of_any_letters_is_certified_without_loss(desk: Desk, name: str) -> None:
    signer = desk.signer(first=name, last="X", company=name)

    signer.sign(name=name)

    content = signer.sealed()
    record = json.loads(pypdf.PdfReader(io.BytesIO(content)).attachments["signature.json"][0])
    assert (record["name"], record["typedName"], record["company"]) == (name, name, name)
    certificate = texts(content)[-1].replace("\n", "")
    for letter in name.replace(" ", ""):
        assert letter in certificate or f"\\u{{{ord(letter):X}}}" in certificate
    assert "\u202e" not in certificate
    assert desk.acceptances()[0][2] == name


def test_html_in_names_is_text_on_the_page(desk: Desk) -> None:
    signer = desk.signer(first="<script>alert(1)</script>", last="X", company="<img src=x onerror=alert(1)>")

    page = signer.get().text

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_drawn_signature_will_do(vera: Signer) -> None:
    assert vera.sign(name=..., drawing=DRAWING).status_code == 303

    content = vera.sealed()
    record = json.loads(pypdf.PdfReader(io.BytesIO(content)).attachments["signature.json"][0])
    assert record["drawing"] == [[[10, 10], [300, 150], [590, 20]], [[20, 180], [580, 180]]]
    assert record["name"] == "Vera Núñez"
    assert "Drawn" in texts(content)[-1]


def test_the_signed_copy_is_mailed_to_the_signer_and_to_the_legal_address(vera: Signer) -> None:
    vera.sign()

    rows = vera.desk.account.sql(
        "select recipient, attachments, body_text from mails where account_id = %s and event like 'signature_copy%%'"
    )
    assert {recipient for recipient, _, _ in rows} == {VERA, "legal@acme.test"}
    ((file_id,),) = vera.desk.account.sql("select signed_file_id from nda_acceptances where account_id = %s")
    assert {tuple(attachments) for _, attachments, _ in rows} == {(file_id,)}
    assert hashlib.sha256(vera.sealed()).hexdigest() in rows[0][2]


def test_events_tell_the_course_and_never_the_token(vera: Signer) -> None:
    vera.sign()

    found = [
        event
        for event in everything(vera.desk.account.alice, "/public/v2/events")
        if event["type"] in ("NON_DISCLOSURE", "REQUEST_STATUS_CHANGED", "NDA_UPLOADED")
    ]
    token = vera.link.rpartition("/")[2]
    assert "NON_DISCLOSURE" in {event["type"] for event in found}
    assert token not in json.dumps(found)
    ((kept,),) = vera.desk.account.sql("select string_agg(e::text, ' ') from events e where account_id = %s")
    assert token not in kept
    assert "POST /sign/{token}" in kept


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ..., "drawing": ...}, "Type your full name"),
        ({"name": "   "}, "Type your full name"),
        ({"name": "x" * 256}, "at most 255"),
        ({"name": "a\x07b"}, "control characters"),
        ({"drawing": "<svg>", "name": ...}, "cannot be read"),
        ({"drawing": "1.1", "name": ...}, "cannot be read"),
        ({"drawing": "601.1 2.2", "name": ...}, "cannot be read"),
        ({"drawing": "1.1 500.190 " * 3000, "name": ...}, "cannot be read"),
        ({"consent": ...}, "Tick the box"),
        ({"consent": "no"}, "Tick the box"),
        ({"code": "12345"}, "six digits"),
        ({"code": "abcdef"}, "six digits"),
        ({"code": "١٢٣٤٥٦"}, "six digits"),
    ],
)
def test_a_form_with_a_fault_comes_back_and_signs_nothing(vera: Signer, changes: dict[str, str], sentence: str) -> None:
    code = vera.code()

    answer = vera.post(**{"code": code, **changes})

    assert answer.status_code == 400
    assert sentence in answer.text
    assert 'role="alert"' in answer.text
    assert "Error: Sign" in answer.text
    assert vera.state == "SENT"
    assert vera.desk.acceptances() == []


def test_what_was_filled_in_is_still_there_after_a_fault(vera: Signer) -> None:
    answer = vera.post(name='Vera "Q" <b>', drawing=DRAWING, code="1")

    assert 'value="Vera &#34;Q&#34; &lt;b&gt;"' in answer.text
    assert f'value="{DRAWING}"' in answer.text
    assert " checked" in answer.text


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"\xff\xfe=1", "application/x-www-form-urlencoded", 400),
        (b"name=%00", "application/x-www-form-urlencoded", 400),
    ],
)
def test_a_body_that_is_no_form_is_refused(vera: Signer, content: bytes, media: str, status: int) -> None:
    answer = vera.client.post(vera.link, content=content, headers={"Content-Type": media})

    assert answer.status_code == status
    assert vera.state == "SENT"


def test_a_huge_form_is_refused(vera: Signer) -> None:
    assert vera.post(name="x" * 100_000).status_code == 413


def test_without_a_code_nothing_is_signed(vera: Signer) -> None:
    answer = vera.post(code="123456")

    assert answer.status_code == 400
    assert "Have a code mailed" in answer.text
    assert vera.state == "SENT"


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_after_five_wrong_codes_the_right_one_is_over_too(vera: Signer) -> None:
    code = vera.code()

    wrong = [vera.post(code=other(code)) for _ in range(5)]
    right = vera.post(code=code)

    assert {answer.status_code for answer in wrong} == {400}
    assert "4 more tries" in wrong[0].text
    assert "tried too often" in wrong[4].text
    assert right.status_code == 400
    assert vera.state == "SENT"
    assert vera.sign().status_code == 303


def test_of_many_guesses_at_once_five_count(vera: Signer) -> None:
    code = vera.code()

    together(*[lambda: vera.desk.account.client(None).post(vera.link, data=guess(other(code)))] * 12)

    assert vera.post(code=code).status_code == 400
    assert vera.desk.account.sql("select code_attempts from envelopes where account_id = %s") == [(5,)]


def guess(code: str) -> dict[str, str]:
    return {"name": "Eve", "code": code, "consent": "yes"}


def test_a_new_code_ends_the_one_before_it(vera: Signer) -> None:
    first = vera.code()
    second = vera.code()

    if first != second:
        assert vera.post(code=first).status_code == 400
    assert vera.post(code=second).status_code == 303


def test_a_code_is_over_after_ten_minutes(vera: Signer) -> None:
    code = vera.code()
    vera.desk.account.sql("update envelopes set code_until = code_until - interval '10 minutes' where account_id = %s")

    answer = vera.post(code=code)

    assert answer.status_code == 400
    assert "This code is over" in answer.text


def test_five_codes_an_hour_are_mailed_and_no_sixth(vera: Signer) -> None:
    for _ in range(5):
        vera.code()

    sixth = vera.ask_for_code()

    assert sixth.status_code == 429
    assert 3500 < int(sixth.headers["retry-after"]) <= 3600
    assert "Try again in 60 minutes" in sixth.text
    assert len(vera.desk.codes()) == 5


def test_after_an_hour_codes_are_mailed_again(vera: Signer) -> None:
    async def ask(tx: Tx) -> None:
        await signing.send_code(tx, vera.envelope_id, vera.desk.settings)

    for minute in range(5):
        vera.desk.do(ask, timedelta(minutes=minute))
    with pytest.raises(TooManyRequests):
        vera.desk.do(ask, timedelta(minutes=59))
    vera.desk.do(ask, timedelta(minutes=60))

    assert len(vera.desk.codes()) == 6


def test_a_code_fits_no_other_envelope(desk: Desk, vera: Signer) -> None:
    walt = desk.signer(email="walt@buyer.test")
    code = vera.code()
    walt.code()
    # Even if the row of one came to hold what was kept of the other.
    desk.account.sql(
        """
        update envelopes e set code_sha256 = v.code_sha256 from envelopes v
        where v.account_id = %s and v.account_id = e.account_id and v.email = 'vera@buyer.test'
        """
    )

    assert walt.post(code=code).status_code == 400
    assert walt.state == "SENT"
    assert vera.post(code=code).status_code == 303


def test_no_code_is_kept_as_it_is(vera: Signer) -> None:
    code = vera.code()

    rows = vera.desk.account.sql("select e::text from envelopes e where account_id = %s")

    assert code not in rows[0][0].replace(str(vera.envelope_id), "")
    assert hash_code(vera.envelope_id, code).hex() in rows[0][0]
    assert vera.link.rpartition("/")[2] not in rows[0][0]


def test_of_two_signatures_at_once_one_is_kept(vera: Signer) -> None:
    code = vera.code()
    form = {"name": "Vera", "code": code, "consent": "yes"}

    answers = together(*[lambda: vera.desk.account.client(None).post(vera.link, data=form)] * 4)

    assert {answer.status_code for answer in answers} == {303}
    assert len(vera.desk.acceptances()) == 1
    copies = vera.desk.account.sql("select 1 from mails where account_id = %s and event like 'signature_copy%%'")
    assert len(copies) == 2


def test_signing_and_declining_at_once_do_one_of_both(vera: Signer) -> None:
    code = vera.code()
    form = {"name": "Vera", "code": code, "consent": "yes"}

    together(lambda: vera.desk.account.client(None).post(vera.link, data=form), vera.decline)

    signed = vera.state == "SIGNED"
    assert vera.state in ("SIGNED", "DECLINED")
    assert len(vera.desk.acceptances()) == signed
    assert vera.desk.status(vera.envelope_id) == ("FILES_SENT" if signed else "DENIED")


def test_what_is_signed_stays_so(vera: Signer) -> None:
    vera.sign()
    before = vera.desk.everything()

    answers = [vera.post(code="123456"), vera.post(name=...), vera.ask_for_code(), vera.decline("No!")]

    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, vera.link)}
    assert "The agreement is signed" in vera.get().text
    assert vera.client.get(f"{vera.link}/agreement.pdf").status_code == 410
    assert vera.desk.everything() == before


def test_who_declines_is_heard(vera: Signer) -> None:
    answer = vera.decline("  Clause 7 <b>is</b>\nnot for us  ")

    assert (answer.status_code, answer.headers["location"]) == (303, vera.link)
    assert "You declined to sign" in vera.get().text
    assert vera.desk.envelope(vera.envelope_id).reason == "Clause 7 <b>is</b>\nnot for us"
    assert vera.desk.status(vera.envelope_id) == "DENIED"
    assert vera.desk.acceptances() == []
    assert vera.post(code="123456").status_code == 303
    assert vera.state == "DECLINED"


@pytest.mark.parametrize("how", ["voided", "expired", "window closed", "failed"])
def test_an_ended_link_says_so_and_nothing_else(vera: Signer, how: str) -> None:
    code = vera.code()
    match how:
        case "voided":
            vera.desk.do(lambda tx: actions.void(tx, vera.envelope_id, "No more"))
        case "expired":
            assert vera.desk.close_windows(timedelta(days=15)) == 1
        case "window closed":
            vera.desk.account.sql("update envelopes set expires_at = now() where account_id = %s")
        case "failed":
            vera.desk.account.sql("update envelopes set state = 'FAILED' where account_id = %s")
    before = vera.desk.everything()

    answers = [vera.get(), vera.client.get(f"{vera.link}/agreement.pdf"), vera.ask_for_code(), vera.post(code=code)]
    answers.append(vera.decline())

    assert {answer.status_code for answer in answers} == {410}
    for answer in answers:
        assert "This link has ended" in answer.text
        assert "Vera" not in answer.text
        assert "Acme" not in answer.text
    assert vera.desk.everything() == before


@pytest.mark.parametrize("token", ["0" * 43, "x", "%00", "%2e%2e", "%F0%9F%98%80", "a" * 5000])
def test_an_unknown_link_opens_nothing(vera: Signer, token: str) -> None:
    answers = [
        vera.client.request(method, f"/sign/{token}{rest}")
        for method, rest in [("GET", ""), ("GET", "/agreement.pdf"), ("POST", ""), ("POST", "/code")]
    ]

    assert {answer.status_code for answer in answers} <= {404, 429}
    assert "Acme" not in "".join(answer.text for answer in answers)


def test_who_tries_out_tokens_has_to_wait_and_who_has_one_does_not(vera: Signer) -> None:
    statuses = [vera.client.get(f"/sign/{new_token()}").status_code for _ in range(45)]

    assert set(statuses) <= {404, 429}
    assert 429 in statuses
    assert vera.get().status_code == 200


def test_a_link_used_too_often_has_to_wait(vera: Signer) -> None:
    answers = [vera.get() for _ in range(125)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert refused[0].headers["cache-control"] == "no-store"


def test_an_agreement_with_a_virus_is_neither_shown_nor_signed(vera: Signer) -> None:
    code = vera.code()
    vera.desk.account.sql(
        """
        update files set scan_state = 'INFECTED', scan_detail = 'Eicar' where account_id = %s
            and id = (select file_id from ndas where removed_at is null and account_id = files.account_id)
        """
    )

    answers = [vera.get(), vera.client.get(f"{vera.link}/agreement.pdf"), vera.post(code=code)]

    assert {answer.status_code for answer in answers} == {409}
    assert vera.state == "SENT"


def test_sending_again_ends_the_first_link(vera: Signer) -> None:
    vera.desk.do(lambda tx: actions.send_again(tx, vera.envelope_id, vera.desk.settings))

    first, second = vera.desk.links()
    assert first != second
    assert vera.client.get(first).status_code in (404, 429)
    assert vera.client.get(second).status_code == 200
    assert "takes the place of the link" in vera.desk.mails(VERA)[-1][1]
    ((kept,),) = vera.desk.account.sql("select token_sha256 from envelopes where account_id = %s")
    assert kept == hash_token(second.rpartition("/")[2])


def test_a_proxy_that_nobody_trusts_does_not_say_where_the_signer_is(vera: Signer) -> None:
    vera.client.headers["X-Forwarded-For"] = "203.0.113.9"

    vera.sign()

    assert vera.desk.account.sql("select ip from nda_acceptances where account_id = %s") == [("127.0.0.1",)]


def test_one_who_signed_is_not_asked_again(vera: Signer) -> None:
    vera.sign()

    signed = vera.desk.do(lambda tx: actions.standing_signature(tx, vera.desk.account.workspace_id, VERA))

    assert signed is not None
    assert signed.envelope_id == vera.envelope_id


def test_head_answers_like_get_without_a_body(vera: Signer) -> None:
    got, asked = vera.get(), vera.client.head(vera.link)

    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert isinstance(asked, httpx.Response)
