"""The same shop, in memory, reckoned by the product's rule kernel: a ledger of entries, and receipts that name their rules."""

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

import rule_kernel  # noqa: F401 - makes the kernel importable as ``rules``
from history import arguments_of
from history_kernel_lots import KernelPurse
from history_kernel_spending import KernelNights, KernelSpending, tier_payload
from history_rules import PRICES, line_total, payload
from rules import basket, price, reversal, ruleset, tier
from rules.evaluate import evaluate
from rules.ruleset import of_kind

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
    day: object
    returned: dict = field(default_factory=dict)
    returned_points: int = 0
    taken_points: int = 0
    expired_points: int = 0
    kept_base: int = 0
    member: int | None = None


class KernelShop(KernelSpending, KernelNights):
    """Takes the steps of a history; every movement of points or money is an entry, and a balance is their sum.

    :ivar purses: the points of accounts
    :ivar money: entries of cashback: account → list
    """

    def __init__(self, oracle, rules):
        self.oracle = oracle
        self.parsed, self.expiry = ruleset.parse(payload(rules)), rules["expiry"]
        self.purses, self.money = defaultdict(KernelPurse), defaultdict(list)
        self.receipts, self.rolling, self.holds, self.redeemed = {}, {}, {}, {}
        self.day = oracle.day
        self.unlinked = []
        self.holding = {}
        self.ladder = tier.parse(tier_payload(oracle.ladder)) if oracle.ladder else None

    def balance(self, account):
        return self.purses[account].balance, sum(self.money[account])

    def take(self, step, before):
        """Take a step that the oracle has taken.

        Who shares an account with whom is the oracle's word; what the accounts hold is reckoned here.

        :param before: facts of the oracle from before it: ``works``, ``survivor``, ``account``, ``open``
        :return: whether it was done, where it may not be
        """
        taker = getattr(self, f"_take_{step['do']}", None)
        return taker(step["number"], before, **arguments_of(step)) if taker else None

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
            self.receipts[step] = Posted(None, None, tuple(sold), 0, 0, 0, None, self.day)
            return
        outcome = evaluate(self.parsed, basket.Basket("USD", tuple(sold), paid))
        account = before["account"][owner]
        receipt = Posted(
            account, self.parsed, tuple(sold), outcome.base_minor, outcome.points, outcome.cashback_minor, outcome.rolling_bps,
            self.day, kept_base=outcome.base_minor, member=owner,
        )  # fmt: skip
        self.receipts[step] = receipt
        self.purses[account].earn(outcome.points, self.expiry, self.day, of=step)
        self.money[account].append(outcome.cashback_minor)
        if outcome.rolling_bps is not None:
            self.rolling[owner] = (step, receipt)

    def _rolling_of(self, before, member):
        works = member is not None and before["works"][member]
        left = self.rolling.get(before["survivor"][member]) if works else None
        if not left or left[1].day + timedelta(days=of_kind(left[1].rules, "rolling")[0].valid_days) < self.day:
            return None
        return left[1].rolling

    def _take_give_back(self, step, before, of, quantities, member=None, lines=()):
        rolling = self._rolling_of(before, member)
        receipt = self.receipts[of]
        for number, quantity in quantities.items():
            receipt.returned[number] = receipt.returned.get(number, 0) + quantity * MICRO
        if receipt.rules:
            kept = reversal.kept_points(receipt.rules, receipt.lines, receipt.returned, receipt.base_minor)
            assert kept.points <= receipt.points and kept.cashback_minor <= receipt.cashback
            account = self.oracle.heir_of(receipt.account)
            self._take_back(of, receipt, self.purses[account], receipt.points - kept.points)
            self.money[account].append(kept.cashback_minor - receipt.cashback)
            receipt.kept_base = kept.base_minor
            receipt.points, receipt.cashback, receipt.rolling = kept.points, kept.cashback_minor, kept.rolling_bps
        if lines:
            self._sell(step, before, member, lines, rolling)

    def _take_back(self, of, receipt, purse, quantity):
        receipt.returned_points += quantity
        taken = max(0, min(quantity, receipt.returned_points - receipt.expired_points - receipt.taken_points))
        receipt.taken_points += taken
        purse.use_first([key for key, lot in purse.lots.items() if lot.of == of], taken)

    def _take_unlinked(self, step, before, member, product, quantity):
        if before["works"][member]:
            total = line_total(PRICES[product], quantity, 0)
            line = basket.Line("back", "return_unlinked", -quantity * MICRO, -total, -total)
            outcome = evaluate(self.parsed, basket.Basket("USD", (line,), -total))
            account = before["account"][before["survivor"][member]]
            purse = self.purses[account]
            waiting = [key for key, lot in purse.lots.items() if lot.available and lot.available > self.day]
            purse.use_first(waiting[::-1], -outcome.unlinked_points)
            self.money[account].append(outcome.unlinked_cashback)
            if self.parsed.unlinked_return == "take_back":
                self.unlinked.append((before["survivor"][member], self.day, -total))

    def _take_adjust(self, step, before, member, points):
        purse = self.purses[before["account"][before["survivor"][member]]]
        if points > 0:
            purse.earn(points, self.expiry, self.day)
        elif purse.balance + points >= 0:
            purse.use_first(purse.oldest(), -points)

    def _take_publish(self, step, before, rules):
        self.parsed, self.expiry = ruleset.parse(payload(rules)), rules["expiry"]

    def _move_all(self, source, target):
        self.purses[source].pour_into(self.purses[target])
        self.money[target].append(sum(self.money[source]))
        self.money[source].append(-sum(self.money[source]))

    def _take_merge(self, step, before, keep, lose):
        latest = [self.rolling[number] for number in (keep, lose) if number in self.rolling]
        if latest:
            self.rolling[keep] = max(latest, key=lambda left: left[0])
        held = [self.holding[number] for number in (keep, lose) if number in self.holding]
        if held:
            self.holding[keep] = max(held, key=lambda place: int(place.level))
        target = self.oracle.people[keep].account
        for source in {before["account"][keep], before["account"][lose]} - {target}:
            self._move_all(source, target)

    def _take_join(self, step, before, member, household_of):
        self._move_all(before["account"][member], before["account"][household_of])
