"""What is spent and what time does, in memory, by the product's rule kernel."""

import sys
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

import rule_kernel  # noqa: F401 - makes the kernel importable as ``rules``
from history_kernel_lots import KernelLot
from rules import expiry, tier


class KernelSpending:
    """Of :class:`history_kernel.KernelShop`: prizes, points set aside, points that are given away."""

    def _take_hold(self, step, before, member, points):
        account = before["account"][before["survivor"][member]]
        parts = self.purses[account].choose(points, self.day) if before["works"][member] else None
        if parts is not None:
            self.purses[account].holds[step] = (self.day, parts)
            self.holds[step] = (account, points)
        return parts is not None

    def _take_release(self, step, before, of):
        account, _points = self.holds.pop(of)
        del self.purses[account].holds[of]

    def _take_redeem(self, step, before, member, points):
        account = before["account"][member]
        parts = self.purses[account].choose(points, self.day) if before["open"][member] else None
        if parts is not None:
            self._pay(step, account, points, parts)
        return parts is not None

    def _pay(self, step, account, points, parts):
        self.purses[account].use(parts, points)
        self.redeemed[step] = (account, points, parts)

    def _take_capture(self, step, before, of, member):
        account, points = self.holds[of]
        if not before["open"][member] or account != before["account"][member]:
            return False
        purse = self.purses[account]
        _until, held = purse.holds[of]
        self._take_release(step, before, of)
        parts = {key: min(part, purse.lots[key].left) for key, part in held.items() if purse.lots[key].left}
        self._pay(step, account, points, parts)
        return True

    def _take_undo(self, step, before, of):
        given, points, parts = self.redeemed[of]
        account = self.oracle.heir_of(given)
        purse, missing = self.purses[account], points - sum(parts.values())
        if account == given and parts:
            purse.entries.append(points)
            for key, part in parts.items():
                purse.lots[key].left += part
            return
        for key, part in parts.items():
            lot = self.purses[given].lots[key]
            purse.gain(KernelLot(part, lot.expires, None, lot.inactive, lot.of), self.day)
        if missing:
            purse.gain(KernelLot(missing, None, None, None, None), self.day)

    def _take_transfer(self, step, before, member, other, points):
        source, target = before["account"][member], before["account"][other]
        may = source != target and before["open"][member] and before["open"][other]
        parts = self.purses[source].choose(points, self.day) if may else None
        if parts is None:
            return False
        self.purses[source].use(parts, points)
        for key, part in parts.items():
            self.purses[target].receive(self.purses[source].lots[key], part, None)
        return True


class KernelNights:
    """Of :class:`history_kernel.KernelShop`: days pass, points expire, tiers are found."""

    def _take_wait(self, step, before, days):
        self.day += timedelta(days=days)

    def _take_night(self, step, before, days):
        self._take_wait(step, before, days)
        for account, purse in list(self.purses.items()):
            for lot, part in purse.expire(self.day, lambda months, account=account: self._is_inactive(account, months)):
                if lot.of is not None:
                    self.receipts[lot.of].expired_points += part
        for number in self.oracle.living() if self.ladder else ():
            if self.oracle.people[number].open:
                holding = self.holding.get(number, tier.Holding("0", self.oracle.first_day.isoformat()))
                place = tier.place(
                    self.ladder, self.oracle.first_day.isoformat(), self._bought(number), self.day.isoformat(), holding
                )
                self.holding[number] = tier.Holding(place.level, place.since, place.landed)

    def _is_inactive(self, account, months):
        """Who showed his card when is the oracle's word."""
        seen = [self.oracle.people[number].seen for number in self.oracle.living() if self.oracle.people[number].account == account]
        return max([*seen, self.purses[account].gained]) < expiry.active_since(months, self.day)

    def _bought(self, number):
        days = defaultdict(int)
        for receipt in self.receipts.values():
            if receipt.member is not None and self.oracle.survivor(receipt.member) == number:
                days[receipt.day.isoformat()] += receipt.kept_base
        for member, day, amount in self.unlinked:
            if self.oracle.survivor(member) == number:
                days[day.isoformat()] += amount
        return days

    def tier(self, number):
        """The place of somebody's tier."""
        return int(self.holding[number].level) if number in self.holding else 0


def tier_payload(ladder):
    """A ladder of a history as the kernel's ``tier.parse`` takes it."""
    levels = [
        {"key": str(place), "entry": entry, "stay": stay, "grace_months": 0, "downgrade": "deserved"}
        for place, (entry, stay) in enumerate(zip(ladder["entries"], ladder["stays"], strict=True))
    ]
    return {"measure": "spending", "period": "rolling", "months": ladder["months"], "levels": levels}
