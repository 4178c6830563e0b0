from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestLife(FidelityCase):
    """Contacts, users, stores and companies come and go: balances, entries and old plastic keep working, or say why not."""

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 120)

    def contact_with(self, name, *balances):
        """A contact with memberships of this case's card types, one a balance; None: no membership of that type."""
        partner = self.env["res.partner"].create({"name": name})
        for card_type, balance in zip((self.card_type, self.other), balances, strict=True):
            if balance is not None:
                member = self.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": card_type.id})
                self.env["fidelity.card"].create({"card_type_id": card_type.id, "member_id": member.id})
                if balance:
                    self.adjust(member, balance)
        return partner

    @property
    def other(self):
        found = self.env["fidelity.card.type"].search([("code", "=", "other")])
        return found or self.make_card_type(name="Other", prefix="0480")

    def merge_contacts(self, partners, destination):
        """As a person does it on Odoo's own screen."""
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({})
        )
        wizard.dst_partner_id = destination
        wizard.action_merge()
        self.env.invalidate_all()

    def identified(self, card):
        row = self.env["fidelity.card"]._identify(card.number)
        return row["card_state"], row["member_state"], row["partner_id"], row["balance"]

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    # -- merging contacts ------------------------------------------------------------------------------------------

    def test_merging_contacts_with_the_same_card_type_merges_their_memberships(self):
        anna, twin = self.contact_with("Anna", 100, None), self.contact_with("Anna B", 30, None)
        cards = (anna | twin).fidelity_card_ids
        self.merge_contacts(anna | twin, anna)
        self.assertFalse(twin.exists())
        self.assertEqual(anna.fidelity_balance, 130)
        for card in cards:
            self.assertEqual(self.identified(card), ("active", "active", anna.id, 130))
        self.assertEqual(anna.fidelity_member_ids.mapped("state").count("merged"), 1)
        self.assertClean()

    def test_merging_contacts_keeps_memberships_of_other_types(self):
        anna, twin = self.contact_with("Anna", 100, None), self.contact_with("Anna B", None, 30)
        self.merge_contacts(anna | twin, anna)
        self.assertEqual(sorted(anna.fidelity_member_ids.mapped("balance")), [30, 100])
        self.assertEqual(set(anna.fidelity_member_ids.mapped("state")), {"active"})
        for card in anna.fidelity_card_ids:
            self.assertEqual(self.identified(card)[1:3], ("active", anna.id))
        self.assertClean()

    def test_merging_three_contacts_into_one_without_membership(self):
        """Odoo alone would fail on, or delete, the second membership."""
        anna = self.contact_with("Anna", None, None)
        first, second = self.contact_with("Anna B", 5, 7), self.contact_with("Anna C", 20, None)
        self.merge_contacts(anna | first | second, anna)
        living = anna.fidelity_member_ids.filtered(lambda member: member.state == "active")
        self.assertEqual(sorted(living.mapped("balance")), [7, 25])
        self.assertEqual(anna.fidelity_balance, 32)
        self.assertClean()

    def test_merging_a_contact_merged_before(self):
        """Also what was merged stays with the customer: a second merge finds merged memberships on both sides."""
        contacts = [self.contact_with(f"Anna {number}", 10, None) for number in range(4)]
        self.merge_contacts(contacts[0] | contacts[1], contacts[0])
        self.merge_contacts(contacts[2] | contacts[3], contacts[2])
        self.merge_contacts(contacts[0] | contacts[2], contacts[2])
        self.assertEqual(contacts[2].fidelity_balance, 40)
        self.assertEqual(len(contacts[2].fidelity_member_ids), 4)
        self.assertClean()

    def test_merging_contacts_of_two_households_says_why_not(self):
        anna, twin = self.contact_with("Anna", 1, None), self.contact_with("Anna B", 2, None)
        for partner in (anna, twin):
            mate = self.make_member(self.card_type, name="Mate")
            partner.fidelity_member_ids._join(mate, str(partner.id))
        with self.assertRaisesRegex(UserError, "leave the household"):
            self.merge_contacts(anna | twin, anna)

    def test_a_closed_membership_does_not_close_the_other(self):
        anna, twin = self.contact_with("Anna", 100, None), self.contact_with("Anna B", 30, None)
        anna.fidelity_member_ids.action_close()
        cards = (anna | twin).fidelity_card_ids
        self.merge_contacts(anna | twin, anna)
        for card in cards:
            self.assertEqual(self.identified(card), ("active", "active", anna.id, 130))

    def test_a_user_without_loyalty_rights_merges_contacts(self):
        anna, twin = self.contact_with("Anna", 100, None), self.contact_with("Anna B", 30, None)
        user = self.make_user("fid-contacts", "base.group_partner_manager")
        self.env["base.partner.merge.automatic.wizard"].with_user(user)._merge((anna | twin).ids, anna.with_user(user))
        self.env.invalidate_all()
        self.assertEqual(anna.fidelity_balance, 130)
        posting = self.env["fidelity.posting"].search([("kind", "=", "transfer")], limit=1)
        self.assertEqual((posting.author_uid, posting.reason), (user.id, "Their contacts were merged"))

    # -- deleting and archiving ------------------------------------------------------------------------------------

    def test_deleting_a_contact_with_a_membership_is_refused_with_the_way_out(self):
        with self.assertRaisesRegex(UserError, "Archive the contact instead"):
            self.member.partner_id.unlink()
        user = self.make_user("fid-contacts", "base.group_partner_manager")
        with self.assertRaisesRegex(UserError, "loyalty membership"):
            self.member.partner_id.with_user(user).unlink()
        plain = self.env["res.partner"].create({"name": "Plain"})
        plain.unlink()
        self.assertFalse(plain.exists())

    def test_deleting_a_membership_without_anything_lets_the_contact_go(self):
        partner = self.contact_with("Eve", None, None)
        member = self.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": self.card_type.id})
        member.unlink()
        partner.unlink()
        self.assertFalse(partner.exists())

    def test_an_archived_contact_keeps_points_and_card(self):
        partner = self.member.partner_id
        partner.active = False
        self.assertEqual(self.identified(self.card), ("active", "active", partner.id, 120))
        self.assertEqual(self.member.display_name, "Anna Bianchi")
        for text in ("Anna", self.card.number):
            self.assertIn(self.member.id, [row[0] for row in self.env["fidelity.member"].name_search(text)])
        self.adjust(self.member, 5)
        self.assertEqual(self.member.balance, 125)

    def test_a_contact_without_a_name_still_has_a_name_on_screens(self):
        partner = self.member.partner_id
        partner.write({"name": "", "email": False, "phone": False})
        self.assertEqual(self.member.display_name, "Customer without a name")
        self.assertEqual(self.member._short_name(), "")
        self.assertEqual(self.identified(self.card)[3], 120)
        self.assertEqual(self.member.holder_id.display_name, "Customer without a name")

    def test_archiving_and_deleting_a_user_changes_no_entry(self):
        manager = self.make_user("fid-gone", "loyalty_fidelity.group_fidelity_manager")
        self.store.write({"manager_id": manager.id, "user_ids": [(6, 0, manager.ids)]})
        wizard = (
            self.env["fidelity.adjustment"]
            .with_user(manager)
            .create({"member_id": self.member.id, "quantity": 5, "reason": "by one who leaves"})
        )
        wizard.action_post()
        posting = self.env["fidelity.posting"].search([("reason", "=", "by one who leaves")])
        manager.active = False
        self.assertClean()
        number = manager.id
        self.env["fidelity.adjustment"].search([]).unlink()
        manager.unlink()
        self.env.invalidate_all()
        self.assertEqual((posting.author_uid, posting.author_name), (number, "fid-gone"))
        self.assertEqual((self.store.manager_id.ids, self.store.user_ids.ids), ([], []))
        self.assertEqual(self.member.balance, 125)
        self.assertClean()

    def test_archived_store_keeps_its_members_and_a_used_store_is_not_deleted(self):
        self.store.active = False
        self.assertEqual(self.identified(self.card)[3], 120)
        self.adjust(self.member, 5)
        self.assertEqual((self.member.store_id, self.member.balance), (self.store, 125))
        with self.assertRaisesRegex(UserError, "Archive"):
            self.store.unlink()
        empty = self.make_store("S9")
        empty.unlink()
        self.assertFalse(empty.exists())

    def test_closing_keeps_the_points_and_reopening_gives_them_back(self):
        self.member.action_close()
        self.assertEqual(self.identified(self.card), ("active", "closed", self.member.partner_id.id, 120))
        self.member.action_reopen()
        self.assertEqual(self.identified(self.card)[1], "active")

    def test_replacing_a_card_moves_nothing(self):
        new = self.card._replace("worn out")
        self.assertEqual(self.identified(self.card)[0], "replaced")
        self.assertEqual(self.identified(new), ("active", "active", self.member.partner_id.id, 120))
        self.assertEqual(self.env["fidelity.posting"].search_count([("member_id", "=", self.member.id)]), 1)
        self.assertClean()
