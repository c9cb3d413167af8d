"""The whole way of a questionnaire through a running service: mailed, opened by its link, answered, read back."""

from collections.abc import Iterator

import pytest

from tests.factories import Account, World
from tests.mail.postman import Postman, mailing
from tests.questionnaires.cast import LINK, Desk, Portal
from tests.records.cast import eventually
from trustwright.links import hash_token, new_token


@pytest.fixture(scope="module")
def served(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Postman]]:
    """A service of its own that sends its mails, and who receives them."""
    folder = tmp_path_factory.mktemp("mailing")
    with mailing(f"trustwright_whole_way_{worker_id}", folder) as served:
        yield served


@pytest.fixture
def acme(served: tuple[World, Postman]) -> Account:
    return served[0].account("Acme")


def received(postman: Postman, recipient: str) -> str:
    """The text of the last mail to somebody, once it is there."""
    eventually(lambda: any(mail["To"] == recipient for mail in postman.mails))
    last = [mail for mail in postman.mails if mail["To"] == recipient][-1]
    body = last.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def opened(desk: Desk) -> Portal:
    """The page of a questionnaire that was sent, by a link of its own: that of the mail is gone when the mail is."""
    token = new_token()
    desk.account.sql(
        "insert into questionnaire_links (account_id, token_sha256, questionnaire_id) values (%s, %s, %s)",
        hash_token(token),
        desk.send()["id"],
    )
    return Portal(desk.account, token)


def test_a_questionnaire_is_mailed_opened_answered_and_read_back(served: tuple[World, Postman], acme: Account) -> None:
    world, postman = served
    desk = Desk(acme)
    sent = desk.send(email="bob@whole-way.test", emailContent="Hello Bob")

    text = received(postman, "bob@whole-way.test")
    (token,) = LINK.findall(text)
    assert f"{world.address}/q#{token}" in text
    portal = Portal(acme, token)
    portal.put({"mfa": {"value": "no", "comment": "Interns"}, "store": {"value": ["EU"]}})
    portal.put({"who": {"value": "Two interns until May"}})
    assert portal.submit(completedBy="Bob").status_code == 200

    answers = {each["id"]: each["answer"] for each in desk.answers(sent["id"])["questions"]}
    assert answers["mfa"] == "no"
    assert answers["who"] == "Two interns until May"
    assert answers["store"] == ["EU"]
    assert "Answered by: Bob" in received(postman, acme.alice_email)


def test_once_the_mail_is_out_the_token_is_nowhere_in_the_database(
    served: tuple[World, Postman], acme: Account
) -> None:
    world, postman = served
    desk = Desk(acme)
    desk.send(email="carol@whole-way.test")
    (token,) = LINK.findall(received(postman, "carol@whole-way.test"))
    Portal(acme, token).save(mfa="yes")
    eventually(lambda: desk.account.sql("select state from mails where account_id = %s") == [("SENT",)])

    kept = world.everything_kept()

    assert hash_token(token).hex() in kept
    assert token not in kept


def test_a_link_used_too_often_has_to_wait_and_the_others_do_not(acme: Account) -> None:
    desk = Desk(acme)
    first, second = opened(desk), opened(desk)

    answers = [first.get() for _ in range(125)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert refused[0].json()["statusCode"] == 429
    assert second.get().status_code == 200


def test_who_tries_out_tokens_has_to_wait_and_who_has_one_does_not(acme: Account) -> None:
    portal = opened(Desk(acme))

    statuses = [Portal(acme, new_token()).get().status_code for _ in range(45)]

    assert set(statuses) == {404, 429}
    assert statuses.count(404) >= 20
    assert portal.get().status_code == 200
