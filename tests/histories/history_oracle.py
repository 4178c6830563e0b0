"""A shop in memory that reckons naively: what every account must hold after every step of a history."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from history_lots import Lot, Purse
from history_rules import PRICES, ROLLING_DAYS, earned, half_up, line_discount, line_total
from history_spending import Nights, Spending
from history_tiers import Spent


@dataclass
class Sold:
    """A line of a receipt: what it came to and how many came back."""

    product: int
    quantity: int
    hand_bps: int
    discount_bps: int
    total: int
    returned: int = 0


@dataclass
class Receipt:
    """A sale: whose, whose card was shown even where it did not work, under which rules, and what it has given so far."""

    member: int | None
    shown: int | None
    account: int | None
    rules: dict | None
    lines: list
    day: date
    points: int = 0
    cashback: int = 0
    rolling: int | None = None
    #: Of its points: how many the rules took back, how many of those were taken from an account, how many expired.
    returned_points: int = 0
    taken_points: int = 0
    expired_points: int = 0
    #: What of it counts for a tier.
    spent: Spent | None = None

    @property
    def base(self):
        return sum(line.total for line in self.lines)

    @property
    def kept_base(self):
        """What the quantities kept come to, of each line the returned part rounded."""
        kept = sum(line.total - half_up(Fraction(line.total * line.returned, line.quantity)) for line in self.lines)
        return floor(Fraction(self.base * kept, self.base)) if kept > 0 else 0


@dataclass
class Person:
    """A member: his account (a household shares one), his card and what became of him."""

    account: int
    card: str = "active"
    open: bool = True
    merged_into: int | None = None
    tier: int = 0
    #: The last day on which his card was shown.
    seen: date = date.min
    #: Receipts that left him a discount for the next purchase: (step, receipt).
    rolling: list = field(default_factory=list)


class Shop(Spending, Nights):
    """The oracle. Every operation of a history is a method of this name; it may refuse, and where that is for a want of points it
    returns whether it was done.

    :ivar accounts: points and cashback of each account, entry by entry
    :ivar purses: the points of each account, lot by lot
    :param int members: how many people have a card at the beginning
    :param dict ladder: of the tiers, or None
    :param date day: the first
    """

    def __init__(self, members, rules, ladder, day):
        self.people = [Person(account=number) for number in range(members)]
        self.accounts = [[0, 0] for _number in range(members)]
        self.purses = [Purse() for _number in range(members)]
        #: Accounts left behind: who has now what they had.
        self.moved_to = {}
        self.rules, self.ladder, self.day = rules, ladder, day
        self.receipts, self.holds, self.redeemed, self.spent = {}, {}, {}, []
        self.first_day = day

    # -- looking ---------------------------------------------------------------------------------------------------

    def survivor(self, member):
        while self.people[member].merged_into is not None:
            member = self.people[member].merged_into
        return member

    def account_of(self, member):
        return self.people[self.survivor(member)].account

    def living(self):
        return [number for number, person in enumerate(self.people) if person.merged_into is None]

    def is_shared(self, account):
        """Whether it is a household's."""
        return sum(self.people[number].account == account for number in self.living()) > 1

    def heir_of(self, account):
        """Who has now what an account had."""
        while account in self.moved_to:
            account = self.moved_to[account]
        return account

    def works(self, member):
        """Whether the card in this person's hand earns."""
        return self.people[member].card == "active" and self.people[self.survivor(member)].open

    def rolling_of(self, member):
        """What the last purchase left to the next one, or 0."""
        receipts = self.people[self.survivor(member)].rolling
        if not receipts or receipts[-1][1].day + timedelta(days=ROLLING_DAYS) < self.day:
            return 0
        return receipts[-1][1].rolling or 0

    def purse_of(self, member):
        return self.purses[self.account_of(member)]

    def open_holds(self):
        """Keys of holds that have not lapsed."""
        return [key for key, (_account, hold) in self.holds.items() if hold.day == self.day]

    def check(self):
        """What holds after every step, whatever it was.

        :raise AssertionError: it does not
        """
        for (points, _cashback), purse in zip(self.accounts, self.purses, strict=True):
            assert points == purse.balance and purse.debt >= 0
            assert all(lot.left >= 0 for lot in purse.lots)

    # -- operations ------------------------------------------------------------------------------------------------

    def _add(self, account, points, cashback):
        self.accounts[account][0] += points
        self.accounts[account][1] += cashback

    def price(self, member, lines):
        """The lines as the till sells them, by what it knew when the card was read: product, quantity, discount by hand →
        :class:`Sold`.
        """
        works = member is not None and self.works(member)
        rolling = self.rolling_of(member) if works else 0
        sold = []
        for product, quantity, hand in lines:
            bps = line_discount(self.rules, hand, rolling) if works else hand
            sold.append(Sold(product, quantity, hand, bps, line_total(PRICES[product], quantity, bps)))
        return sold

    def sale(self, step, member, lines):
        self._sell(step, member, self.price(member, lines))

    def _sell(self, step, member, sold):
        works = member is not None and self.works(member)
        owner = self.survivor(member) if works else None
        account = self.account_of(owner) if works else None
        receipt = Receipt(owner, member, account, self.rules if works else None, sold, self.day)
        self.receipts[step] = receipt
        self._see(member)
        if works:
            receipt.points, receipt.cashback, receipt.rolling = earned(self.rules, receipt.base)
            self._add(account, receipt.points, receipt.cashback)
            self.purses[account].gain(Lot.earned(receipt.points, self.rules["expiry"], self.day, of=step), self.day)
            receipt.spent = Spent(owner, self.day, receipt.base)
            self.spent.append(receipt.spent)
            if receipt.rolling is not None:
                self.people[owner].rolling.append((step, receipt))

    def give_back(self, step, of, quantities, member=None, lines=()):
        """A return of a receipt's goods; with ``lines`` an exchange, priced before anything came back."""
        sold = self.price(member, lines)
        original = self.receipts[of]
        for number, quantity in quantities.items():
            original.lines[int(number)].returned += quantity
        if original.rules:
            points, cashback, rolling = earned(original.rules, original.kept_base)
            points, cashback = min(points, original.points), min(cashback, original.cashback)
            account = self.heir_of(original.account)
            taken = self._take_back_points(of, original, account, original.points - points)
            self._add(account, -taken, cashback - original.cashback)
            original.points, original.cashback, original.rolling = points, cashback, rolling
            original.spent.amount = original.kept_base
        if not lines:
            self._see(original.shown)
        if lines:
            self._sell(step, member, sold)

    def _take_back_points(self, of, original, account, quantity):
        """Points that the rules take back, out of the very lots; what expired is not taken a second time.

        :return: how many were taken
        """
        original.returned_points += quantity
        owed = original.returned_points - original.expired_points - original.taken_points
        taken = max(0, min(quantity, owed))
        original.taken_points += taken
        purse = self.purses[account]
        purse.take_out([lot for lot in purse.lots if lot.of == of], taken)
        return taken

    def _see(self, member):
        if member is not None:
            self.people[self.survivor(member)].seen = self.day

    def unlinked(self, step, member, product, quantity):
        """Goods come back and nobody knows from which receipt: first what waits yet is taken, the latest first."""
        self._see(member)
        if self.works(member) and self.rules["unlinked"] == "take_back":
            total = line_total(PRICES[product], quantity, 0)
            points, cashback, _rolling = earned(self.rules, total)
            self._add(self.account_of(member), -points, -cashback)
            purse = self.purse_of(member)
            waiting = [lot for lot in reversed(purse.lots) if (lot.available or date.min) > self.day]
            purse.take_out(waiting, points)
            self.spent.append(Spent(self.survivor(member), self.day, -total))

    def again(self, step, of):
        """The same document is sent once more."""

    def replace(self, step, member):
        self.people[member].card = "active"

    def state(self, step, member, to):
        self.people[member].card = to

    def adjust(self, step, member, points):
        account, purse = self.accounts[self.account_of(member)], self.purse_of(member)
        if points > 0:
            purse.gain(Lot.earned(points, self.rules["expiry"], self.day), self.day)
        elif account[0] + points >= 0:
            purse.take_out(purse.in_order(), -points)
        else:
            return
        account[0] += points

    def close(self, step, member):
        self.people[member].open = False

    def reopen(self, step, member):
        self.people[member].open = True

    def publish(self, step, rules):
        self.rules = rules

    def _leave_behind(self, source, target):
        """Whose account it was has another one now; everything goes along, debts and later returns too."""
        if source == target:
            return
        for unit in range(2):
            self.accounts[target][unit] += self.accounts[source][unit]
            self.accounts[source][unit] = 0
        self.purses[source].pour_into(self.purses[target])
        self.moved_to[source] = target

    def merge(self, step, keep, lose):
        """Of two people one stays, with the purchases of both; a household that one of them belongs to gets everything."""
        kept, lost = self.people[keep], self.people[lose]
        target = next((p.account for p in (kept, lost) if self.is_shared(p.account)), kept.account)
        for person in (kept, lost):
            if person.account != target:
                self._leave_behind(person.account, target)
        kept.account, kept.open = target, kept.open or lost.open
        kept.rolling = sorted(kept.rolling + lost.rolling, key=lambda left: left[0])
        kept.tier, kept.seen = max(kept.tier, lost.tier), max(kept.seen, lost.seen)
        lost.merged_into = keep

    def join(self, step, member, household_of):
        target = self.people[household_of].account
        self._leave_behind(self.people[member].account, target)
        self.people[member].account = target

    def leave(self, step, member):
        """What was earned before stays with the household, and so do its returns."""
        self.accounts.append([0, 0])
        self.purses.append(Purse())
        self.people[member].account = len(self.accounts) - 1

    def settle(self, step):
        """The job that folds and seals runs: nobody sees a difference."""
