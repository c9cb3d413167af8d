"""What has been acknowledged survives the sudden death of the server, and of its database."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.crashes import calling, command, everything, kill, server

DEATHS = 10
STAGED = 300


class Progress:
    """What the clients of one resource were told."""

    def __init__(self) -> None:
        self.stored: set[str] = set()
        self.completed = -1


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trustwright-crash-") as folder:
        yield Path(folder)


def test_no_acknowledged_record_is_lost_and_no_session_half_completed(data_dir: Path) -> None:
    account = command(data_dir, "account", "create", "Acme", "--admin-email", "alice@acme.test", "--json")
    direct, staged = Progress(), Progress()
    direct_path = staged_path = ""
    for death in range(DEATHS):
        with server(data_dir) as (address, process), calling(address, account) as client:
            if death == 0:
                direct_path = resource(client, account["workspaceId"], "Direct")
                staged_path = resource(client, account["workspaceId"], "Staged")
            require_kept(client, direct_path, staged_path, direct, staged)
            clients = [
                threading.Thread(target=push_directly, args=(client, direct_path, direct, death)),
                threading.Thread(target=push_sessions, args=(client, staged_path, staged, death)),
            ]
            for thread in clients:
                thread.start()
            time.sleep(0.4 + 0.05 * death)
            kill(process, data_dir, with_database=death % 2 == 1)
            for thread in clients:
                thread.join()
    with server(data_dir) as (address, _), calling(address, account) as client:
        require_kept(client, direct_path, staged_path, direct, staged)
    assert len(direct.stored) > DEATHS * 20
    assert staged.completed >= DEATHS


def push_directly(client: httpx.Client, path: str, told: Progress, death: int) -> None:
    """Upserts until the server is gone."""
    for number in range(100_000):
        ids = [f"{death}-{number}-{item}" for item in range(20)]
        with suppress(httpx.TransportError):
            answer = client.post(f"{path}/records", json={"data": [{"id": id_, "name": "x"} for id_ in ids]})
            assert answer.status_code == 200, answer.text
            told.stored.update(ids)
            continue
        return


def push_sessions(client: httpx.Client, path: str, told: Progress, death: int) -> None:
    """Stages and completes one session after another until the server is gone."""
    for number in range(death * 1000, death * 1000 + 1000):
        with suppress(httpx.TransportError):
            for part in range(3):
                rows = [{"id": f"{number}-{part}-{item}", "name": "x"} for item in range(STAGED // 3)]
                answer = client.post(f"{path}/sessions/run-{number}", json={"data": rows})
                if answer.status_code == 400:  # the last server died with this session open
                    open_session = answer.json()["message"].split()[1]
                    client.post(f"{path}/sessions/{open_session}/actions", json={"action": "cancel"})
                    break
                assert answer.status_code == 200, answer.text
            else:
                answer = client.post(f"{path}/sessions/run-{number}/actions", json={"action": "complete"})
                assert answer.status_code == 200, answer.text
                told.completed = number
            continue
        return


def require_kept(client: httpx.Client, direct_path: str, staged_path: str, direct: Progress, staged: Progress) -> None:
    kept = {item["id"] for item in everything(client, f"{direct_path}/records")}
    assert direct.stored <= kept
    active = everything(client, f"{staged_path}/sessions", status="ACTIVE")
    live = everything(client, f"{staged_path}/records")
    if staged.completed < 0:
        return
    (session,) = active
    number = session["sessionId"].removeprefix("run-")
    assert int(number) >= staged.completed
    assert {item["sessionId"] for item in live} == {session["sessionId"]}
    assert {item["id"] for item in live} == {f"{number}-{part}-{item}" for part in range(3) for item in range(100)}


def resource(client: httpx.Client, workspace_id: int, name: str) -> str:
    body = {
        "name": name,
        "providerTypes": ["CUSTOM"],
        "workspaceIds": [workspace_id],
        "sampleData": {"name": "x"},
        "displayNameKey": "name",
    }
    made = client.post("/public/v2/custom-connections", json=body).json()
    return f"/public/v2/custom-connections/{made['id']}/resources/{made['customResources'][0]['id']}"
