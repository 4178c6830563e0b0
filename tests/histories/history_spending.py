"""The oracle's telling of what is spent, and of what time does. Naive: nothing here is shared with the kernel."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from history_lots import Hold, Lot
from history_tiers import tier_after


@dataclass
class Redeemed:
    """A prize that was given: paid from which account, how many points, of which lots."""

    account: int
    quantity: int
    parts: list
    undone: bool = False


class Spending:
    """Of :class:`history_oracle.Shop`: prizes, points set aside, points that are given away."""

    def hold(self, step, member, points):
        """A till sets points aside until the day is over; whether it could."""
        parts = self.purse_of(member).choose(points, self.day) if self.works(member) else None
        if parts is not None:
            account = self.account_of(member)
            self.holds[step] = (account, Hold(points, parts, self.day))
            self.purses[account].holds.append(self.holds[step][1])
        return parts is not None

    def release(self, step, of):
        account, hold = self.holds.pop(of)
        self.purses[account].holds.remove(hold)

    def redeem(self, step, member, points):
        """A prize is given; whether there were enough points."""
        parts = self.purse_of(member).choose(points, self.day) if self.people[member].open else None
        if parts is None:
            return False
        self._pay(step, self.account_of(member), points, parts)
        return True

    def _pay(self, step, account, points, parts):
        self.purses[account].use(parts, points)
        self._add(account, -points, 0)
        self.redeemed[step] = Redeemed(account, points, parts)

    def capture(self, step, of, member):
        """A prize is paid with what was set aside; whether that still belongs to who has it."""
        account, hold = self.holds[of]
        if not self.people[member].open or account != self.account_of(member):
            return False
        self.release(step, of)
        here, parts = Counter(), []
        for lot, count in hold.parts:
            here[lot] += min(count, lot.left)
        parts = [(lot, count) for lot, count in here.items() if count]
        self._pay(step, account, hold.quantity, parts)
        return True

    def undo(self, step, of):
        """A prize is taken back: the points go back to where they were, or to who has now what was there."""
        given = self.redeemed[of]
        given.undone = True
        account = self.heir_of(given.account)
        purse = self.purses[account]
        self._add(account, given.quantity, 0)
        missing = given.quantity - sum(count for _lot, count in given.parts)
        if account != given.account:
            for lot, count in given.parts:
                purse.gain(lot.part(count, None), self.day)
            purse.gain(Lot(missing), self.day)
        elif given.parts:
            for lot, count in given.parts:
                lot.left += count
            purse.debt -= missing
        else:
            purse.gain(Lot(missing), self.day)

    def transfer(self, step, member, other, points):
        """A member gives points to another, who can use them as long as he could; whether there were enough."""
        source, target = self.account_of(member), self.account_of(other)
        may = source != target and self.people[member].open and self.people[other].open
        parts = self.purses[source].choose(points, self.day) if may else None
        if parts is None:
            return False
        self.purses[source].use(parts)
        self.purses[target].lots += [lot.part(count, None) for lot, count in parts]
        self._add(source, -points, 0)
        self._add(target, points, 0)
        return True


class Nights:
    """Of :class:`history_oracle.Shop`: days pass, points expire, tiers are found."""

    def wait(self, step, days):
        """Days pass. What was set aside has lapsed then."""
        self.day += timedelta(days=days)

    def night(self, step, days):
        """Days pass; then what is past expires, and everybody gets the tier that he reaches."""
        self.wait(step, days)
        for account, purse in enumerate(self.purses):
            gone = purse.expire(self.day, lambda months, account=account: self._is_inactive(account, months))
            for lot, count in gone:
                self._add(account, -count, 0)
                if lot.of is not None:
                    self.receipts[lot.of].expired_points += count
        for number in self.living():
            person = self.people[number]
            if self.ladder and person.open:
                own = [spent for spent in self.spent if self.survivor(spent.member) == number]
                person.tier = tier_after(self.ladder, person.tier, own, self.day)

    def _is_inactive(self, account, months):
        """Whether nobody who shares an account has shown his card, and it got no points, for so long."""
        seen = [self.people[number].seen for number in self.living() if self.people[number].account == account]
        return max([*seen, self.purses[account].gained]) < self.day - relativedelta(months=months)
