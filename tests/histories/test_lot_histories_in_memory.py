"""Random histories of one account: the kernel's choice of lots and a telling point by point never part.

``LF_SEED`` begins the numbers of the histories, so ``LF_SEED=<number of one> LF_HISTORIES=1`` replays that one alone.
"""

import importlib.util
import os
import sys
from itertools import islice
from pathlib import Path

from history import SEED

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "rules"))

import rule_kernel  # noqa: E402, F401 - makes the kernel importable as ``rules``
from rules import lots  # noqa: E402
from rules.errors import RuleError  # noqa: E402

_spec = importlib.util.spec_from_file_location("lot_oracle", ROOT / "loyalty_fidelity" / "tests" / "lot_oracle.py")
oracle = importlib.util.module_from_spec(_spec)
sys.modules["lot_oracle"] = oracle
_spec.loader.exec_module(oracle)

HISTORIES = int(os.environ.get("LF_HISTORIES") or 200)
STEPS = 50


class Account:
    """An account as the server keeps it: a balance that is a sum of entries, and lots that are used."""

    def __init__(self):
        self.entries, self.lots, self.holds = [], [], {}

    @property
    def balance(self):
        return sum(self.entries)

    def kernel_lots(self):
        held = {}
        for parts in self.holds.values():
            for key, quantity in parts.items():
                held[key] = held.get(key, 0) + quantity
        return [
            lots.Lot(key, left, min(left, held.get(key, 0)), expires, available)
            for key, (left, expires, available) in enumerate(self.lots)
            if left
        ]

    def use(self, parts, quantity):
        for key, part in parts.items():
            left, expires, available = self.lots[key]
            assert 0 < part <= left
            self.lots[key] = (left - part, expires, available)
        self.entries.append(-quantity)

    def take(self, name, arguments, day):
        """Take a step; return whether it was possible, where it may not be."""
        if name == "earn":
            quantity, expires, available = arguments
            self.lots.append((quantity, expires, available))
            self.entries.append(quantity)
        elif name in ("spend", "hold"):
            try:
                parts = lots.take(self.kernel_lots(), self.balance, arguments[-1], day)
            except RuleError as error:
                assert error.code == "short"
                return False
            if name == "hold":
                self.holds[arguments[0]] = parts
            else:
                self.use(parts, arguments[0])
            return True
        elif name == "release":
            del self.holds[arguments[0]]
        elif name == "capture":
            parts = self.holds.pop(arguments[0])
            there = {key: min(quantity, self.lots[key][0]) for key, quantity in parts.items() if self.lots[key][0]}
            self.use(there, sum(parts.values()))
        elif name == "take_back":
            part = min(arguments[1], self.lots[arguments[0]][0])
            self.use({arguments[0]: part} if part else {}, arguments[1])
        elif name == "owe":
            self.entries.append(-arguments[0])
        elif name == "expire":
            parts = lots.due(self.kernel_lots(), self.balance, day)
            self.use(parts, sum(parts.values()))
        return None


def test_random_histories():
    seen = set()
    for seed in range(SEED, SEED + HISTORIES):
        history, account = oracle.LotHistory(seed), Account()
        for name, arguments, outcome in islice(history, STEPS):
            told = f"history {seed}, step {len(history.steps)}: {name} {arguments}"
            assert account.take(name, arguments, history.day) == outcome, told
            left = [lot[0] for lot in account.lots]
            assert dict(enumerate(left)) == history.left(), told
            assert account.balance == history.balance == sum(left) - history.debt, told
            spendable = sum(lots.spendable(account.kernel_lots(), account.balance, history.day).values())
            assert spendable == len(history.usable()), told
            seen.add(name)
    if HISTORIES >= 100:
        assert seen == set(oracle.WEIGHTS)


def test_a_broken_rule_is_noticed(monkeypatch):
    """The comparison can fail: a kernel that spends what expires last is found out within a few histories."""
    in_order = lots._in_order
    monkeypatch.setattr(lots, "_in_order", lambda given: in_order(given)[::-1])
    for seed in range(20):
        history, account = oracle.LotHistory(seed), Account()
        for name, arguments, outcome in islice(history, STEPS):
            if account.take(name, arguments, history.day) != outcome or [lot[0] for lot in account.lots] != list(
                history.left().values()
            ):
                return
    raise AssertionError("nobody noticed")
