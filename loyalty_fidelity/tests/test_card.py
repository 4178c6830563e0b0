from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..rules import card_number
from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestCard(FidelityCase):
    """A card is a token: it has a number and a state, and moves nothing."""

    def test_numbers_are_ean13_under_the_prefix_and_never_repeat(self):
        cards = self.env["fidelity.card"].create([{"card_type_id": self.card_type.id} for _index in range(50)])
        for number in cards.mapped("number"):
            self.assertEqual(card_number.recognise(number, ("0490",)).status, "card")
        self.assertEqual(len(set(cards.mapped("number"))), 50)
        self.assertEqual(set(cards.mapped("state")), {"draft"})

    def test_number_given_by_hand_is_checked_and_normalised(self):
        number = card_number.build("0490", 424242)
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "number": number[1:]})
        self.assertEqual(card.number, number)
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        for bad in (wrong, "123", "4006381333931"):
            with self.assertRaises(ValidationError):
                self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "number": bad})
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "number": number})

    def test_number_member_and_state_do_not_change_by_writing(self):
        """Moving a card to another member would spend his points."""
        other = self.make_member(self.card_type, name="Marco Rossi")
        for vals in ({"member_id": other.id}, {"number": "0490000099998"}, {"state": "active"}):
            with self.assertRaises(AccessError):
                self.card.write(vals)

    def test_replacing_moves_nothing(self):
        self.adjust(self.member, 100)
        new = self.card._replace("worn out")
        self.assertEqual((self.card.state, self.card.replaced_by_id, new.state), ("replaced", new, "active"))
        self.assertEqual((new.member_id, self.member.balance), (self.member, 100))

    def test_states_follow_their_order_and_refusals_say_why(self):
        self.card._set_state("blocked", "stolen purse")
        self.assertEqual(self.card.state_reason, "stolen purse")
        self.card._set_state("active")
        self.card._set_state("lost")
        self.card._replace()
        for state in ("active", "blocked", "lost"):
            with self.assertRaisesRegex(UserError, "cannot become"):
                self.card._set_state(state)

    def test_giving_out_a_card(self):
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        card._give_out(self.member)
        self.assertEqual((card.state, card.member_id), ("active", self.member))
        with self.assertRaises(UserError):
            card._give_out(self.member)
        foreign = self.make_member(self.make_card_type(name="Other", prefix="0480"))
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        with self.assertRaises(ValidationError):
            card._give_out(foreign)

    def test_wizards_change_state_and_issue(self):
        wizard = self.env["fidelity.card.state"].create({"card_ids": self.card.ids, "state": "replaced", "reason": "worn out"})
        wizard.action_apply()
        self.assertEqual(self.card.state, "replaced")
        issue = self.env["fidelity.card.issue"].create({"card_type_id": self.card_type.id, "quantity": 3})
        cards = self.env["fidelity.card"].search(issue.action_issue()["domain"])
        self.assertEqual(len(cards), 3)
        for quantity in (0, -1, 1_000_001):
            issue.quantity = quantity
            with self.assertRaises(UserError):
                issue.action_issue()

    def test_given_out_cards_are_not_deleted(self):
        with self.assertRaises(UserError):
            self.card.unlink()
        self.env["fidelity.card"].create({"card_type_id": self.card_type.id}).unlink()
