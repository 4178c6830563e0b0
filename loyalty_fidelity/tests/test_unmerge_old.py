from importlib.util import module_from_spec, spec_from_file_location
from uuid import uuid4

from odoo.tests import tagged
from odoo.tools import file_path

from .unmerge_common import UnmergeCase

MIGRATION = "loyalty_fidelity/migrations/19.0.1.2.0/post-merges.py"


@tagged("post_install", "-at_install")
class TestUnmergeOld(UnmergeCase):
    """Merges from before anything was noted of them: all units come back, also after a sweep, and nothing that was moved earlier."""

    def forget(self, *members):
        """As the released version merged: nothing is noted with the member."""
        noted = {"merged_posting_id": False, "merged_first_id": False, "merged_state": False}
        self.env["fidelity.member"].union(*members)._set(noted)

    def migrate(self):
        spec = spec_from_file_location("post_merges", file_path(MIGRATION))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self.env.flush_all()
        module.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def give_money(self, member, minor):
        account = self.env["fidelity.account"].sudo()._open(member.holder_id, "money")
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": account.id, "kind": "adjust", "quantity": minor, "uses": []}
        posting = {"op_key": f"adjust:{uuid4()}", "kind": "adjust", "occurred_at": now, "posted_at": now}
        posting["company_id"] = self.env.company.id
        self.env["fidelity.posting"]._insert(posting, [entry])
        self.env.invalidate_all()

    def money(self, member):
        return sum(member.holder_id.account_ids.filtered(lambda account: account.unit == "money").mapped("balance"))

    def test_all_units_and_what_came_late(self):
        self.give_money(self.marco, 470)
        self.merge(self.member, self.marco)
        self.post_late(self.marco, 5)
        self.forget(self.marco)
        self.migrate()
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(), (120, 35))
        self.assertEqual((self.money(self.member), self.money(self.marco)), (0, 470))
        self.assertEqual(self.marco.state, "active")
        self.assertClean()

    def test_what_was_moved_before_the_merge_does_not_count(self):
        """Marco took 40 along from the household and was given 6: he brought what he had, 46 and his late 5."""
        self.card_type.write({"transfer_max_points": 100, "transfer_day_points": 100})
        carla = self.make_member(self.card_type, name="Carla Verdi")
        self.adjust(carla, 6)
        self.join(self.marco, self.member)
        self.env["fidelity.household.leave"].create({"member_id": self.marco.id, "points": 40}).action_leave()
        self.env["fidelity.posting"]._post_points_transfer(carla, self.marco, 6, "Gift", "gift")
        self.env["fidelity.posting"]._post_points_transfer(self.marco, carla, 2, "Thanks", "thanks")
        self.merge(carla, self.marco, survivor=carla)
        self.post_late(self.marco, 5)
        self.forget(self.marco)
        self.migrate()
        self.assertEqual(self.marco._brought(), {"points": 49})
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(self.member, carla, self.marco), (110, 2, 49))
        self.assertClean()

    def test_who_had_nothing_left_brought_nothing(self):
        """What came to him from the household and was spent is no debt."""
        self.join(self.marco, self.member)
        self.env["fidelity.household.leave"].create({"member_id": self.marco.id, "points": 40}).action_leave()
        self.adjust(self.marco, -40)
        carla = self.make_member(self.card_type, name="Carla Verdi")
        self.merge(carla, self.marco, survivor=carla)
        self.forget(self.marco)
        self.migrate()
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(self.member, carla, self.marco), (110, 0, 0))
        self.assertClean()

    def test_the_migration_finds_into_whom(self):
        carla = self.make_member(self.card_type, name="Carla Verdi")
        self.merge(self.member, self.marco)
        self.merge(carla, self.member, survivor=carla)
        self.forget(self.marco, self.member)
        self.migrate()
        self.assertEqual((self.marco.merged_first_id, self.member.merged_first_id), (self.member, carla))
        self.assertIn("Undo the merge of Anna Bianchi first", self.wizard().problem)
        self.wizard(self.member).action_unmerge()
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(carla, self.member, self.marco), (0, 120, 30))
        self.assertClean()
