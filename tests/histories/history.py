"""Random histories of a shop: fifty steps, from a seed. The same seed gives the same history."""

import os
import random
import secrets
from datetime import date, timedelta

from history_oracle import Shop
from history_rules import HAND_DISCOUNTS, PRICES, random_rules
from history_tiers import random_ladder

SEED = int(os.environ.get("LF_SEED") or secrets.randbelow(2**32))
MEMBERS = 5
STEPS = 50
FIRST_DAY, DAYS = date(2031, 1, 1), 366
#: What prizes cost, and tills set aside.
COSTS = (5, 40, 150)
WEIGHTS = {
    "sale": 26, "give_back": 16, "exchange": 4, "unlinked": 4, "again": 3, "replace": 2, "state": 4, "adjust": 5, "close": 1,
    "reopen": 2, "publish": 4, "merge": 2, "join": 3, "leave": 2, "settle": 1, "wait": 5, "night": 8, "hold": 6, "release": 2,
    "capture": 6, "redeem": 6, "undo": 3, "transfer": 5,
}  # fmt: skip


def arguments_of(step):
    """What an operation takes, of a step."""
    return {name: value for name, value in step.items() if name not in ("number", "do", "outcome")}


class History:
    """Makes the steps one by one, each possible after those before it, and lets the oracle take them.

    :ivar shop: the oracle
    :ivar steps: dictionaries: ``do``, the name of an operation, its arguments, and ``outcome``, whether it was done where it may not be
    """

    def __init__(self, seed, length=STEPS):
        self.seed, self.length = seed, length
        self.rng = random.Random(seed)
        self.first_rules = random_rules(self.rng)
        first_day = FIRST_DAY + timedelta(days=self.rng.randrange(DAYS))
        self.shop = Shop(MEMBERS, self.first_rules, random_ladder(self.rng), first_day)
        self.steps = []

    def __iter__(self):
        """Yield each step after the oracle took it."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        while len(self.steps) < self.length:
            made = getattr(self, f"_make_{self.rng.choices(names, weights)[0]}")()
            if made is None:
                continue
            step = {"number": len(self.steps), **made}
            self.steps.append(step)
            arguments = arguments_of(step)
            step["outcome"] = getattr(self.shop, step["do"])(step["number"], **arguments)
            self.shop.check()
            yield step

    # -- choosing --------------------------------------------------------------------------------------------------

    def _lines(self):
        products = self.rng.sample(range(len(PRICES)), self.rng.randint(1, 3))
        return [[product, self.rng.randint(1, 4), self.rng.choice(HAND_DISCOUNTS)] for product in products]

    def _anybody(self):
        return self.rng.randrange(MEMBERS)

    def _make_sale(self):
        member = None if self.rng.random() < 0.05 else self._anybody()
        return {"do": "sale", "member": member, "lines": self._lines()}

    def _make_give_back(self, **more):
        open_receipts = [
            (step, receipt) for step, receipt in self.shop.receipts.items()
            if receipt.member is not None and any(line.quantity > line.returned for line in receipt.lines)
        ]  # fmt: skip
        if not open_receipts:
            return None
        step, receipt = self.rng.choice(open_receipts)
        left = {str(n): line.quantity - line.returned for n, line in enumerate(receipt.lines) if line.quantity > line.returned}
        chosen = self.rng.sample(sorted(left), self.rng.randint(1, len(left)))
        return {"do": "give_back", "of": step, "quantities": {n: self.rng.randint(1, left[n]) for n in chosen}, **more}

    def _make_exchange(self):
        return self._make_give_back(member=self._anybody(), lines=self._lines())

    def _make_unlinked(self):
        return {"do": "unlinked", "member": self._anybody(), "product": self.rng.randrange(len(PRICES)),
                "quantity": self.rng.randint(1, 2)}  # fmt: skip

    def _make_again(self):
        documents = [step["number"] for step in self.steps if step["do"] in ("sale", "give_back", "unlinked")]
        return {"do": "again", "of": self.rng.choice(documents)} if documents else None

    def _make_replace(self):
        return {"do": "replace", "member": self.rng.choice(self.shop.living())}

    def _make_state(self):
        stopped = [number for number in self.shop.living() if self.shop.people[number].card != "active"]
        member = self.rng.choice(stopped if stopped and self.rng.random() < 0.6 else self.shop.living())
        to = {"active": ("blocked", "lost"), "blocked": ("active", "active", "lost"), "lost": ("active",)}[
            self.shop.people[member].card
        ]
        return {"do": "state", "member": member, "to": self.rng.choice(to)}

    def _make_adjust(self):
        return {"do": "adjust", "member": self.rng.choice(self.shop.living()), "points": self.rng.choice([-40, -7, 5, 30])}

    def _make_close(self):
        members = [number for number in self.shop.living() if self.shop.people[number].open]
        return {"do": "close", "member": self.rng.choice(members)} if members else None

    def _make_reopen(self):
        members = [number for number in self.shop.living() if not self.shop.people[number].open]
        return {"do": "reopen", "member": self.rng.choice(members)} if members else None

    def _make_publish(self):
        return {"do": "publish", "rules": random_rules(self.rng)}

    def _shares(self, member):
        return self.shop.is_shared(self.shop.people[member].account)

    def _make_merge(self):
        if len(self.shop.living()) < 3:
            return None
        keep, lose = self.rng.sample(self.shop.living(), 2)
        apart = self.shop.people[keep].account != self.shop.people[lose].account
        if apart and self._shares(keep) and self._shares(lose):
            return None
        return {"do": "merge", "keep": keep, "lose": lose}

    def _make_join(self):
        pairs = [
            (member, other) for member in self.shop.living() for other in self.shop.living()
            if self.shop.people[member].account != self.shop.people[other].account and not self._shares(member)
            and self.shop.people[member].open and self.shop.people[other].open
        ]  # fmt: skip
        if not pairs:
            return None
        member, other = self.rng.choice(pairs)
        return {"do": "join", "member": member, "household_of": other}

    def _make_leave(self):
        members = [number for number in self.shop.living() if self._shares(number)]
        return {"do": "leave", "member": self.rng.choice(members)} if members else None

    def _make_settle(self):
        return {"do": "settle"}

    # -- time and spending -----------------------------------------------------------------------------------------

    def _make_wait(self):
        return {"do": "wait", "days": self.rng.choice([1, 2, 7, 30])}

    def _make_night(self):
        return {"do": "night", "days": self.rng.choice([1, 1, 3, 20, 45, 100])}

    def _spender(self):
        """Somebody who has points, where there is one; now and then anybody."""
        living = self.shop.living()
        rich = [number for number in living if self.shop.purse_of(number).usable(self.shop.day)]
        return self.rng.choice(rich if rich and self.rng.random() < 0.9 else living)

    def _cost(self, member):
        """What a prize costs: mostly one that the member can pay."""
        usable = sum(count for _lot, count in self.shop.purse_of(member).usable(self.shop.day))
        payable = [cost for cost in COSTS if cost <= usable]
        return self.rng.choice(payable if payable and self.rng.random() < 0.7 else COSTS)

    def _make_hold(self):
        member = self._spender()
        return {"do": "hold", "member": member, "points": self._cost(member)}

    def _make_release(self):
        keys = self.shop.open_holds()
        return {"do": "release", "of": self.rng.choice(keys)} if keys else None

    def _make_capture(self):
        keys = self.shop.open_holds()
        if not keys:
            return None
        of = self.rng.choice(keys)
        return {"do": "capture", "of": of, "member": self.shop.survivor(self.steps[of]["member"])}

    def _make_redeem(self):
        member = self._spender()
        return {"do": "redeem", "member": member, "points": self._cost(member)}

    def _make_undo(self):
        given = [step for step, given in self.shop.redeemed.items() if not given.undone]
        return {"do": "undo", "of": self.rng.choice(given)} if given else None

    def _make_transfer(self):
        if len(self.shop.living()) < 2:
            return None
        member, other = self._spender(), self.rng.choice(self.shop.living())
        return {"do": "transfer", "member": member, "other": other, "points": self.rng.choice([1, 20, 90])}
