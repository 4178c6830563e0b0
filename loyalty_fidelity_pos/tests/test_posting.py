import json
from datetime import timedelta

from odoo.tests import tagged

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestPosting(FidelityPosCase):
    """A paid order with a card leaves one posting, one receipt, and the right points."""

    def test_sale_earns_points_per_full_step_of_what_was_paid(self):
        """47.00 paid at 1 point for every full 10.00 earns 4 points."""
        order = self.sell([(self.lamp, 1)])
        receipt = self.receipt(order)
        self.assertEqual((receipt.points, receipt.outcome, receipt.base_minor), (4, "earned", 4700))
        self.assertEqual(self.member.balance, 4)
        self.assertEqual(order.state, "paid")
        self.assertClean()

    def test_sale_keeps_the_evidence_of_store_till_employee_and_card(self):
        """The receipt says where, who, how and when the card was read, and under which rules."""
        order = self.sell([(self.lamp, 1)], claim=self.claim(points=4, offline=True, entry="typed", screen="payment"))
        receipt = self.receipt(order)
        self.assertEqual(receipt.store_id, self.store)
        self.assertEqual((receipt.till_id, receipt.till_name), (self.config.id, self.config.name))
        self.assertEqual((receipt.author_uid, receipt.author_name), (self.env.uid, self.env.user.name))
        self.assertEqual((receipt.entry, receipt.screen, receipt.offline), ("typed", "payment", True))
        self.assertEqual(str(receipt.card_added_at), "2026-01-02 03:04:05")
        self.assertEqual(receipt.ruleset_id, self.card_type.ruleset_id)
        self.assertEqual(receipt.card_id, self.card)
        self.assertEqual(json.loads(receipt.claim)["card"], self.card.number)
        self.assertFalse(receipt.flags)

    def test_result_brings_points_and_balance_to_the_till(self):
        """The synchronisation's answer carries what the printed receipt shows."""
        self.sell([(self.lamp, 1)])
        data = self.order_data([(self.lamp, 2)])
        answer = self.env["pos.order"].sync_from_ui([data])
        result = json.loads(answer["pos.order"][0]["fidelity_result"])
        self.assertEqual((result["state"], result["points"], result["balance"]), ("posted", 9, 13))
        self.assertEqual(result["card_masked"], f"•••• {self.card.number[-4:]}")
        self.assertEqual(result["member"], "Anna B.")

    def test_resending_the_same_order_posts_once(self):
        """The till lost the answer and sends again: the ledger has one posting."""
        data = self.order_data([(self.lamp, 1)])
        again = json.loads(json.dumps(data, default=str))
        self.env["pos.order"].sync_from_ui([data])
        self.env["pos.order"].sync_from_ui([again])
        order = self.env["pos.order"].search([("uuid", "=", again["uuid"])])
        order._fidelity_post()
        order.action_pos_order_paid()
        self.env.invalidate_all()
        self.assertEqual(len(self.receipt(order)), 1)
        self.assertEqual(self.member.balance, 4)

    def test_minimum_receipt_decides(self):
        """Below the minimum receipt nothing is earned; exactly at it points are earned."""
        card_type = self.make_card_type(name="From 20", prefix="0480", minimum=20.0)
        member = self.make_member(card_type, name="Marco Rossi")
        below = self.sell([(self.mug, 1)], claim=self.claim(member.card_ids), customer=member.partner_id)
        exact = self.sell([(self.mug, 2)], claim=self.claim(member.card_ids), customer=member.partner_id)
        self.assertEqual(self.receipt(below).outcome, "below_minimum")
        self.assertEqual(self.receipt(exact).points, 2)

    def test_tax_counts_or_not_as_the_card_type_says(self):
        """100.00 plus 7 % tax: 107.00 with tax, 100.00 without."""
        self.card_type.benefit_ids.step_amount = 107.0
        self.card_type._publish("2020-01-02 00:00:00")
        self.assertEqual(self.receipt(self.sell([(self.taxed, 1)])).points, 1)
        self.card_type.base = "untaxed"
        self.card_type._publish("2020-01-03 00:00:00")
        receipt = self.receipt(self.sell([(self.taxed, 1)]))
        self.assertEqual((receipt.points, receipt.base_minor), (0, 10000))

    def test_customer_account_earns_only_where_the_card_type_says_so(self):
        """What is put on the customer's account is not paid yet."""
        order = self.sell([(self.lamp, 1)], payments=[(self.pay_later_pm, 47.0)])
        self.assertEqual(self.receipt(order).outcome, "not_positive")
        self.card_type.customer_account_earns = True
        self.card_type._publish("2020-01-02 00:00:00")
        order = self.sell([(self.lamp, 1)], payments=[(self.pay_later_pm, 47.0)])
        self.assertEqual(self.receipt(order).points, 4)

    def test_change_given_back_does_not_count(self):
        """The customer hands over 100.00 for 47.00: 47.00 counts."""
        order = self.sell([(self.lamp, 1)], payments=[(self.cash_pm1, 100.0), (self.cash_pm1, -53.0)])
        self.assertEqual(self.receipt(order).base_minor, 4700)

    def test_ruleset_in_force_at_the_sale_applies(self):
        """A sale made offline before a change, sent after it, follows the rules of its own time."""
        self.card_type.benefit_ids.points = 3
        self.card_type._publish(self.now - timedelta(days=1))
        first = self.card_type.ruleset_ids.sorted("version")[0]
        long_ago = self.now - timedelta(days=300)
        order = self.sell([(self.lamp, 1)], date_order=long_ago)
        self.assertEqual(self.receipt(order).flags, "clock", "a till more than 31 days behind is not believed")
        self.assertEqual(self.receipt(order).points, 12)
        self.env["ir.config_parameter"].set_param("loyalty_fidelity.clock_behind_days", 10000)
        order = self.sell([(self.lamp, 1)], date_order=long_ago)
        self.assertEqual((self.receipt(order).ruleset_id, self.receipt(order).points), (first, 4))

    def test_backend_payment_posts_like_the_till(self):
        """An order paid in the back office passes the same way."""
        data = self.order_data([(self.lamp, 1)], state="draft", payments=[])
        self.env["pos.order"].sync_from_ui([data])
        order = self.env["pos.order"].search([("uuid", "=", data.get("uuid"))]) or self.env["pos.order"].search(
            [], limit=1, order="id desc"
        )
        self.env["pos.make.payment"].with_context(active_id=order.id, active_ids=order.ids).create(
            {"amount": 47.0, "payment_method_id": self.cash_pm1.id}
        ).check()
        self.env.invalidate_all()
        self.assertEqual(order.state, "paid")
        self.assertEqual(self.receipt(order).points, 4)

    def test_sale_without_card_leaves_no_trace(self):
        """No card, no receipt: a customer alone is not a member's consent."""
        order = self.sell([(self.lamp, 1)], claim=None)
        self.assertFalse(self.receipt(order))
        self.assertFalse(order.fidelity_result)

    def test_earning_only_inserts(self):
        """Earning updates no row of the loyalty tables: it runs on accounts that refuse any update."""
        self.env.cr.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON fidelity_account FOR EACH ROW EXECUTE FUNCTION fidelity_refuse_change()"
        )
        self.assertEqual(self.receipt(self.sell([(self.lamp, 1)])).points, 4)

    def test_currency_without_decimals(self):
        """A till in a currency that has no cents: 4,700 paid at 1 point for every full 1,000 earns 4."""
        self.other_currency.rounding = 1.0
        self.pos_session.close_session_from_ui()
        self.config = self.other_currency_config
        self.config.fidelity_store_id = self.store
        self.open_new_session()
        card_type = self.make_card_type(name="Whole", prefix="0480", step=1000.0, currency_id=self.other_currency.id)
        member = self.make_member(card_type, name="Marco Rossi")
        data = self.order_data([(self.lamp, 1)], claim=self.claim(member.card_ids), customer=member.partner_id, payments=[])
        data["lines"][0][2].update(price_unit=4700.0, price_subtotal=4700.0, price_subtotal_incl=4700.0)
        cash = self.config.payment_method_ids.filtered("is_cash_count")[:1]
        data["payment_ids"] = [(0, 0, {"amount": 4700.0, "name": self.now, "payment_method_id": cash.id})]
        data.update(amount_total=4700.0, amount_paid=4700.0)
        self.env["pos.order"].sync_from_ui([data])
        self.env.invalidate_all()
        receipt = self.env["fidelity.receipt"].search([("member_id", "=", member.id)])
        self.assertEqual((receipt.outcome, receipt.points, receipt.base_minor), ("earned", 4, 4700))
        self.assertEqual(receipt.amount_total, 4700.0)
