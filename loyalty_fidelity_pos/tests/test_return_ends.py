from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.loyalty_fidelity.tests.common import early_payload

from .till import TillCase

POSTING = "odoo.addons.loyalty_fidelity_pos.models.pos_order_posting"


@tagged("post_install", "-at_install")
class TestReturnEnds(TillCase):
    """Where a return meets what nobody foresaw: each has its end, and the ledger stays true."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_type = cls.make_benefits(
            "All",
            "0480",
            [
                {"kind": "points", "points": 1, "step_amount": 10.0},
                {"kind": "cashback", "percent": 2.0},
                {"kind": "amount_off", "amount": 5.0, "minimum_receipt": 40.0},
            ],
        )
        cls.member = cls.make_member(cls.card_type, name="Anna Bianchi")
        cls.card = cls.member.card_ids

    def sell_one(self, product, quantity=1, **vals):
        return self.ring([{"product": product, "qty": quantity}], **vals)

    def goods_of(self, order):
        return order.lines.filtered(lambda line: not line.fidelity_effect or "percent" in line.fidelity_effect)

    def office_order(self, lines):
        """A draft order as the back office writes it; it passes no till."""
        order = self.env["pos.order"].create(
            {
                "session_id": self.pos_session.id,
                "company_id": self.env.company.id,
                "partner_id": self.member.partner_id.id,
                "amount_total": 0,
                "amount_tax": 0,
                "amount_paid": 0,
                "amount_return": 0,
                "is_refund": True,
                "lines": [(0, 0, {"price_subtotal": 0, "price_subtotal_incl": 0, **line}) for line in lines],
            }
        )
        order.lines._onchange_amount_line_all()
        order._compute_prices()
        order._compute_prices()
        return order

    def pay(self, order):
        context = {"active_id": order.id, "active_ids": order.ids}
        payment = self.env["pos.make.payment"].with_context(**context).create({"payment_method_id": self.cash_pm1.id})
        payment.with_context(**context).check()
        self.env.invalidate_all()
        return order

    def back(self, line, quantity=1):
        return {
            "product_id": line.product_id.id,
            "qty": -quantity,
            "price_unit": line.price_unit,
            "discount": line.discount,
            "tax_ids": [(6, 0, line.tax_ids.ids)],
            "refunded_orderline_id": line.id,
        }

    # -- several receipts, returns of returns ------------------------------------------------------------------------------

    def test_one_return_of_two_receipts(self):
        """Odoo's till refuses it with a sentence; the back office does it, and each receipt is settled by itself."""
        first, second = self.sell_one(self.lamp), self.sell_one(self.mug, 3)
        self.assertEqual((self.member.balance, self.member.cashback_balance), (4 + 3, 1.44))
        with self.assertRaisesRegex(ValidationError, "same order"):
            self.bring_back([(self.goods_of(first), 1), (self.goods_of(second), 1)])
        refund = self.pay(self.office_order([self.back(self.goods_of(first)), self.back(self.goods_of(second), 2)]))
        self.assertEqual(refund.amount_total, -(42 + 20))
        self.assertEqual((self.member.balance, self.member.cashback_balance), (1, 0.20))
        reversals = self.env["fidelity.receipt.reversal"].search([("receipt_id", "=", self.receipt(refund).id)])
        self.assertEqual(reversals.mapped("points"), [-4, -2])
        self.assertFalse(self.receipt(refund).flags)
        self.assertClean()

    def test_goods_that_went_out_again_after_a_return_are_a_sale(self):
        """A return of a return is no return: the goods are sold, and earn what a sale earns today."""
        order = self.sell_one(self.mug, 3)
        refund = self.bring_back([(order.lines, 3)])
        self.assertEqual(self.member.balance, 0)
        again = self.send([self.goods_line(self.mug, 3, refunded_orderline_id=refund.lines.id)], self.card)
        self.assertEqual((self.receipt(again).line_ids.kind, self.receipt(again).points), ("sale", 3))
        self.assertEqual(self.member.balance, 3)
        self.assertClean()

    def test_goods_that_come_back_of_a_return_have_no_sale(self):
        """The line that they name gave goods back: it is a return without its receipt, by the card type's policy."""
        order = self.sell_one(self.mug, 3)
        refund = self.bring_back([(order.lines, 1)])
        odd = self.send([self.goods_line(self.mug, -1, refunded_orderline_id=refund.lines.id)], self.card)
        self.assertEqual((self.receipt(odd).line_ids.kind, self.receipt(odd).points), ("return_unlinked", -1))
        self.assertEqual(self.member.balance, 3 - 1 - 1)

    def test_the_back_office_finds_nothing_to_return_of_a_return(self):
        refund = self.bring_back([(self.sell_one(self.mug, 3).lines, 3)])
        again = self.env["pos.order"].browse(refund.refund()["res_id"])
        self.assertFalse(again.lines)

    # -- prices and quantities -----------------------------------------------------------------------------------------------

    def test_a_negative_price_lowers_what_earns_and_comes_back_as_nothing(self):
        """A line of −10.00 is a discount by hand: 20.00 counts. To give it back earns nothing."""
        order = self.send([self.goods_line(self.mug, 3), self.goods_line(self.mug, 1, price=-10.0)], self.card)
        self.assertEqual(self.receipt(order).points, 2)
        self.bring_back([(order.lines[1], 1)])
        self.assertEqual(self.member.balance, 2)
        self.bring_back([(order.lines[0], 3)])
        self.assertEqual(self.member.balance, 0)
        self.assertClean()

    def test_amounts_off_that_come_back_without_goods_are_told(self):
        """A till gives back the whole amount line and no goods: the price stands, the manager sees it."""
        order = self.sell_one(self.lamp)
        carrier = order.lines - self.goods_of(order)
        odd = self.goods_line(carrier.product_id, -1, carrier.price_unit, taxes=carrier.tax_ids, refunded_orderline_id=carrier.id)
        receipt = self.receipt(self.send([odd], None))
        self.assertEqual((receipt.flags, receipt.points, receipt.line_ids.kind), ("discount_differs", 0, "effect"))

    def test_goods_that_come_back_without_their_share_are_told(self):
        """47.00 given back for what cost 42.00."""
        order = self.sell_one(self.lamp)
        sold = self.goods_of(order)
        refund = self.send([self.goods_line(self.lamp, -1, refunded_orderline_id=sold.id)], None)
        self.assertEqual((refund.amount_total, self.receipt(refund).flags), (-47.0, "discount_differs"))
        self.assertEqual(self.member.balance, 0)

    # -- documents changed behind our back -------------------------------------------------------------------------------------

    def test_a_line_deleted_after_payment(self):
        """Odoo refuses it; where somebody does it in the database, the receipt still knows what was sold."""
        order = self.ring([{"product": self.lamp, "qty": 1}, {"product": self.mug, "qty": 1}])
        self.assertEqual(self.member.balance, 5)
        mug = order.lines.filtered(lambda line: line.product_id == self.mug)
        with self.assertRaises(UserError):
            mug.unlink()
        self.env.cr.execute("DELETE FROM pos_order_line WHERE id = %s", [mug.id])
        self.env.invalidate_all()
        self.assertEqual(self.receipt(order).line_ids.mapped("points"), [4, 1, 0])
        self.bring_back([(order.lines.filtered(lambda line: line.product_id == self.lamp), 1)])
        self.assertEqual(self.member.balance, 0, "9.13 of 52.00 are kept: below the first step")
        self.assertClean()

    def test_an_order_posts_once_and_a_race_is_lost_quietly(self):
        """Two servers post one order: the second finds it posted, or fails on the key and finds it later."""
        order = self.sell_one(self.mug, 3)
        self.assertEqual(order._fidelity_post(), self.receipt(order).id)
        blind = patch.object(type(self.env["fidelity.receipt"]), "_posted_receipt", return_value=None)
        with blind, mute_logger("odoo.sql_db", POSTING):
            order._fidelity_post_or_keep()
        row = self.env["fidelity.outbox"].search([("op_key", "=", order._fidelity_op_key())])
        self.assertEqual((row.state, self.member.balance), ("waiting", 3))
        self.assertTrue(row._attempt())
        self.assertEqual((row.state, self.member.balance), ("done", 3))
        self.assertClean()

    def test_two_returns_at_once_give_back_once(self):
        """Both saw the same earlier returns: one is written, the other waits and then knows more."""
        order = self.sell_one(self.mug, 3)
        first, second = (self.office_order([self.back(order.lines, 2)]) for _ in range(2))
        self.pay(first)
        reversals = type(self.env["fidelity.receipt.reversal"])
        nothing = self.env["fidelity.receipt.reversal"].browse()
        with patch.object(reversals, "search", lambda self, *args, **kwargs: nothing), mute_logger("odoo.sql_db", POSTING):
            self.pay(second)
        self.assertEqual((second.state, self.member.balance), ("paid", 1))
        self.assertFalse(self.receipt(second))
        row = self.env["fidelity.outbox"].search([("op_key", "=", second._fidelity_op_key())])
        self.assertTrue(row._attempt())
        self.env.invalidate_all()
        self.assertEqual((self.member.balance, self.receipt(second).points), (0, -1))
        self.assertClean()

    # -- clocks and rules --------------------------------------------------------------------------------------------------------

    def test_a_clock_that_is_a_day_wrong(self):
        """A till a day ahead is not believed, one a day behind may be an offline queue; returns are settled alike."""
        now = fields.Datetime.now()
        ahead = self.sell_one(self.mug, 3, date_order=now + timedelta(days=1))
        self.assertEqual(self.receipt(ahead).flags, "clock")
        refund = self.bring_back([(ahead.lines, 3)], date_order=now - timedelta(days=1))
        self.assertFalse(self.receipt(refund).flags)
        self.assertLess(self.receipt(refund).occurred_at, self.receipt(ahead).occurred_at)
        self.assertEqual(self.member.balance, 0)

    def test_rules_that_somebody_removed_from_the_database(self):
        """Only by taking the guards off: sale and return go through, wait with a clear sentence, and post once restored."""
        order = self.sell_one(self.mug, 3)
        ruleset = self.card_type.ruleset_id
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM fidelity_ruleset WHERE id = %s", [ruleset.id])
        row = self.env.cr.dictfetchone()
        self.env.cr.execute("ALTER TABLE fidelity_ruleset DISABLE TRIGGER ALL")
        self.env.cr.execute("ALTER TABLE fidelity_receipt DISABLE TRIGGER ALL")
        self.env.cr.execute("ALTER TABLE fidelity_receipt DROP CONSTRAINT fidelity_receipt_ruleset_id_fkey")
        self.env.cr.execute("DELETE FROM fidelity_ruleset WHERE id = %s", [ruleset.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with mute_logger(POSTING):
            refund = self.bring_back([(order.lines, 3)])
        self.assertEqual(refund.state, "paid")
        waiting = self.env["fidelity.outbox"].search([("op_key", "=", refund._fidelity_op_key())])
        self.assertIn("restores that row", waiting.last_error)
        findings = self.env["fidelity.verification"].sudo()._verify().findings
        self.assertIn(f"The rules number {ruleset.id}, which receipts name, are gone", findings)
        columns = ", ".join(row)
        self.env.cr.execute(f"INSERT INTO fidelity_ruleset ({columns}) VALUES %s", [tuple(row.values())])
        self.assertTrue(waiting._attempt())
        self.env.invalidate_all()
        self.assertEqual(self.member.balance, 0)

    def test_rules_and_effects_that_somebody_altered_are_found(self):
        order = self.sell_one(self.lamp)
        self.alter("fidelity_ruleset", "payload = replace(payload, '1000', '1001')", self.card_type.ruleset_id)
        self.alter("fidelity_receipt_effect", "amount_minor = 400", self.receipt(order).effect_ids)
        findings = self.env["fidelity.verification"].sudo()._verify().findings
        self.assertIn(f"The rules number {self.card_type.ruleset_id.id} are not those that were published", findings)
        self.assertIn(f"Receipt {order.pos_reference} (number {self.receipt(order).id}): what its benefits took off", findings)

    def alter(self, table, change, records):
        self.env.flush_all()
        self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
        self.env.cr.execute(f"UPDATE {table} SET {change} WHERE id IN %s", [tuple(records.ids)])
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
        self.env.invalidate_all()

    def test_a_card_type_archived_while_tills_are_open(self):
        """Its cards keep working at the till that has its rules, and at the one that does not."""
        self.card_type.active = False
        self.assertEqual(self.config.fidelity_identify(self.card.number)["status"], "ok")
        self.assertEqual(self.receipt(self.sell_one(self.mug, 3)).points, 3)

    # -- rows of the previous version ----------------------------------------------------------------------------------------------

    def test_receipts_of_the_previous_version_come_back(self):
        """Their new columns are empty and their rules are of schema 1."""
        self.card_type.benefit_ids.filtered(lambda benefit: benefit.kind != "points").unlink()
        payload = early_payload(self.card_type._rule_payload(), 1)
        self.env["fidelity.ruleset"]._publish(self.card_type, payload, fields.Datetime.to_datetime("2020-02-02"))
        self.env.invalidate_all()
        self.assertFalse(self.card_type.has_changes, "the same settings in another schema are no change")
        order = self.ring([{"product": self.lamp, "qty": 1}, {"product": self.mug, "qty": 3}])
        self.empty("fidelity_receipt", "cashback_minor, discount_minor, rolling_bps, rolling_until")
        self.empty("fidelity_receipt_line", "cashback_minor, manual_bps, card_bps, discount_minor, allocated_minor")
        self.empty("fidelity_receipt_line", "allocated_untaxed_minor")
        self.bring_back([(order.lines[1], 1)])
        self.empty("fidelity_receipt_reversal", "cashback_minor, rolling_bps")
        self.assertEqual(self.member.balance, 6)
        receipt = self.receipt(order)
        self.assertEqual((receipt.amount_discount, receipt.line_ids[0].amount_net), (0.0, 47.0))
        self.assertFalse(receipt.line_ids[0].benefits_text)
        self.bring_back([(order.lines[0], 1), (order.lines[1], 2)])
        self.assertEqual((self.member.balance, self.member.cashback_balance), (0, 0))
        self.assertIsNone(self.config.fidelity_identify(self.card.number)["rolling"])
        self.assertClean()

    def empty(self, table, columns):
        self.alter(
            table, ", ".join(f"{column} = NULL" for column in columns.split(", ")), self.env[table.replace("_", ".")].search([])
        )
