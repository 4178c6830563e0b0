import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestCodes(OptionsCase):
    """Codes that customers bring to the till: what they take off, once, whoever brings them; and what the server does of it."""

    def setUp(self):
        super().setUp()
        self.set_benefits({"points": 1, "step_amount": 1.0})
        self.today = fields.Date.context_today(self.config)

    def make(self, count=1, member=None, **vals):
        vals.setdefault("worth_amount", 4.0)
        return self.env["fidelity.code.list"].create({"name": "Voucher", **vals})._make(count, member=member)

    def ask(self, code, key="basket", card=None, config=None):
        return (config or self.config).fidelity_code(code if isinstance(code, str) else code.code, key, card and card.number)

    def buy(self, *codes, products=None, **vals):
        return self.ring(self.goods(*(products or ((self.mug, 1),))), codes=codes, **vals)

    def uses(self, code):
        self.env.invalidate_all()
        return code.use_ids

    # -- at the sale -----------------------------------------------------------------------------------------------------

    def test_an_amount_off_with_a_card(self):
        """10.00 less 4.00: it earns on the 6.00 that were paid."""
        code = self.make()
        order = self.buy(code)
        self.assertEqual(order.amount_total, 6.0)
        receipt = self.assertAgrees(order, discount_minor=400, base_minor=600, points=6)
        self.assertEqual([(effect.kind, effect.reason) for effect in receipt.effect_ids], [("code", "$\xa04.00 by the code")])
        use = self.uses(code)
        self.assertEqual((code.state, use.member_id, use.source_ref), ("redeemed", self.member, receipt.source_ref))
        self.assertEqual(use.store_id, self.config.fidelity_store_id)

    def test_without_a_card(self):
        """Whoever brings it: nobody's points move, and nothing of a member is printed."""
        code = self.make(worth="percent", worth_percent=12.5)
        order = self.buy(code, card=False, customer=self.env["res.partner"])
        self.assertEqual(order.amount_total, 8.75)
        receipt = self.assertAgrees(order, discount_minor=125, points=0)
        self.assertFalse(receipt.member_id or self.uses(code).member_id or order.fidelity_result)
        self.assertEqual(receipt.outcome, "no_card")

    def test_taxes_are_those_of_the_goods(self):
        order = self.buy(self.make(worth="percent", worth_percent=10), products=((self.taxed, 1), (self.mug, 1)))
        carriers = order.lines.filtered(lambda line: line.price_unit < 0)
        self.assertEqual(sorted(carriers.mapped("price_subtotal_incl")), [-10.7, -1.0])
        self.assertEqual(sorted(carriers.mapped("price_subtotal")), [-10.0, -1.0])
        self.assertAgrees(order, discount_minor=1170)

    def test_after_the_card_and_before_the_cashback(self):
        """10.00: 5 off by the card's amount, half of the rest by the code, and 1.00 of cashback."""
        self.set_benefits({"kind": "amount_off", "amount": 5}, {"kind": "cashback", "percent": 10})
        self.ring(self.goods((self.lamp, 1)))
        order = self.buy(self.make(worth="percent", worth_percent=50), spending=100)
        self.assertEqual(order.amount_total, 1.5)
        receipt = self.assertAgrees(order, discount_minor=850, cashback_spent_minor=100)
        kinds = {effect.kind: effect.amount_minor for effect in receipt.effect_ids}
        self.assertEqual(kinds, {"amount_off": 500, "code": 250, "cashback": 100})

    def test_several_codes_one_after_the_other(self):
        codes = self.make(2, worth_amount=3.0)
        order = self.buy(*codes)
        self.assertEqual(order.amount_total, 4.0)
        self.assertAgrees(order, discount_minor=600)
        self.assertEqual(codes.mapped("state"), ["redeemed"] * 2)

    def test_more_than_the_goods(self):
        order = self.buy(self.make(worth_amount=25.0))
        self.assertEqual(order.amount_total, 0.0)
        self.assertAgrees(order, discount_minor=1000, points=0)

    def test_minimum_receipt(self):
        """It is compared with the goods before the card."""
        code = self.make(minimum_receipt=10.01)
        order = self.buy(code)
        self.assertEqual((order.amount_total, self.receipt(order).flags, code.state), (10.0, "code_refused", "generated"))
        code = self.make(minimum_receipt=10.0)
        self.assertAgrees(self.buy(code), discount_minor=400)

    def test_points_and_gifts_are_given_with_the_sale(self):
        points = self.make(worth="points", worth_points=50)
        order = self.buy(points)
        self.assertAgrees(order, discount_minor=0, points=10)
        self.assertEqual(self.member.balance, 60)
        prize = self.env["fidelity.prize"].create(
            {"name": "Mug", "points": 60, "kind": "product", "product_id": self.mug.id, "card_type_id": self.card_type.id}
        )
        gift = self.make(worth="gift", worth_prize_id=prize.id)
        self.assertAgrees(self.buy(gift), discount_minor=0)
        self.assertEqual(self.uses(gift).reservation_id.state, "handed")

    def test_sent_again_it_is_used_once(self):
        code = self.make(uses_max=3)
        order = self.buy(code)
        order._fidelity_post()
        order._fidelity_post(late=True)
        self.assertEqual(len(self.uses(code)), 1)
        self.assertAgrees(self.buy(code), discount_minor=400)
        self.assertEqual(len(self.uses(code)), 2)

    def test_what_cannot_be_used_any_more_is_told(self):
        """Used meanwhile, cancelled, expired, of another member, unknown: the sale stands, and a manager sees it."""
        used, cancelled = self.make(2)
        self.buy(used)
        cancelled._cancel()
        expired = self.make(to_date=self.today - timedelta(days=1))
        other = self.make(bearer=False, member=self.make_member(self.card_type, name="Zoe"))
        early = self.make(from_date=self.today + timedelta(days=1))
        for code in (used, cancelled, expired, other, early):
            with self.subTest(code=code.state):
                order = self.buy(code)
                self.assertEqual((order.state, order.amount_total), ("paid", 6.0))
                receipt = self.receipt(order)
                self.assertEqual(receipt.flags, "code_refused,discount_differs")
                self.assertIn("could not be used", receipt.remarks)
        self.assertEqual(len(self.uses(used)), 1)
        text = json.dumps({"v": 1, "codes": [{"code": "23456789ABCDEFB"}, {"code": "x"}, {"code": 4}, None]})
        order = self.send([self.goods_line(self.mug, 1)], self.card, fidelity_codes=text)
        self.assertEqual(self.receipt(order).flags, "code_refused")
        self.assertClean()

    def test_what_was_bought_before_it_expired(self):
        """The till was off line; the order comes days later, and meanwhile the code has been marked."""
        code = self.make(to_date=self.today - timedelta(days=2))
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_expire_codes").method_direct_trigger()
        self.assertEqual(code.state, "expired")
        then = fields.Datetime.now() - timedelta(days=3)
        order = self.buy(code, date_order=then)
        self.assertEqual(self.receipt(order).flags, False)
        self.assertEqual(code.state, "redeemed")

    def test_less_was_taken_off_than_it_gives(self):
        """The price stands; the code is used, and the difference is told."""
        code = self.make()
        text = json.dumps({"v": 1, "codes": [{"id": code.id, "code": code.code}]})
        order = self.send([self.goods_line(self.mug, 1)], self.card, fidelity_codes=text)
        self.assertEqual((self.receipt(order).flags, code.state), ("discount_differs", "redeemed"))

    def test_codes_of_a_paid_order_cannot_be_changed(self):
        order = self.buy(self.make())
        with self.assertRaisesRegex(AccessError, "cannot be changed"):
            order.fidelity_codes = False

    # -- goods that come back --------------------------------------------------------------------------------------------

    def test_goods_come_back_with_their_part(self):
        """Three mugs, 9.00 of 30.00 by the code: each gives 7.00 back, whatever is returned first; the code stays used."""
        for steps in ((1, 1, 1), (2, 1), (3,)):
            for card in (self.card, False):
                with self.subTest(steps=steps, card=bool(card)):
                    code = self.make(worth_amount=9.0)
                    order = self.buy(code, products=((self.mug, 3),), card=card)
                    line = order.lines.filtered(lambda one: one.product_id == self.mug)
                    for quantity in steps:
                        refund = self.bring_back([(line, quantity)])
                        self.assertEqual(refund.amount_total, -7.0 * quantity)
                        self.assertAgrees(refund, discount_minor=-300 * quantity)
                    self.assertEqual(code.state, "redeemed")
        self.assertEqual(self.member.balance, 0)

    # -- asking ----------------------------------------------------------------------------------------------------------

    def test_the_till_is_told_what_it_gives(self):
        code = self.make(minimum_receipt=20.0)
        answer = self.ask(code)
        self.assertEqual(answer, {**answer, "status": "ok", "code": code.code, "amount_minor": 400, "percent_bps": 0})
        self.assertEqual((answer["minimum_minor"], answer["personal"], answer["name"]), (2000, False, "Voucher"))
        self.assertEqual(self.ask(code.code_text.lower())["id"], code.id)
        percent = self.ask(self.make(worth="percent", worth_percent=12.5))
        self.assertEqual((percent["amount_minor"], percent["percent_bps"]), (0, 1250))
        points = self.ask(self.make(worth="points", worth_points=50), card=self.card)
        self.assertEqual((points["amount_minor"], points["personal"], points["text"]), (0, True, "50 points"))

    def test_two_tills_one_code(self):
        """The second till is told; when the first lets it go, or after its time, it can have it."""
        code = self.make()
        other = self.config.copy({"name": "Till 2"})
        self.assertEqual(self.ask(code)["status"], "ok")
        self.assertEqual(self.ask(code)["status"], "ok", "the same sale may ask again")
        refused = self.ask(code, key="other", config=other)
        self.assertEqual(refused["status"], "refused")
        self.assertIn("on another sale", refused["message"])
        self.assertFalse(other.fidelity_code_release(code.code, "other"))
        self.assertTrue(self.config.fidelity_code_release(code.code, "basket"))
        self.assertFalse(self.config.fidelity_code_release(code.code, "basket"))
        self.assertEqual(self.ask(code, key="other", config=other)["status"], "ok")
        code.held_until -= timedelta(hours=1)
        self.assertEqual(self.ask(code)["status"], "ok")

    def test_a_code_of_several_uses_is_on_several_sales(self):
        code = self.make(uses_max=2)
        self.assertEqual([self.ask(code, key=key)["status"] for key in ("a", "b")], ["ok", "ok"])
        self.buy(code)
        self.assertEqual([self.ask(code, key=key)["status"] for key in ("b", "c")], ["ok", "refused"])

    def test_a_personal_code_needs_its_member(self):
        code = self.make(bearer=False, member=self.member)
        self.assertIn("Choose the member", self.ask(code)["message"])
        self.assertEqual(self.ask(code, card=self.card)["personal"], True)
        stranger = self.make_member(self.card_type, name="Zoe").card_ids
        self.assertEqual(self.ask(code, card=stranger)["status"], "refused")
        of_type = self.make(card_type_id=self.card_type.id)
        self.assertIn("Choose the member", self.ask(of_type)["message"])
        self.assertEqual(self.ask(of_type, card=self.card)["status"], "ok")

    def test_strangers_learn_nothing(self):
        """A cashier without loyalty rights gets one sentence for what is unknown, used, expired, cancelled or another's."""
        cashier = self.make_user("fid-cashier", "point_of_sale.group_pos_user")
        used, cancelled = self.make(2)
        self.buy(used)
        cancelled._cancel()
        expired = self.make(to_date=self.today - timedelta(days=1))
        other = self.make(bearer=False, member=self.make_member(self.card_type, name="Zoe"))
        till = self.config.with_user(cashier)
        codes = [
            *(code.code for code in (used, cancelled, expired, other)),
            "23456789ABCDEFB",
            "",
            "A" * 500,
            "\0",
            None,
            4,
            [],
            {},
        ]
        messages = {
            self.ask(code, card=self.card, config=till)["message"]
            if isinstance(code, str)
            else till.fidelity_code(code, "basket")["message"]
            for code in codes
        }
        self.assertEqual(len(messages), 1, messages)
        self.assertEqual(self.ask(self.make(), config=till)["status"], "ok")
        for key in (None, "", "k" * 65, 4, "a\0"):
            self.assertEqual(till.fidelity_code(self.make().code, key)["status"], "refused")
            self.assertFalse(till.fidelity_code_release(self.make().code, key))
        nobody = self.make_user("fid-nobody", "base.group_user")
        for call in ("fidelity_code", "fidelity_code_release"):
            with self.assertRaises(AccessError):
                getattr(self.config.with_user(nobody), call)(self.make().code, "basket")

    def test_another_company_and_another_money(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        code = self.make(company_id=company.id)
        self.assertEqual(self.ask(code)["status"], "refused")
        self.assertEqual(self.receipt(self.buy(code)).flags, "code_refused,discount_differs")
        other = self.env["res.currency"].with_context(active_test=False).search([("id", "!=", self.currency.id)], limit=1)
        foreign = self.make(currency_id=other.id)
        self.assertIn(other.name, self.ask(foreign)["message"])
        self.assertEqual(self.ask(self.make(currency_id=other.id, worth="percent", worth_percent=5))["status"], "ok")
