"""Events of another account do not exist (decisions 2)."""

from uuid import uuid4

from tests.factories import Account


def test_an_event_of_another_account_is_not_found(acme: Account, globex: Account) -> None:
    (theirs,) = globex.alice.get("/public/v2/events?type=TERMS_AGREED").json()["data"]
    unknown = str(uuid4())

    hidden = acme.alice.get(f"/public/v2/events/{theirs['id']}")
    absent = acme.alice.get(f"/public/v2/events/{unknown}")

    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["message"].replace(theirs["id"], unknown) == absent.json()["message"]
    assert globex.alice.get(f"/public/v2/events/{theirs['id']}").status_code == 200


def test_the_list_shows_only_events_of_the_account(acme: Account, globex: Account) -> None:
    ours, theirs = (
        {event["id"] for event in account.alice.get("/public/v2/events?size=500").json()["data"]}
        for account in (acme, globex)
    )

    assert ours
    assert theirs
    assert not ours & theirs


def test_filters_by_ids_of_another_account_find_nothing(acme: Account, globex: Account) -> None:
    for query in (f"userId={globex.alice_id}", f"workspaceId={globex.workspace_id}"):
        assert acme.alice.get(f"/public/v2/events?{query}").json()["data"] == []
