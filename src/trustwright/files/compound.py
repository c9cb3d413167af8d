"""Microsoft's compound files, of which .doc is one, and encrypted Office documents too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import olefile

from trustwright.files.faults import DAMAGED, ENCRYPTED, MACROS, Refused

MAGIC: bytes = olefile.MAGIC

MACRO_NAMES = {"macros", "vba", "_vba_project", "_vba_project_cur"}

# In the stream of the text: where its flags are, and the one that says encrypted.
FLAGS = slice(10, 12)
ENCRYPTED_FLAG = 0x0100


def kind_of(path: Path) -> str | None:
    """`doc`, or None for another program's file. Raises Refused for an encrypted or broken one."""
    with _opened(path) as document:
        if document.exists("EncryptedPackage") or document.exists("EncryptionInfo"):
            raise Refused(ENCRYPTED)
        return "doc" if document.exists("WordDocument") else None


def examine(path: Path) -> None:
    """Raises Refused for what a .doc must not be or hold."""
    with _opened(path) as document:
        names = {part.lower() for entry in document.listdir(streams=True, storages=True) for part in entry}
        if names & MACRO_NAMES:
            raise Refused(MACROS)
        if int.from_bytes(_header(document)[FLAGS], "little") & ENCRYPTED_FLAG:
            raise Refused(ENCRYPTED)


def _header(document: olefile.OleFileIO) -> bytes:
    text = next(entry for entry in document.root.kids if entry.name.lower() == "worddocument")
    if text.size < document.minisectorcutoff:
        header = document.openstream("WordDocument").read(FLAGS.stop)
    else:
        # Not by `openstream`, which would read all of it.
        document.fp.seek((text.isectStart + 1) * document.sectorsize)
        header = document.fp.read(FLAGS.stop)
    if len(header) < FLAGS.stop:
        raise Refused(DAMAGED)
    return bytes(header)


@contextmanager
def _opened(path: Path) -> Iterator[olefile.OleFileIO]:
    try:
        with olefile.OleFileIO(str(path)) as document:
            yield document
    except Refused:
        raise
    # A broken file makes the library trip over anything.
    except Exception as error:
        raise Refused(DAMAGED) from error
