"""What a signer sends: read, and judged before anything else is done with it."""

import re
from itertools import pairwise

from msgspec import Struct

from trustwright.agreements.certificate import HEIGHT, WIDTH, Stroke

CONSENT = "I have read the agreement, and I sign it electronically with the same effect as by hand."

LONGEST_NAME = 255
LONGEST_REASON = 2000
LONGEST_DRAWING = 30_000
SHORTEST_LINE = 30  # of a drawn signature, in points of its field: a dot is none

CODE = re.compile(r"\d{6}")
POINT = re.compile(r"(\d{1,3})\.(\d{1,3})")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class SigningForm(Struct, frozen=True, kw_only=True):
    """The form of the signing page, as it was sent."""

    name: str
    drawing: str
    code: str
    consents: bool

    @staticmethod
    def of(fields: dict[str, str]) -> "SigningForm":
        return SigningForm(
            name=fields.get("name", "").strip(),
            drawing=fields.get("drawing", "").strip(),
            code="".join(fields.get("code", "").split()),
            consents=fields.get("consent") == "yes",
        )


def faults(form: SigningForm) -> dict[str, str]:
    """What is wrong with a form, by the field that mends it; empty when nothing is. Whether the code is the right one
    is another question."""
    found = {}
    if not form.name and not form.drawing:
        found["name"] = "Type your full name, or draw your signature"
    elif len(form.name) > LONGEST_NAME:
        found["name"] = f"Type a name of at most {LONGEST_NAME} characters"
    elif CONTROL.search(form.name):
        found["name"] = "Type your name in one line, without control characters"
    elif form.drawing and not strokes(form.drawing):
        found["name"] = "The drawn signature cannot be read; draw it again, or type your name"
    if not CODE.fullmatch(form.code) or not form.code.isascii():
        found["code"] = "Enter the six digits of the code that was mailed to you"
    if not form.consents:
        found["consent"] = "Tick the box if you want to sign"
    return found


def strokes(text: str) -> list[Stroke]:
    """The strokes of a drawing: points like `12.30` with spaces between, strokes with underscores between. Empty for
    one that is not written like that, leaves its field, is too long, or is no more than a dot."""
    if len(text) > LONGEST_DRAWING:
        return []
    drawn: list[Stroke] = []
    for part in text.split("_"):
        points = [POINT.fullmatch(each) for each in part.split(" ")]
        stroke = [(int(point[1]), int(point[2])) for point in points if point]
        if len(stroke) < len(points) or any(x > WIDTH or y > HEIGHT for x, y in stroke):
            return []
        drawn.append(stroke)
    length = sum(
        abs(x - before_x) + abs(y - before_y) for stroke in drawn for (before_x, before_y), (x, y) in pairwise(stroke)
    )
    return drawn if length >= SHORTEST_LINE else []


def reason_of(fields: dict[str, str]) -> str:
    """Why a signer declines, in their words, as far as they are of use."""
    reason = re.sub(r"[^\S\n]+", " ", fields.get("reason", "")).strip()
    return "".join(letter for letter in reason if letter == "\n" or not CONTROL.search(letter))[:LONGEST_REASON]
