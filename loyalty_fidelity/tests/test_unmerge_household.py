from odoo.tests import tagged

from .unmerge_common import UnmergeCase


@tagged("post_install", "-at_install")
class TestUnmergeHousehold(UnmergeCase):
    """Who shared points when he was merged shares them again, whoever took his place meanwhile."""

    def setUp(self):
        super().setUp()
        self.join(self.marco, self.member)
        self.household = self.member.holder_id

    def test_merged_inside_the_household(self):
        self.merge(self.member, self.marco)
        self.assertFalse(self.household.is_household)
        wizard = self.wizard()
        self.assertIn("Marco Rossi shares the points of Anna Bianchi again.", wizard.effect)
        wizard.action_unmerge()
        self.assertEqual((self.marco.holder_id, self.household.is_household), (self.household, True))
        self.assertEqual(self.balances(), (150, 150))
        self.assertEqual(self.plastic.member_id, self.marco)
        self.assertClean()

    def test_the_survivor_took_his_place(self):
        """Both share the household's points then, and the screen says who may have to leave."""
        twin = self.make_member(self.card_type, name="Marco Rossi jr")
        self.adjust(twin, 8)
        self.merge(twin, self.marco, survivor=twin)
        self.household.name = "Family Bianchi"
        wizard = self.wizard()
        self.assertIn("Marco Rossi shares the points of Family Bianchi again.", wizard.effect)
        self.assertIn("Marco Rossi jr stays in the household, with what he brought", wizard.effect)
        wizard.action_unmerge()
        self.assertEqual((self.marco | twin | self.member).holder_id, self.household)
        self.assertEqual(self.balances(self.member, self.marco, twin), (158, 158, 158))
        self.env["fidelity.household.leave"].create({"member_id": twin.id, "points": 8}).action_leave()
        self.assertEqual(self.balances(self.member, self.marco, twin), (150, 150, 8))
        self.assertClean()

    def test_who_was_merged_into_him_follows(self):
        """Carla went to Marco of the household, he to Anna: Marco comes back with Carla in him, then she."""
        carla = self.make_member(self.card_type, name="Carla Verdi")
        self.adjust(carla, 7)
        self.merge(self.marco, carla, survivor=self.marco)
        self.merge(self.member, self.marco)
        self.wizard().action_unmerge()
        self.assertEqual((carla.merged_into_id, carla.card_ids, len(self.marco.card_ids)), (self.marco, carla.card_ids.browse(), 2))
        self.wizard(carla).action_unmerge()
        self.assertEqual(self.balances(self.member, self.marco, carla), (150, 150, 7))
        self.assertEqual(len(carla.card_ids), 1)
        self.assertClean()

    def test_a_merge_from_outside_is_undone_at_the_expense_of_the_household(self):
        carla = self.make_member(self.card_type, name="Carla Verdi")
        self.adjust(carla, 7)
        self.merge(self.member, carla)
        wizard = self.wizard(carla)
        self.assertIn(
            "Of 7 points that came with him, 7 points go back; 150 points stay with Anna Bianchi, Marco Rossi.", wizard.effect
        )
        wizard.action_unmerge()
        self.assertEqual(self.balances(self.member, self.marco, carla), (150, 150, 7))
        self.assertClean()
