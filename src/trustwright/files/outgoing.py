"""Files on their way out: whether they may go, and what a browser is told of them."""

from urllib.parse import quote

from trustwright.files.model import ScanState, StoredFile


def held_back(file: StoredFile, *, require_scan: bool) -> str | None:
    """Why a file must not be given out; None when it may be."""
    if file.scan_state is ScanState.INFECTED:
        # What it is called stands in the event: strangers may ask for the file too.
        return "The virus scanner found something in this file; it cannot be downloaded"
    if require_scan and file.scan_state is ScanState.PENDING:
        return "This file is about to be scanned for viruses; try again in a minute"
    if require_scan and file.scan_state is ScanState.ERROR:
        return "The virus scanner could not look at this file; it cannot be downloaded"
    return None


def headers_of(file: StoredFile, *, size: int | None = None, attached: bool = True) -> dict[str, str]:
    """Type, length and name of a file; `size` where another copy of it goes out. The name stands there as RFC 8187 has
    it, and as far as ASCII goes before that."""
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\%' else "_" for letter in file.name)
    kind = "attachment" if attached else "inline"
    return {
        "Content-Type": file.content_type,
        "Content-Length": str(file.size if size is None else size),
        "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
    }
