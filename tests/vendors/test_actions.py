"""What other domains ask of vendors."""

from datetime import date

import pytest

from tests.factories import Account
from tests.vendors.cast import NOBODYS, VENDORS, add, events, get
from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.vendors import actions


def test_a_deadline_moves_on_without_its_schedule(acme: Account) -> None:
    vendor = add(acme, renewalScheduleType="ONE_YEAR", renewalDate="2026-05-06")

    async def move() -> None:
        async with acme.world.database.begin(acme.who) as tx:
            await actions.set_renewal_date(tx, vendor["id"], date(2027, 5, 6))

    acme.world.run(move())

    after = get(acme, vendor)
    assert (after["renewalDate"], after["renewalScheduleType"]) == ("2027-05-06", "ONE_YEAR")
    (event,) = events(acme, "VENDOR_UPDATED")
    assert (event["before"], event["after"]) == ({"renewalDate": "2026-05-06"}, {"renewalDate": "2027-05-06"})


def test_a_deleted_vendor_is_known_by_its_id_only(acme: Account, globex: Account) -> None:
    gone, kept, theirs = add(acme, name="Gone"), add(acme, name="Kept"), add(globex)
    acme.alice.delete(f"{VENDORS}/{gone['id']}")

    async def ask(tx: Tx) -> dict[int, str]:
        found = await actions.vendors_by_id(tx, {gone["id"], kept["id"], theirs["id"], NOBODYS})
        for missing in (gone["id"], theirs["id"], NOBODYS):
            with pytest.raises(NotFound):
                await actions.get_vendor(tx, missing)
            with pytest.raises(NotFound):
                await actions.set_renewal_date(tx, missing, date(2027, 5, 6))
        return {id_: vendor.name for id_, vendor in found.items()}

    async def work() -> dict[int, str]:
        async with acme.world.database.begin(acme.who) as tx:
            return await ask(tx)

    assert acme.world.run(work()) == {gone["id"]: "Gone", kept["id"]: "Kept"}
