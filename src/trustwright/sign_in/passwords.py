"""Passwords: what is asked of them, and how they are kept (argon2id)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from trustwright.errors import Invalid
from trustwright.links import new_token

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
FEWEST_CHARACTERS = 5

# Of the lists of stolen ones those that are long enough, without digits and signs: those are taken off before.
COMMON = frozenset(
    """
    password passwordpassword adminadmin administrator qwertyuiop qwertyqwerty qwertyuiopasdfghjkl asdfghjkl zxcvbnm
    letmein letmeinletmein welcome welcomewelcome iloveyou iloveyouiloveyou changeme changemeplease changemenow default
    defaultpassword mypassword thisismypassword passw passwort passwortpasswort motdepasse contrasena trustno
    correcthorsebatterystaple sunshine princess football baseball superman batman dragon monkey master shadow michael
    jennifer charlie trustwright secret secretsecret supersecret temppassword temporary testtesttest testpassword
    qazwsxedc qazwsxedcrfv abcdefghijkl abcdefghijklm abcdefghijklmnop abcdef abc
    """.split()
)
SEQUENCES = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

hasher = PasswordHasher()


def require_good_password(password: str, email: str) -> None:
    """Raises Invalid for a password that others would guess: too short, a common one, one of a few characters, a row
    of the keyboard, or one that holds the address."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"password: take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; several words are good")
    plain = password.casefold()
    letters = "".join(character for character in plain if character.isalpha())
    if letters in COMMON or any(plain in sequence for sequence in SEQUENCES):
        raise Invalid("password: this one stands on the lists that attackers try first; take another")
    if len(set(plain)) < FEWEST_CHARACTERS:
        raise Invalid(f"password: take at least {FEWEST_CHARACTERS} different characters")
    name = email.casefold().partition("@")[0]
    if email.casefold() in plain or (len(name) >= 4 and name in plain):
        raise Invalid("password: it must not hold your e-mail address; take another")


def hashed(password: str) -> str:
    """Keeps a processor busy for tens of milliseconds: call it in a thread."""
    return hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. It takes as long where there is none. Call it in a thread."""
    try:
        return hasher.verify(password_hash or _nobodys(), password) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def is_outdated(password_hash: str | None) -> bool:
    """Whether a hash was made with weaker parameters than those of today."""
    return password_hash is not None and hasher.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return hasher.hash(new_token())
