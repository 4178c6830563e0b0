from itertools import islice

from odoo.exceptions import UserError
from odoo.tests import tagged

from .lot_oracle import LotHistory
from .test_expiry import ExpiryCase

HISTORIES = 12
STEPS = 40


@tagged("post_install", "-at_install")
class TestLotHistories(ExpiryCase):
    """Random histories of earning, spending, setting aside, returning and expiring: Odoo and a telling point by point agree.

    After every step: the balance is the sum of the entries, which is what is left in the lots minus what is owed; every lot
    has what it should; what can be spent is what should be.
    """

    def take(self, member, name, arguments):
        """Do a step; return whether it was possible, where it may not be."""
        lots = self.lots(member)
        holds = self.env["fidelity.hold"].sudo()
        key = f"{member.id}-{arguments[0]}"
        if name == "earn":
            quantity, expires, available = arguments
            self.post(quantity, member, expires_date=expires, available_date=available)
        elif name == "spend":
            prize = self.prize.copy({"points": arguments[0]})
            return self.possible(lambda: self.env["fidelity.posting"].sudo()._post_redemption(member, prize, f"{prize.id}"))
        elif name == "hold":
            return self.possible(lambda: holds._take(member, arguments[1], key))
        elif name == "release":
            holds.search([("key", "=", key)])._release()
        elif name == "capture":
            hold = holds.search([("key", "=", key)])
            prize = self.prize.copy({"points": hold.quantity})
            self.env["fidelity.posting"].sudo()._post_redemption(member, prize, f"{prize.id}", hold=hold)
        elif name == "take_back":
            lot, quantity = lots[arguments[0]], arguments[1]
            left = min(quantity, self.left(member)[arguments[0]])
            self.post(-quantity, member, kind="reverse", uses=[{"lot_id": lot.id, "quantity": left}] if left else [])
        elif name == "owe":
            self.post(-arguments[0], member, kind="reverse")
        return None

    def possible(self, work):
        try:
            with self.env.cr.savepoint():
                work()
        except UserError:
            return False
        return True

    def check(self, history, member, told):
        left = self.left(member)
        self.assertEqual(dict(enumerate(left)), history.left(), told)
        self.assertEqual(member.balance, history.balance, told)
        self.assertEqual(member.balance, sum(left) - history.debt, told)
        entries = self.env["fidelity.ledger.entry"].search([("account_id", "=", member.account_ids.id)])
        self.assertEqual(member.balance, sum(entries.mapped("quantity")), told)
        self.assertEqual(member.available_points, len(history.usable()), told)
        self.assertEqual(member.held_points, sum(point.held is not None for point in history.points), told)

    def test_random_histories(self):
        self.prize = self.env["fidelity.prize"].create({"name": "Mug", "card_type_id": self.card_type.id, "points": 1})
        runs = self.env["fidelity.expiry.run"].sudo()
        day = None
        self.patch(type(self.env["fidelity.expiry.policy"]), "_today", lambda policy: day)
        for seed in range(HISTORIES):
            history, member = LotHistory(seed), self.make_member(self.card_type, f"Person {seed}")
            day = history.day
            for name, arguments, outcome in islice(history, STEPS):
                told = f"history {seed}, step {len(history.steps)}: {name} {arguments}"
                day = history.day
                if name == "expire":
                    self.env.cr.execute("DELETE FROM fidelity_expiry_run")
                    run = runs._begin()
                    while run._advance(lambda remaining: True):
                        continue
                    self.env.invalidate_all()
                else:
                    self.assertEqual(self.take(member, name, arguments), outcome, told)
                    self.env.invalidate_all()
                self.check(history, member, told)
            for key, _quantity in list(history.holds):
                self.take(member, "release", (key,))
        self.assertSound()
