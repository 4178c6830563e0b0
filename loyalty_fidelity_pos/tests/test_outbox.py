from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.loyalty_fidelity.models.fidelity_receipt_posting import FidelityReceipt

from .common import FidelityPosCase

POSTING_LOG = "odoo.addons.loyalty_fidelity_pos.models.pos_order_posting"
OUTBOX_LOG = "odoo.addons.loyalty_fidelity.models.fidelity_outbox"


@tagged("post_install", "-at_install")
class TestOutbox(FidelityPosCase):
    """A sale is never blocked and never lost because of loyalty."""

    def break_posting(self):
        """Posting fails after its statement has run, as a broken rule or a lost connection would."""
        real = FidelityReceipt._post_purchase

        def broken(model, purchase, late=False):
            real(model, purchase, late)
            raise RuntimeError("the rule engine is on fire")

        return patch.object(FidelityReceipt, "_post_purchase", broken)

    @mute_logger(POSTING_LOG, OUTBOX_LOG)
    def test_failure_leaves_the_sale_paid_and_one_row_that_posts_later(self):
        """The order is paid, nothing is half posted, the receipt says pending; the job posts it once."""
        with self.break_posting():
            order = self.sell([(self.lamp, 1)])
        self.assertEqual(order.state, "paid")
        self.assertFalse(self.receipt(order))
        self.assertEqual(self.result(order), {"state": "pending"})
        self.assertEqual(self.member.balance, 0)
        row = self.env["fidelity.outbox"].search([("source_id", "=", order.id)])
        self.assertEqual((len(row), row.state, row.store_id), (1, "waiting", self.store))
        self.assertIn("on fire", row.last_error)
        with self.break_posting():
            self.assertFalse(row._attempt())
        self.assertEqual((row.attempts, row.state), (1, "waiting"))
        self.assertTrue(row._attempt())
        self.assertTrue(row._attempt(), "posting again changes nothing")
        self.env.invalidate_all()
        self.assertEqual((row.state, self.member.balance), ("done", 4))
        self.assertEqual(self.receipt(order).flags, "late")
        self.assertClean()

    @mute_logger(POSTING_LOG, OUTBOX_LOG)
    def test_a_row_that_keeps_failing_is_shown_as_stuck_and_tried_on(self):
        with self.break_posting():
            order = self.sell([(self.lamp, 1)])
            row = self.env["fidelity.outbox"].search([("source_id", "=", order.id)])
            for _attempt in range(8):
                row._attempt()
        self.assertEqual(row.state, "stuck")
        row.action_try_again()
        self.assertEqual(row.state, "done")

    def test_only_a_manager_tries_again(self):
        user = self.make_user("fid-store-manager", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaises(AccessError):
            self.env["fidelity.outbox"].with_user(user).action_try_again()

    def test_sweep_finds_an_order_paid_past_our_override(self):
        """A raw create with state paid does not pass action_pos_order_paid."""
        data = self.order_data([(self.lamp, 1)])
        data.pop("name")
        order = self.env["pos.order"].create(data)
        order.flush_recordset()
        self.assertFalse(self.receipt(order))
        self.assertEqual(self.env["pos.order"]._cron_fidelity_sweep(), 1)
        self.assertEqual(self.env["pos.order"]._cron_fidelity_sweep(), 0, "it waits already")
        row = self.env["fidelity.outbox"].search([("source_id", "=", order.id)])
        self.assertTrue(row._attempt())
        self.env.invalidate_all()
        self.assertEqual(self.member.balance, 4)
        self.assertEqual(self.env["pos.order"]._cron_fidelity_sweep(), 0)

    def test_sweep_finds_a_return_paid_past_our_override(self):
        """It shows no card: the goods that it gives back say whose points they were."""
        sale = self.sell([(self.lamp, 1)])
        line = sale.lines[0]
        data = self.order_data([(self.lamp, -1)], claim=False)
        data.pop("name")
        data["lines"][0][2]["refunded_orderline_id"] = line.id
        order = self.env["pos.order"].create(data)
        order.flush_recordset()
        self.assertFalse(self.receipt(order))
        self.assertEqual(self.env["pos.order"]._cron_fidelity_sweep(), 1)
        self.assertTrue(self.env["fidelity.outbox"].search([("source_id", "=", order.id)])._attempt())
        self.env.invalidate_all()
        self.assertEqual(self.member.balance, 0)

    def test_the_order_is_paid_also_when_the_outbox_fails(self):
        """Neither points nor outbox can be written: the sale goes through, and the sweep finds it."""
        failing = patch.object(type(self.env["fidelity.receipt"]), "_post_purchase", side_effect=ValueError("no posting"))
        full = patch.object(type(self.env["fidelity.outbox"]), "_enqueue", side_effect=ValueError("no outbox"))
        with failing, full, mute_logger(POSTING_LOG):
            order = self.sell([(self.lamp, 1)])
        self.assertEqual(order.state, "paid")
        self.assertFalse(self.receipt(order))
        self.assertEqual(self.env["pos.order"]._cron_fidelity_sweep(), 1)
        self.assertTrue(self.env["fidelity.outbox"].search([("source_id", "=", order.id)])._attempt())
        self.env.invalidate_all()
        self.assertEqual(self.member.balance, 4)
