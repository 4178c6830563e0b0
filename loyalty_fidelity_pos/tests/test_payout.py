from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestPayout(OptionsCase):
    """Cashback that a till pays out in cash: from the account and from the till's cash, once."""

    def setUp(self):
        super().setUp()
        self.set_benefits({"kind": "cashback", "percent": 10}, cashback_payout=True)
        self.ring(self.goods((self.lamp, 1)))

    def pay_out(self, amount=470, key="one", card=None):
        return self.config.fidelity_pay_out((card or self.card).number, amount, key)

    def balance(self):
        self.env.invalidate_all()
        return round(self.member.cashback_balance * 100)

    def moves(self):
        """The cash moves of the session, beside those of its sales."""
        self.env.invalidate_all()
        return self.pos_session.statement_line_ids.filtered(lambda line: line.payment_ref and "Cashback" in line.payment_ref)

    def test_paid_once_from_account_and_till(self):
        self.assertEqual(self.pay_out(), {"status": "ok", "balance_minor": 0})
        self.assertEqual(self.pay_out(), {"status": "ok", "balance_minor": 0}, "the answer was lost: nothing more")
        self.assertEqual(self.balance(), 0)
        self.assertEqual(self.moves().mapped("amount"), [-4.7])
        posting = self.env["fidelity.posting"].search([("op_key", "=", "payout:one")])
        self.assertEqual((posting.kind, posting.entry_ids.quantity, posting.store_id), ("payout", -470, self.store))
        self.assertEqual((posting.source_model, posting.source_id), ("pos.session", self.pos_session.id))
        self.assertIn("Marco Rossi", posting.reason)
        self.assertClean()

    def test_no_more_than_there_is(self):
        answer = self.pay_out(471)
        self.assertEqual(answer["status"], "refused")
        self.assertIn("4.70", answer["message"])
        self.config.fidelity_hold_cashback(self.card.number, 400, "basket")
        self.assertIn("Set aside", self.pay_out(100)["message"])
        self.assertEqual(self.pay_out(70)["status"], "ok")
        self.assertEqual((self.balance(), self.moves().mapped("amount")), (400, [-0.7]))
        self.assertClean()

    def test_no_less_than_the_card_type_says(self):
        self.card_type.cashback_payout_minimum = 2
        self.assertIn("2.00", self.pay_out(199)["message"])
        self.assertEqual((self.balance(), len(self.moves())), (470, 0))
        self.assertEqual(self.pay_out(200), {"status": "ok", "balance_minor": 270})

    def test_refusals_say_why_and_move_nothing(self):
        other = self.make_member(self.card_type, name="Anna Bianchi")
        self.assertIn("0.00", self.pay_out(10, "two", other.card_ids)["message"])
        for amount in (0, -1, 1.5, "470", None, 2**60):
            self.assertIn("above zero", self.pay_out(amount, "three")["message"])
        self.assertIn("above zero", self.pay_out(470, 4)["message"])
        self.card_type.cashback_payout = False
        self.assertIn("pays no cashback out", self.pay_out(470, "five")["message"])
        self.card_type.cashback_payout = True
        self.card._set_state("blocked", "Lost bag")
        self.assertEqual(self.pay_out(470, "six")["status"], "refused")
        self.card._set_state("active")
        self.pos_session.state = "closing_control"
        self.assertIn("Open the register", self.pay_out(470, "seven")["message"])
        self.pos_session.state = "opened"
        self.assertEqual((self.balance(), len(self.moves())), (470, 0))

    def test_who_only_collects_is_paid_nothing(self):
        other = self.make_member(self.card_type, name="Anna Bianchi")
        self.env["fidelity.household.join"].create({"member_id": other.id, "other_id": self.member.id}).action_join()
        other.collects_only = True
        answer = self.pay_out(470, "child", other.card_ids)
        self.assertEqual(answer["status"], "refused")
        self.assertIn("Anna Bianchi only collects for", answer["message"])
        self.assertEqual((self.balance(), len(self.moves())), (470, 0))
        self.assertEqual(self.pay_out(470, "parent")["status"], "ok", "others of the household are paid")
        self.assertClean()

    def test_the_key_of_another_payment(self):
        self.pay_out(100)
        self.assertIn("used before", self.pay_out(200)["message"])
        self.assertEqual(self.balance(), 370)

    def test_asked_again_after_the_till_closed(self):
        """The money has left the till: the answer that was lost is given again, whatever happened meanwhile."""
        self.pay_out()
        self.pos_session.state = "closing_control"
        self.card._set_state("blocked", "Lost bag")
        self.card_type.cashback_payout = False
        self.assertEqual(self.pay_out(), {"status": "ok", "balance_minor": 0})
        self.assertIn("used before", self.pay_out(400)["message"])
        self.assertEqual((self.balance(), len(self.moves())), (0, 1))

    def test_rights(self):
        outsider = self.make_user("outsider", "base.group_user")
        with self.assertRaises(AccessError):
            self.config.with_user(outsider).fidelity_pay_out(self.card.number, 470, "one")
        cashier = self.make_user("cashier_payout", "point_of_sale.group_pos_user")
        answer = self.config.with_user(cashier).fidelity_pay_out(self.card.number, 470, "one")
        self.assertEqual(answer, {"status": "ok", "balance_minor": 0})
        self.assertEqual(self.env["fidelity.posting"].search([("op_key", "=", "payout:one")]).author_name, "cashier_payout")
