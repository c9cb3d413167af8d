"""What the console's pages of connections and records share."""

from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from trustwright.accounts.model import Entitlement
from trustwright.console.navigation import DATA, EDIT_DATA
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.monitors.concluding import readers_of
from trustwright.monitors.model import Reader
from trustwright.records import actions, listing_store
from trustwright.records.model import Connection, DatasetSize, Resource

# Nobody waits for a million records to be counted.
COUNTED = 1000

PLAN = Entitlement.CUSTOM_CONNECTIONS_AND_TESTS
look = partial(Page, right=DATA, entitlement=PLAN)
form_page = partial(FormPage, right=EDIT_DATA, entitlement=PLAN)
button = partial(Button, right=EDIT_DATA, entitlement=PLAN)

RESOURCE = "/data/{connection_id}/resources/{resource_id}"


class Place(Struct, frozen=True):
    """The resource that a page is about."""

    connection: Connection
    resource: Resource

    @property
    def path(self) -> str:
        return path_of(self.resource)

    @property
    def tabs(self) -> list[tuple[str, str]]:
        titles = ("Sessions", "Schema", "Push", "Monitors")
        return [(self.path, "Records"), *((f"{self.path}/{title.lower()}", title) for title in titles)]

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = msgspec.json.decode(self.resource.schema)
        return schema


class Facts(Struct, frozen=True):
    """Of resources: how large their live data are by dataset, and which monitors read them by resource."""

    sizes: dict[int, DatasetSize]
    readers: dict[int, list[Reader]]


def path_of(resource: Resource) -> str:
    return f"/data/{resource.connection_id}/resources/{resource.id}"


def record_path(resource: Resource, record_id: str) -> str:
    """The address of a record's page. An id of dots alone would be taken for a step up the path."""
    if record_id in (".", ".."):
        return f"{path_of(resource)}/records?{urlencode({'id': record_id})}"
    return f"{path_of(resource)}/records/{quote(record_id, safe='')}"


def show(visit: Visit, template: str, values: dict[str, Any]) -> Answer:
    """A page, which also sees whether this person may change something."""
    return visit.page(template, {"may_edit": visit.may(EDIT_DATA), "counted": counted, "path_of": path_of, **values})


async def place_of(visit: Visit, tx: Tx) -> Place:
    """The resource that the path names. Raises NotFound."""
    connection = await actions.get_connection(tx, visit.id("connection_id"))
    resource = await actions.get_resource(tx, connection.id, visit.id("resource_id"))
    return Place(connection, resource)


async def facts_of(tx: Tx, resources: list[Resource]) -> Facts:
    """In two statements."""
    readers: dict[int, list[Reader]] = {resource.id: [] for resource in resources}
    for reader in await readers_of(tx, list(readers)):
        readers[reader.resource_id].append(reader)
    return Facts(await sizes_of(tx, [resource.live_dataset_id for resource in resources]), readers)


async def sizes_of(tx: Tx, dataset_ids: list[int]) -> dict[int, DatasetSize]:
    """How large datasets are, by their ids."""
    return {size.dataset_id: size for size in await listing_store.sizes(tx, dataset_ids, COUNTED + 1)}


def counted(size: DatasetSize) -> str:
    """`12`, or `over 1,000`."""
    return f"over {COUNTED:,}" if size.counted > COUNTED else f"{size.counted:,}"
