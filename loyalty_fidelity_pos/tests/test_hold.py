from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestTillHold(FidelityPosCase):
    """A till sets points aside for the basket that is being paid, and lets them go again."""

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 100)
        self.cashier = self.make_user("fid-cashier", "point_of_sale.group_pos_user")
        self.till = self.config.with_user(self.cashier)

    def test_points_are_set_aside_and_let_go(self):
        answer = self.till.fidelity_hold(self.card.number, 60, "basket")
        self.assertEqual((answer["status"], answer["points"], answer["available"]), ("ok", 60, 40))
        hold = self.env["fidelity.hold"].search([("key", "=", "basket")])
        self.assertEqual((hold.store_id, hold.till_name, hold.author_name), (self.store, self.config.name, "fid-cashier"))
        self.assertEqual(fields.Datetime.to_datetime(answer["until"]), hold.expires_at)
        refused = self.till.fidelity_hold(self.card.number, 41, "other")
        self.assertEqual(refused["status"], "refused")
        self.assertIn("Anna Bianchi can spend 40 points now. Set aside for another basket: 60 points.", refused["message"])
        self.assertTrue(self.till.fidelity_release("basket"))
        self.assertFalse(self.till.fidelity_release("basket"))
        self.assertEqual(self.member.available_points, 100)

    def test_a_hold_does_not_hinder_earning(self):
        self.till.fidelity_hold(self.card.number, 100, "basket")
        order = self.sell([(self.lamp, 1)])
        self.assertEqual((self.receipt(order).points, self.member.balance, self.member.available_points), (4, 104, 4))

    def test_what_is_refused(self):
        self.card._set_state("blocked", "lost his wallet")
        for arguments, words in (
            ((self.card.number, 10, "a"), "was blocked"),
            (("0490000000000", 10, "a"), "Card"),
            ((self.card.number, 0, "a"), "at least 1"),
            ((self.card.number, True, "a"), "at least 1"),
            ((self.card.number, "10", "a"), "at least 1"),
            ((self.card.number, 10, ""), "at least 1"),
            ((self.card.number, 10, 7), "at least 1"),
        ):
            with self.subTest(arguments):
                answer = self.till.fidelity_hold(*arguments)
                self.assertEqual(answer["status"], "refused")
                self.assertIn(words, answer["message"])
        self.assertFalse(self.env["fidelity.hold"].search([]))

    def test_who_may_not_use_the_till_spends_nothing(self):
        outsider = self.make_user("fid-none")
        with self.assertRaises(AccessError):
            self.config.with_user(outsider).fidelity_hold(self.card.number, 10, "a")
        with self.assertRaises(AccessError):
            self.config.with_user(outsider).fidelity_release("a")

    def test_another_till_cannot_let_go(self):
        self.till.fidelity_hold(self.card.number, 60, "basket")
        other = self.config.copy({"name": "Other till"}).with_user(self.cashier)
        self.assertFalse(other.fidelity_release("basket"))
        self.assertEqual(self.member.held_points, 60)


@tagged("post_install", "-at_install")
class TestReturnOfExpired(FidelityPosCase):
    """What expired is not taken a second time; what was spent follows the card type."""

    def setUp(self):
        super().setUp()
        self.card_type.write({"expiry_kind": "months", "expiry_months": 1, "pending_days": 3})
        self.card_type._publish("2020-01-02 00:00:00")
        self.order = self.sell([(self.lamp, 1), (self.mug, 5)])
        self.lot = self.env["fidelity.lot"].search([("account_id", "=", self.member.account_ids.id)])

    def expire(self):
        self.patch(
            type(self.env["fidelity.expiry.policy"]), "_today", lambda policy: fields.Date.add(self.lot.expires_date, days=1)
        )
        run = self.env["fidelity.expiry.run"].sudo()._begin()
        while run._advance(lambda remaining: True):
            continue
        self.env.invalidate_all()

    def spend(self, quantity):
        self.adjust(self.member, -quantity)

    def reversal(self, refund):
        return self.env["fidelity.receipt.reversal"].search([("receipt_id", "=", self.receipt(refund).id)])

    def test_a_sale_dates_its_lot(self):
        self.assertEqual(self.lot.quantity, 9)
        self.assertTrue(self.lot.available_date)
        self.assertEqual((self.member.balance, self.member.available_points, self.member.pending_points), (9, 0, 9))

    def test_what_expired_is_not_taken_again(self):
        self.expire()
        self.assertEqual(self.member.balance, 0)
        refund = self.give_back(self.order, {self.lamp: 1, self.mug: 5})
        self.assertEqual(self.member.balance, 0)
        self.assertEqual((self.reversal(refund).points, self.reversal(refund).expired_points), (-9, 9))
        self.assertClean()

    def test_the_order_of_returns_does_not_matter(self):
        """6 of 9 spent, 3 expired: everything comes back in two returns, and 6 are owed however they are cut."""
        self.spend(6)
        self.expire()
        first = self.give_back(self.order, {self.mug: 5})
        self.assertEqual((self.reversal(first).points, self.reversal(first).expired_points), (-5, 3))
        self.assertEqual(self.member.balance, -2)
        second = self.give_back(self.order, {self.lamp: 1})
        self.assertEqual((self.reversal(second).points, self.reversal(second).expired_points), (-4, 0))
        self.assertEqual(self.member.balance, -6)
        self.assertClean()

    def test_spent_points_are_owed(self):
        self.spend(9)
        self.give_back(self.order, {self.lamp: 1, self.mug: 5})
        self.assertEqual(self.member.balance, -9)

    def test_spent_points_are_forgiven(self):
        self.card_type.shortfall = "forgive"
        self.spend(6)
        refund = self.give_back(self.order, {self.lamp: 1, self.mug: 5})
        self.assertEqual(self.member.balance, 0)
        self.assertEqual((self.reversal(refund).forgiven_points, self.receipt(refund).points), (6, -3))
        self.assertEqual(self.receipt(refund).remarks, "Points already spent were forgiven")
        self.assertClean()

    def test_spent_points_are_deducted(self):
        self.card_type.write({"shortfall": "deduct", "points_per_unit": 40})
        self.spend(6)
        refund = self.give_back(self.order, {self.lamp: 1, self.mug: 5})
        self.assertEqual(self.member.balance, 0)
        self.assertEqual((self.reversal(refund).deducted_points, self.reversal(refund).deducted_minor), (6, 15))
        self.assertIn("to be deducted", self.receipt(refund).remarks)
        self.assertClean()

    def test_without_a_receipt_what_waits_is_taken_first(self):
        self.adjust(self.member, 50)
        self.sell([(self.mug, -2)])
        self.assertEqual((self.member.balance, self.member.available_points, self.member.pending_points), (57, 50, 7))
        self.assertClean()
