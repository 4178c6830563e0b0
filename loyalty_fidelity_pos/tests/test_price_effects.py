import json

from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.rules import ruleset as kernel_ruleset

from .till import TillCase


@tagged("post_install", "-at_install")
class TestPriceEffects(TillCase):
    """What a card takes off the price: recomputed by the server, told line by line, never silently taken away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_type = cls.make_benefits("Tenth", "0480", [{"kind": "discount", "percent": 10.0}])
        cls.member = cls.make_member(cls.card_type, name="Marco Rossi")
        cls.card = cls.member.card_ids

    def set_benefits(self, *benefits):
        self.card_type.benefit_ids = [(5, 0, 0), *((0, 0, benefit) for benefit in benefits)]
        self.card_type._publish("2020-02-01 00:00:00")

    def test_a_discount_lands_in_the_line_and_on_the_receipt(self):
        """47.00 at 10 %: 42.30 paid, 4.70 taken off by the card, and the receipt says by which benefit."""
        order = self.ring([{"product": self.lamp, "qty": 1}])
        receipt = self.receipt(order)
        self.assertEqual((order.amount_total, order.lines.discount), (42.3, 10.0))
        self.assertEqual((receipt.outcome, receipt.discount_minor, receipt.flags), ("discounted", 470, False))
        line = receipt.line_ids
        self.assertEqual((line.manual_bps, line.card_bps, line.discount_minor), (0, 1000, 470))
        self.assertEqual(line.effect_ids.mapped("amount_minor"), [470])
        self.assertEqual(line.benefits_text, "10 % by the card")
        self.assertClean()

    def test_a_discount_comes_on_top_of_a_manual_one(self):
        """20 % by hand and 10 % by the card are 28 %; the card's worth is a tenth of what was left."""
        order = self.ring([{"product": self.mug, "qty": 1, "manual": 20.0}])
        line = self.receipt(order).line_ids
        self.assertEqual((order.lines.discount, line.manual_bps, line.card_bps, line.discount_minor), (28.0, 2000, 1000, 80))
        self.assertFalse(self.receipt(order).flags)

    def test_an_amount_off_is_shared_over_the_lines(self):
        """5.00 off 57.00: two tax groups, two amount lines, each line knows its part; points count what was paid."""
        self.set_benefits({"kind": "amount_off", "amount": 5.0}, {"kind": "points", "points": 1, "step_amount": 1.0})
        order = self.ring([{"product": self.lamp, "qty": 1}, {"product": self.taxed, "qty": 1}])
        receipt = self.receipt(order)
        self.assertAlmostEqual(order.amount_total, 149.0)
        self.assertEqual(len(order.lines), 4)
        sold = receipt.line_ids.filtered(lambda line: line.kind == "sale")
        self.assertEqual(sum(sold.mapped("allocated_minor")), 500)
        self.assertEqual(receipt.discount_minor, 500)
        self.assertEqual((receipt.points, receipt.base_minor, receipt.flags), (149, 14900, False))
        self.assertClean()

    def test_amounts_without_tax_share_the_untaxed_part(self):
        self.set_benefits({"kind": "amount_off", "amount": 10.7}, {"kind": "points", "points": 1, "step_amount": 1.0})
        self.card_type.base = "untaxed"
        self.card_type._publish("2020-02-02 00:00:00")
        order = self.ring([{"product": self.taxed, "qty": 1}])
        self.assertEqual((self.receipt(order).base_minor, order.amount_total), (9000, 96.3))

    def test_cashback_goes_to_the_money_account(self):
        self.set_benefits({"kind": "cashback", "percent": 2.0})
        order = self.ring([{"product": self.lamp, "qty": 1}])
        self.assertEqual((self.receipt(order).cashback_minor, self.receipt(order).points), (94, 0))
        self.env.invalidate_all()
        self.assertEqual((self.member.cashback_balance, self.member.balance), (0.94, 0))
        self.assertEqual(json.loads(order.fidelity_result)["cashback_balance_minor"], 94)
        self.assertClean()

    def test_the_last_purchase_leaves_a_discount_for_the_next_one(self):
        """47.00 leaves 5 %; the next purchase uses it and, below every bracket, leaves nothing."""
        brackets = [(0, 0, {"from_amount": 40.0, "percent": 5.0})]
        self.set_benefits({"kind": "rolling", "valid_days": 60, "bracket_ids": brackets})
        first = self.receipt(self.ring([{"product": self.lamp, "qty": 1}]))
        self.assertEqual((first.outcome, first.rolling_bps), ("earned", 500))
        self.assertEqual(self.identify()["rolling"], {"bps": 500, "until": str(first.rolling_until)})
        self.assertIn("5 %", self.member.rolling_discount)
        second = self.receipt(self.ring([{"product": self.mug, "qty": 1}], rolling_bps=500))
        self.assertEqual((second.discount_minor, second.flags, second.rolling_bps), (50, False, 0))
        self.assertEqual(second.line_ids.effect_ids.kind, "rolling")
        self.assertIsNone(self.identify()["rolling"])

    def identify(self):
        self.env.invalidate_all()
        return self.config.fidelity_identify(self.card.number)

    # -- what differs ----------------------------------------------------------------------------------------------------

    def test_a_discount_that_the_rules_do_not_give_stands_and_is_told(self):
        order = self.ring([{"product": self.lamp, "qty": 1}], ruleset=self.other_rules("discount", 2000))
        receipt = self.receipt(order)
        self.assertEqual((order.amount_total, receipt.flags, receipt.discount_minor), (37.6, "discount_differs", 940))
        self.assertEqual(receipt.line_ids.card_bps, 2000)

    def test_a_discount_that_was_not_given_is_told(self):
        data = self.order_data([(self.lamp, 1)])
        self.env["pos.order"].sync_from_ui([data])
        receipt = self.env["fidelity.receipt"].search([("member_id", "=", self.member.id)])
        self.assertEqual((receipt.flags, receipt.discount_minor), ("discount_differs", 0))

    def test_a_blocked_card_gives_no_discount(self):
        """The till did not know: the price stands, the manager sees it."""
        rules = self.env["fidelity.ruleset"]._parsed(self.card_type.ruleset_id.id)
        self.card._set_state("blocked")
        receipt = self.receipt(self.ring([{"product": self.lamp, "qty": 1}], ruleset=rules))
        self.assertEqual((receipt.outcome, receipt.flags, receipt.discount_minor), ("card_blocked", "discount_differs", 470))

    def test_an_amount_with_a_wrong_allocation_is_shared_by_the_rules(self):
        self.set_benefits({"kind": "amount_off", "amount": 5.0})
        lines = [self.goods_line(self.lamp, 1), self.goods_line(self.mug, 1)]
        rules = self.env["fidelity.ruleset"]._parsed(self.card_type.ruleset_id.id)
        amounts = self.apply_card(lines, rules, 0)
        claim = json.loads(amounts[0]["fidelity_effect"])
        for allocation in ({"nobody": 500}, {lines[1]["uuid"]: 5000}, {lines[0]["uuid"]: 499}, {}):
            for line in lines + amounts:
                line["uuid"] = self.create_random_uid()
            amounts[0]["fidelity_effect"] = json.dumps({**claim, "allocation": allocation})
            receipt = self.receipt(self.send(lines + amounts, self.card))
            self.assertEqual(receipt.line_ids.mapped("allocated_minor"), [412, 88, 0])
            self.assertFalse(receipt.flags)

    def test_effects_without_a_card_leave_a_receipt(self):
        """A card was taken off and its discount was not: the receipt says so."""
        lines = [self.goods_line(self.lamp, 1)]
        self.apply_card(lines, self.env["fidelity.ruleset"]._parsed(self.card_type.ruleset_id.id), 0)
        receipt = self.receipt(self.send(lines, None))
        self.assertEqual((receipt.outcome, receipt.flags, receipt.discount_minor), ("no_card", "discount_differs", 470))

    def other_rules(self, kind, bps):
        rules = json.loads(self.card_type.ruleset_id.payload)
        for benefit in rules["benefits"]:
            if benefit["kind"] == kind:
                benefit["percent_bps"] = bps
        return kernel_ruleset.parse(rules)
