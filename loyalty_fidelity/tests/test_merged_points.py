from datetime import date
from uuid import uuid4

from odoo.tests import tagged

from .test_expiry import ExpiryCase
from .tiers import TierCase


@tagged("post_install", "-at_install")
class TestMergedPoints(ExpiryCase, TierCase):
    """What a merge must not change: when points expire for want of purchases, and what a prize taken back gives back."""

    def merge(self, other, survivor):
        other._merge_into(survivor, str(uuid4()))
        self.env.invalidate_all()

    def idle(self):
        """Points that expire when nothing was bought for six months; nobody bought anything for longer."""
        self.card_type.write({"expiry_kind": "inactivity", "expiry_months": 6})
        self.card_type._publish("2020-01-01 00:00:00")
        other = self.make_member(self.card_type, "Carla Neri", store_id=self.store.id)
        for member in (self.member, other):
            self.buy(member, 700, "2029-01-10")
        return other

    def test_purchases_of_who_was_merged_count(self):
        other = self.idle()
        self.buy(other, 5, "2030-01-05")
        self.merge(other, self.member)
        self.run_of(date(2030, 6, 1))
        self.assertEqual(self.member.balance, 140)
        self.run_of(date(2030, 7, 7))
        self.assertEqual(self.member.balance, 0)
        self.assertSound()

    def test_purchases_of_nobody_else_count(self):
        other = self.idle()
        stranger = self.make_member(self.card_type, "Dario Blu", store_id=self.store.id)
        self.buy(stranger, 700, "2030-01-05")
        self.merge(other, self.member)
        self.run_of(date(2030, 6, 1))
        self.assertEqual((self.member.balance, stranger.balance), (0, 70))
        self.assertSound()

    def test_a_prize_paid_with_a_debt_gives_all_back(self):
        """A return took from what was set aside, the prize was paid all the same, its member was merged: all of it comes back."""
        other = self.make_member(self.card_type, "Carla Neri")
        mug = self.env["fidelity.prize"].create({"name": "Mug", "card_type_id": self.card_type.id, "points": 60})
        for left in (60, 10, 0):
            member = self.make_member(self.card_type, f"Member {left}")
            self.post(60, member)
            hold = self.env["fidelity.hold"].sudo()._take(member, 60, f"basket {left}")
            if left < 60:
                self.post(left - 60, member, kind="reverse", uses=[{"lot_id": self.lots(member).id, "quantity": 60 - left}])
            given = self.env["fidelity.posting"].sudo()._post_redemption(member, mug, f"mug {left}", hold=hold)
            self.assertEqual(member.balance, left - 60)
            before = other.balance
            self.merge(member, other)
            self.assertEqual(other.balance, before + left - 60)
            given._take_back("broken")
            self.env.invalidate_all()
            self.assertEqual(other.balance, before + left)
        self.assertSound()
