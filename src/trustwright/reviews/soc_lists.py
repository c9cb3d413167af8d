"""Lists of the form for SOC reports that are edited as a whole, where a save of the API only adds to them."""

from typing import Any

from msgspec import UNSET, structs

from trustwright.reviews.soc_form import LISTS, Form, FormChange, Part


def emptied(form: Form, change: FormChange) -> Form:
    """The form without the items of those lists that a change brings: laid over it, the change replaces them."""
    sections: dict[str, Part] = {}
    for name in change.__struct_fields__:
        part = getattr(change, name)
        given = {} if part is UNSET else {field: () for field in LISTS if getattr(part, field, UNSET) is not UNSET}
        if given:
            sections[name] = structs.replace(getattr(form, name), **given)
    return structs.replace(form, **sections)


def renumbered(before: Form, after: Form) -> Form:
    """`after`, in which items that say what one of `before` said have its number: they are still the same."""
    sections: dict[str, Part] = {}
    for name in FormChange.__struct_fields__:
        part = getattr(after, name)
        lists = [field for field in LISTS if field in part.__struct_fields__]
        kept = {field: _kept(getattr(getattr(before, name), field), getattr(part, field)) for field in lists}
        sections[name] = structs.replace(part, **kept)
    return structs.replace(after, **sections)


def _kept(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    numbers = {structs.replace(item, id=0): item.id for item in reversed(before)}
    return tuple(structs.replace(item, id=numbers.pop(structs.replace(item, id=0), item.id)) for item in after)
