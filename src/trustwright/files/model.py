"""Files, from the part of a request to the row that names them."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from msgspec import Struct

DOCUMENT_EXTENSIONS = (
    "pdf docx odt doc xlsx ods pptx odp gif jpg jpeg png csv".split()  # of documents and of reviews with a file (Q35)
)
QUESTIONNAIRE_EXTENSIONS = "pdf docx odt doc xlsx ods pptx odp csv".split()


class ScanState(StrEnum):
    """What the virus scanner said. UNSCANNED: there is no scanner."""

    UNSCANNED = "UNSCANNED"
    PENDING = "PENDING"
    CLEAN = "CLEAN"
    INFECTED = "INFECTED"
    ERROR = "ERROR"


class Upload(Struct, frozen=True, kw_only=True):
    """A file as it arrived, on disk for as long as its request lives. `name` is the last part of what the client
    called it; `content_type` what the client declared, lower case and without parameters, or empty."""

    name: str
    content_type: str
    size: int
    sha256: bytes
    path: Path


class Claim(Struct, frozen=True, kw_only=True):
    """An upload's hold on a blob. `claims`: how many uploads have met the row since it was made, this one included.
    `named`: whether a file names the blob already."""

    sha256: bytes
    generation: UUID
    claims: int
    named: bool


class Blob(Struct, frozen=True):
    """The content of one or more files."""

    sha256: bytes
    size: int


class KeptFile(Struct, frozen=True, kw_only=True):
    """A checked file whose content is in the storage, ready to be named by a row. `content_type` is what it is;
    `generation` is that of the blob's row."""

    name: str
    content_type: str
    size: int
    sha256: bytes
    generation: UUID
    scan_state: ScanState


class StoredFile(Struct, frozen=True, kw_only=True):
    id: int
    sha256: bytes
    name: str
    content_type: str
    size: int
    scan_state: ScanState
    scan_detail: str | None
    created_at: datetime
