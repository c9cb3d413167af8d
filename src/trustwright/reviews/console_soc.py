"""The form for SOC reports, in the console: beside the report that it describes, and on paper."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from trustwright.accounts.actions import active_users, users_by_id
from trustwright.accounts.model import User
from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_VENDORS, VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.files.actions import files_by_id
from trustwright.http.bodies import decode
from trustwright.reviews import actions, list_store, soc_form, soc_texts
from trustwright.reviews.model import Review, ReviewStatus, ReviewType, VendorDocument
from trustwright.reviews.soc_form import Certification, Criterion, FormChange, Opinion, ScopeType
from trustwright.times import iso
from trustwright.vendors.actions import get_vendor

ANSWERS = {"yes": True, "no": False}
MOST_DOCUMENTS = 50
MOST_ENTRIES = 100

# Texts and choices by their sections; a field of the page has the name of its path.
TEXTS = {
    "reviewerInformation": ["reportIssueDate"],
    "complianceScope": ["certification", "scopeType", "auditPeriod"],
    "reportOpinion": ["reportOpinion", "followUpActivity"],
    "cpaFirm": ["cpaFirm", "cpaProcedurePerformed"],
    "subserviceOrganizations": ["subserviceOrganization", "subserviceOrganizationProcedurePerformed"],
}
YES_OR_NO = {
    "reportOpinion": "encompassBusinessNeeds",
    "findings": "hasMaterialImpact",
    "subserviceOrganizations": "subserviceOrganizationUsingInclusiveMethod",
}
# By section the lists of items: the fields of an item, the first of which may not be empty.
LISTS = {
    "findings": {"findings": ["description"]},
    "endUserControls": {"userControls": ["description", "inPlace"]},
    "servicesAndLocations": {"services": ["name"], "locations": ["city", "stateOrCountry"]},
}
PERIOD = "complianceScope.auditPeriodRange"

Item = dict[str, Any]


class Base(Struct, frozen=True):
    """Where a review is, by its vendor."""

    vendor_id: int
    review_id: int

    @property
    def path(self) -> str:
        return f"/vendors/{self.vendor_id}/reviews/{self.review_id}"


def base_of(visit: Visit) -> Base:
    """Raises NotFound."""
    return Base(visit.id("vendor_id"), visit.id("review_id"))


async def _soc_review(tx: Tx, base: Base, *, lock: bool = False) -> Review:
    """Raises NotFound for reviews of other types, which have no form."""
    review = await actions.get_review(tx, base.vendor_id, base.review_id, lock=lock)
    if review.type is not ReviewType.SOC_REPORT:
        raise NotFound("Only reviews of SOC reports have this form")
    return review


async def show_form(visit: Visit, form: Form) -> Answer:
    """The form, as it was saved or typed, with how far it is."""
    base = base_of(visit)
    async with visit.read() as tx:
        review = await _soc_review(tx, base)
        vendor = await get_vendor(tx, base.vendor_id)
        documents = await list_store.documents_of_review(tx, base.review_id, MOST_DOCUMENTS)
        files = await files_by_id(tx, {document.file_id for document in documents})
        people = await active_users(tx)
    pdfs = [each for each in documents if files[each.file_id].content_type == "application/pdf"]
    stored = _stored(review)
    values = {
        "vendor": vendor,
        "review": review,
        "form": form,
        "base": base.path,
        "stored": stored,
        "items": {name: _items(form, name, fields) if form.is_sent else stored[name] for name, fields in _lists()},
        "progress": soc_texts.progress(review.form),
        "people": _choices(people, review),
        "pdfs": pdfs,
        "pdf": _chosen(visit, pdfs),
        "revision": iso(review.updated_at),
        "texts": soc_texts,
        "is_open": review.status is not ReviewStatus.COMPLETED,
        "certifications": _words(Certification),
        "scope_types": _words(ScopeType),
        "criteria": _words(Criterion),
        "opinions": _words(Opinion),
    }
    return visit.page("review_soc", values)


def _words(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(name), soc_texts.CHOICES[name]) for name in names]


def _choices(people: list[User], review: Review) -> list[tuple[int, str]]:
    """Who may be the reviewer; who was, and has left since, stays."""
    found = {user.id: " ".join(filter(None, (user.first_name, user.last_name))) or user.email for user in people}
    saved = review.form.reviewer_information
    if saved.reviewer_user_id is not None:
        found.setdefault(saved.reviewer_user_id, saved.reviewer or "Somebody who has left")
    return list(found.items())


def _chosen(visit: Visit, pdfs: list[VendorDocument]) -> VendorDocument | None:
    """The document beside the form: the one that was asked for, else the first."""
    asked = visit.text("document")
    return next((each for each in pdfs if str(each.id) == asked), pdfs[0] if pdfs else None)


def _stored(review: Review) -> dict[str, Any]:
    """What was saved, by path; yes and no as the choices say them, items without their ids."""
    sections = msgspec.to_builtins(review.form)
    found: dict[str, Any] = {}
    for section in soc_texts.SECTIONS:
        found |= {f"{section}.{name}": value for name, value in sections[section].items()}
    for section, name in YES_OR_NO.items():
        found[f"{section}.{name}"] = {True: "yes", False: "no", None: ""}[found[f"{section}.{name}"]]
    for name, fields in _lists():
        found[name] = [{field: item[field] for field in fields} for item in found[name]]
    period = found[PERIOD] or {"start": "", "end": ""}
    return found | {f"{PERIOD}.{end}": period[end] for end in ("start", "end")}


def _lists() -> list[tuple[str, list[str]]]:
    return [(f"{section}.{name}", fields) for section, lists in LISTS.items() for name, fields in lists.items()]


def _items(form: Form, name: str, fields: list[str]) -> list[Item]:
    """The items of a list as they were typed, without the empty ones."""
    columns = [[value.replace("\r\n", "\n").strip() for value in form.values(f"{name}.{field}")] for field in fields]
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=False)]
    for row in rows:
        if "inPlace" in row:
            row["inPlace"] = row["inPlace"] == "yes"
    return [row for row in rows if any(isinstance(value, str) and value for value in row.values())]


async def save_form(visit: Visit, form: Form) -> Answer:
    """Saves what was typed; what is missing yet may be missing."""
    base = base_of(visit)
    if bool(form.text(f"{PERIOD}.start")) != bool(form.text(f"{PERIOD}.end")):
        raise Invalid(
            f"{PERIOD}.{'end' if form.text(f'{PERIOD}.start') else 'start'}: a period has a first and a last day"
        )
    async with visit.begin() as tx:
        review = await _soc_review(tx, base, lock=True)
        form.require_unchanged(review.updated_at, "this review")
        await actions.update_review(tx, review, UNSET, _change(form, review), replacing=True)
    return visit.see_other(f"{base.path}/soc", "The form was saved")


async def check_form(visit: Visit, form: Form) -> Answer:
    """How far the form would be; nothing is kept of it."""
    async with visit.read() as tx:
        review = await _soc_review(tx, base_of(visit))
        after = await actions.form_after(tx, review, _change(form, review), replacing=True)
    return visit.page("review_soc_progress", {"progress": soc_texts.progress(after)})


def _change(form: Form, review: Review) -> FormChange:
    """What was typed, as the API takes it. A list that is as it was is left alone. Raises Invalid."""
    stored = _stored(review)
    sent: dict[str, dict[str, Any]] = {section: {} for section in soc_texts.SECTIONS}
    for section, names in TEXTS.items():
        sent[section] |= {name: form.optional(f"{section}.{name}") for name in names}
    for section, name in YES_OR_NO.items():
        sent[section][name] = ANSWERS.get(form.text(f"{section}.{name}"))
    sent["reviewerInformation"]["reviewerUserId"] = form.number("reviewerInformation.reviewerUserId")
    start, end = (form.optional(f"{PERIOD}.{part}") for part in ("start", "end"))
    sent["complianceScope"]["auditPeriodRange"] = {"start": start, "end": end} if start and end else None
    criteria = "complianceScope.trustServiceCriteria"
    sent["complianceScope"]["trustServiceCriteria"] = form.texts(criteria) or None
    for section, lists in LISTS.items():
        for name, fields in lists.items():
            items = _items(form, f"{section}.{name}", fields)
            if items != stored[f"{section}.{name}"]:
                sent[section][name] = items
    return decode(msgspec.json.encode(sent), FormChange)


async def story(tx: Tx, base: Base) -> tuple[Review, dict[str, Any]]:
    """A review, and what its page and its print say: its vendor, documents, history, and who had a part in it."""
    review = await actions.get_review(tx, base.vendor_id, base.review_id)
    entries = await list_store.newest_entries(tx, base.review_id, MOST_ENTRIES)
    ids = {review.user_id, review.requester_user_id, *(entry.user_id for entry in entries)}
    return review, {
        "vendor": await get_vendor(tx, base.vendor_id),
        "review": review,
        "base": base.path,
        "documents": await list_store.documents_of_review(tx, base.review_id, MOST_DOCUMENTS),
        "entries": entries,
        "people": await users_by_id(tx, {id_ for id_ in ids if id_}),
    }


async def print_review(visit: Visit) -> Answer:
    """All that a review says, on paper."""
    base = base_of(visit)
    async with visit.read() as tx:
        review, told = await story(tx, base)
    values = {
        **told,
        "stored": _stored(review),
        "progress": soc_texts.progress(review.form),
        "texts": soc_texts,
        "fingerprint": soc_form.fingerprint(review.form).hex(),
    }
    return visit.page("review_print", values)


SOC = "/vendors/{vendor_id}/reviews/{review_id}/soc"

PAGES: list[Page | FormPage | Button] = [
    FormPage(path=SOC, show=show_form, submit=save_form, right=EDIT_VENDORS),
    Button(path=f"{SOC}/check", press=check_form, right=EDIT_VENDORS),
    Page(path="/vendors/{vendor_id}/reviews/{review_id}/print", show=print_review, right=VENDORS),
]
