"""What a benchmark asserts, and how it is printed."""

from msgspec import Struct


class Claim(Struct, frozen=True):
    """`measured` must be at least `limit`, or at most it."""

    name: str
    measured: float
    limit: float
    at_least: bool
    unit: str
    detail: str

    @property
    def holds(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def table(claims: list[Claim]) -> str:
    """One line a claim."""
    lines = ["", f"{'claim':<52} {'measured':>10} {'required':>12}  holds"]
    for claim in claims:
        sign = ">=" if claim.at_least else "<="
        required = f"{sign} {claim.limit:g}{claim.unit}"
        answer = "yes" if claim.holds else "NO"
        measured = f"{claim.measured:.2f}{claim.unit}"
        lines.append(f"{claim.name:<52} {measured:>10} {required:>12}  {answer:<4} {claim.detail}")
    return "\n".join(lines) + "\n"
