"""Days and months of the calendar, as integers.

Decides how a day is counted, and which day lies so many months away: the same day of that month, or its last day where
it has no such day (29 February and 31 January see to it).

Invariants: ``text`` undoes ``number``; moving by months never changes the order of two days.

Source: the proleptic Gregorian calendar. Vectors: ``day.json``. Python only: no till counts days.
"""

from .arithmetic import whole
from .errors import RuleError

#: 0001-01-01 and 9999-12-31.
FIRST, LAST = -719162, 2932896
MAX_MONTHS = 1200
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else _LENGTHS[month - 1]


def _count(year: int, month: int, day: int) -> int:
    # Years that begin in March end with the day that is not always there.
    year -= month <= 2
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year - 719468


def _parts(number: int) -> tuple[int, int, int]:
    era, rest = divmod(number + 719468, 146097)
    year = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    of_year = rest - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return era * 400 + year + (month <= 2), month, day


def number(date: str) -> int:
    """Count the days from 1 January 1970 to a date.

    :param date: ISO, ``YYYY-MM-DD``
    :return: negative before 1970
    :raises RuleError: ``type`` for anything but a text, ``date`` for what is no day of the calendar

    >>> number("1970-01-01"), number("2024-02-29")
    (0, 19782)
    """
    if not isinstance(date, str):
        raise RuleError("type", field="date")
    parts = date.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isascii() and part.isdigit() for part in parts):
        raise RuleError("date")
    year, month, day = map(int, parts)
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        raise RuleError("date")
    return _count(year, month, day)


def text(number: int) -> str:
    """Write a day as an ISO date.

    :param number: days from 1 January 1970
    :raises RuleError: ``type``; ``range`` outside the years 1 to 9999

    >>> text(0), text(19782)
    ('1970-01-01', '2024-02-29')
    """
    year, month, day = _parts(whole(number, "number", FIRST, LAST))
    return f"{year:04d}-{month:02d}-{day:02d}"


def months_later(number: int, months: int) -> int:
    """Give the day so many months later: the same day of that month, or the last where it has no such day.

    :param number: days from 1 January 1970
    :param months: negative for earlier
    :raises RuleError: ``type``, ``range``

    >>> text(months_later(19782, 12)), text(months_later(19782, -1))
    ('2025-02-28', '2024-01-29')
    """
    year, month, day = _parts(whole(number, "number", FIRST, LAST))
    year, month = divmod(12 * year + month - 1 + whole(months, "months", -MAX_MONTHS, MAX_MONTHS), 12)
    month += 1
    return whole(_count(year, month, min(day, _length(year, month))), "number", FIRST, LAST)


def last_within(number: int, months: int) -> int:
    """Give the last day from which so many months back leads to a day or to an earlier one.

    :param number: days from 1 January 1970
    :param months: zero or more
    :raises RuleError: ``type``, ``range``

    >>> [text(last_within(day, 1)) for day in (19753, 19754, 19781)]  # from 31 January, 1 and 28 February 2024
    ['2024-02-29', '2024-03-01', '2024-03-28']
    """
    last = months_later(number, whole(months, "months", 0, MAX_MONTHS))
    while months_later(last, -months) > number:
        last -= 1
    while months_later(last + 1, -months) <= number:
        last += 1
    return last
