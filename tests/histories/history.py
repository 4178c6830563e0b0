"""Random histories of a shop: fifty steps, from a seed. The same seed gives the same history."""

import os
import random
import secrets

from history_oracle import Shop
from history_rules import HAND_DISCOUNTS, PRICES, random_rules

SEED = int(os.environ.get("LF_SEED") or secrets.randbelow(2**32))
MEMBERS = 5
STEPS = 50
WEIGHTS = {
    "sale": 30, "give_back": 22, "exchange": 6, "unlinked": 4, "again": 6, "replace": 4, "state": 5, "adjust": 6, "close": 1,
    "reopen": 2, "publish": 5, "merge": 2, "join": 3, "leave": 2, "settle": 2,
}  # fmt: skip


class History:
    """Makes the steps one by one, each possible after those before it, and lets the oracle take them.

    :ivar shop: the oracle
    :ivar steps: dictionaries: ``do``, the name of an operation, and its arguments
    """

    def __init__(self, seed, length=STEPS):
        self.seed, self.length = seed, length
        self.rng = random.Random(seed)
        self.first_rules = random_rules(self.rng)
        self.shop = Shop(MEMBERS, self.first_rules)
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
            arguments = {name: value for name, value in step.items() if name not in ("number", "do")}
            getattr(self.shop, step["do"])(step["number"], **arguments)
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
        member = self.rng.choice(self.shop.living())
        to = {"active": ("blocked", "lost"), "blocked": ("active", "lost"), "lost": ("active",)}[self.shop.people[member].card]
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
