"""The same shop, in memory, reckoned by the product's rule kernel: a ledger of entries, and receipts that name their rules."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

import rule_kernel  # noqa: F401 - makes the kernel importable as ``rules``
from history_rules import PRICES, line_total, payload
from rules import basket, price, reversal, ruleset
from rules.evaluate import evaluate

MICRO = 1_000_000


@dataclass
class Posted:
    """A receipt as a server keeps it."""

    account: int | None
    rules: object
    lines: tuple
    base_minor: int
    points: int
    cashback: int
    rolling: int | None
    returned: dict = field(default_factory=dict)


class KernelShop:
    """Takes the steps of a history; every movement of points or money is an entry, and a balance is their sum."""

    def __init__(self, oracle, rules):
        self.oracle = oracle
        self.parsed = ruleset.parse(payload(rules))
        self.entries = []
        self.receipts = {}
        self.rolling = {}

    def balance(self, account):
        return tuple(sum(quantity for owner, unit, quantity in self.entries if owner == account and unit == u) for u in (0, 1))

    def _post(self, account, points, cashback):
        self.entries += [(account, unit, quantity) for unit, quantity in ((0, points), (1, cashback)) if quantity]

    def take(self, step, before):
        """Take a step that the oracle has taken.

        Who shares an account with whom is the oracle's word; what the accounts hold is reckoned here.

        :param before: facts of the oracle from before it: ``works``, ``survivor``, ``account``
        """
        arguments = {name: value for name, value in step.items() if name not in ("number", "do")}
        taker = getattr(self, f"_take_{step['do']}", None)
        if taker:
            taker(step["number"], before, **arguments)

    def _take_sale(self, step, before, member, lines):
        self._sell(step, before, member, lines, self._rolling_of(before, member))

    def _sell(self, step, before, member, lines, rolling):
        works = member is not None and before["works"][member]
        owner = before["survivor"][member] if works else None
        asked = [
            price.PriceLine(str(n), "sale", line_total(PRICES[product], quantity, 0), hand)
            for n, (product, quantity, hand) in enumerate(lines)
        ]
        made = price.discounts(self.parsed, asked, rolling) if works else {}
        sold = []
        for n, (product, quantity, hand) in enumerate(lines):
            bps = made[str(n)].discount_bps if works else hand
            total = line_total(PRICES[product], quantity, bps)
            sold.append(basket.Line(str(n), "sale", quantity * MICRO, total, total))
        paid = sum(line.total_minor for line in sold)
        if not works:
            self.receipts[step] = Posted(None, None, tuple(sold), 0, 0, 0, None)
            return
        outcome = evaluate(self.parsed, basket.Basket("USD", tuple(sold), paid))
        account = before["account"][owner]
        receipt = Posted(
            account, self.parsed, tuple(sold), outcome.base_minor, outcome.points, outcome.cashback_minor, outcome.rolling_bps
        )
        self.receipts[step] = receipt
        self._post(account, outcome.points, outcome.cashback_minor)
        if outcome.rolling_bps is not None:
            self.rolling[owner] = (step, receipt)

    def _rolling_of(self, before, member):
        works = member is not None and before["works"][member]
        left = self.rolling.get(before["survivor"][member]) if works else None
        return left and left[1].rolling

    def _take_give_back(self, step, before, of, quantities, member=None, lines=()):
        rolling = self._rolling_of(before, member)
        receipt = self.receipts[of]
        for number, quantity in quantities.items():
            receipt.returned[number] = receipt.returned.get(number, 0) + quantity * MICRO
        if receipt.rules:
            kept = reversal.kept_points(receipt.rules, receipt.lines, receipt.returned, receipt.base_minor)
            assert kept.points <= receipt.points and kept.cashback_minor <= receipt.cashback
            self._post(self.oracle.heir_of(receipt.account), kept.points - receipt.points, kept.cashback_minor - receipt.cashback)
            receipt.points, receipt.cashback, receipt.rolling = kept.points, kept.cashback_minor, kept.rolling_bps
        if lines:
            self._sell(step, before, member, lines, rolling)

    def _take_unlinked(self, step, before, member, product, quantity):
        if before["works"][member]:
            total = line_total(PRICES[product], quantity, 0)
            line = basket.Line("back", "return_unlinked", -quantity * MICRO, -total, -total)
            outcome = evaluate(self.parsed, basket.Basket("USD", (line,), -total))
            self._post(before["account"][before["survivor"][member]], outcome.unlinked_points, outcome.unlinked_cashback)

    def _take_adjust(self, step, before, member, points):
        account = before["account"][before["survivor"][member]]
        if points > 0 or self.balance(account)[0] + points >= 0:
            self._post(account, points, 0)

    def _take_publish(self, step, before, rules):
        self.parsed = ruleset.parse(payload(rules))

    def _move_all(self, source, target):
        points, cashback = self.balance(source)
        self._post(source, -points, -cashback)
        self._post(target, points, cashback)

    def _take_merge(self, step, before, keep, lose):
        latest = [self.rolling[number] for number in (keep, lose) if number in self.rolling]
        if latest:
            self.rolling[keep] = max(latest, key=lambda left: left[0])
        target = self.oracle.people[keep].account
        for source in {before["account"][keep], before["account"][lose]} - {target}:
            self._move_all(source, target)

    def _take_join(self, step, before, member, household_of):
        self._move_all(before["account"][member], before["account"][household_of])
