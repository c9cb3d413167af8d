"""python -m benchmarks: measures every claim and prints it; ends with 1 when one does not hold."""

import sys

from benchmarks import monitors, pages, records, reviews, trust
from benchmarks.claims import Claim, table


def main() -> int:
    claims: list[Claim] = [
        *records.measure(),
        *reviews.measure(),
        *trust.measure(),
        *monitors.measure(),
        *pages.measure(),
    ]
    sys.stdout.write(table(claims))
    return 0 if all(claim.holds for claim in claims) else 1


sys.exit(main())
