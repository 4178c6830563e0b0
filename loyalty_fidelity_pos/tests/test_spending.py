import json

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestSpending(OptionsCase):
    """Cashback that a purchase is paid with: taken from the account with the sale, given back with its goods."""

    def setUp(self):
        super().setUp()
        self.set_benefits({"kind": "cashback", "percent": 10})

    def earn(self, lamps=1):
        """Buy lamps: each brings 4.70."""
        return self.ring(self.goods((self.lamp, lamps)))

    def balance(self):
        self.env.invalidate_all()
        return round(self.member.cashback_balance * 100)

    def lots(self):
        """What is left in the lots of the money account, oldest first."""
        account = self.member.holder_id.account_ids.filtered(lambda one: one.unit == "money")
        self.env.invalidate_all()
        lots = self.env["fidelity.lot"].search([("account_id", "=", account.id)], order="id")
        return [lot.quantity - sum(lot.allocation_ids.mapped("quantity")) for lot in lots]

    def test_paid_with_cashback(self):
        """10.00, of which 4.00 from the account: it earns on the 6.00 that were paid."""
        self.earn()
        order = self.ring(self.goods((self.mug, 1)), spending=400)
        self.assertEqual(order.amount_total, 6.0)
        receipt = self.assertAgrees(order, cashback_spent_minor=400, cashback_minor=60, discount_minor=400)
        self.assertEqual(receipt.amount_spent, 4.0)
        self.assertEqual(receipt.base_minor, 600)
        self.assertEqual(self.balance(), 470 - 400 + 60)
        self.assertEqual(receipt.posting_id.entry_ids.sorted("sequence").mapped("kind"), ["spend", "earn"])
        self.assertEqual([effect.reason for effect in receipt.effect_ids], ["$\xa04.00 paid with cashback"])
        self.assertEqual(json.loads(order.fidelity_result)["cashback_spent_minor"], 400)

    def test_the_oldest_is_spent_first(self):
        self.earn()
        self.earn(2)
        self.ring(self.goods((self.mug, 1)), spending=600)
        self.assertEqual(self.lots(), [0, 810, 40])

    def test_taxes_are_those_of_the_goods(self):
        self.earn(10)
        order = self.ring(self.goods((self.taxed, 1), (self.mug, 1)), spending=1170)
        carriers = order.lines.filtered(lambda line: line.price_unit < 0)
        self.assertEqual(sorted(carriers.mapped("price_subtotal_incl")), [-10.7, -1.0])
        self.assertEqual(sorted(carriers.mapped("price_subtotal")), [-10.0, -1.0])
        self.assertAgrees(order, cashback_spent_minor=1170)

    def test_goods_come_back_with_their_part(self):
        """Three mugs, 9.00 of 30.00 from the account: each brings 3.00 back, whatever is returned first."""
        for steps in ((1, 1, 1), (2, 1), (3,)):
            with self.subTest(steps=steps):
                self.set_benefits({"kind": "cashback", "percent": 10})
                self.earn(2)
                before = self.balance()
                order = self.ring(self.goods((self.mug, 3)), spending=900)
                self.assertEqual(self.balance(), before - 900 + 210)
                line = order.lines.filtered(lambda one: one.product_id == self.mug)
                left = 3
                for quantity in steps:
                    left -= quantity
                    refund = self.bring_back([(line, quantity)])
                    self.assertEqual(refund.amount_total, -7.0 * quantity)
                    self.assertAgrees(refund, cashback_spent_minor=-300 * quantity)
                    self.assertEqual(self.balance(), before - 300 * left + 70 * left)
                self.assertEqual(sum(self.lots()), before)
                self.assertFalse([lot for lot in self.lots() if lot < 0])

    def test_more_than_there_is(self):
        """The customer has left with the goods: the sale stands, he owes it, and a manager sees it."""
        self.earn()
        order = self.ring(self.goods((self.mug, 1)), spending=900)
        receipt = self.receipt(order)
        self.assertEqual((receipt.flags, receipt.cashback_spent_minor), ("cashback_short", 900))
        self.assertIn("More cashback", receipt.remarks)
        self.assertEqual(self.balance(), 470 - 900 + 10)
        self.assertClean()
        line = order.lines.filtered(lambda one: one.product_id == self.mug)
        self.bring_back([(line, 1)])
        self.assertEqual(self.balance(), 470)
        self.assertClean()

    def test_who_only_collects(self):
        """The till refuses to set anything aside; a sale that was paid all the same stands, and a manager sees it."""
        self.earn()
        mate = self.make_member(self.card_type, name="Anna Bianchi")
        self.env["fidelity.household.join"].create({"member_id": mate.id, "other_id": self.member.id}).action_join()
        self.member.collects_only = True
        held = self.config.fidelity_hold_cashback(self.card.number, 400, "basket")
        self.assertEqual(held["status"], "refused")
        self.assertIn("only collects for", held["message"])
        receipt = self.receipt(self.ring(self.goods((self.mug, 1)), spending=400))
        self.assertEqual((receipt.flags, receipt.cashback_spent_minor), ("collects_only", 400))
        self.assertIn("only collects", receipt.remarks)
        self.assertEqual(self.balance(), 470 - 400 + 60)
        self.env["fidelity.household.leave"].create({"member_id": mate.id}).action_leave()
        receipt = self.receipt(self.ring(self.goods((self.mug, 1)), spending=100))
        self.assertFalse(receipt.flags, "alone he spends his own")
        self.assertClean()

    def test_a_claim_of_cashback_without_a_card(self):
        """A price taken down by the till alone is a price that does not follow; nobody's account moves."""
        self.earn()
        order = self.ring(self.goods((self.mug, 1)), spending=400, fidelity_claim=False)
        receipt = self.receipt(order)
        self.assertFalse(receipt and receipt.cashback_spent_minor)
        self.assertEqual(self.balance(), 470)
        blocked = self.env["fidelity.card.state"].create({"card_ids": [(6, 0, self.card.ids)], "state": "blocked"})
        blocked.action_apply()
        receipt = self.receipt(self.ring(self.goods((self.mug, 1)), spending=400))
        self.assertEqual((receipt.flags, receipt.cashback_spent_minor), ("discount_differs", 0))
        self.assertEqual(self.balance(), 470)
        self.assertClean()

    def test_a_return_that_claims_more_than_was_paid(self):
        """The till gives back 9.00 of cashback for a purchase that was paid with 3.00 of it: 3.00 it is."""
        self.earn(3)
        order = self.ring(self.goods((self.mug, 1)), spending=300)
        before = self.balance()
        line = order.lines.filtered(lambda one: one.product_id == self.mug)
        carrier = order.lines - line
        back = [self.goods_line(self.mug, -1, 10.0, refunded_orderline_id=line.id)]
        (share,) = self.share_lines(back)
        share["price_unit"] = -9.0
        share["extra_tax_data"] = False
        claim = json.loads(share["fidelity_effect"])
        share["fidelity_effect"] = json.dumps({**claim, "allocation": {back[0]["uuid"]: 900}})
        refund = self.send([*back, share], False, is_refund=True)
        receipt = self.receipt(refund)
        self.assertEqual((receipt.flags, receipt.cashback_spent_minor), ("discount_differs", -300))
        self.assertEqual(self.balance(), before + 300 - 70)
        self.assertEqual(carrier.fidelity_effect and json.loads(carrier.fidelity_effect)["benefit"], "cashback")

    def test_an_exchange_spends_and_gives_back_at_once(self):
        self.earn(2)
        order = self.ring(self.goods((self.mug, 1)), spending=500)
        line = order.lines.filtered(lambda one: one.product_id == self.mug)
        refund = self.bring_back([(line, 1)], goods=self.goods((self.lamp, 1)), card=self.card)
        self.assertEqual(self.receipt(refund).cashback_spent_minor, -500)
        self.assertClean()
        self.assertFalse([lot for lot in self.lots() if lot < 0])

    def test_after_a_merge_it_comes_back_to_the_survivor(self):
        self.earn()
        order = self.ring(self.goods((self.mug, 1)), spending=400)
        survivor = self.make_member(self.card_type, name="Marco Rossi II")
        wizard = self.env["fidelity.member.merge"].create(
            {"member_ids": [(6, 0, (survivor | self.member).ids)], "survivor_id": survivor.id}
        )
        wizard.action_merge()
        line = order.lines.filtered(lambda one: one.product_id == self.mug)
        self.bring_back([(line, 1)], customer=survivor.partner_id)
        self.env.invalidate_all()
        self.assertEqual(round(survivor.cashback_balance * 100), 470)
        self.assertClean()

    def test_what_is_set_aside_is_spent_by_its_sale(self):
        self.earn()
        till = self.config
        held = till.fidelity_hold_cashback(self.card.number, 400, "basket-1")
        self.assertEqual((held["status"], held["amount_minor"], held["available"]), ("ok", 400, 70))
        other = till.fidelity_hold_cashback(self.card.number, 100, "basket-2")
        self.assertEqual(other["status"], "refused")
        self.assertIn("0.70", other["message"])
        self.ring(self.goods((self.mug, 1)), spending=400, fidelity_claim=self.claim(self.card, hold="basket-1"))
        hold = self.env["fidelity.hold"].sudo().search([("key", "=", "basket-1")])
        self.assertEqual((hold.state, hold.quantity_text), ("captured", "$\xa04.00"))
        self.assertClean()

    def test_wrong_amounts_are_refused(self):
        for amount in (0, -1, 2**60, "4", None, 4.5):
            answer = self.config.fidelity_hold_cashback(self.card.number, amount, "basket")
            self.assertEqual(answer["status"], "refused")
            self.assertIn("above zero", answer["message"])
        self.assertFalse(self.env["fidelity.hold"].sudo().search_count([]))

    def test_what_the_card_type_does_not_allow(self):
        """The till is told why; a purchase that was paid all the same stands, and a manager sees it."""
        self.earn(2)
        self.card_type.cashback_spend_minimum = 5
        answer = self.config.fidelity_hold_cashback(self.card.number, 499, "basket")
        self.assertEqual(answer["status"], "refused")
        self.assertIn("5.00", answer["message"])
        self.assertEqual(self.config.fidelity_hold_cashback(self.card.number, 500, "basket")["status"], "ok")
        hold = {"fidelity_claim": self.claim(self.card, hold="basket")}
        self.assertAgrees(self.ring(self.goods((self.mug, 1)), spending=500, **hold), cashback_spent_minor=500)
        below = self.receipt(self.ring(self.goods((self.mug, 1)), spending=100))
        self.assertEqual((below.flags, below.cashback_spent_minor), ("cashback_unallowed", 100))
        self.assertIn("does not allow", below.remarks)
        self.card_type.write({"cashback_spending": False, "cashback_spend_minimum": 0})
        self.assertIn("not for shopping", self.config.fidelity_hold_cashback(self.card.number, 100, "other")["message"])
        order = self.ring(self.goods((self.mug, 1)), spending=100)
        self.assertEqual(self.receipt(order).flags, "cashback_unallowed")
        before = self.balance()
        self.bring_back([(order.lines.filtered(lambda one: one.product_id == self.mug), 1)])
        self.assertEqual(self.balance(), before + 100 - 90, "what was paid with it comes back all the same")
        self.assertClean()

    def test_minimums_are_not_negative(self):
        for name, label in (("cashback_spend_minimum", "Use cashback from"), ("cashback_payout_minimum", "Pay out from")):
            with self.assertRaisesRegex(ValidationError, label):
                self.card_type[name] = -1
            self.card_type[name] = 0

    def test_other_money_and_other_companies(self):
        """A card that counts in another currency, or of another company, sets nothing aside here."""
        dinars = self.env["res.currency"].search(
            [("id", "!=", self.config.currency_id.id), ("active", "in", [True, False])], limit=1
        )
        dinars.active = True
        foreign = self.make_benefits("Foreign", "0481", [{"kind": "cashback", "percent": 10}])
        foreign.currency_id = dinars
        card = self.make_member(foreign, name="Luca Verdi").card_ids
        answer = self.config.fidelity_hold_cashback(card.number, 100, "basket")
        self.assertEqual(answer["status"], "refused")
        self.assertIn(f"at a till in {dinars.name}", answer["message"])
        company = self.env["res.company"].create({"name": "Next door"})
        theirs = self.make_benefits("Theirs", "0482", [{"kind": "cashback", "percent": 10}])
        theirs.company_id = company
        self.env.flush_all()
        card = self.make_member(theirs, name="Ada Neri").card_ids
        answer = self.config.fidelity_hold_cashback(card.number, 100, "basket")
        self.assertIn("another company", answer["message"])
        self.assertFalse(self.env["fidelity.hold"].sudo().search_count([]))

    def test_rights(self):
        self.earn()
        with self.assertRaises(AccessError):
            self.config.with_user(self.make_user("outsider")).fidelity_hold_cashback(self.card.number, 100, "basket")
        cashier = self.make_user("cashier_cashback", "point_of_sale.group_pos_user")
        self.assertEqual(self.config.with_user(cashier).fidelity_hold_cashback(self.card.number, 100, "basket")["status"], "ok")
        with self.assertRaises(AccessError):
            self.card_type.with_user(cashier).cashback_spending = False
        manager = self.make_user("manager_cashback", "loyalty_fidelity.group_fidelity_manager")
        self.card_type.with_user(manager).cashback_spending = False

    def test_statements(self):
        """Paying with cashback costs three statements more than not paying with it."""
        self.earn(4)
        self.ring(self.goods((self.mug, 1)), spending=100)

        def count(**vals):
            with self.assertQueryCount(10**6):
                before = self.env.cr.sql_log_count
                self.ring(self.goods((self.mug, 1)), **vals)
                return self.env.cr.sql_log_count - before

        self.ring(self.goods((self.mug, 1)))
        plain, spending = count(), count(spending=100)
        self.assertLessEqual(spending - plain, 3 + self.lines_more())

    def lines_more(self):
        """What a further order line costs Odoo itself."""
        before = self.env.cr.sql_log_count
        self.ring(self.goods((self.mug, 1)))
        middle = self.env.cr.sql_log_count
        self.ring(self.goods((self.mug, 1), (self.lamp, 1)))
        return max(0, (self.env.cr.sql_log_count - middle) - (middle - before))
