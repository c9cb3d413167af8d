"""How the trust page looks, what it says of the company, and where it is to be found, in the console."""

from typing import Any

from msgspec import Struct, structs

from trustwright.accounts.model import Entitlement
from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_TRUST_CENTER
from trustwright.console.rendering import ready
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.files.actions import files_by_id
from trustwright.files.model import Upload
from trustwright.times import iso
from trustwright.trust import actions
from trustwright.trust.changes import COLOR, SettingsChange
from trustwright.trust.markup import safe_html
from trustwright.trust.model import Emblem, Fact, TrustCenter
from trustwright.trust_page import colors
from trustwright.trust_page.console_content import prose
from trustwright.trust_page.page import picture_file

PATH = "/trust-center/appearance"
PICTURES_PATH = f"{PATH}/pictures"
TABS = [(PATH, "Texts, colours, address"), (PICTURES_PATH, "Pictures")]
PICTURES = ["png", "jpg", "jpeg", "gif"]
LARGEST_PICTURE = 150_000

EMBLEMS = {
    Emblem.LOGO: ("Logo", "For light ground. Shown 48 pixels high and at most 192 wide.", False),
    Emblem.DARK_LOGO: ("Logo on dark ground", "For visitors with dark screens. Without one they see the other.", True),
    Emblem.FAVICON: ("Icon", "A square of 32 pixels or more, for the tab of the browser.", False),
}


class Swatch(Struct, frozen=True):
    """The company's colour on a ground, as the page uses it."""

    ground: str
    shown: str
    is_changed: bool


class PictureForm(Struct, frozen=True):
    """A picture and its place."""

    kind: Emblem
    revision: str
    file: Upload


async def show_appearance(visit: Visit, form: Form) -> Answer:
    """The settings of the page, and what it looks like with them."""
    async with visit.read() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id)
    values: dict[str, Any] = {"form": form, "center": center, "tabs": TABS, "revision": iso(center.updated_at)}
    values |= {"facts": "\n".join(f"{fact.name}: {fact.value}" for fact in center.facts), "prose": prose}
    values |= {"address": f"{visit.settings.public_url.rstrip('/')}/trust/"}
    return visit.page("trust_appearance", values | _seen(center))


async def save_appearance(visit: Visit, form: Form) -> Answer:
    """Sets what the form says."""
    async with visit.begin() as tx:
        before = await actions.get_trust_center(tx, visit.workspace_id, lock=True)
        form.require_unchanged(before.updated_at, "the page")
        after = await actions.update_settings(tx, visit.workspace_id, _change(form))
    said = "The page was saved. Visitors see it so within a minute." if after.is_published else "The page was saved."
    return visit.see_other(PATH, said)


async def preview(visit: Visit, form: Form) -> Answer:
    """What the page would look like with what is being typed; nothing is kept."""
    async with visit.read() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id)
    return visit.page("trust_preview_page", _seen(_previewed(center, form)))


def _previewed(center: TrustCenter, form: Form) -> TrustCenter:
    """With what is typed, as far as it can be shown already."""
    color = form.text("primaryColor").lower()
    return structs.replace(
        center,
        name=form.text("name"),
        about=form.text("about"),
        header_template=form.text("headerTemplate"),
        footer_template=form.text("footerTemplate"),
        primary_color=color if not color or COLOR.fullmatch(color) else center.primary_color,
    )


def _seen(center: TrustCenter) -> dict[str, Any]:
    """What the preview shows."""
    chosen = center.primary_color.removeprefix("#")
    light, dark = colors.shown(chosen) if chosen else colors.OURS
    return {
        "seen": center,
        "about_html": prose(center.about),
        "header_html": ready(safe_html(center.header_template)),
        "footer_html": ready(safe_html(center.footer_template)),
        "swatches": [
            Swatch("light", light, bool(chosen) and light != center.primary_color),
            Swatch("dark", dark, bool(chosen) and dark != center.primary_color),
        ],
    }


def _change(form: Form) -> SettingsChange:
    """Raises Invalid."""
    days = form.number("slaTime")
    return SettingsChange(
        name=form.text("name"),
        about=form.text("about"),
        slug=form.optional("slug"),
        domain=form.text("domain").lower() or None,
        is_published=form.flag("isPublished"),
        is_indexed=form.flag("isIndexed"),
        primary_color=form.text("primaryColor"),
        contact_url=form.text("contactUrl"),
        privacy_description=form.text("privacyDescription"),
        privacy_url=form.text("privacyUrl"),
        header_template=form.text("headerTemplate"),
        footer_template=form.text("footerTemplate"),
        is_sla_displayed=form.flag("isSLADisplayed"),
        sla_time=0 if days is None else days,
        facts=[_fact(line) for line in form.text("facts").split("\n") if line.strip()],
    )


def _fact(line: str) -> Fact:
    name, found, value = line.partition(":")
    if not found or not value.strip():
        raise Invalid(f"facts: write {line.strip()!r} as a name, a colon, and what is so")
    return Fact(name=name.strip(), value=value.strip())


async def show_pictures(visit: Visit, form: Form) -> Answer:
    """The pictures that there are, and where others are put in their place."""
    async with visit.read() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id)
        found = {emblem: picture_file(center, emblem) for emblem in EMBLEMS}
        files = await files_by_id(tx, {file_id for file_id in found.values() if file_id})
    links = {emblem: visit.link_to(files[id_]) if id_ in files else "" for emblem, id_ in found.items()}
    values = {"form": form, "tabs": TABS, "emblems": EMBLEMS, "links": links, "revision": iso(center.updated_at)}
    return visit.page("trust_pictures", values)


async def put_picture(visit: Visit, form: Form) -> Answer:
    """Puts a picture in the place of the last."""
    sent: PictureForm = form.files
    if sent.file.size > LARGEST_PICTURE:
        raise Invalid(f"The picture must not be larger than {LARGEST_PICTURE // 1000} kB, for every visitor loads it")
    async with visit.keeping([sent.file], PICTURES) as (kept,), visit.begin() as tx:
        center = await actions.get_trust_center(tx, visit.workspace_id, lock=True)
        form.require_unchanged(center.updated_at, "the page")
        await actions.store_emblem(tx, visit.workspace_id, sent.kind, kept)
    return visit.see_other(PICTURES_PATH, f"{EMBLEMS[sent.kind][0]} was replaced.")


WRITE = Entitlement.TRUST_CENTER

PAGES: list[Page | FormPage | Button] = [
    FormPage(path=PATH, show=show_appearance, submit=save_appearance, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    Button(path=f"{PATH}/preview", press=preview, right=EDIT_TRUST_CENTER, entitlement=WRITE),
    FormPage(
        path=PICTURES_PATH,
        show=show_pictures,
        submit=put_picture,
        right=EDIT_TRUST_CENTER,
        entitlement=WRITE,
        files=PictureForm,
    ),
]
