"""The points of an account, in memory, as a server keeps them: entries and lots that are used, chosen by the product's rule kernel."""

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

import rule_kernel  # noqa: F401 - makes the kernel importable as ``rules``
from rules import expiry, lots
from rules.errors import RuleError


def policy(told):
    """A policy of a history as the kernel takes it."""
    return expiry.parse(
        {"kind": told["kind"], "months": told["months"], "month_end": told["month_end"], "grace_months": told["grace"],
         "pending_days": told["pending"]}
    )  # fmt: skip


@dataclass
class KernelLot:
    left: int
    expires: object
    available: object
    inactive: int | None
    of: int | None


class KernelPurse:
    """Lots by number, as they came in.

    :ivar entries: what moved, signed; the balance is their sum
    :ivar gained: the last day on which points came in that did not come from another purse
    """

    def __init__(self):
        self.entries, self.lots, self.holds = [], {}, {}
        self.gained = date.min

    @property
    def balance(self):
        return sum(self.entries)

    def _kernel_lots(self, day):
        held = {}
        for until, parts in self.holds.values():
            for key, quantity in parts.items():
                held[key] = held.get(key, 0) + (quantity if until == day else 0)
        return [
            lots.Lot(key, lot.left, min(lot.left, held.get(key, 0)), lot.expires, lot.available)
            for key, lot in self.lots.items() if lot.left
        ]  # fmt: skip

    def earn(self, quantity, told, day, of=None):
        if quantity:
            rule = policy(told)
            available = expiry.available_on(rule, day) if of is not None else None
            inactive = rule.months if rule.kind == "inactivity" else None
            self.gain(KernelLot(quantity, expiry.expires_on(rule, day), available, inactive, of), day)

    def gain(self, lot, day):
        self.entries.append(lot.left)
        self.lots[len(self.lots)] = lot
        self.gained = day

    def receive(self, lot, quantity, available):
        """A part of a lot comes from another purse."""
        self.entries.append(quantity)
        self.lots[len(self.lots)] = KernelLot(quantity, lot.expires, available, lot.inactive, lot.of)

    def choose(self, quantity, day):
        """The lots that a quantity is spent from, or None."""
        try:
            return lots.take(self._kernel_lots(day), self.balance, quantity, day)
        except RuleError as error:
            assert error.code == "short"
            return None

    def use(self, parts, quantity):
        for key, part in parts.items():
            assert 0 < part <= self.lots[key].left
            self.lots[key].left -= part
        self.entries.append(-quantity)

    def use_first(self, keys, quantity):
        """Use what is left of lots, one after the other."""
        parts, missing = {}, quantity
        for key in keys:
            part = min(missing, self.lots[key].left)
            if part:
                parts[key] = part
                missing -= part
        self.use(parts, quantity)

    def _free(self, day):
        """What is neither set aside nor has paid a debt, whether it can be used or not, in the kernel's order: key → how many."""
        undated = [lots.Lot(lot.key, lot.left, lot.held, lot.expires) for lot in self._kernel_lots(day)]
        return lots.spendable(undated, self.balance, date.min)

    def oldest(self):
        """Numbers of lots, first what expires first."""
        unheld = [lots.Lot(key, lot.left, 0, lot.expires) for key, lot in self.lots.items() if lot.left]
        return list(lots.spendable(unheld, sum(lot.left for lot in unheld), date.min))

    def expire(self, day, is_inactive):
        """What is due goes; then what follows purchases that nobody made. Where something is set aside all stays for now.

        :return: pairs (lot, how many)
        """
        if any(until == day for until, _parts in self.holds.values()):
            return []
        due = lots.due(self._kernel_lots(day), self.balance, day)
        self.use(due, sum(due.values()))
        free = self._free(day)
        idle = {key: part for key, part in free.items() if self.lots[key].inactive and is_inactive(self.lots[key].inactive)}
        self.use(idle, sum(idle.values()))
        return [(self.lots[key], part) for parts in (due, idle) for key, part in parts.items()]

    def pour_into(self, other):
        """Everything goes to another purse; who owes more than he has takes the debt along, else what paid for it stays."""
        balance = self.balance
        if balance < 0:
            self.receive(KernelLot(0, None, None, None, None), -balance, None)
            other.use_first(other.oldest(), -balance)
            return
        for key, part in self._free(None).items():
            other.receive(self.lots[key], part, self.lots[key].available)
            self.lots[key].left -= part
        self.entries.append(-balance)
