from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestPrizesAtOnce(OptionsCase):
    """Vouchers, services and samples that a till gives for points: once, to whom they are due, and back while the till is open."""

    def setUp(self):
        super().setUp()
        self.list = self.env["fidelity.code.list"].create({"name": "Voucher of 5", "worth_amount": 5.0, "valid_days": 30})
        self.voucher = self.prize("Voucher of 5", 60, kind="voucher", code_list_id=self.list.id)
        self.advice = self.prize("Advice", 20, kind="service")
        self.adjust(self.member, 100)
        self.cashier = self.make_user("fid-cashier", "point_of_sale.group_pos_user")
        self.till = self.config.with_user(self.cashier)
        # The test's transaction is older than its session.
        self.pos_session.start_at = fields.Datetime.now() - timedelta(hours=1)

    def prize(self, name, points, **vals):
        return self.env["fidelity.prize"].create({"name": name, "points": points, "card_type_id": self.card_type.id, **vals})

    def give(self, prize, key="k", card=None, till=None):
        return (till or self.till).fidelity_give_prize((card or self.card).number, prize.id, key)

    def points(self, member=None):
        self.env.invalidate_all()
        return (member or self.member).balance

    def assertRefused(self, answer, words):
        self.assertEqual(answer["status"], "refused")
        self.assertIn(words, answer["message"])
        self.assertEqual(self.points(), 100)

    def test_a_voucher_and_its_code(self):
        """The cashier sees the code, and a customer who brings it has 5.00 off."""
        answer = self.give(self.voucher)
        self.assertEqual((answer["status"], answer["points"], answer["balance"]), ("ok", 60, 40))
        code = self.env["fidelity.code"].search([("list_id", "=", self.list.id)])
        self.assertEqual((code.state, code.member_id, code.origin), ("sent", self.member, "prize"))
        self.assertEqual(answer["code"]["text"], code.code_text)
        self.assertIn("5.00", answer["code"]["worth"])
        self.assertTrue(answer["code"]["until"] and answer["code"]["bars"])
        posting = self.env["fidelity.posting"].search([("prize_id", "=", self.voucher.id)])
        self.assertEqual((posting.author_name, posting.store_id), ("fid-cashier", self.config.fidelity_store_id))
        order = self.ring(self.goods((self.mug, 1)), codes=code)
        self.assertEqual(order.amount_total, 5.0)
        self.assertClean()

    def test_asked_again_it_is_given_once(self):
        first = self.give(self.voucher)
        self.assertEqual(self.give(self.voucher), first)
        self.assertEqual(self.env["fidelity.code"].search_count([("list_id", "=", self.list.id)]), 1)
        self.card._set_state("blocked", "Lost bag")
        self.assertEqual(self.give(self.voucher), first, "the customer has it, whatever was blocked since")
        self.assertEqual(self.give(self.advice)["status"], "refused", "another prize is another key")
        self.assertEqual(self.points(), 40)

    def test_a_service_has_no_code(self):
        answer = self.give(self.advice)
        self.assertEqual((answer["status"], answer["balance"], "code" in answer), ("ok", 80, False))

    def test_taken_back(self):
        self.give(self.voucher)
        self.assertEqual(self.till.fidelity_take_back_prize("k"), {"status": "ok", "balance": 100})
        self.assertEqual(self.till.fidelity_take_back_prize("k"), {"status": "ok", "balance": 100})
        code = self.env["fidelity.code"].search([("list_id", "=", self.list.id)])
        self.assertEqual((code.state, self.points()), ("cancelled", 100))
        self.assertRefused(self.give(self.voucher), "Begin anew")
        self.assertClean()

    def test_what_was_used_or_is_another_day_s_is_not_taken_back(self):
        self.give(self.voucher)
        code = self.env["fidelity.code"].search([("list_id", "=", self.list.id)])
        self.ring(self.goods((self.mug, 1)), codes=code)
        answer = self.till.fidelity_take_back_prize("k")
        self.assertIn("was used", answer["message"])
        self.give(self.advice, key="a")
        other = self.make_user("fid-other", "point_of_sale.group_pos_user")
        self.assertIn("that you gave", self.config.with_user(other).fidelity_take_back_prize("a")["message"])
        self.pos_session.start_at = fields.Datetime.now() + timedelta(hours=1)
        self.assertIn("that you gave", self.till.fidelity_take_back_prize("a")["message"])
        for key in ("unknown", "", None, 4, "a\0", "k" * 51):
            self.assertEqual(self.till.fidelity_take_back_prize(key)["status"], "refused")

    def test_who_may_not_have_it(self):
        """Each refusal says why, and the points stay."""
        self.assertRefused(self.give(self.prize("Dear", 101)), "costs 101")
        self.assertRefused(
            self.give(self.prize("Goods", 1, kind="product", product_id=self.mug.id)), "cannot be given at this till"
        )
        self.assertRefused(self.give(self.prize("Dinner", 1, kind="experience", money_part=5.0)), "cannot be given at this till")
        self.assertRefused(self.give(self.prize("Over", 1, to_date="2020-01-01")), "not given today")
        tier = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.card_type.id, "sequence": 50})
        self.assertRefused(self.give(self.prize("For gold", 1, tier_ids=[(6, 0, tier.ids)])), "is for Gold")
        store = self.make_store(name="Elsewhere", code="ELSE")
        self.assertRefused(self.give(self.prize("There", 1, store_ids=[(6, 0, store.ids)])), "Elsewhere")
        other = self.make_benefits("Other", "0481", [{"kind": "points", "points": 1}])
        self.assertRefused(self.give(self.prize("Foreign", 1, card_type_id=other.id)), "cannot be given at this till")
        self.list.active = False
        self.assertRefused(self.give(self.voucher), "archived")
        self.config.fidelity_hold(self.card.number, 90, "basket")
        self.assertRefused(self.give(self.advice), "costs 20")
        self.card._set_state("blocked", "Lost bag")
        self.assertRefused(self.give(self.advice), "blocked")

    def test_wrong_input(self):
        number, key = self.card.number, "k"
        for args in (
            (number, str(self.advice.id), key), (number, 0, key), (number, 2**40, key), (number, True, key), (number, None, key),
            (number, self.advice.id, ""), (number, self.advice.id, None), (number, self.advice.id, "k" * 51),
            (number, self.advice.id, "a\0"), (number, 999_999_999, key), ("123", self.advice.id, key), (None, self.advice.id, key),
        ):  # fmt: skip
            with self.subTest(args=args):
                self.assertEqual(self.till.fidelity_give_prize(*args)["status"], "refused")
        self.assertEqual(self.points(), 100)

    def test_a_closed_till_and_a_stranger(self):
        nobody = self.make_user("fid-nobody", "base.group_user")
        for call in (lambda till: self.give(self.advice, till=till), lambda till: till.fidelity_take_back_prize("k")):
            with self.assertRaises(AccessError):
                call(self.config.with_user(nobody))
        self.pos_session.state = "closing_control"
        self.assertRefused(self.give(self.advice), "Open the register")

    def test_who_collects_only(self):
        household = self.make_member(self.card_type, name="Zoe")
        self.env["fidelity.household.join"].create({"member_id": self.member.id, "other_id": household.id}).action_join()
        self.member.collects_only = True
        answer = self.give(self.advice)
        self.assertEqual(answer["status"], "refused")
        self.assertEqual(self.points(household), 100)
