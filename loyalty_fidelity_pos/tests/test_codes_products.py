from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestCodesForProducts(OptionsCase):
    """Codes for some products alone: 20 % off lamps, 3.00 off lamps; the mug keeps its price."""

    def setUp(self):
        super().setUp()
        self.set_benefits({"points": 1, "step_amount": 1.0})
        self.percent = self.make_list(worth="percent", worth_percent=20.0)
        self.amount = self.make_list(worth_amount=3.0)

    def make_list(self, **vals):
        return self.env["fidelity.code.list"].create({"name": "Off lamps", "worth_selector_id": self.lamps.id, **vals})

    def buy(self, code, *products, **vals):
        return self.ring(self.goods(*products), codes=code, **vals)

    def test_its_products_alone_get_it(self):
        """A lamp of 47.00 and a mug of 10.00: 9.40 off the lamp."""
        for card in (self.card, False):
            with self.subTest(card=bool(card)):
                code = self.percent._make()
                order = self.buy(code, (self.lamp, 1), (self.mug, 1), card=card)
                self.assertEqual(order.amount_total, 47.6)
                receipt = self.assertAgrees(order, discount_minor=940)
                lamp, mug = receipt.line_ids.filtered(lambda line: line.kind == "sale").sorted("sequence")
                self.assertEqual((lamp.allocated_minor, mug.allocated_minor, code.state), (940, 0, "redeemed"))

    def test_an_amount_off_them_and_no_more(self):
        order = self.buy(self.make_list(worth_amount=60.0)._make(), (self.lamp, 1), (self.mug, 1))
        self.assertEqual(order.amount_total, 10.0)
        self.assertAgrees(order, discount_minor=4700, points=10)

    def test_what_comes_back_of_others_keeps_it(self):
        code = self.amount._make()
        order = self.buy(code, (self.lamp, 1), (self.mug, 1))
        lamp = order.lines.filtered(lambda line: line.product_id == self.lamp)
        mug = order.lines.filtered(lambda line: line.product_id == self.mug)
        self.assertEqual(self.bring_back([(mug, 1)]).amount_total, -10.0)
        refund = self.bring_back([(lamp, 1)])
        self.assertEqual(refund.amount_total, -44.0)
        self.assertAgrees(refund, discount_minor=-300)

    def test_none_of_them_on_the_sale(self):
        """The code is kept for the next time, and a manager sees that it was read."""
        code = self.percent._make()
        order = self.buy(code, (self.mug, 1))
        self.assertEqual((order.amount_total, self.receipt(order).flags, code.state), (10.0, "code_refused", "generated"))
        self.assertAgrees(self.buy(code, (self.lamp, 1)), discount_minor=940)

    def test_one_that_is_given_away_is_none(self):
        code = self.percent._make()
        order = self.ring([{"product": self.lamp, "qty": 1, "price": 0.0}, {"product": self.mug, "qty": 1}], codes=code)
        self.assertEqual((self.receipt(order).flags, code.state), ("code_refused", "generated"))

    def test_the_till_is_told_which(self):
        answer = self.config.fidelity_code(self.percent._make().code, "basket")
        self.assertEqual(answer["selector"]["products"], self.lamp.ids)
        self.assertRegex(answer["text"], r"^20\W?% off Lamps$")
        everything = self.env["fidelity.code.list"].create({"name": "Off", "worth_amount": 3.0})._make()
        self.assertIsNone(self.config.fidelity_code(everything.code, "basket")["selector"])

    def test_a_till_that_says_other_products_is_not_believed(self):
        """Off the mug too: the price stands as it was paid, and the difference is told."""
        code = self.percent._make()
        every = self.env["fidelity.code.list"].create({"name": "Off", "worth": "percent", "worth_percent": 20.0})._make()
        order = self.buy(every, (self.lamp, 1), (self.mug, 1))
        self.assertAgrees(order, discount_minor=1140)
        lines = [self.goods_line(self.lamp, 1), self.goods_line(self.mug, 1)]
        lines += self.apply_codes(lines, every)
        for line in lines[2:]:
            line["fidelity_effect"] = line["fidelity_effect"].replace(f"code:{every.id}", f"code:{code.id}")
        text = f'{{"codes": [{{"code": "{code.code}"}}]}}'
        order = self.send(lines, self.card, fidelity_codes=text)
        self.assertEqual((order.amount_total, self.receipt(order).flags), (45.6, "discount_differs"))

    def test_a_code_keeps_the_products_it_was_made_with(self):
        """The selection changes: who holds a code has what was promised; codes made after are for the new ones."""
        code = self.percent._make()
        self.assertEqual(self.percent._make().worth_version_id, code.worth_version_id)
        self.lamps.product_ids = self.mug
        later = self.percent._make()
        self.assertNotEqual(later.worth_version_id, code.worth_version_id)
        self.assertAgrees(self.buy(code, (self.lamp, 1), (self.mug, 1)), discount_minor=940)
        self.assertAgrees(self.buy(later, (self.lamp, 1), (self.mug, 1)), discount_minor=200)

    def test_a_prize_of_some_percent_off_some_products(self):
        """For 50 points 20 % off lamps: taken at the till, used at once."""
        self.env["fidelity.posting"]._post_grant(self.member, 60, "gift:1", "Sign-up")
        prize = self.env["fidelity.prize"].create(
            {
                "name": "20 % off lamps",
                "points": 50,
                "kind": "voucher",
                "code_list_id": self.percent.id,
                "card_type_id": self.card_type.id,
            }
        )
        given = self.config.fidelity_give_prize(self.card.number, prize.id, "first")
        self.assertEqual((given["status"], given["balance"]), ("ok", 10))
        self.assertRegex(given["code"]["worth"], r"^20\W?% off Lamps$")
        code = self.env["fidelity.code"]._look_up(given["code"]["text"])
        self.assertAgrees(self.buy(code, (self.lamp, 1), (self.mug, 1)), discount_minor=940)
