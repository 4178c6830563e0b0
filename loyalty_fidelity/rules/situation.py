"""When a benefit applies: the situation of a sale, and the conditions on it.

Decides whether the day, the hour, the store and the member are those that a benefit is for.

Invariants: no condition, always; every condition named must hold; a condition on something unknown (a birthday) does
not hold; hours may go over midnight, and both ends count.

Source: "Situation" in ``docs/architecture.md``; the day of the week by Sakamoto's method. Vectors: ``situation.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .arithmetic import whole
from .checks import items
from .errors import RuleError

DAY_MINUTES = 24 * 60
MOST_PURCHASES = 1_000_000
MAX_BPS = 10_000
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SAKAMOTO = (0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def day(value: object, name: str) -> str:
    """Check that a value is a day of the calendar, ``YYYY-MM-DD``.

    :param name: the name that an error mentions
    :raises RuleError: ``type`` for anything but a text, ``range`` for one that is no day

    >>> day("2028-02-29", "from_date")
    '2028-02-29'
    """
    if not isinstance(value, str):
        raise RuleError("type", field=name)
    shape = len(value) == 10 and value.isascii() and value[4] == value[7] == "-"
    digits = value[:4] + value[5:7] + value[8:] if shape else ""
    if not digits.isdigit():
        raise RuleError("range", field=name)
    year, month, number = int(value[:4]), int(value[5:7]), int(value[8:])
    if not 1 <= month <= 12 or year < 1:
        raise RuleError("range", field=name)
    last = 29 if month == 2 and _leap(year) else _MONTH_DAYS[month - 1]
    if not 1 <= number <= last:
        raise RuleError("range", field=name)
    return value


def weekday(date: str) -> int:
    """Give the day of the week of a day, Monday 0 to Sunday 6.

    :raises RuleError: ``type``, ``range``

    >>> weekday("2026-11-25"), weekday("2028-02-29")
    (2, 1)
    """
    day(date, "date")
    year, month, number = int(date[:4]), int(date[5:7]), int(date[8:])
    if month < 3:
        year -= 1
    sunday_first = (year + year // 4 - year // 100 + year // 400 + _SAKAMOTO[month - 1] + number) % 7
    return (sunday_first + 6) % 7


def _ordinal(year: int, month: int, number: int) -> int:
    """Days since the beginning of the calendar."""
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    return before * 365 + leaps + sum(_MONTH_DAYS[: month - 1]) + (month > 2 and _leap(year)) + number


def birthday_distance(date: str, birth_date: str) -> int:
    """Give the days from a day to the nearest birthday: below zero for one that is past, above for one to come.

    Who was born on 29 February has his birthday on the 28th in common years. Of two as near, the one to come counts.

    :raises RuleError: ``type``, ``range``

    >>> [birthday_distance(date, "2000-02-29") for date in ("2027-02-27", "2028-02-27", "2028-03-02")]
    [1, 2, -2]
    """
    day(date, "date")
    day(birth_date, "birth_date")
    year, today = int(date[:4]), _ordinal(int(date[:4]), int(date[5:7]), int(date[8:]))
    month, number = int(birth_date[5:7]), int(birth_date[8:])
    found = []
    for at in (year + 1, year, year - 1):
        common = month == 2 and number == 29 and not _leap(at)
        found.append(_ordinal(at, month, 28 if common else number) - today)
    return min(found, key=abs)


@dataclass(frozen=True, slots=True)
class Situation:
    """What rules look at besides the goods.

    ``date`` (``YYYY-MM-DD``) and ``minute`` (of that day, 0 to 1,439) are by the store's clock; ``store_id`` and
    ``tier_id`` are zero for none; ``tag_ids`` are those of the customer; ``birthday_days`` is the signed number of days to
    his nearest birthday, none when unknown; ``purchases`` counts the membership's earlier purchases; ``own_bps`` is the
    member's own percentage; ``used`` says how much of a limit in time is used: ``<benefit key>:day`` and
    ``<benefit key>:month``, in points or minor units.

    :raises RuleError: ``type``, ``range``
    """

    date: str = "1970-01-01"
    minute: int = 0
    store_id: int = 0
    tier_id: int = 0
    tag_ids: tuple[int, ...] = ()
    birthday_days: int | None = None
    purchases: int = 0
    own_bps: int = 0
    used: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        day(self.date, "date")
        whole(self.minute, "minute", 0, DAY_MINUTES - 1)
        whole(self.store_id, "store_id", 0)
        whole(self.tier_id, "tier_id", 0)
        object.__setattr__(self, "tag_ids", tuple(whole(tag, "tag_ids", 1) for tag in items(self.tag_ids, "tag_ids")))
        if self.birthday_days is not None:
            whole(self.birthday_days, "birthday_days", -366, 366)
        whole(self.purchases, "purchases", 0, MOST_PURCHASES)
        whole(self.own_bps, "own_bps", 0, MAX_BPS)
        if not isinstance(self.used, Mapping):
            raise RuleError("type", field="used")
        for quantity in self.used.values():
            whole(quantity, "used", 0)


#: The situation of rules that look at nothing but the goods.
NOWHERE = Situation()


def nowhere() -> Situation:
    """Give the situation of rules that look at nothing but the goods.

    >>> nowhere().purchases
    0
    """
    return NOWHERE


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a benefit; what is none, zero, false or empty does not matter.

    Days and minutes include both ends; ``from_minute`` after ``to_minute`` goes over midnight. ``weekdays`` count from
    Monday, 0; of ``stores``, ``tiers`` and ``tags`` one must fit; ``birthday_days`` is how far the birthday may be, either
    way; ``first_purchase`` and ``every_purchase`` (the nth, the 2nth …) count the membership's purchases with this one.
    """

    from_date: str | None = None
    to_date: str | None = None
    weekdays: tuple[int, ...] = ()
    from_minute: int | None = None
    to_minute: int | None = None
    stores: tuple[int, ...] = ()
    tiers: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    birthday_days: int | None = None
    first_purchase: bool = False
    every_purchase: int = 0


def ids(value: object, name: str, low: int = 1, high: int | None = None) -> tuple[int, ...]:
    """Check that a value is a list of rising whole numbers.

    :param name: the name that an error mentions
    :raises RuleError: ``type``, ``range``; ``order`` when they do not rise

    >>> ids([2, 5], "stores")
    (2, 5)
    """
    bounds = (low,) if high is None else (low, high)
    found = tuple(whole(member, name, *bounds) for member in items(value, name))
    if any(later <= earlier for earlier, later in zip(found, found[1:], strict=False)):
        raise RuleError("order", field=name)
    return found


def _true(value: object, name: str) -> bool:
    if value is not True:
        raise RuleError("type", field=name)
    return True


_CONDITIONS = {
    "from_date": day,
    "to_date": day,
    "weekdays": lambda value, name: ids(value, name, 0, 6),
    "from_minute": lambda value, name: whole(value, name, 0, DAY_MINUTES - 1),
    "to_minute": lambda value, name: whole(value, name, 0, DAY_MINUTES - 1),
    "stores": ids,
    "tiers": ids,
    "tags": ids,
    "birthday_days": lambda value, name: whole(value, name, 0, 183),
    "first_purchase": _true,
    "every_purchase": lambda value, name: whole(value, name, 2, MOST_PURCHASES),
}


def parse_when(value: object) -> When | None:
    """Check the conditions of a benefit.

    :param value: an object with any of the fields of ``When``
    :return: none where there is no condition
    :raises RuleError: ``type``, ``range``, ``unknown_field``; ``missing`` for one end of the hours without the other;
        ``order`` for days that end before they begin, or lists that do not rise

    >>> parse_when({}), parse_when({"weekdays": [0]}).weekdays
    (None, (0,))
    """
    if not isinstance(value, Mapping):
        raise RuleError("type", field="when")
    for name in value:
        if name not in _CONDITIONS:
            raise RuleError("unknown_field", field=name)
    found = {name: check(value[name], name) for name, check in _CONDITIONS.items() if name in value}
    for one, other in (("from_minute", "to_minute"), ("to_minute", "from_minute")):
        if one in found and other not in found:
            raise RuleError("missing", field=other)
    if "from_date" in found and "to_date" in found and found["to_date"] < found["from_date"]:
        raise RuleError("order", field="to_date")
    return When(**found) if found else None


def _at_hours(when: When, minute: int) -> bool:
    if when.from_minute is None:
        return True
    if when.from_minute <= when.to_minute:
        return when.from_minute <= minute <= when.to_minute
    return minute >= when.from_minute or minute <= when.to_minute


def _fits(when: When, situation: Situation) -> tuple[tuple[str, bool], ...]:
    birthday, nth = situation.birthday_days, situation.purchases + 1
    return (
        ("date", (when.from_date or "") <= situation.date <= (when.to_date or "9999-12-31")),
        ("weekdays", not when.weekdays or weekday(situation.date) in when.weekdays),
        ("hours", _at_hours(when, situation.minute)),
        ("stores", not when.stores or situation.store_id in when.stores),
        ("tiers", not when.tiers or situation.tier_id in when.tiers),
        ("tags", not when.tags or any(tag in when.tags for tag in situation.tag_ids)),
        ("birthday", when.birthday_days is None or (birthday is not None and abs(birthday) <= when.birthday_days)),
        ("first_purchase", not when.first_purchase or nth == 1),
        ("every_purchase", not when.every_purchase or nth % when.every_purchase == 0),
    )


def unmet(when: When | None, situation: Situation) -> str | None:
    """Give the first condition that does not hold: ``date``, ``weekdays``, ``hours``, ``stores``, ``tiers``, ``tags``,
    ``birthday``, ``first_purchase`` or ``every_purchase``; none when all hold.

    >>> unmet(When(weekdays=(5, 6)), Situation(date="2026-11-25")), unmet(None, nowhere())
    ('weekdays', None)
    """
    if when is None:
        return None
    return next((name for name, holds in _fits(when, situation) if not holds), None)
