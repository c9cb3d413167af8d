"""Vendor types and vendor settings, version 2."""

from functools import partial
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, UnsetType, structs

from trustwright.accounts.permissions import Permission
from trustwright.http.lists import CursorPage, NamedQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.vendors import actions, store
from trustwright.vendors.model import VendorSettings, VendorType
from trustwright.vendors.wire import Name

Day = Annotated[int, Meta(ge=-365, le=365)]


class TypePath(Wire, frozen=True):
    vendor_type_id: Id


class VendorTypeBody(Wire, frozen=True):
    example: ClassVar = {"name": "Open source project"}

    name: Name

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("A vendor type needs a name")


class VendorTypeAnswer(Wire, frozen=True):
    id: int
    name: str

    @staticmethod
    def of(type_: VendorType) -> "VendorTypeAnswer":
        return VendorTypeAnswer(id=type_.id, name=type_.name)


class VendorSettingsBody(Wire, frozen=True):
    """What is absent stays as it is. A recurring review starts `windowDays` before its deadline; the vendor's owner
    gets a mail on each of `ownerReminderDays` before it (negative: after)."""

    example: ClassVar = {"windowDays": 45, "ownerReminderDays": [14, 7, 1, -1]}

    window_days: Annotated[int, Meta(ge=1, le=365)] | UnsetType = UNSET
    recurring_reviews: bool | UnsetType = UNSET
    owner_reminder_days: Annotated[list[Day], Meta(max_length=20)] | UnsetType = UNSET
    questionnaire_reminder_days: Annotated[int, Meta(ge=1, le=365)] | UnsetType = UNSET
    questionnaire_reminders_most: Annotated[int, Meta(ge=0, le=20)] | UnsetType = UNSET


class VendorSettingsAnswer(Wire, frozen=True):
    window_days: int
    recurring_reviews: bool
    owner_reminder_days: list[int]
    questionnaire_reminder_days: int
    questionnaire_reminders_most: int

    @staticmethod
    def of(settings: VendorSettings) -> "VendorSettingsAnswer":
        return VendorSettingsAnswer(**structs.asdict(settings))


async def list_vendor_types(call: Call, filters: NamedQuery) -> CursorPage[VendorTypeAnswer]:
    """Lists the vendor types that the account has made."""
    async with call.read() as tx:
        return await by_cursor(
            filters,
            "vendor types",
            partial(store.page_types, tx),
            partial(store.count_types, tx),
            VendorTypeAnswer.of,
        )


async def create_vendor_type(call: Call, body: VendorTypeBody) -> VendorTypeAnswer:
    """Creates a vendor type."""
    async with call.begin() as tx:
        return VendorTypeAnswer.of(await actions.create_type(tx, body.name))


async def update_vendor_type(call: Call, path: TypePath, body: VendorTypeBody) -> VendorTypeAnswer:
    """Renames a vendor type."""
    async with call.begin() as tx:
        return VendorTypeAnswer.of(await actions.rename_type(tx, path.vendor_type_id, body.name))


async def delete_vendor_type(call: Call, path: TypePath) -> None:
    """Deletes a vendor type; the vendors that have it keep it."""
    async with call.begin() as tx:
        await actions.delete_type(tx, path.vendor_type_id)


async def get_vendor_settings(call: Call) -> VendorSettingsAnswer:
    """Shows how reviews recur and who is reminded."""
    async with call.read() as tx:
        return VendorSettingsAnswer.of(await actions.get_settings(tx))


async def update_vendor_settings(call: Call, body: VendorSettingsBody) -> VendorSettingsAnswer:
    """Sets how reviews recur and who is reminded."""
    given = {name: value for name, value in structs.asdict(body).items() if value is not UNSET}
    async with call.begin() as tx:
        return VendorSettingsAnswer.of(await actions.update_settings(tx, given))


TYPES = "/vendor-types"
TYPE = "/vendor-types/{vendorTypeId}"
SETTINGS = "/vendor-settings"

operation = partial(Operation, version=Version.V2)

operations = [
    operation(
        method="GET",
        path=TYPES,
        handler=list_vendor_types,
        permissions=(Permission.VENDOR_TYPES_GET,),
        errors=(400,),
    ),
    operation(
        method="POST",
        path=TYPES,
        handler=create_vendor_type,
        permissions=(Permission.VENDOR_TYPES_POST,),
        success=(201,),
        errors=(400, 409),
    ),
    operation(
        method="PUT",
        path=TYPE,
        handler=update_vendor_type,
        permissions=(Permission.VENDOR_TYPES_PUT,),
        errors=(400, 404, 409),
    ),
    operation(
        method="DELETE",
        path=TYPE,
        handler=delete_vendor_type,
        permissions=(Permission.VENDOR_TYPES_DELETE,),
        success=(204,),
        errors=(400, 404),
    ),
    operation(
        method="GET",
        path=SETTINGS,
        handler=get_vendor_settings,
        permissions=(Permission.VENDORS_GET,),
        extension=True,
    ),
    operation(
        method="PUT",
        path=SETTINGS,
        handler=update_vendor_settings,
        permissions=(Permission.VENDORS_PUT,),
        errors=(400,),
        extension=True,
    ),
]
