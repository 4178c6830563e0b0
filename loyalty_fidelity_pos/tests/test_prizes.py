import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestPrizes(OptionsCase):
    """Prizes over the counter: points go with the sale, come back with the goods, and nothing is given without a right."""

    def setUp(self):
        super().setUp()
        self.set_benefits({"points": 1, "step_amount": 1.0})
        (self.mug | self.lamp).available_in_pos = True
        vals = {"kind": "product", "card_type_id": self.card_type.id}
        self.prize = self.env["fidelity.prize"].create({**vals, "name": "Mug", "points": 60, "product_id": self.mug.id})
        self.adjust(self.member, 100)

    def prize_line(self, prize=None, product=None, price=0.0, qty=1, **said):
        text = json.dumps({"v": 1, "prize_id": (prize or self.prize).id, **said})
        return self.goods_line(product or self.mug, qty, price, fidelity_prize=text)

    def take(self, *goods, card=None, **vals):
        """An order with a prize, and other goods."""
        lines = [self.prize_line(**vals), *(self.goods_line(product, 1) for product in goods)]
        return self.send(lines, self.card if card is None else card)

    def points(self):
        self.env.invalidate_all()
        return self.member.balance

    def given(self):
        return self.env["fidelity.posting"].search([("prize_id", "=", self.prize.id)])

    def test_points_go_with_the_sale(self):
        """A mug for 60 points beside a lamp for 47.00, which earns 47."""
        order = self.take(self.lamp)
        receipt = self.receipt(order)
        self.assertEqual((order.amount_total, receipt.flags, receipt.points), (47.0, False, 47))
        self.assertEqual(receipt.line_ids.sorted("sequence").mapped("kind"), ["excluded", "sale"])
        self.assertEqual(self.points(), 100 - 60 + 47)
        self.assertEqual(self.given().mapped("op_key"), [f"redeem:{order.lines[0].uuid}"])
        self.assertEqual(json.loads(order.fidelity_result)["balance"], 87)
        self.assertClean()

    def test_sent_again_it_is_taken_once(self):
        order = self.take()
        order._fidelity_post()
        self.assertEqual((self.points(), len(self.given())), (40, 1))

    def test_what_was_refused_is_not_taken_later(self):
        self.adjust(self.member, -90)
        order = self.take()
        self.adjust(self.member, 90)
        order._fidelity_post()
        self.assertEqual((self.receipt(order).flags, self.points(), len(self.given())), ("prize_refused", 100, 0))

    def test_what_was_set_aside_is_spent(self):
        self.config.fidelity_hold(self.card.number, 60, "basket")
        self.take(hold="basket")
        self.assertEqual(self.env["fidelity.hold"].sudo().search([]).state, "captured")
        self.assertEqual(self.points(), 40)
        self.assertClean()

    def test_it_comes_back(self):
        order = self.take(self.lamp)
        refund = self.bring_back([(order.lines[0], 1)])
        self.assertEqual((self.receipt(refund).flags, self.points()), (False, 147))
        self.assertEqual(self.prize.given_count, 0)
        self.bring_back([(order.lines[1], 1)])
        self.assertEqual(self.points(), 100)
        self.assertClean()

    def test_without_its_points_it_is_told(self):
        """The points are gone, the prize is of another type, for another tier, over, or given twice on a line."""
        self.adjust(self.member, -90)
        other_type = self.make_benefits("Other", "0481", [{"kind": "points", "points": 1}])
        vals = {"kind": "product", "points": 1, "product_id": self.mug.id}
        tier = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.card_type.id, "sequence": 50})
        wrong = self.env["fidelity.prize"].create(
            [
                {**vals, "name": "Foreign", "card_type_id": other_type.id},
                {**vals, "name": "Gold only", "card_type_id": self.card_type.id, "tier_ids": [(6, 0, tier.ids)]},
                {**vals, "name": "Over", "card_type_id": self.card_type.id, "to_date": "2020-01-01"},
            ]
        )
        cases = [{}, *({"prize": prize} for prize in wrong), {"product": self.lamp}, {"qty": 2}]
        for case in cases:
            with self.subTest(case=case):
                receipt = self.receipt(self.take(**case))
                self.assertEqual(receipt.flags, "prize_refused")
                self.assertIn("without its points", receipt.remarks)
        self.assertEqual((self.points(), len(self.given())), (10, 0))
        for text in ("{}", "nonsense", '{"prize_id": "1"}', '{"prize_id": -1}'):
            line = self.goods_line(self.mug, 1, 0.0, fidelity_prize=text)
            self.assertFalse(self.receipt(self.send([line], self.card)).flags)
        self.assertEqual(self.points(), 10)
        self.assertClean()

    def test_nobodys_card(self):
        order = self.take(card=False)
        self.assertFalse(self.given())
        self.assertEqual(order.state, "paid")

    def test_the_money_part_has_to_be_paid(self):
        self.prize.money_part = 2.0
        self.assertFalse(self.receipt(self.take(price=2.0)).flags)
        self.adjust(self.member, 100)
        self.assertEqual(self.receipt(self.take(price=1.5)).flags, "discount_differs")

    def test_what_the_till_is_told(self):
        self.prize.money_part = 2.0
        dear = {"name": "Lamp", "points": 150, "kind": "product", "product_id": self.lamp.id, "card_type_id": self.card_type.id}
        self.env["fidelity.prize"].create([dear, {"name": "Advice", "points": 1, "card_type_id": self.card_type.id}])
        answer = self.config.fidelity_prizes(self.card.number)
        self.assertEqual((answer["status"], answer["available"]), ("ok", 100))
        told = [(prize["name"], prize["points"], prize["money"], prize["missing"], prize["how"]) for prize in answer["prizes"]]
        self.assertEqual(told, [("Advice", 1, 0.0, 0, "at_once"), ("Mug", 60, 2.0, 0, "line"), ("Lamp", 150, 0.0, 50, "line")])
        self.prize.product_id.available_in_pos = False
        hows = {prize["name"]: prize["how"] for prize in self.config.fidelity_prizes(self.card.number)["prizes"]}
        self.assertEqual(hows["Mug"], "office", "its money part has no line to be paid on")
        self.card._set_state("blocked", "Lost bag")
        self.assertEqual(self.config.fidelity_prizes(self.card.number)["status"], "refused")
        self.assertEqual(self.config.fidelity_prizes("123")["status"], "refused")
        outsider = self.make_user("outsider_prizes", "base.group_user")
        with self.assertRaises(AccessError):
            self.config.with_user(outsider).fidelity_prizes(self.card.number)

    def test_a_paid_order_keeps_its_prizes(self):
        order = self.take()
        with self.assertRaises(AccessError):
            order.lines[0].write({"fidelity_prize": False})
