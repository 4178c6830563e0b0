import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.rules import card_number

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestWrongInput(FidelityPosCase):
    """Whatever the till says, the sale ends, and the ledger stays true."""

    def assertOutcome(self, order, outcome, points=0):
        receipt = self.receipt(order)
        self.assertEqual(order.state, "paid")
        self.assertEqual((receipt.outcome, receipt.points), (outcome, points))
        self.assertFalse(self.env["fidelity.outbox"].search([("source_id", "=", order.id)]))
        return receipt

    def test_unknown_card_and_wrong_check_digit(self):
        order = self.sell([(self.lamp, 1)], claim=self.claim().replace(self.card.number, card_number.build("0490", 7654321)))
        self.assertOutcome(order, "unknown_card")
        number = self.card.number
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        order = self.sell([(self.lamp, 1)], claim=self.claim().replace(number, wrong))
        self.assertOutcome(order, "unknown_card")
        self.assertEqual(self.result(order)["points"], 0)

    def test_card_that_stopped_working_after_it_was_read(self):
        """Offline tills learn late: the sale stands, nothing is earned, the receipt says why."""
        for state in ("blocked", "lost"):
            card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "member_id": self.member.id})
            card._set_state(state)
            self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(card)), f"card_{state}")
        old = self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "member_id": self.member.id})
        old._replace()
        self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(old)), "card_replaced")
        draft = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(draft)), "card_draft")
        self.member.state = "closed"
        self.assertOutcome(self.sell([(self.lamp, 1)]), "member_closed")

    def test_card_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other shops"})
        member = self.make_member(self.make_card_type(name="Foreign", prefix="0470", company=company), name="Zoe Far")
        self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(member.card_ids)), "other_company")
        self.assertEqual(member.balance, 0)

    def test_card_type_without_benefits_and_unpublished(self):
        bare = self.make_member(self.make_card_type(name="Bare", prefix="0480", points=0))
        self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(bare.card_ids)), "no_benefit")
        draft = self.make_member(self.make_card_type(name="Draft", prefix="0481", publish=False))
        self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(draft.card_ids)), "no_ruleset")

    def test_zero_and_negative_baskets_and_no_lines(self):
        gift = self.create_product("Gift", self.categ_basic, 0.0)
        self.assertOutcome(self.sell([(gift, 1)]), "not_positive")
        self.assertOutcome(self.sell([]), "empty")
        self.sell([(self.lamp, 1)])
        order = self.sell([(self.mug, -1)])
        self.assertEqual(self.receipt(order).points, -1)
        self.assertEqual(self.member.balance, 3)

    def test_lines_that_lie_about_their_subtotal(self):
        """An order of total 0 with a line that claims 1,000.00 earns nothing; the amounts are recomputed."""
        data = self.order_data([(self.mug, 1)], payments=[])
        data["lines"][0][2].update(price_unit=0.0, price_subtotal=1000.0, price_subtotal_incl=1000.0)
        data.update(amount_total=0.0, amount_paid=0.0)
        self.env["pos.order"].sync_from_ui([data])
        order = self.env["pos.order"].search([], order="id desc", limit=1)
        receipt = self.assertOutcome(order, "not_positive")
        self.assertEqual(receipt.total_minor, 0)

    def test_payments_cap_what_lines_claim(self):
        """Lines worth 470.00 of which 47.00 was paid earn for 47.00."""
        data = self.order_data([(self.lamp, 10)], payments=[(self.cash_pm1, 47.0)])
        data.update(amount_total=47.0)
        self.env["pos.order"].sync_from_ui([data])
        order = self.env["pos.order"].search([], order="id desc", limit=1)
        receipt = self.receipt(order)
        self.assertEqual((receipt.points, receipt.base_minor, receipt.total_minor), (4, 4700, 47000))

    def test_till_that_claims_other_points_is_recorded_not_believed(self):
        receipt = self.receipt(self.sell([(self.lamp, 1)], claim=self.claim(points=4000)))
        self.assertEqual((receipt.points, receipt.points_claimed, receipt.flags), (4, 4000, "claim_differs"))

    def test_customer_changed_after_the_card_was_read(self):
        """The card decides whose points they are; the manager sees that the customer is another."""
        receipt = self.receipt(self.sell([(self.lamp, 1)], customer=self.other_customer))
        self.assertEqual((receipt.member_id, receipt.points, receipt.flags), (self.member, 4, "customer_differs"))

    def test_two_cards_on_one_basket(self):
        """The last card counts; the others stay in evidence."""
        marco = self.make_member(self.card_type, name="Marco Rossi")
        order = self.sell(
            [(self.lamp, 1)],
            claim=self.claim(marco.card_ids, previous_cards=[self.card.number]),
            customer=marco.partner_id,
        )
        self.assertEqual((self.receipt(order).flags, marco.balance, self.member.balance), ("two_cards", 4, 0))
        self.assertEqual(json.loads(self.receipt(order).claim)["previous_cards"], [self.card.number])

    def test_other_currency_and_currency_without_decimals(self):
        """Amounts in another currency than the card type's earn nothing; yen have no cents."""
        yen = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        yen.active = True
        japanese = self.make_card_type(name="Yen", prefix="0480", step=1000, currency_id=yen.id)
        member = self.make_member(japanese)
        self.assertOutcome(self.sell([(self.lamp, 1)], claim=self.claim(member.card_ids)), "currency")
        payload = json.loads(japanese.ruleset_id.payload)
        self.assertEqual((payload["currency_decimals"], payload["benefits"][0]["step_minor"]), (0, 1000))

    def test_claims_that_are_no_claims(self):
        """Broken text is no card at all: the sale goes on, the receipt says that no card was shown."""
        for text in ("nonsense", "[]", '{"card": 5}', '{"card": "' + "0" * 5000 + '"}'):
            self.assertOutcome(self.sell([(self.lamp, 1)], claim=text), "no_card")

    def test_claim_of_a_paid_order_cannot_be_changed(self):
        """Nobody puts his card on a sale that is over."""
        order = self.sell([(self.lamp, 1)], claim=None)
        cashier = self.make_user("fid-cashier-3", "point_of_sale.group_pos_user")
        with self.assertRaises(AccessError):
            order.with_user(cashier).write({"fidelity_claim": self.claim()})
        self.assertEqual(self.env["pos.order"]._cron_fidelity_sweep(), 0)
