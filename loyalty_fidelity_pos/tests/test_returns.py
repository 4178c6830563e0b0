from odoo.tests import tagged

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestReturns(FidelityPosCase):
    """A return leaves the points that the rules give for what was kept."""

    def test_full_return_takes_back_all_points(self):
        order = self.sell([(self.lamp, 1), (self.mug, 1)])
        self.assertEqual(self.member.balance, 5)
        refund = self.give_back(order, {self.lamp: 1, self.mug: 1})
        self.assertEqual(self.member.balance, 0)
        self.assertEqual((self.receipt(refund).points, self.receipt(refund).outcome), (-5, "returned"))
        self.assertEqual(self.receipt(refund).member_id, self.member)
        self.assertEqual(self.result(refund)["balance"], 0)
        self.assertClean()

    def test_partial_returns_end_where_one_return_would(self):
        """57.00 earns 5; without a mug 47.00 earns 4; without anything 0."""
        order = self.sell([(self.lamp, 1), (self.mug, 1)])
        self.give_back(order, {self.mug: 1})
        self.assertEqual(self.member.balance, 4)
        self.give_back(order, {self.lamp: 1})
        self.assertEqual(self.member.balance, 0)
        self.assertClean()

    def test_returning_five_of_one_takes_back_no_more_than_was_earned(self):
        """Odoo lets one line be given back five times; the points stop at zero."""
        order = self.sell([(self.lamp, 1)])
        self.give_back(order, {self.lamp: 5})
        self.assertEqual(self.member.balance, 0)

    def test_return_without_its_receipt_follows_the_card_type(self):
        """Take back what the value would earn, or leave it."""
        self.sell([(self.lamp, 1)])
        refund = self.sell([(self.mug, -2)])
        self.assertEqual((self.receipt(refund).points, self.member.balance), (-2, 2))
        self.card_type.unlinked_return = "leave"
        self.card_type._publish("2020-01-02 00:00:00")
        refund = self.sell([(self.mug, -1)])
        self.assertEqual((self.receipt(refund).points, self.member.balance), (0, 2))
        self.assertClean()

    def test_exchange_earns_on_the_new_goods_and_takes_back_the_old(self):
        """A lamp comes back, six mugs go out: 60.00 earns 6, the lamp's 4 are taken back."""
        order = self.sell([(self.lamp, 1)])
        line = order.lines
        exchange = self.sell([{"product": self.lamp, "quantity": -1, "refunded_orderline_id": line.id}, (self.mug, 6)])
        self.assertEqual(self.receipt(exchange).points, 6 - 4)
        self.assertEqual(self.member.balance, 6)
        self.assertClean()

    def test_return_waits_for_an_order_that_still_waits(self):
        """The order's own posting is in the outbox: the return follows it, and both end right."""
        order = self.sell([(self.lamp, 1)], claim=None)
        order.flush_recordset()
        self.env.cr.execute("UPDATE pos_order SET fidelity_claim = %s WHERE id = %s", [self.claim(), order.id])
        self.env.invalidate_all()
        refund = self.give_back(order, {self.lamp: 1})
        self.assertFalse(self.receipt(refund))
        row = self.env["fidelity.outbox"].search([("op_key", "=", refund._fidelity_op_key())])
        self.assertEqual(row.state, "waiting")
        order._fidelity_post(late=True)
        self.assertEqual(self.member.balance, 4)
        self.assertTrue(row._attempt())
        self.env.invalidate_all()
        self.assertEqual(self.member.balance, 0)
        self.assertIn("late", self.receipt(refund).flags)
