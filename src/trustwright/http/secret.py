"""The key that signs links: given by a setting, or made once and kept in the data directory."""

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

from trustwright.settings import Settings

FILE = "secret.key"


@cache
def secret_key(settings: Settings) -> bytes:
    """The same for every process that shares the setting or the data directory."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.data_dir.absolute() / FILE
    if not path.exists():
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    """A name is given to a finished file and only where there is none, so two processes end with one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(32))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
