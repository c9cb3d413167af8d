"""When the next review of a vendor is due (vendor-reviews 1.5)."""

from calendar import monthrange
from datetime import date

from msgspec import UNSET, UnsetType

from trustwright.errors import Invalid
from trustwright.vendors.model import RenewalSchedule, VendorFields

MONTHS = {
    RenewalSchedule.ONE_MONTH: 1,
    RenewalSchedule.TWO_MONTHS: 2,
    RenewalSchedule.THREE_MONTHS: 3,
    RenewalSchedule.SIX_MONTHS: 6,
    RenewalSchedule.ONE_YEAR: 12,
}


def following(day: date, schedule: RenewalSchedule | None) -> date | None:
    """The deadline one period after `day`; None where the schedule has no period. A month that is too short for the
    day ends with its last."""
    if schedule not in MONTHS:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + MONTHS[schedule], 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def renewal_date(
    before: VendorFields, schedule: RenewalSchedule | None, given: date | UnsetType | None, today: date
) -> date | None:
    """The deadline of a vendor whose schedule becomes `schedule`; UNSET: no date came with it.

    NONE ends the renewal. A new period counts from today where no date says otherwise, and so does one whose date was
    cleared; CUSTOM has no period, so it needs a date: raises Invalid."""
    if schedule is RenewalSchedule.NONE:
        return None
    if isinstance(given, date):
        return given
    if given is UNSET and schedule is before.renewal_schedule_type:
        return before.renewal_date
    if schedule is RenewalSchedule.CUSTOM:
        raise Invalid("renewalDate: the schedule CUSTOM needs a date")
    return following(today, schedule)
