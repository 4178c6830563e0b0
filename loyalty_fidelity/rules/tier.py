"""Which tier a member has.

Decides what counts (the sum of a rolling window of months, of the calendar year or of the year of the membership; of
years the better of the one that runs and the one before), which tier a member rises to, when one who no longer reaches
what he must stay with loses it, until when he keeps it at least, and what is missing to the next.

Invariants: asking twice on a day changes nothing; the order of what was counted does not matter; more of it never
gives a lower tier; nobody rises and falls at once; nobody falls while he has what his tier asks for, within its grace,
or below a floor that a person promised him.

A return is counted on the day of the purchase that it takes back. So who never had, since the tier began, what it asks
for has no grace.

Source: "Tiers" in ``docs/architecture.md``. Vectors: ``tier.json``. Python only: the server tells a till what is missing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from .arithmetic import MAX_SAFE, whole
from .checks import choice, items, record, text
from .day import LAST, last_within, months_later, number
from .day import text as text_of
from .errors import RuleError

MEASURES = ("points", "spending", "visits")
PERIODS = ("rolling", "calendar", "anniversary")
DOWNGRADES = ("one", "deserved")
#: Of a threshold; of the months of a window and of grace.
MAX_THRESHOLD, MAX_MONTHS, MAX_GRACE = 10**12, 120, 60


@dataclass(frozen=True, slots=True)
class Level:
    """A tier: what has to be reached to get it and to stay, how many months below that it is kept, how one falls."""

    key: str
    entry: int
    stay: int
    grace_months: int
    downgrade: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """Tiers, lowest first. ``months`` is the window of period ``rolling``."""

    measure: str
    period: str
    months: int
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a member has had up to a day, besides what he bought.

    ``level`` since the day ``since`` (before it nothing was asked of him); none, or one that is not in the ladder: he has
    none yet. ``landed`` says that he fell to it from above. ``floor`` is the tier that a person promised him up to and
    with ``floor_until``; he may rise above it.
    """

    level: str | None = None
    since: str | None = None
    landed: bool = False
    floor: str | None = None
    floor_until: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Which level a member has on a day, since when, and whether he fell to it.

    ``change`` is ``start`` (he had none), ``qualified``, ``downgraded`` or none.
    """

    level: str
    since: str
    landed: bool
    change: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies before a member on a day.

    ``figure`` counts in the period that runs; ``missing`` to the level above (none at the top), which today's figure
    helps to reach up to and with the day ``by``. Without another purchase he has his level up to and with the day
    ``until``; none: for good. ``stays`` says whether he has today what his level asks for.
    """

    figure: int
    missing: int | None
    by: str | None
    until: str | None
    stays: bool


def parse(payload: Mapping) -> Ladder:
    """Read a ladder, and refuse an impossible one.

    :param payload: ``measure``, ``period``, ``months`` and ``levels``, each with the fields of ``Level``
    :raises RuleError: ``type``, ``missing``, ``unknown_field``, ``choice``, ``range``; ``no_levels``; with the place of the
        level as ``at``: ``first`` (the lowest asks for something), ``order`` (it does not ask for more than the one
        below), ``stay`` (to stay asks for more than to enter), ``stay_order`` (to stay asks for less than below)

    >>> ladder = parse({"measure": "spending", "period": "rolling", "months": 12, "levels": [
    ...     {"key": "b", "entry": 0, "stay": 0, "grace_months": 0, "downgrade": "deserved"},
    ...     {"key": "s", "entry": 50000, "stay": 40000, "grace_months": 3, "downgrade": "deserved"}]})
    >>> [level.entry for level in ladder.levels]
    [0, 50000]
    """
    given = record(payload, "ladder", ("measure", "period", "months", "levels"))
    levels = tuple(_level(value, at) for at, value in enumerate(items(given["levels"], "levels")))
    if not levels:
        raise RuleError("no_levels")
    for at, level in enumerate(levels):
        below = levels[at - 1] if at else None
        if below is None and (level.entry or level.stay):
            raise RuleError("first", at=at, field="entry")
        if below and level.entry <= below.entry:
            raise RuleError("order", at=at, field="entry")
        if level.stay > level.entry:
            raise RuleError("stay", at=at, field="stay")
        if below and level.stay < below.stay:
            raise RuleError("stay_order", at=at, field="stay")
    return Ladder(
        choice(given["measure"], "measure", MEASURES),
        choice(given["period"], "period", PERIODS),
        whole(given["months"], "months", 1, MAX_MONTHS),
        levels,
    )


def _level(value: object, at: int) -> Level:
    given = record(value, "level", ("key", "entry", "stay", "grace_months", "downgrade"))
    try:
        return Level(
            text(given["key"], "key"),
            whole(given["entry"], "entry", 0, MAX_THRESHOLD),
            whole(given["stay"], "stay", 0, MAX_THRESHOLD),
            whole(given["grace_months"], "grace_months", 0, MAX_GRACE),
            choice(given["downgrade"], "downgrade", DOWNGRADES),
        )
    except RuleError as error:
        raise RuleError(error.code, at=at, **error.details) from error


class _Count:
    """What a member bought, day by day, and what of it counts on any day."""

    def __init__(self, ladder: Ladder, enrolled: str, days: Mapping[str, int], today: int) -> None:
        self.ladder = ladder
        self.rolling = ladder.period == "rolling"
        self.origin = number(enrolled) if ladder.period == "anniversary" else 0
        amounts = {number(date): whole(amount, "amount") for date, amount in days.items()}
        self.days = sorted(day for day, amount in amounts.items() if amount and day <= today)
        self.amounts = amounts
        self.sums = [0, *accumulate(amounts[day] for day in self.days)]

    def start(self, day: int) -> int:
        """The first day of the period that a day belongs to."""
        if self.rolling:
            return months_later(day, -self.ladder.months) + 1
        start = months_later(self.origin, 12 * self._years(day))
        return start if start <= day else months_later(self.origin, 12 * (self._years(day) - 1))

    def end(self, day: int) -> int:
        """The last day on which what is bought on a day counts; of years in the year itself."""
        if self.rolling:
            return last_within(day - 1, self.ladder.months)
        following = months_later(self.origin, 12 * self._years(day))
        return (following if following > day else months_later(self.origin, 12 * (self._years(day) + 1))) - 1

    def _years(self, day: int) -> int:
        return int(text_of(day)[:4]) - int(text_of(self.origin)[:4])

    def running(self, day: int) -> int:
        """What counts in the period that runs on a day."""
        first, after = bisect_left(self.days, self.start(day)), bisect_right(self.days, day)
        return whole(self.sums[after] - self.sums[first] if first < after else 0, "figure", -MAX_SAFE, MAX_SAFE)

    def figure(self, day: int) -> int:
        """What a level is given and kept for: of years the better of the one that runs and the one before."""
        running = self.running(day)
        return running if self.rolling else max(running, self.running(self.start(day) - 1))

    def stretches(self, first: int, today: int) -> Iterator[tuple[int, int, int]]:
        """Stretches of days with the same figure from a day until nothing counts any more: first day, last day, figure."""
        turns = set(self.days)
        if self.rolling:
            turns |= {self.end(day) + 1 for day in self.days}
        else:
            last = self.end(self.end(today) + 1) + 1
            turn = self.end(first) + 1
            while turn <= last:
                turns.add(turn)
                turn = self.end(turn) + 1
        starts = [first, *sorted(turn for turn in turns if turn > first)]
        for start, following in zip(starts, [*starts[1:], LAST + 1], strict=True):
            yield start, following - 1, self.figure(start)


def _kept_until(count: _Count, at: int, since: int, today: int, landed: bool, promised_until: int | None) -> int | None:
    """The last day on which a level is kept without another purchase.

    :return: the day before ``today`` where it is not kept any more; none: it is kept for good
    """
    level = count.ladder.levels[at]
    if not at or not level.stay:
        return None
    fixed = promised_until or 0
    if landed and at + 1 < len(count.ladder.levels) and count.ladder.levels[at + 1].downgrade == "one":
        # One step a period.
        fixed = max(fixed, count.end(since))
    graced = fixed
    for first, last, figure in count.stretches(since, today):
        if figure >= level.stay:
            graced = max(fixed, last_within(last, level.grace_months)) if last < LAST else None
        elif max(first, today, graced + 1) <= last:
            return max(first, today, graced + 1) - 1
    return None


def _state(ladder: Ladder, holding: Holding, today: int) -> tuple[int | None, int, int, int | None]:
    """The place of the level, the day it began, the place of the promised level and until when."""
    keys = [level.key for level in ladder.levels]
    at = keys.index(holding.level) if holding.level in keys else None
    since = min(number(holding.since), today) if at is not None and holding.since is not None else today
    until = number(holding.floor_until) if holding.floor in keys and holding.floor_until is not None else None
    if until is None or until < today:
        return at, since, 0, None
    return at, since, keys.index(holding.floor), until


def place(ladder: Ladder, enrolled: str, days: Mapping[str, int], day: str, holding: Holding) -> Place:
    """Say which level a member has on a day.

    :param enrolled: when the membership began; its years are counted from there
    :param days: what counts, signed, by ISO date; what comes after ``day`` does not count
    :raises RuleError: ``type``, ``range``, ``date``

    >>> ladder = Ladder("spending", "rolling", 12, (
    ...     Level("b", 0, 0, 0, "deserved"), Level("s", 50000, 40000, 3, "deserved")))
    >>> place(ladder, "2026-01-10", {"2026-02-01": 50000}, "2026-03-01", Holding("b", "2026-01-10"))
    Place(level='s', since='2026-03-01', landed=False, change='qualified')
    """
    today = number(day)
    count = _Count(ladder, enrolled, days, today)
    at, since, promised, promised_until = _state(ladder, holding, today)
    figure = count.figure(today)
    deserved = max(place for place, level in enumerate(ladder.levels) if not place or level.entry <= figure)
    change, landed = None, holding.landed
    if at is None or max(deserved, promised) > at:
        change = "start" if at is None else "qualified"
        at, since, landed = max(deserved, promised), today, False
    elif at > promised and figure < ladder.levels[at].stay:
        kept_until = _kept_until(count, at, since, today, landed, None)
        if kept_until is not None and kept_until < today:
            at, since, landed, change = max(_fallen(ladder, at, figure), promised), today, True, "downgraded"
    return Place(ladder.levels[at].key, text_of(since), landed, change)


def _fallen(ladder: Ladder, at: int, figure: int) -> int:
    """The place that one falls to: the next below, or the highest below at which he may stay."""
    if ladder.levels[at].downgrade == "one":
        return at - 1
    return max(below for below in range(at) if not below or ladder.levels[below].stay <= figure)


def outlook(ladder: Ladder, enrolled: str, days: Mapping[str, int], day: str, holding: Holding) -> Outlook:
    """Say what lies before a member: what is missing to the next level, and until when he keeps his.

    :param holding: as it is on that day, after :func:`place`
    :raises RuleError: as :func:`place`

    >>> ladder = Ladder("spending", "rolling", 12, (
    ...     Level("b", 0, 0, 0, "deserved"), Level("s", 50000, 40000, 3, "deserved")))
    >>> outlook(ladder, "2026-01-10", {"2026-02-01": 38000}, "2026-03-01", Holding("b", "2026-01-10"))
    Outlook(figure=38000, missing=12000, by='2027-01-31', until=None, stays=True)
    >>> outlook(ladder, "2026-01-10", {"2026-02-01": 50000}, "2026-03-01", Holding("s", "2026-03-01"))
    Outlook(figure=50000, missing=None, by=None, until='2027-04-30', stays=True)
    """
    today = number(day)
    count = _Count(ladder, enrolled, days, today)
    at, since, promised, promised_until = _state(ladder, holding, today)
    at = at or 0
    kept = _kept_until(count, at, since, today, holding.landed, promised_until if at <= promised else None)
    missing, by = _missing(count, at, today)
    return Outlook(
        figure=count.running(today),
        missing=missing,
        by=by,
        until=None if kept is None else text_of(kept),
        stays=not at or count.figure(today) >= ladder.levels[at].stay,
    )


def _missing(count: _Count, at: int, today: int) -> tuple[int | None, str | None]:
    if at + 1 == len(count.ladder.levels):
        return None, None
    missing = max(1, count.ladder.levels[at + 1].entry - count.running(today))
    leaving = [count.end(day) for day in count.days if day >= count.start(today) and count.amounts[day] > 0]
    return missing, text_of(min(leaving, default=count.end(today)))
