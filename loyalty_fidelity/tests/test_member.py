from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestMember(FidelityCase):
    """A membership has a holder and an account from the first moment."""

    def test_enrolling_opens_one_holder_and_one_account(self):
        self.assertEqual(len(self.member.holder_id), 1)
        self.assertEqual((len(self.account), self.account.unit, self.account.balance), (1, "points", 0))

    def test_one_membership_a_customer_and_card_type(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["fidelity.member"].create({"partner_id": self.member.partner_id.id, "card_type_id": self.card_type.id})
        other = self.make_card_type(name="Other", prefix="0480")
        second = self.env["fidelity.member"].create({"partner_id": self.member.partner_id.id, "card_type_id": other.id})
        self.assertNotEqual(second.holder_id, self.member.holder_id)

    def test_customer_type_and_holder_stay(self):
        """Moving a membership to another holder would spend another's points."""
        marco = self.make_member(self.card_type, name="Marco Rossi")
        for vals in ({"holder_id": marco.holder_id.id}, {"partner_id": marco.partner_id.id}):
            with self.assertRaises(AccessError):
                self.member.write(vals)
        self.member.write({"holder_id": self.member.holder_id.id, "state": "closed"})

    def test_holder_given_at_creation_is_not_taken(self):
        partner = self.env["res.partner"].create({"name": "Eve"})
        eve = self.env["fidelity.member"].create(
            {"partner_id": partner.id, "card_type_id": self.card_type.id, "holder_id": self.member.holder_id.id}
        )
        self.assertNotEqual(eve.holder_id, self.member.holder_id)

    def test_members_with_cards_are_not_deleted(self):
        with self.assertRaises(UserError):
            self.member.unlink()

    def test_contact_shows_and_finds_cards_points_and_tier(self):
        other = self.make_member(self.card_type, name="Marco Rossi").partner_id
        gold = self.env["fidelity.tier"].create({"name": "Gold", "medal": "gold", "card_type_id": self.card_type.id})
        self.member.tier_id = gold
        self.adjust(self.member, 250)
        partner = self.member.partner_id
        self.assertEqual((partner.fidelity_balance, partner.fidelity_tier_ids), (250, gold))
        find = self.env["res.partner"].search
        both = [("id", "in", (partner | other).ids)]
        for domain in (
            [("fidelity_balance", ">", 200)],
            [("fidelity_balance", "=", 250)],
            [("fidelity_card_ids.number", "=", self.card.number)],
            [("fidelity_tier_ids", "in", gold.ids)],
            [("fidelity_tier_ids.name", "=", "Gold")],
        ):
            with self.subTest(domain=domain):
                self.assertEqual(find(domain + both), partner)
        self.assertEqual(find([("fidelity_balance", "=", 0)] + both), other)

    def test_contact_shows_the_cards_of_all_its_memberships(self):
        other = self.make_card_type(name="Other", prefix="0480")
        partner = self.member.partner_id
        second = self.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": other.id})
        card = self.env["fidelity.card"].create({"card_type_id": other.id, "member_id": second.id})
        self.assertEqual(partner.fidelity_card_ids, self.card | card)
        for number in (self.card.number, card.number):
            self.assertEqual(self.env["res.partner"].search([("fidelity_card_ids.number", "=", number)]), partner)

    def test_first_tier_is_the_lowest(self):
        card_type = self.make_card_type(name="Tiers", prefix="0480")
        self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": card_type.id, "sequence": 20})
        bronze = self.env["fidelity.tier"].create({"name": "Bronze", "card_type_id": card_type.id, "sequence": 5})
        self.assertEqual(self.make_member(card_type).tier_id, bronze)

    def test_found_by_card_number_name_and_phone(self):
        self.member.partner_id.phone = "+44 20 7946 0958"
        for text in (self.card.number, "Anna", "7946"):
            found = self.env["fidelity.member"].name_search(text)
            self.assertIn(self.member.id, [row[0] for row in found])
