from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestHousehold(FidelityCase):
    """Several members' cards on one account: joining moves everything there, leaving takes a stated share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marco = cls.make_member(cls.card_type, name="Marco Bianchi")

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 120)
        self.adjust(self.marco, 30)

    def join(self, member, other, **values):
        wizard = self.env["fidelity.household.join"].create({"member_id": member.id, "other_id": other.id, **values})
        wizard.action_join()
        return wizard

    def leave(self, member, points=0):
        wizard = self.env["fidelity.household.leave"].create({"member_id": member.id, "points": points})
        wizard.action_leave()
        return wizard

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def test_members_share_one_account_whichever_card_is_shown(self):
        self.join(self.marco, self.member, name="Family Bianchi")
        household = self.member.holder_id
        self.assertEqual(self.marco.holder_id, household)
        self.assertEqual((household.display_name, household.is_household, household.balance), ("Family Bianchi", True, 150))
        self.assertEqual(household.card_ids, self.member.card_ids | self.marco.card_ids)
        rows = [self.env["fidelity.card"]._identify(card.number) for card in household.card_ids]
        self.assertEqual({row["account_id"] for row in rows}, {self.account.id})
        self.assertEqual({row["member_id"] for row in rows}, {self.member.id, self.marco.id})
        self.adjust(self.marco, -50)
        self.assertEqual((self.member.balance, self.marco.balance), (100, 100))
        self.assertClean()

    def test_screens_say_what_will_happen(self):
        wizard = self.env["fidelity.household.join"].new({"member_id": self.marco.id, "other_id": self.member.id})
        for text in ("150 points", "120 points + 30 points", "leave again"):
            self.assertIn(text, wizard.effect)
        self.join(self.marco, self.member)
        self.assertEqual(self.member.holder_id.display_name, "Anna Bianchi, Marco Bianchi")
        wizard = self.env["fidelity.household.leave"].new({"member_id": self.marco.id, "points": 40})
        self.assertIn("Of 150 points, 40 points go along and 110 points stay", wizard.effect)

    def test_leaving_takes_nothing_unless_said(self):
        self.join(self.marco, self.member)
        self.leave(self.marco)
        self.assertEqual((self.member.balance, self.marco.balance), (150, 0))
        self.assertNotEqual(self.member.holder_id, self.marco.holder_id)
        self.assertFalse(self.member.holder_id.is_household, "one member alone is no household")
        self.adjust(self.marco, 5)
        self.assertEqual((self.member.balance, self.marco.balance), (150, 5))
        self.assertClean()

    def test_leaving_with_a_share_twice_takes_it_once(self):
        self.join(self.marco, self.member)
        self.leave(self.marco, 40).action_leave()
        self.assertEqual((self.member.balance, self.marco.balance), (110, 40))
        self.assertClean()

    def test_a_share_is_at_most_what_there_is(self):
        self.join(self.marco, self.member)
        for points in (151, -1):
            with self.subTest(points=points), self.assertRaisesRegex(UserError, "150 points"):
                self.leave(self.marco, points)
        self.assertEqual(self.marco.holder_id, self.member.holder_id)

    def test_a_share_is_not_what_is_set_aside(self):
        self.join(self.marco, self.member)
        self.env["fidelity.hold"].sudo()._take(self.member, 100, "basket")
        with self.assertRaisesRegex(UserError, "has 50 points to share.*Set aside for another basket: 100 points"):
            self.leave(self.marco, 51)
        self.leave(self.marco, 50)
        self.assertEqual((self.member.balance, self.marco.balance), (100, 50))
        hold = self.env["fidelity.hold"].sudo().search([("key", "=", "basket")])
        self.assertEqual(sum(use["quantity"] for use in hold._capture()), 100)
        self.assertClean()

    def test_leaving_settles_nothing_an_equal_part_or_an_amount(self):
        eve = self.make_member(self.card_type, name="Eve Bianchi")
        self.join(self.marco, self.member)
        self.join(eve, self.member)
        self.env["fidelity.hold"].sudo()._take(self.member, 9, "basket")
        with Form(self.env["fidelity.household.leave"].with_context(default_member_id=self.marco.id)) as form:
            self.assertEqual((form.settlement, form.points), ("nothing", 0))
            self.assertIn("0 points go along", form.effect)
            form.settlement = "equal"
            self.assertIn("Of 150 points, 47 points go along and 103 points stay", form.effect)
            form.settlement = "amount"
            self.assertEqual(form.points, 47, "one begins with what stood there")
            form.points = 40
            self.assertIn("40 points go along", form.effect)
            form.settlement = "equal"
        form.record.action_leave()
        self.assertEqual((self.member.balance, self.marco.balance), (103, 47))
        with Form(self.env["fidelity.household.leave"].with_context(default_member_id=eve.id)) as form:
            form.settlement = "amount"
            form.points = 3
        form.record.action_leave()
        self.assertEqual((self.member.balance, eve.balance), (100, 3))
        self.assertClean()

    def test_joining_twice_joins_once(self):
        wizard = self.join(self.marco, self.member)
        wizard.action_join()
        self.assertEqual(self.member.balance, 150)

    def test_refusals_say_why(self):
        other = self.make_card_type(name="Other", prefix="0480")
        stranger = self.make_member(other, name="Zoe")
        closed = self.make_member(self.card_type, name="Eve", state="closed")
        eve = self.make_member(self.card_type, name="Eve")
        self.join(self.marco, self.member)
        for member, whom, text in (
            (eve, eve, "Choose the member"),
            (eve, closed, "not active"),
            (eve, stranger, "same card type"),
            (self.marco, self.member, "already"),
            (self.marco, eve, "Leave that one first"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, text):
                self.join(member, whom)
        with self.assertRaisesRegex(UserError, "no household"):
            self.leave(eve)

    def test_who_joins_later_and_who_leaves_first(self):
        eve = self.make_member(self.card_type, name="Eve Bianchi")
        self.adjust(eve, 10)
        self.join(self.marco, self.member)
        self.join(eve, self.marco)
        self.leave(self.member, 60)
        self.assertEqual((self.member.balance, self.marco.balance, eve.balance), (60, 100, 100))
        self.assertTrue(self.marco.holder_id.is_household)
        self.assertClean()

    def test_merging_with_a_member_of_a_household_joins_it(self):
        """Who stays takes the place in the household of who was in it: the points add up."""
        twin = self.make_member(self.card_type, name="Marco Bianchi")
        self.adjust(twin, 8)
        self.join(self.marco, self.member)
        wizard = self.env["fidelity.member.merge"].create({"member_ids": [(6, 0, (self.marco | twin).ids)], "survivor_id": twin.id})
        self.assertIn("household", wizard.effect)
        wizard.action_merge()
        self.assertEqual((twin.holder_id, twin.balance, self.member.balance), (self.member.holder_id, 158, 158))
        self.assertTrue(self.member.holder_id.is_household)
        self.assertEqual((self.marco.state, self.marco.balance), ("merged", 0))
        self.assertClean()

    def test_merging_inside_a_household_moves_nothing(self):
        self.join(self.marco, self.member)
        (self.marco)._merge_into(self.member, "3f0d1f1c-37a1-4b0f-9a49-6a2d4c7d4d11")
        self.assertEqual((self.member.balance, self.marco.balance, len(self.member.card_ids)), (150, 0, 2))
        self.assertFalse(self.member.holder_id.is_household)
        self.assertClean()

    def test_members_of_two_households_are_not_merged(self):
        eve, zoe = (self.make_member(self.card_type, name=name) for name in ("Eve", "Zoe"))
        self.join(self.marco, self.member)
        self.join(zoe, eve)
        self.assertIn("different households", (self.marco | zoe)._merge_problem())

    def test_only_a_loyalty_manager_joins_and_takes_out(self):
        """Sharing an account is a way to spend another's points."""
        user = self.make_user("fid-house-user", "loyalty_fidelity.group_fidelity_store_manager")
        wizard = self.env["fidelity.household.join"].create({"member_id": self.marco.id, "other_id": self.member.id})
        with self.assertRaises(AccessError):
            wizard.with_user(user).action_join()
        household = self.member.holder_id
        for call in (
            lambda: household.with_user(user).write({"name": "Mine"}),
            lambda: household.write({"is_household": True}),
            lambda: household.write({"merged_into_id": self.marco.holder_id.id}),
            lambda: self.marco.write({"holder_id": household.id}),
        ):
            with self.subTest(call=call), self.assertRaises(AccessError):
                call()
        household.write({"name": "Family Bianchi"})

    def test_a_member_of_a_household_is_not_deleted(self):
        eve, zoe = (
            self.env["fidelity.member"].create(
                {"partner_id": self.env["res.partner"].create({"name": name}).id, "card_type_id": self.card_type.id}
            )
            for name in ("Eve", "Zoe")
        )
        self.join(eve, zoe)
        for member in (eve, zoe):
            with self.assertRaisesRegex(UserError, "closed, not deleted"):
                member.unlink()
        self.leave(eve)
        with self.assertRaisesRegex(UserError, "closed, not deleted"):
            eve.unlink()
        zoe.unlink()
        self.assertFalse(zoe.exists())

    def test_households_are_found_by_name_member_and_card(self):
        self.join(self.marco, self.member, name="Family Bianchi")
        household = self.member.holder_id
        for text in ("Family", "Marco", self.marco.card_ids.number):
            self.assertIn(household.id, [row[0] for row in self.env["fidelity.holder"].name_search(text)])
        self.assertIn(household, self.env["fidelity.holder"].search([("is_household", "=", True)]))

    def test_who_only_collects_does_not_spend(self):
        """Sofia collects for all; what is spent is spent by others, unless a manager lets her."""
        self.join(self.marco, self.member)
        self.marco.collects_only = True
        prize = self.env["fidelity.prize"].create({"name": "Mug", "points": 10, "card_type_id": self.card_type.id})
        self.card_type.write({"transfer_max_points": 100, "transfer_day_points": 100})
        other = self.make_member(self.card_type, name="Carla Verdi")
        for spend in (
            lambda member: self.env["fidelity.hold"].sudo()._take(member, 10, f"basket {member.id}"),
            lambda member: self.env["fidelity.posting"]._post_redemption(member, prize, f"prize {member.id}"),
            lambda member: self.env["fidelity.posting"]._post_points_transfer(member, other, 10, "Gift", f"gift {member.id}"),
        ):
            with self.assertRaisesRegex(UserError, "Marco Bianchi only collects for .*a manager lets him"):
                spend(self.marco)
            spend(self.member)
        self.adjust(self.marco, 5)
        self.leave(self.marco, 20)
        self.env["fidelity.posting"]._post_redemption(self.marco, prize, "his own")
        self.assertEqual(self.marco.balance, 10)

    def test_only_a_manager_says_who_spends(self):
        store_manager = self.make_user("spender", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaisesRegex(AccessError, "Only a loyalty manager"):
            self.marco.with_user(store_manager).collects_only = True
        partner = self.env["res.partner"].create({"name": "Eve"})
        vals = {"partner_id": partner.id, "card_type_id": self.card_type.id}
        members = self.env["fidelity.member"].with_user(store_manager)
        with self.assertRaisesRegex(AccessError, "Only a loyalty manager"):
            members.create({**vals, "collects_only": True})
        self.assertFalse(members.create({**vals, "collects_only": False}).collects_only)
        manager = self.make_user("spender_manager", "loyalty_fidelity.group_fidelity_manager")
        self.marco.with_user(manager).collects_only = True
        self.assertTrue(self.marco.collects_only)
