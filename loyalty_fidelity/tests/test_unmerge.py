from uuid import uuid4

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .unmerge_common import UnmergeCase


@tagged("post_install", "-at_install")
class TestUnmerge(UnmergeCase):
    """Undoing a merge: cards and what is left of the points go back, nothing is given twice, the ledger stays provable."""

    def test_all_goes_back(self):
        self.merge(self.member, self.marco)
        self.assertEqual(self.balances(), (150, 0))
        wizard = self.wizard()
        self.assertEqual((wizard.partner_id, wizard.problem), (self.marco.partner_id, False))
        self.assertIn("Of 30 points that came with him, 30 points go back; 120 points stay with Anna Bianchi.", wizard.effect)
        self.assertIn("Cards that go back: 1.", wizard.effect)
        wizard.action_unmerge()
        self.assertEqual(self.balances(), (120, 30))
        self.assertEqual((self.marco.state, self.marco.merged_into_id.id, self.plastic.member_id), ("active", False, self.marco))
        self.assertEqual(self.member.card_ids, self.card)
        self.assertFalse(self.marco.holder_id.merged_into_id)
        self.assertEqual(self.plastic.event_ids.sorted("id")[-1].reason, "Merge undone")
        self.adjust(self.marco, 5)
        self.assertEqual(self.balances(), (120, 35))
        self.assertClean()

    def test_his_own_lots_come_back(self):
        """They keep their expiry, also where the survivor has some that expire earlier."""
        self.give_lot(self.member, 50, "2090-01-01")
        self.give_lot(self.marco, 40, "2095-05-05")
        self.merge(self.member, self.marco)
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(), (170, 70))
        left = [
            (lot.quantity - sum(lot.allocation_ids.mapped("quantity")), str(lot.expires_date))
            for lot in self.env["fidelity.lot"].search([("account_id", "in", self.marco.account_ids.ids)])
        ]
        self.assertEqual(sorted(row for row in left if row[0]), [(30, "False"), (40, "2095-05-05")])
        self.assertClean()

    def give_lot(self, member, quantity, expires_date):
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": member.account_ids.id, "kind": "adjust", "quantity": quantity, "uses": []}
        posting = {"op_key": f"adjust:{uuid4()}", "kind": "adjust", "occurred_at": now, "posted_at": now}
        posting["company_id"] = self.env.company.id
        self.env["fidelity.posting"]._insert(posting, [{**entry, "expires_date": expires_date}])
        self.env.invalidate_all()

    def test_what_was_spent_is_gone_and_what_was_earned_stays(self):
        self.merge(self.member, self.marco)
        self.adjust(self.member, -140)
        wizard = self.wizard()
        self.assertIn("Of 30 points that came with him, 10 points go back; 0 points stay", wizard.effect)
        wizard.action_unmerge()
        self.assertEqual(self.balances(), (0, 10))
        self.assertClean()

    def test_a_debt_goes_back_with_its_owner(self):
        self.owe(self.marco, 50)
        self.merge(self.member, self.marco)
        self.assertEqual(self.balances(), (100, 0))
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(), (120, -20))
        self.assertClean()

    def owe(self, member, quantity):
        """More is taken than there is, as a return of goods may do."""
        now = self.env.cr.now().replace(microsecond=0)
        lot = self.env["fidelity.lot"].search([("account_id", "=", member.account_ids.id)])
        entry = {
            "sequence": 1,
            "account_id": member.account_ids.id,
            "kind": "adjust",
            "quantity": -quantity,
            "uses": [{"lot_id": lot.id, "quantity": lot.quantity}],
        }
        posting = {"op_key": f"adjust:{uuid4()}", "kind": "adjust", "occurred_at": now, "posted_at": now}
        posting["company_id"] = self.env.company.id
        self.env["fidelity.posting"]._insert(posting, [entry])
        self.env.invalidate_all()

    def test_twice_is_once(self):
        self.merge(self.member, self.marco)
        wizard, other = self.wizard(), self.wizard()
        wizard.action_unmerge()
        wizard.action_unmerge()
        self.assertEqual(self.balances(), (120, 30))
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            other.action_unmerge()
        self.merge(self.member, self.marco)
        self.assertEqual(self.balances(), (150, 0))
        self.wizard().action_unmerge()
        self.assertEqual(self.balances(), (120, 30))
        self.assertClean()

    def test_merged_contacts_need_a_second_one(self):
        """Odoo merged the contacts too: the second person gets a contact of his own."""
        self.merge(self.member, self.marco)
        self.marco._set({"partner_id": self.member.partner_id.id})
        wizard = self.wizard()
        self.assertFalse(wizard.partner_id)
        self.assertIn("Choose the customer", wizard.problem)
        with self.assertRaisesRegex(UserError, "Choose the customer"):
            wizard.action_unmerge()
        wizard.partner_id = self.member.partner_id
        self.assertIn("Anna Bianchi has a membership", wizard.problem)
        wizard.partner_id = self.env["res.partner"].create({"name": "Marco Rossi"})
        self.assertFalse(wizard.problem)
        wizard.action_unmerge()
        self.assertEqual((self.marco.partner_id, self.balances()), (wizard.partner_id, (120, 30)))

    def test_only_managers(self):
        self.merge(self.member, self.marco)
        for group in ("loyalty_fidelity.group_fidelity_user", "loyalty_fidelity.group_fidelity_store_manager"):
            user = self.make_user(f"unmerge_{group[-7:]}", group)
            with self.assertRaises(AccessError):
                self.env["fidelity.member.unmerge"].with_user(user).create({"member_id": self.marco.id}).action_unmerge()
        self.assertEqual(self.balances(), (150, 0))
