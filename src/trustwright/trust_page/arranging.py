"""Controls and entries that are moved up and down, one place at a time."""

from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.trust_page.actions import controls_of, items_of, reorder_controls, reorder_items
from trustwright.trust_page.model import Kind


async def move_control(tx: Tx, workspace_id: int, control_id: int, *, up: bool) -> None:
    """Past its neighbour of the same category, of which those with a test come first whatever their place. At the end
    of the way nothing changes. Raises NotFound."""
    controls = await controls_of(tx, workspace_id)
    moved = next((each for each in controls if each.id == control_id), None)
    if moved is None:
        raise NotFound(f"No control {control_id}")
    where = (moved.category, moved.is_monitored)
    group = [each.id for each in controls if (each.category, each.is_monitored) == where]
    await reorder_controls(tx, workspace_id, swapped([each.id for each in controls], group, control_id, up=up))


async def move_item(tx: Tx, workspace_id: int, kind: Kind, item_id: int, *, up: bool) -> None:
    """Past its neighbour. At the end of the way nothing changes. Raises NotFound."""
    ids = [item.id for item in await items_of(tx, workspace_id, kind)]
    if item_id not in ids:
        raise NotFound(f"No entry {item_id}")
    await reorder_items(tx, workspace_id, kind, swapped(ids, ids, item_id, up=up))


def swapped(ids: list[int], group: list[int], moved: int, *, up: bool) -> list[int]:
    """All ids, with one of them and its neighbour in its group exchanged."""
    place = group.index(moved) + (-1 if up else 1)
    if not 0 <= place < len(group):
        return ids
    other = group[place]
    exchanged = {moved: other, other: moved}
    return [exchanged.get(each, each) for each in ids]
