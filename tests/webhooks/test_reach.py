"""Where a delivery really connects to, whatever names say."""

import ssl
from collections.abc import Iterator

import pytest
import trustme
from msgspec.structs import replace

from tests.webhooks.receiver import LOOPBACK, Desk, Receiver, receiving
from trustwright.errors import Invalid
from trustwright.http.reach import Reach
from trustwright.settings import InvalidSetting, Settings
from trustwright.webhooks import actions
from trustwright.webhooks.delivery import SETTING, reach_of, require_reachable
from trustwright.webhooks.model import DeliveryStatus

HOST = "hooks.acme.test"
PUBLIC = "93.184.216.34"


class Names:
    """A name service that says one thing after the other, and the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def lead(desk: Desk, receiver: Receiver, names: Names, host: str = HOST) -> None:
    """Has the webhook lead to a name, which is `names`' to resolve."""
    scheme = receiver.url.partition(":")[0]
    desk.do(actions.update_webhook, desk.webhook.id, url=f"{scheme}://{host}:{receiver.port}/hook?a=1")
    desk.reach = replace(desk.reach, resolve=names.resolve)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(desk: Desk, authority: trustme.CA) -> Desk:
    """The desk, which trusts the authority and no other."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    desk.reach = replace(desk.reach, trust=lambda: context)
    return desk


@pytest.fixture
def encrypted(authority: trustme.CA) -> Iterator[Receiver]:
    """A receiver that proves to be `hooks.acme.test`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    with receiving(context) as receiver:
        yield receiver


def test_the_connection_goes_to_the_address_that_was_checked(desk: Desk, receiver: Receiver) -> None:
    names = Names(["127.0.0.1"], [PUBLIC])
    lead(desk, receiver, names)

    assert desk.deliver(desk.announce()) is None

    (request,) = receiver.received
    assert request.line == "POST /hook?a=1 HTTP/1.1"
    assert request.headers["host"] == f"{HOST}:{receiver.port}"
    assert names.asked == [HOST]


@pytest.mark.parametrize("addresses", [["127.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:127.0.0.1"], ["10.0.0.1"]])
def test_a_name_that_leads_inside_by_now_is_not_followed(desk: Desk, receiver: Receiver, addresses: list[str]) -> None:
    names = Names([PUBLIC], addresses)
    lead(desk, receiver, names)
    desk.reach = replace(desk.reach, networks=())
    desk.world.run(require_reachable(desk.webhook_now().url, desk.reach))
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) is None

    (attempt,) = desk.attempts(delivery_id)
    assert receiver.received == []
    assert desk.delivery(delivery_id).state is DeliveryStatus.FAILED
    assert "not public" in str(attempt.error)
    assert not any(address in str(attempt.error) for address in addresses)


def test_an_address_in_the_url_is_checked_like_any(desk: Desk, receiver: Receiver) -> None:
    desk.reach = Reach(setting=SETTING, is_http_allowed=True)
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) is None
    assert receiver.received == []
    assert desk.delivery(delivery_id).state is DeliveryStatus.FAILED


def test_an_address_that_does_not_answer_leaves_time_for_the_next(desk: Desk, receiver: Receiver) -> None:
    lead(desk, receiver, Names(["127.255.255.255", "127.0.0.1"]))

    desk.deliver(desk.announce())

    assert len(receiver.received) == 1


def test_a_name_without_addresses_is_tried_again(desk: Desk, receiver: Receiver) -> None:
    lead(desk, receiver, Names([]))
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) == 10
    assert "has no address" in str(desk.attempts(delivery_id)[0].error)


def test_http_ends_when_the_setting_does(desk: Desk, receiver: Receiver) -> None:
    desk.reach = Reach(setting=SETTING, networks=LOOPBACK)
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) is None
    assert receiver.received == []
    assert "TRUSTWRIGHT_WEBHOOK_HTTP" in str(desk.attempts(delivery_id)[0].error)


def test_a_proxy_of_the_environment_is_not_asked(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        desk.deliver(desk.announce())

        assert (len(receiver.received), proxy.received) == (1, [])


def test_tls_is_checked_against_the_name_and_not_the_address(trusting: Desk, encrypted: Receiver) -> None:
    lead(trusting, encrypted, Names(["127.0.0.1"]))

    assert trusting.deliver(trusting.announce()) is None
    assert len(encrypted.received) == 1


def test_a_receiver_that_proves_to_be_another_gets_nothing(trusting: Desk, encrypted: Receiver) -> None:
    lead(trusting, encrypted, Names(["127.0.0.1"]), "other.acme.test")
    delivery_id = trusting.announce()

    assert trusting.deliver(delivery_id) == 10
    assert encrypted.received == []
    assert "certificate verify failed" in str(trusting.attempts(delivery_id)[0].error)


def test_a_receiver_whom_nobody_vouches_for_gets_nothing(desk: Desk, encrypted: Receiver) -> None:
    lead(desk, encrypted, Names(["127.0.0.1"]))
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) == 10
    assert encrypted.received == []
    assert "certificate verify failed" in str(desk.attempts(delivery_id)[0].error)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"]
)
def test_an_address_inside_is_refused_when_it_is_given(desk: Desk, url: str) -> None:
    with pytest.raises(Invalid, match="url: the host has an address that is not public"):
        desk.world.run(require_reachable(url, Reach(setting=SETTING)))


def test_a_name_that_nobody_knows_may_be_given(desk: Desk) -> None:
    desk.world.run(require_reachable("https://not.yet.invalid/", Reach(setting=SETTING)))


def test_settings_say_how_far_deliveries_go() -> None:
    reach = reach_of(Settings(webhook_private_networks="127.0.0.0/8", webhook_http=True))

    assert (reach.networks, reach.is_http_allowed) == (LOOPBACK, True)
    assert reach_of(Settings()) == Reach(setting=SETTING)
    with pytest.raises(InvalidSetting, match="TRUSTWRIGHT_WEBHOOK_PRIVATE_NETWORKS"):
        reach_of(Settings(webhook_private_networks="inside"))
