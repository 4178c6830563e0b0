"""When points can be used: from which day on, and until which.

Decides, from the day on which points were earned and the policy of that day, the first and the last day on which they
can be used, and from when on somebody counts as inactive.

Invariants: days are those of the store's calendar; a month later is the same day of that month, or its last one where it
has no such day; the last day is never before the day of earning, and the later points are earned, the later their last day.

Source: ``docs/architecture.md``. Vectors: ``expiry.json``. Python-only: a till asks the server what expires.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta

from .arithmetic import whole
from .checks import choice, record
from .errors import RuleError

KINDS = ("never", "months", "year_end", "inactivity")
FIELDS = ("kind", "months", "month_end", "grace_months", "pending_days")
MAX_MONTHS = 120
MAX_PENDING_DAYS = 366
MONTHS_OF_YEAR = 12


@dataclass(frozen=True)
class ExpiryPolicy:
    """What becomes of points that nobody uses.

    :ivar kind: ``never``; ``months`` after earning; ``year_end`` of the calendar year; ``inactivity``
    :ivar months: of ``months``: after how many; of ``inactivity``: without a purchase for how many; else 0
    :ivar month_end: of ``months``: only at the end of that month
    :ivar grace_months: of ``year_end``: how many months into the next year
    :ivar pending_days: how many days after earning they can be used; 0: at once
    """

    kind: str
    months: int
    month_end: bool
    grace_months: int
    pending_days: int


def parse(payload: Mapping[str, object]) -> ExpiryPolicy:
    """Read a policy; what does not belong to its kind must be zero or false.

    :param payload: an object with the fields of :class:`ExpiryPolicy`
    :raises RuleError: ``missing``, ``unknown_field``, ``type``, ``choice``, ``range``

    >>> parse({"kind": "months", "months": 12, "month_end": True, "grace_months": 0, "pending_days": 14}).months
    12
    """
    values = record(payload, "expiry", FIELDS)
    kind = choice(values["kind"], "kind", KINDS)
    counts_months = kind in ("months", "inactivity")
    if not isinstance(values["month_end"], bool):
        raise RuleError("type", field="month_end")
    if values["month_end"] and kind != "months":
        raise RuleError("range", field="month_end")
    months = whole(values["months"], "months", 1 if counts_months else 0, MAX_MONTHS if counts_months else 0)
    grace_months = whole(values["grace_months"], "grace_months", 0, MONTHS_OF_YEAR - 1 if kind == "year_end" else 0)
    pending_days = whole(values["pending_days"], "pending_days", 0, MAX_PENDING_DAYS)
    return ExpiryPolicy(kind, months, values["month_end"], grace_months, pending_days)


def _day(value: date, field: str) -> date:
    # A moment is a date too, with a time of day that a calendar knows nothing of.
    if type(value) is not date:
        raise RuleError("type", field=field)
    return value


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or earlier; the last day of the month where it has no such day.

    :param months: signed
    :raises RuleError: ``type``, ``range`` beyond the calendar

    >>> add_months(date(2023, 1, 31), 1), add_months(date(2024, 2, 29), -12)
    (datetime.date(2023, 2, 28), datetime.date(2023, 2, 28))
    """
    months = whole(months, "months", -MONTHS_OF_YEAR * MAXYEAR, MONTHS_OF_YEAR * MAXYEAR)
    year, month = divmod(_day(day, "day").year * MONTHS_OF_YEAR + day.month - 1 + months, MONTHS_OF_YEAR)
    if not 1 <= year < MAXYEAR:
        raise RuleError("range", field="day")
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), month_end(date(year, month + 1, 1)))


def month_end(day: date) -> date:
    """The last day of a month.

    :param day: any day of it
    :raises RuleError: ``type``, ``range`` in the last year of the calendar

    >>> month_end(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    if _day(day, "day").year >= MAXYEAR:
        raise RuleError("range", field="day")
    beginning = date(day.year + day.month // MONTHS_OF_YEAR, day.month % MONTHS_OF_YEAR + 1, 1)
    return beginning - timedelta(days=1)


def expires_on(policy: ExpiryPolicy, earned: date) -> date | None:
    """The last day on which points can be used; None where no day is fixed (``never``, ``inactivity``).

    :param earned: the day on which they were earned
    :raises RuleError: ``type``, ``range``

    >>> expires_on(ExpiryPolicy("months", 12, True, 0, 0), date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    >>> expires_on(ExpiryPolicy("year_end", 0, False, 1, 0), date(2024, 5, 2))
    datetime.date(2025, 1, 31)
    """
    if _day(earned, "earned") and policy.kind == "months":
        last = add_months(earned, policy.months)
        return month_end(last) if policy.month_end else last
    if policy.kind == "year_end":
        return add_months(date(earned.year, MONTHS_OF_YEAR, 31), policy.grace_months)
    return None


def available_on(policy: ExpiryPolicy, earned: date) -> date | None:
    """The first day on which points can be used; None where that is at once. They may be used on the last day at least.

    :param earned: the day on which they were earned
    :raises RuleError: ``type``, ``range``

    >>> available_on(ExpiryPolicy("never", 0, False, 0, 14), date(2024, 2, 20))
    datetime.date(2024, 3, 5)
    """
    if not policy.pending_days:
        _day(earned, "earned")
        return None
    last = expires_on(policy, earned)
    first = earned + timedelta(days=policy.pending_days)
    return first if last is None else min(first, last)


def active_since(months: int, today: date) -> date:
    """The day since which somebody must have bought something, for his points not to expire by inactivity.

    :param months: without a purchase for how many
    :raises RuleError: ``type``, ``range``

    >>> active_since(6, date(2024, 8, 31))
    datetime.date(2024, 2, 29)
    """
    return add_months(_day(today, "today"), -whole(months, "months", 1, MAX_MONTHS))
