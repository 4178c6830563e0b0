"""What becomes of points in time, told naively: lots that expire or wait, what is owed, what is set aside.

Nothing here is shared with the kernel: a month later is what a calendar library says, and a quantity is counted point by
point, as one would with coins on a table.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, islice, repeat

from dateutil.relativedelta import relativedelta

YEAR_END = {"month": 12, "day": 31}


def random_expiry(rng):
    """A policy as a plain dictionary."""
    kind = rng.choice(["never", "months", "months", "year_end", "inactivity"])
    return {
        "kind": kind,
        "months": rng.choice([1, 2, 6]) if kind in ("months", "inactivity") else 0,
        "month_end": kind == "months" and rng.random() < 0.5,
        "grace": rng.choice([0, 1]) if kind == "year_end" else 0,
        "pending": rng.choice([0, 0, 3, 20]),
    }


def last_day(expiry, earned):
    """The last day on which points that were earned on a day can be used, or None."""
    if expiry["kind"] == "months":
        last = earned + relativedelta(months=expiry["months"])
        return last + relativedelta(day=31) if expiry["month_end"] else last
    if expiry["kind"] == "year_end":
        return earned.replace(**YEAR_END) + relativedelta(months=expiry["grace"])
    return None


@dataclass(eq=False)
class Lot:
    """Points that came in together.

    :ivar of: the step of the receipt that earned them, wherever they are now
    """

    left: int
    expires: date | None = None
    available: date | None = None
    inactive: int | None = None
    of: int | None = None

    @classmethod
    def earned(cls, quantity, expiry, day, of=None):
        """Points of a purchase; without one a gift, which can be used at once."""
        expires, available = last_day(expiry, day), None
        if of is not None and expiry["pending"]:
            available = min(day + timedelta(days=expiry["pending"]), expires or date.max)
        return cls(quantity, expires, available, expiry["months"] if expiry["kind"] == "inactivity" else None, of)

    def part(self, quantity, available):
        """So many of these points, somewhere else."""
        return Lot(quantity, self.expires, available, self.inactive, self.of)


@dataclass
class Hold:
    """Points set aside: how many, of which lots, and until the end of which day at the latest."""

    quantity: int
    parts: list
    day: date


@dataclass
class Purse:
    """The points of an account: lots in the order in which they came in, and what is owed.

    :ivar gained: the last day on which points came in that did not come from another purse
    """

    lots: list = field(default_factory=list)
    debt: int = 0
    holds: list = field(default_factory=list)
    gained: date = date.min

    @property
    def balance(self):
        return sum(lot.left for lot in self.lots) - self.debt

    def in_order(self):
        """First what expires first, then what came in first."""
        return sorted((lot for lot in self.lots if lot.left), key=lambda lot: lot.expires or date.max)

    def set_aside(self, day):
        """What is set aside of each lot on a day: Counter."""
        held = Counter()
        for hold in self.holds:
            if hold.day == day:
                for lot, quantity in hold.parts:
                    held[lot] += quantity
        return Counter({lot: min(lot.left, quantity) for lot, quantity in held.items()})

    def free(self, day):
        """Points that are not set aside and did not pay a debt, in order, as runs (lot, how many)."""
        held = self.set_aside(day)
        points = chain.from_iterable(repeat(lot, lot.left - held[lot]) for lot in self.in_order())
        return list(Counter(islice(points, self.debt, None)).items())

    def usable(self, day):
        """What can be spent on a day, as runs (lot, how many)."""
        return [
            (lot, quantity) for lot, quantity in self.free(day)
            if day <= (lot.expires or date.max) and (lot.available or date.min) <= day
        ]  # fmt: skip

    def choose(self, quantity, day):
        """Which points a quantity is spent from, as runs (lot, how many); None where there are not enough."""
        points = chain.from_iterable(repeat(lot, count) for lot, count in self.usable(day))
        chosen = list(Counter(islice(points, quantity)).items())
        return chosen if sum(count for _lot, count in chosen) == quantity else None

    def use(self, parts, quantity=None):
        """Points go; what there is not of a quantity is owed."""
        for lot, count in parts:
            assert 0 < count <= lot.left
            lot.left -= count
        self.debt += 0 if quantity is None else quantity - sum(count for _lot, count in parts)

    def take_out(self, lots, quantity):
        """Take so many out of lots, one after the other, whatever they are set aside for; what there is not is owed."""
        points = chain.from_iterable(repeat(lot, lot.left) for lot in lots)
        self.use(list(Counter(islice(points, quantity)).items()), quantity)

    def gain(self, lot, day):
        """Points come in that did not come from another purse."""
        if lot.left:
            self.lots.append(lot)
            self.gained = day

    def pour_into(self, other):
        """Everything goes to another purse. Who owes more than he has takes the debt along; else what paid for it stays."""
        balance = self.balance
        if balance < 0:
            self.lots.append(Lot(-balance))
            other.take_out(other.in_order(), -balance)
            return
        points = chain.from_iterable(repeat(lot, lot.left) for lot in self.in_order())
        for lot, count in list(Counter(islice(points, self.debt, None)).items()):
            lot.left -= count
            other.lots.append(lot.part(count, lot.available))

    def expire(self, day, is_inactive):
        """What is past on a day goes. Where something is set aside everything stays for now.

        :param is_inactive: whether nobody bought anything, given a number of months
        :return: runs (lot, how many)
        """
        if any(hold.day == day for hold in self.holds):
            return []
        gone = [
            (lot, count) for lot, count in self.free(day)
            if (lot.expires or date.max) < day or (lot.inactive and is_inactive(lot.inactive))
        ]  # fmt: skip
        self.use(gone)
        return gone
