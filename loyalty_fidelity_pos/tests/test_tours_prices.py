from odoo import fields
from odoo.tests import tagged

from .tours import TourCase


@tagged("post_install", "-at_install", "fidelity_till")
class TestPriceTours(TourCase):
    """Cards that change the price, cashback and the discount of the last purchase, at a till in a real browser.

    Afterwards order, receipt and ledger agree, and nothing is flagged: what the till showed is what the server gives.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tax = cls.env["account.tax"]
        cls.excluded, cls.included = tax.create(
            [
                {"name": "21 % on top", "amount": 21.0, "price_include_override": "tax_excluded"},
                {"name": "4 % inside", "amount": 4.0, "price_include_override": "tax_included"},
            ]
        )
        kg = cls.env.ref("uom.product_uom_kgm")
        cls.env["product.product"].create(
            [
                {"name": "Cheese", "list_price": 12.9, "uom_id": kg.id, "taxes_id": [(6, 0, cls.included.ids)]},
                {"name": "Vase", "list_price": 19.99, "taxes_id": [(6, 0, cls.excluded.ids)]},
                {"name": "Book", "list_price": 10.0, "taxes_id": [(6, 0, cls.included.ids)]},
            ]
        )
        cls.env["product.product"].search([("name", "in", ("Cheese", "Vase", "Book"))]).available_in_pos = True

    def set_benefits(self, *benefits):
        self.card_type.benefit_ids = [(5, 0, 0), *((0, 0, benefit) for benefit in benefits)]
        self.card_type._publish("2020-02-01 00:00:00")

    def assertAgrees(self, receipts):
        """Order, receipt and ledger say the same, and a manager has nothing to look at."""
        self.assertEqual(receipts.mapped("flags"), [False] * len(receipts))
        self.assertEqual(set(receipts.mapped("outcome")) - {"earned", "discounted", "returned"}, set())
        for receipt in receipts:
            order = self.env["pos.order"].browse(receipt.source_id)
            self.assertEqual(order.currency_id.compare_amounts(order.amount_total, receipt.amount_total), 0)
            self.assertEqual(order.currency_id.compare_amounts(order.amount_paid, order.amount_total), 0)
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def orders(self):
        return self.main_pos_config.current_session_id.order_ids.sorted("id")

    def test_fixed_discount_with_hand_discount_and_weight(self):
        """5 % on 47.00 less 10 % by hand, and on 0.34 kg at 12.90: 44.35 is paid, 2.34 saved."""
        self.set_benefits({"kind": "discount", "percent": 5.0}, {"kind": "points", "points": 1, "step_amount": 10.0})
        self.run_tour("discount")
        (receipt,) = self.receipts()
        self.assertAgrees(receipt)
        order = self.orders()
        self.assertEqual(order.lines.mapped("discount"), [14.5, 5.0])
        self.assertEqual(order.amount_total, 44.35)
        self.assertEqual((receipt.points, receipt.points_claimed, receipt.discount_minor), (4, 4, 234))
        lines = receipt.line_ids.sorted("sequence")
        self.assertEqual([(line.manual_bps, line.card_bps) for line in lines], [(1000, 500), (0, 500)])
        self.assertLedger({self.anna: 4}, postings=1)

    def test_amount_off_over_two_taxes_then_partial_returns(self):
        """5.00 off two vases and a book; a vase comes back, then the rest: together what was paid, and no more."""
        self.set_benefits({"kind": "amount_off", "amount": 5.0, "minimum_receipt": 30.0}, {"kind": "points", "points": 1})
        self.run_tour("amount_off")
        receipts = self.receipts()
        self.assertAgrees(receipts)
        sale, first, second = self.orders()
        self.assertEqual(sale.amount_total, 53.38)
        self.assertEqual(sum(sale.lines.mapped("price_subtotal_incl")), 53.38)
        self.assertEqual(sum(order.amount_total for order in (sale, first, second)), 0.0)
        self.assertAlmostEqual(sum(order.amount_tax for order in (sale, first, second)), 0.0)
        self.assertEqual(receipts[0].discount_minor, 500)
        sold = receipts[0].line_ids.filtered(lambda line: line.kind == "sale")
        self.assertEqual(sum(sold.mapped("allocated_minor")), 500)
        back = (receipts[1] | receipts[2]).line_ids.filtered(lambda line: line.kind == "return_linked")
        self.assertEqual(sum(back.mapped("allocated_minor")), -500)
        self.assertLedger({self.anna: 0}, postings=3)

    def test_cashback_and_the_discount_of_the_last_purchase(self):
        """2 % of 47.00 is 0.94; the next purchase gets 5 % off by itself and 2 % of what is paid."""
        self.set_benefits(
            {"kind": "cashback", "percent": 2.0},
            {"kind": "rolling", "valid_days": 30, "bracket_ids": [(0, 0, {"from_amount": 40.0, "percent": 5.0})]},
        )
        self.run_tour("cashback")
        first, second = self.receipts()
        self.assertAgrees(first | second)
        self.assertEqual((first | second).mapped("cashback_minor"), [94, 57])
        self.assertEqual((first.rolling_bps, second.rolling_bps, second.discount_minor), (500, 0, 150))
        money = self.env["fidelity.account"].search([("holder_id", "=", self.anna.holder_id.id), ("unit", "=", "money")])
        self.assertEqual(money.balance, 151)

    def test_a_happy_hour_for_some_products_with_a_limit(self):
        """10 % off vases, at most 3.00, and double points at this hour: what the till showed is what the server posts."""
        vases = self.env["product.product"].search([("name", "=", "Vase")])
        selector = self.env["fidelity.selector"].create({"name": "Vases", "product_ids": [(6, 0, vases.ids)]})
        now = self.env["fidelity.receipt"]._local(fields.Datetime.now(), self.main_pos_config.fidelity_store_id.tz)
        # An hour that begins before this one and ends well after it, over midnight where need be.
        hours = {"from_hour": float((now.hour - 1) % 24), "to_hour": float((now.hour + 3) % 24)}
        self.set_benefits(
            {"kind": "discount", "percent": 10.0, "selector_id": selector.id, "cap_receipt": 3.0, "sequence": 1},
            {"points_mode": "visit", "points": 10, "sequence": 2},
            {"kind": "multiplier", "factor": 2, "sequence": 3, **hours},
        )
        self.run_tour("happy_hour")
        (receipt,) = self.receipts()
        self.assertAgrees(receipt)
        self.assertEqual((receipt.discount_minor, receipt.points, receipt.points_claimed), (300, 20, 20))
