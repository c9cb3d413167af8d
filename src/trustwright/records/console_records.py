"""Records in the console: pages of a list that may be a million long, and one record.

The pages are found by where they begin, not by their number: the last takes no longer than the first."""

from collections.abc import AsyncGenerator
from urllib.parse import unquote

import msgspec

from trustwright.console.forms import Form
from trustwright.console.listing import SIZE, Listing, csv_file, everything
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Slice, Tx
from trustwright.errors import NotFound
from trustwright.http.csv_files import cell
from trustwright.records import actions, datasets, listing_store, store
from trustwright.records.console_shared import (
    RESOURCE,
    Place,
    button,
    look,
    path_of,
    place_of,
    record_path,
    show,
    sizes_of,
)
from trustwright.records.fields import columns_of
from trustwright.records.keyset import cursor, successor
from trustwright.records.keyset import place_of as place_in_list
from trustwright.records.model import Dataset, Record, RecordLine
from trustwright.times import iso

# Columns of the table besides the name, the id and the time.
MOST_COLUMNS = 3
BY_TIME = {"-updated": "updated_at", "-created": "created_at", "id": "record_id"}


class Records:
    """The list as it is asked for. A search is for the beginning of an id, and sorts by it: an index serves that,
    whatever the number of records."""

    def __init__(self, visit: Visit) -> None:
        sorts = {"id": "record_id"} if visit.text("q").strip() else BY_TIME
        self.listing = Listing(visit, sorts, filters=("session",))
        self.session_id = visit.text("session")
        part = self.listing.slice
        by_time = part.column != "record_id"
        self._after = place_in_list(visit.text("after"), by_time=by_time)
        self._before = None if self._after else place_in_list(visit.text("before"), by_time=by_time)
        self._column, self._descending = part.column, part.descending

    async def page(self, tx: Tx, part: Slice, place: Place, dataset: Dataset, columns: list[str]) -> list[RecordLine]:
        q, key = self.listing.q, place.resource.display_name_key
        return await listing_store.page_lines(tx, part, dataset.id, key, columns, q, successor(q))

    @property
    def slice(self) -> Slice:
        """The page, and one row more on its far side; backwards where the page ends at a row."""
        return Slice(
            column=self._column,
            descending=self._descending != bool(self._before),
            limit=SIZE + 1,
            after=self._after or self._before,
        )

    def of(self, rows: list[RecordLine]) -> "tuple[list[RecordLine], str, str]":
        """The rows of the page, and the addresses of the pages before and after it; empty where there is none."""
        has_more, rows = len(rows) > SIZE, rows[:SIZE]
        if self._before:
            rows = rows[::-1]
        has_previous = has_more if self._before else bool(self._after)
        has_next = bool(self._before) or has_more
        previous = self._url("before", rows[0]) if rows and has_previous else ""
        return rows, previous, self._url("after", rows[-1]) if rows and has_next else ""

    def _url(self, side: str, row: RecordLine) -> str:
        return self.listing.url(**{"page": None, side: cursor(getattr(row, self._column), row.position)})


async def _dataset(tx: Tx, place: Place, session_id: str) -> Dataset:
    """The live data, or what a session holds. Raises NotFound."""
    if not session_id:
        return await datasets.live_dataset(tx, place.resource)
    dataset = await datasets.staged_dataset(tx, place.resource, session_id)
    if dataset is None:
        raise NotFound("There is no such session, or its records were dropped when it ended")
    return dataset


async def list_records(visit: Visit) -> Answer:
    """The live records of a resource, or those of a session."""
    asked = Records(visit)
    if asked.listing.wants_csv:
        return csv_file("records", ["id", "created", "updated", "attributes"], _lines(visit))
    async with visit.read() as tx:
        place = await place_of(visit, tx)
        columns = columns_of(place.schema, place.resource.display_name_key, MOST_COLUMNS)
        dataset = await _dataset(tx, place, asked.session_id)
        rows, previous, following = asked.of(await asked.page(tx, asked.slice, place, dataset, columns))
        size = (await sizes_of(tx, [dataset.id]))[dataset.id]
    values = {
        "place": place,
        "listing": asked.listing,
        "session_id": asked.session_id,
        "columns": columns,
        "rows": rows,
        "previous": previous,
        "following": following,
        "size": size,
        "record_path": record_path,
        "dataset": dataset,
    }
    return show(visit, "data_records", values)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    asked = Records(visit)
    async with visit.read() as tx:
        place = await place_of(visit, tx)
        dataset = await _dataset(tx, place, asked.session_id)
        q = asked.listing.q

        async def fetch(part: Slice) -> list[Record]:
            return await listing_store.page_whole(tx, part, dataset.id, q, successor(q))

        async for record in everything(asked.listing, fetch, key="position"):
            yield [cell(record.record_id), iso(record.created_at), iso(record.updated_at), record.attributes]


async def show_record(visit: Visit) -> Answer:
    """One live record, as it was pushed."""
    async with visit.read() as tx:
        place = await place_of(visit, tx)
        record_id = unquote(visit.request.path_params.get("record_id", "")) or visit.text("id")
        record = await store.get_record(tx, place.resource.live_dataset_id, record_id)
        if record is None:
            raise NotFound("There is no such record in the live data. It may have been deleted or replaced since")
        dataset = await datasets.live_dataset(tx, place.resource)
    attributes = msgspec.json.decode(record.attributes)
    name = attributes.get(place.resource.display_name_key) if isinstance(attributes, dict) else None
    values = {
        "place": place,
        "record": record,
        "dataset": dataset,
        "name": name if isinstance(name, str) and name.strip() else record.record_id,
        "raw": msgspec.json.format(record.attributes, indent=2),
    }
    return show(visit, "data_record", values)


async def delete_record(visit: Visit, form: Form) -> Answer:
    """Deletes a live record."""
    record_id = form.value("record_id")
    async with visit.begin() as tx:
        resource = await actions.locked_for_upload(tx, visit.id("connection_id"), visit.id("resource_id"))
        await actions.delete_record(tx, resource, record_id)
    return visit.see_other(path_of(resource), f"Record {record_id} was deleted.")


PAGES: list[Page | FormPage | Button] = [
    look(path=RESOURCE, show=list_records),
    look(path=f"{RESOURCE}/records", show=show_record),
    look(path=f"{RESOURCE}/records/{{record_id}}", show=show_record),
    button(path=f"{RESOURCE}/delete-record", press=delete_record),
]
