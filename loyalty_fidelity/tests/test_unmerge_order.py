from odoo.exceptions import UserError
from odoo.tests import tagged

from .unmerge_common import UnmergeCase


@tagged("post_install", "-at_install")
class TestUnmergeOrder(UnmergeCase):
    """Merges upon merges are undone from the last one back; each then leaves what was there before it."""

    def setUp(self):
        super().setUp()
        self.carla = self.make_member(self.card_type, name="Carla Verdi")
        self.adjust(self.carla, 7)

    def test_the_later_merge_is_undone_first(self):
        """Marco went to Anna, Anna to Carla: what Anna brought has his points in it, so hers is undone before his."""
        self.merge(self.member, self.marco)
        self.merge(self.carla, self.member, survivor=self.carla)
        self.assertEqual(self.marco.merged_into_id, self.carla)
        wizard = self.wizard()
        self.assertIn("Marco Rossi was merged into Anna Bianchi, who was merged", wizard.problem)
        with self.assertRaisesRegex(UserError, "Undo the merge of Anna Bianchi first"):
            wizard.action_unmerge()
        self.assertEqual(self.balances(self.carla, self.member, self.marco), (157, 0, 0))

        self.wizard(self.member).action_unmerge()
        self.assertEqual(self.balances(self.carla, self.member, self.marco), (7, 150, 0))
        self.assertEqual((self.marco.state, self.marco.merged_into_id), ("merged", self.member))
        self.assertEqual((self.card | self.plastic).member_id, self.member)
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(self.carla, self.member, self.marco), (7, 120, 30))
        self.assertEqual((self.plastic.member_id, self.card.member_id), (self.marco, self.member))
        self.assertClean()

    def test_the_whole_chain_follows(self):
        """Marco to Anna, Anna to Carla, Carla to Dario: who lives on in Carla goes back to her with her."""
        dario = self.make_member(self.card_type, name="Dario Neri")
        self.merge(self.member, self.marco)
        self.merge(self.carla, self.member, survivor=self.carla)
        self.merge(dario, self.carla, survivor=dario)
        with self.assertRaisesRegex(UserError, "Undo the merge of Carla Verdi first"):
            self.wizard(self.member).action_unmerge()
        self.wizard(self.carla).action_unmerge()
        self.assertEqual((self.marco | self.member).merged_into_id, self.carla)
        self.assertEqual((self.card | self.plastic).member_id, self.carla)
        self.wizard(self.member).action_unmerge()
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(dario, self.carla, self.member, self.marco), (0, 7, 120, 30))
        self.assertClean()

    def test_who_was_merged_into_the_same_one_is_undone_in_any_order(self):
        self.merge(self.carla, self.member, self.marco, survivor=self.carla)
        self.wizard(self.member).action_unmerge()
        self.assertEqual((self.marco.merged_into_id, self.plastic.member_id), (self.carla, self.carla))
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(self.carla, self.member, self.marco), (7, 120, 30))
        self.assertClean()

    def test_what_came_late_to_who_follows_goes_along(self):
        """A sale of Marco that ran while he was merged is brought to Carla; it is Anna's again, and then his."""
        self.merge(self.member, self.marco)
        self.merge(self.carla, self.member, survivor=self.carla)
        self.post_late(self.marco, 5)
        self.wizard(self.member).action_unmerge()
        self.assertEqual(self.balances(self.carla, self.member), (7, 155))
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(self.member, self.marco), (120, 35))
        self.assertClean()

    def test_cards_that_were_his_for_a_while(self):
        """Marco's card was Anna's until that was undone; when both went to Carla, Anna takes back only her own."""
        self.merge(self.member, self.marco)
        self.wizard().action_unmerge()
        self.merge(self.carla, self.member, self.marco, survivor=self.carla)
        self.wizard(self.member).action_unmerge()
        self.assertEqual((self.card.member_id, self.plastic.member_id), (self.member, self.carla))
        self.wizard().action_unmerge()
        self.assertEqual(self.plastic.member_id, self.marco)

    def test_a_card_that_was_never_used_and_has_no_history(self):
        """As it was given out before cards had one: the merge notes whose it was."""
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "member_id": self.marco.id})
        self.forget_history(card)
        self.merge(self.member, self.marco)
        self.assertEqual(card.event_ids.sorted("id").mapped("member_id"), self.marco | self.member)
        self.assertIn("Cards that go back: 2.", self.wizard().effect)
        self.wizard().action_unmerge()
        self.assertEqual(self.marco.card_ids, self.plastic | card)

    def test_a_closed_membership_is_closed_again(self):
        self.marco.action_close()
        self.merge(self.member, self.marco)
        wizard = self.wizard()
        self.assertIn("closed, as before", wizard.effect)
        wizard.action_unmerge()
        self.assertEqual((self.marco.state, self.member.state), ("closed", "active"))
        self.assertEqual(self.balances(), (120, 30))

    def test_who_survived_is_a_living_member(self):
        self.merge(self.member, self.marco)
        self.member.action_close()
        with self.assertRaisesRegex(UserError, "membership of Anna Bianchi is closed. Reopen it first"):
            self.wizard().action_unmerge()
        self.member.action_reopen()
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(), (120, 30))

    def test_what_is_set_aside_stays_for_its_basket(self):
        self.merge(self.member, self.marco)
        self.env["fidelity.hold"].sudo()._take(self.member, 130, "basket")
        wizard = self.wizard()
        self.assertIn("Of 30 points that came with him, 20 points go back", wizard.effect)
        self.assertIn("Set aside for another basket: 130 points.", wizard.effect)
        wizard.action_unmerge()
        self.assertEqual(self.balances(), (130, 20))
        self.assertEqual(self.member.available_points, 0)
        self.assertEqual(
            sum(use["quantity"] for use in self.env["fidelity.hold"].sudo().search([("key", "=", "basket")])._capture()), 130
        )
        self.assertClean()
