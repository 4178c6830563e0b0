"""One account told point by point: every point is an object, and nothing is reckoned. Plain Python, no Odoo, no kernel.

The same seed gives the same history. ``tests/histories`` compares the rule kernel with it, ``test_lot_histories`` Odoo.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2030, 1, 1)
WEIGHTS = {"earn": 30, "spend": 18, "hold": 12, "capture": 6, "release": 6, "take_back": 10, "owe": 3, "expire": 15}


@dataclass
class Point:
    """One point.

    :ivar lot: which lot it came with
    :ivar held: the hold that sets it aside, or None
    """

    lot: int
    expires: date | None
    available: date | None
    held: str | None = None


class LotHistory:
    """Makes steps, each possible after those before it, and takes them point by point.

    :ivar steps: tuples: the name of an operation, and its arguments
    :ivar debt: points that are owed
    """

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.day = FIRST_DAY
        self.points, self.holds, self.steps = [], [], []
        self.lots = self.debt = 0

    def __iter__(self):
        """Yield step after step, without end, each after it was taken."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        while True:
            name = self.rng.choices(names, weights)[0]
            arguments = getattr(self, f"_make_{name}")()
            if arguments is not None:
                outcome = getattr(self, name)(*arguments)
                self.steps.append((name, *arguments))
                yield name, arguments, outcome

    # -- looking ---------------------------------------------------------------------------------------------------

    @property
    def balance(self):
        return len(self.points) - self.debt

    def left(self):
        """How many points each lot has left: dict."""
        return {number: sum(point.lot == number for point in self.points) for number in range(self.lots)}

    def _free(self):
        """Points that are not set aside and did not pay a debt, first what expires first."""
        free = [point for point in self.points if not point.held]
        free.sort(key=lambda point: (point.expires is None, point.expires or date.max, point.lot))
        return free[self.debt :]

    def usable(self):
        """Points that can be spent today, in order."""
        return [
            point
            for point in self._free()
            if not (point.expires and point.expires < self.day) and not (point.available and point.available > self.day)
        ]

    # -- operations ------------------------------------------------------------------------------------------------

    def earn(self, quantity, expires, available):
        self.points += [Point(self.lots, expires, available) for _number in range(quantity)]
        self.lots += 1

    def spend(self, quantity):
        """Whether there were enough."""
        usable = self.usable()
        if len(usable) < quantity:
            return False
        self._remove(usable[:quantity])
        return True

    def hold(self, key, quantity):
        """Whether there were enough."""
        usable = self.usable()
        if len(usable) < quantity:
            return False
        for point in usable[:quantity]:
            point.held = key
        self.holds.append((key, quantity))
        return True

    def capture(self, key):
        quantity = self._end(key)
        mine = [point for point in self.points if point.held == key]
        self._remove(mine)
        self.debt += quantity - len(mine)

    def release(self, key):
        self._end(key)
        for point in self.points:
            if point.held == key:
                point.held = None

    def take_back(self, lot, quantity):
        """A return: first what is left of the very lot, set aside or not; the rest is owed."""
        mine = [point for point in self.points if point.lot == lot]
        # What is set aside goes last, hold by hold as they were taken.
        order = [None, *(key for key, _quantity in self.holds)]
        mine.sort(key=lambda point: order.index(point.held))
        self._remove(mine[:quantity])
        self.debt += max(0, quantity - len(mine))

    def owe(self, quantity):
        self.debt += quantity

    def expire(self, days):
        """So many days pass; then what is past expires."""
        self.day += timedelta(days=days)
        self._remove([point for point in self._free() if point.expires and point.expires < self.day])

    def _end(self, key):
        quantity = dict(self.holds)[key]
        self.holds = [hold for hold in self.holds if hold[0] != key]
        return quantity

    def _remove(self, points):
        gone = {id(point) for point in points}
        self.points = [point for point in self.points if id(point) not in gone]

    # -- choosing --------------------------------------------------------------------------------------------------

    def _make_earn(self):
        expires = self.rng.choice([None, self.day + timedelta(days=self.rng.randint(0, 40))])
        available = self.rng.choice([None, None, self.day + timedelta(days=self.rng.randint(1, 9))])
        if expires and available:
            available = min(available, expires)
        return self.rng.randint(1, 30), expires, available

    def _make_spend(self):
        return (self.rng.randint(1, 40),)

    def _make_hold(self):
        # More than one at a time only of other lots: of two holds of one lot nobody can say whose point came back.
        return None if self.holds else (f"hold-{len(self.steps)}", self.rng.randint(1, 30))

    def _make_capture(self):
        return (self.rng.choice(self.holds)[0],) if self.holds else None

    _make_release = _make_capture

    def _make_take_back(self):
        return (self.rng.randrange(self.lots), self.rng.randint(1, 20)) if self.lots else None

    def _make_owe(self):
        return (self.rng.randint(1, 15),)

    def _make_expire(self):
        # An account with points set aside is let alone by the run.
        return None if self.holds else (self.rng.randint(1, 12),)
