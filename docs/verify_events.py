"""Checks a bundle that `trustwright events export` wrote, on any machine: python verify_events.py BUNDLE [--key HEX]

It needs Python 3.11 and the library `cryptography`. --key is what `trustwright events key` shows, told by another way
than the one the bundle came by. Without it a signature proves only that the bundle was not damaged."""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def check(lines: Iterable[bytes], key: str | None) -> str:
    """One sentence on an intact bundle. Ends the program at the first thing that does not fit."""
    place, last, accounts, ending = 0, bytes(32), set[int](), dict[str, Any]()
    for line in lines:
        require(not ending, "there are lines behind the head")
        read = json.loads(line)
        if "head" in read:
            ending = read
            continue
        place += 1
        last = hashlib.sha256(last + read["text"].encode()).digest()
        require(read["position"] == place, f"position {place} is missing")
        require(read["hash"] == last.hex(), f"position {place} was changed, or one before it removed")
        accounts.add(json.loads(read["text"])["account_id"])
    require(bool(ending), "the end is missing")
    head = json.loads(ending["head"])
    require(head["format"] == "trustwright events 1", f"this script cannot read {head['format']}")
    require((head["position"], head["hash"]) == (place, last.hex()), "the head is not that of these events")
    require(accounts <= {head["accountId"]}, "there are events of another account")
    found = f"{place} events of account {head['accountId']} until {head['exportedAt']}, head {last.hex()}"
    signer, signature = ending["publicKey"], ending["signature"]
    require(key is None or (signature is not None and signer == key.lower()), "it was not signed by that key")
    if signature is None:
        return f"{found}, not signed"
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(bytes.fromhex(signature), ending["head"].encode())
    return f"{found}, signed by {signer}" + ("" if key else " (not compared: give --key)")


def require(holds: bool, fault: str) -> None:
    if not holds:
        sys.exit(f"BROKEN: {fault}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Checks a bundle of events")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", metavar="HEX")
    arguments = parser.parse_args()
    try:
        with arguments.bundle.open("rb") as bundle:
            print("intact:", check(bundle, arguments.key))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        sys.exit(f"BROKEN: {type(error).__name__} {error}")
