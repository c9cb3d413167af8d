"""Addresses and domains of requesters."""


def normalized(email: str) -> str:
    """An address as it is compared and kept: lower case, its domain in ASCII by IDNA. Raises Invalid."""
    raise NotImplementedError


def domain_of(email: str) -> str:
    """The domain of a normalized address."""
    return email.rpartition("@")[2]
