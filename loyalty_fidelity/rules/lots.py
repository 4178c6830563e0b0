"""Which lots points come from.

Decides what of an account can be spent today and from which lots, and what of it expires.

Invariants: the account's balance is what is left in its lots minus what it owes; a debt is paid by the lots that expire
first, so they are neither spent nor taken away a second time; parts are never more than what is left of their lot, and
together what was asked for; what is set aside, not available yet or past its last day is not spent.

Source: ``docs/architecture.md``. Vectors: ``lots.json``. Python-only: a till asks the server what can be spent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .arithmetic import MAX_SAFE, add, whole
from .errors import RuleError


@dataclass(frozen=True)
class Lot:
    """Points that came in together.

    :ivar key: its number; of lots that expire together the lower is used first
    :ivar left: what is left of it, not negative
    :ivar held: what of that is set aside, at most ``left``
    :ivar expires: the last day it can be used, or None
    :ivar available: the first day it can be used, or None for at once
    """

    key: int
    left: int
    held: int = 0
    expires: date | None = None
    available: date | None = None

    def __post_init__(self) -> None:
        """Refuse what is no lot.

        :raises RuleError: ``type``, ``range``
        """
        whole(self.key, "key")
        whole(self.left, "left", 0)
        whole(self.held, "held", 0, self.left)
        for name in ("expires", "available"):
            if getattr(self, name) is not None and type(getattr(self, name)) is not date:
                raise RuleError("type", field=name)


def _in_order(lots: Sequence[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: (lot.expires or date.max, lot.expires is None, lot.key))


def debt(lots: Sequence[Lot], balance: int) -> int:
    """What an account owes: its lots hold so much more than its balance.

    :param lots: all that are left of the account, in any order
    :param balance: signed
    :raises RuleError: ``type``, ``range``, ``overflow``

    >>> debt([Lot(1, 50), Lot(2, 30)], 65)
    15
    """
    return max(0, add(lot.left for lot in lots) - whole(balance, "balance"))


def spendable(lots: Sequence[Lot], balance: int, today: date) -> dict[int, int]:
    """What can be spent today, in the order in which it is used.

    :param lots: all that are left of the account, in any order
    :param balance: signed
    :param today: the day in the stores' calendar
    :return: key of a lot → how much of it, positive; first what expires first
    :raises RuleError: ``type``, ``range``, ``overflow``

    >>> lots = [Lot(1, 50), Lot(2, 30, held=10, expires=date(2024, 5, 31))]
    >>> spendable(lots, 75, date(2024, 5, 31))
    {2: 15, 1: 50}
    """
    if type(today) is not date:
        raise RuleError("type", field="today")
    owed = debt(lots, balance)
    found = {}
    for lot in _in_order(lots):
        free = lot.left - lot.held
        paid = min(owed, free)
        owed -= paid
        usable = (lot.expires is None or lot.expires >= today) and (lot.available is None or lot.available <= today)
        if usable and free > paid:
            found[lot.key] = free - paid
    return found


def take(lots: Sequence[Lot], balance: int, quantity: int, today: date) -> dict[int, int]:
    """The lots that a quantity is spent from.

    :param quantity: positive
    :return: key of a lot → how much of it, positive; together ``quantity``
    :raises RuleError: ``short`` where less can be spent; ``type``, ``range``, ``overflow``

    >>> take([Lot(1, 50), Lot(2, 30, expires=date(2024, 5, 31))], 80, 45, date(2024, 5, 1))
    {2: 30, 1: 15}
    """
    missing = whole(quantity, "quantity", 1, MAX_SAFE)
    parts = {}
    for key, free in spendable(lots, balance, today).items():
        if missing:
            parts[key] = min(missing, free)
            missing -= parts[key]
    if missing:
        raise RuleError("short", missing=missing)
    return parts


def due(lots: Sequence[Lot], balance: int, today: date) -> dict[int, int]:
    """What expires: the last day is past, it is not set aside, and it has not paid a debt.

    :param today: the day in the stores' calendar; points of the day before expire
    :return: key of a lot → how much of it, positive
    :raises RuleError: ``type``, ``range``, ``overflow``

    >>> due([Lot(1, 50), Lot(2, 30, expires=date(2024, 5, 31))], 70, date(2024, 6, 1))
    {2: 20}
    """
    if type(today) is not date:
        raise RuleError("type", field="today")
    owed = debt(lots, balance)
    found = {}
    for lot in _in_order(lots):
        free = lot.left - lot.held
        paid = min(owed, free)
        owed -= paid
        if lot.expires is not None and lot.expires < today and free > paid:
            found[lot.key] = free - paid
    return found
