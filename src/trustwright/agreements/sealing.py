"""What makes an agreement one that can be sealed, and how it is sealed: its pages as they are, the certificate behind
them, and what was signed attached as data."""

import io
from pathlib import Path

import pikepdf

from trustwright.errors import Invalid

MOST_PAGES = 500
RECORD = "signature.json"
DAMAGED = "The agreement is damaged, or no PDF; print it into a new PDF and send that"

SIGNED = 1  # of SigFlags: the document holds signatures (ISO 32000-2, 12.7.3)


class CannotBeSealed(Invalid):
    """A file that cannot be an agreement; the message says why, and what to do."""


def require_sealable(path: Path) -> None:
    """Raises CannotBeSealed for what is no PDF, is encrypted or damaged, has no pages or very many, or bears a digital
    signature, which any page behind it would break. Tries it: what a reader forgives only a writer finds."""
    try:
        with pikepdf.open(path) as pdf:
            _look_at(pdf)
            for page in pdf.pages:
                page.contents_coalesce()
            pdf.save(io.BytesIO())
            # A file that was cut short is put together again as well as may be: then nobody knows what is missing.
            if any("file is damaged" in warning for warning in pdf.get_warnings()):
                raise CannotBeSealed(DAMAGED)
    except pikepdf.PasswordError as error:
        raise CannotBeSealed("The agreement is encrypted; remove its password and send it again") from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CannotBeSealed(DAMAGED) from error


def _look_at(pdf: pikepdf.Pdf) -> None:
    count = len(pdf.pages)
    if not count:
        raise CannotBeSealed("The agreement has no pages; send one that can be read")
    if count > MOST_PAGES:
        raise CannotBeSealed(f"The agreement has {count} pages; send one of at most {MOST_PAGES}")
    form = pdf.Root.get("/AcroForm")
    flags = 0 if form is None else form.get("/SigFlags", 0)
    if int(flags) & SIGNED or "/Perms" in pdf.Root:
        raise CannotBeSealed("The agreement bears a digital signature, which sealing would break; send it without")


def seal(agreement: Path, certificate: bytes, record: bytes, to: Path) -> None:
    """Writes the agreement with the certificate's pages behind its own, and `record`, a JSON text, attached."""
    with pikepdf.open(agreement) as pdf, pikepdf.open(io.BytesIO(certificate)) as behind:
        pdf.pages.extend(behind.pages)
        pdf.attachments[RECORD] = pikepdf.AttachedFileSpec(
            pdf,
            record,
            filename=RECORD,
            description="What was signed, and how",
            mime_type="application/json",
            creation_date="",
            mod_date="",
        )
        pdf.save(to, deterministic_id=True)
