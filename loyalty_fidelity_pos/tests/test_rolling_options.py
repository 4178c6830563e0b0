import json

from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestRollingOptions(OptionsCase):
    """What the last purchase leaves: a percentage or an amount, small purchases, cost, and what is owed when it comes back."""

    def rolling(self, **vals):
        brackets = [(0, 0, {"from_amount": 40.0, "percent": 10.0})]
        return {"kind": "rolling", "valid_days": 30, "bracket_ids": brackets, **vals}

    def left(self):
        return self.config.fidelity_identify(self.card.number)["rolling"]

    def buy(self, *products, **vals):
        left = self.left() or {}
        return self.ring(self.goods(*products), rolling_bps=left.get("bps", 0), rolling_minor=left.get("minor", 0), **vals)

    def owed(self):
        self.env.invalidate_all()
        return -self.member.cashback_balance

    def test_an_amount_off_the_next_purchase(self):
        self.set_benefits(self.rolling(rolling_mode="amount"))
        first = self.receipt(self.buy((self.lamp, 1)))
        self.assertEqual((first.rolling_bps, first.rolling_minor), (0, 470))
        self.assertIn("4.70", first.next_discount)
        self.assertIn("4.70", self.member.rolling_discount)
        self.assertEqual((self.left()["bps"], self.left()["minor"]), (0, 470))
        order = self.buy((self.mug, 1))
        second = self.assertAgrees(order, discount_minor=470, rolling_minor=0)
        self.assertEqual(second.rolling_receipt_id, first)
        self.assertEqual(json.loads(order.fidelity_result)["discount_minor"], 470)
        self.assertIsNone(self.left())

    def test_a_small_purchase_leaves_the_earlier_percentage(self):
        self.set_benefits(self.rolling(rolling_use="qualifying"))
        self.buy((self.lamp, 1))
        small = self.assertAgrees(self.buy((self.mug, 1)), discount_minor=100)
        self.assertFalse(small.rolling_until)
        self.assertEqual(self.left()["bps"], 1000)
        self.set_benefits(self.rolling())
        self.assertAgrees(self.buy((self.mug, 1)), discount_minor=100)
        self.assertIsNone(self.left())

    def test_an_amount_is_used_once_also_where_small_purchases_leave_it(self):
        self.set_benefits(self.rolling(rolling_mode="amount", rolling_use="qualifying"))
        self.buy((self.lamp, 1))
        used = self.buy((self.mug, 1))
        self.assertAgrees(used, discount_minor=470)
        self.assertIsNone(self.left())
        goods = used.lines.filtered(lambda line: line.product_id == self.mug)
        self.bring_back([(goods, 1)])
        self.assertEqual(self.left()["minor"], 470, "given back whole, it used nothing")

    def test_not_below_cost(self):
        self.lamp.standard_price = 45.0
        self.set_benefits(self.rolling(keep_cost=True))
        self.buy((self.lamp, 1))
        receipt = self.assertAgrees(self.buy((self.lamp, 1), (self.mug, 1)))
        lamp, mug = receipt.line_ids.sorted("sequence")
        self.assertLessEqual(lamp.discount_minor, 200)
        self.assertGreater(lamp.discount_minor, 195)
        self.assertEqual(mug.discount_minor, 100)

    def test_what_is_owed_whatever_the_order_of_returns(self):
        """The purchase that gave 10 % comes back after it was used on two mugs: 2.00 is owed, and less as mugs come back."""
        for order_of_returns, debts in (
            (("source", "one", "two"), [2.0, 1.0, 0.0]),
            (("one", "source", "two"), [0.0, 1.0, 0.0]),
            (("one", "two", "source"), [0.0, 0.0, 0.0]),
        ):
            with self.subTest(order=order_of_returns):
                self.set_benefits(self.rolling(), rolling_return="debt")
                source = self.buy((self.lamp, 1))
                used = self.buy((self.mug, 2))
                self.assertEqual(self.receipt(used).discount_minor, 200)
                lines = {"source": source.lines, "one": used.lines, "two": used.lines}
                owed = []
                for name in order_of_returns:
                    self.bring_back([(lines[name], 1)])
                    owed.append(self.owed())
                self.assertEqual(owed, debts)
                self.assertClean()

    def test_later_cashback_pays_the_debt_off(self):
        self.set_benefits(self.rolling(), {"kind": "cashback", "percent": 1}, rolling_return="debt")
        source = self.buy((self.lamp, 1))
        self.buy((self.lamp, 1))
        before = self.owed()
        back = self.receipt(self.bring_back([(source.lines, 1)]))
        self.assertAlmostEqual(self.owed(), before + 4.70 + 0.47)
        self.assertEqual(self.env["fidelity.receipt.debt"].search([("receipt_id", "=", back.id)]).quantity, 470)
        self.ring(self.goods((self.lamp, 10)))
        self.assertLess(self.owed(), before + 4.70)
        self.assertClean()

    def test_forgiven_is_forgiven(self):
        self.set_benefits(self.rolling(), rolling_return="forgive")
        source = self.buy((self.lamp, 1))
        self.buy((self.mug, 2))
        self.bring_back([(source.lines, 1)])
        self.assertFalse(self.env["fidelity.receipt.debt"].search_count([]))
        self.assertEqual(self.owed(), 0.0)

    def test_an_exchange_of_what_gave_the_discount(self):
        """The lamp comes back while its own discount is used: it is owed in the same posting."""
        self.set_benefits(self.rolling(), rolling_return="debt")
        source = self.buy((self.lamp, 1))
        order = self.bring_back([(source.lines, 1)], goods=self.goods((self.mug, 2)), card=self.card)
        self.assertEqual(self.receipt(order).flags, "discount_differs")
        self.assertEqual(self.owed(), 0.0)
