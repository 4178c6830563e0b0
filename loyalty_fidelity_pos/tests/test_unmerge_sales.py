from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestUnmergeSales(OptionsCase):
    """Purchases of who was merged and is a member of his own again."""

    def setUp(self):
        super().setUp()
        self.set_benefits({"points": 1, "step_amount": 1.0})
        self.survivor = self.make_member(self.card_type, name="Anna Bianchi")

    def merge(self):
        vals = {"member_ids": [(6, 0, (self.survivor | self.member).ids)], "survivor_id": self.survivor.id}
        self.env["fidelity.member.merge"].create(vals).action_merge()

    def unmerge(self):
        self.env["fidelity.member.unmerge"].create({"member_id": self.member.id}).action_unmerge()

    def fold(self):
        progress = self.env["fidelity.tier.progress"].sudo()
        self.env.cr.execute("SELECT max(id) FROM fidelity_posting")
        progress._fold_next(up_to=self.env.cr.fetchone()[0])
        progress._bring_after()

    def counted(self):
        """Purchases and spending that count for (who was merged, who survived)."""
        self.env.invalidate_all()
        progress = self.env["fidelity.tier.progress"].sudo()
        rows = [progress.search([("member_id", "=", member.id)]) for member in (self.member, self.survivor)]
        return [(sum(found.mapped("purchases")), sum(found.mapped("spending_minor"))) for found in rows]

    def balances(self):
        self.env.invalidate_all()
        return self.member.balance, self.survivor.balance

    def test_what_was_bought_before_is_his_and_comes_back_at_his_expense(self):
        before = self.ring(self.goods((self.lamp, 1)))
        self.merge()
        meanwhile = self.ring(self.goods((self.mug, 1)), customer=self.survivor.partner_id)
        self.assertEqual(self.balances(), (0, 57))
        self.fold()
        self.assertEqual(self.counted(), [(0, 0), (2, 5700)])
        self.unmerge()
        self.assertEqual(self.balances(), (47, 10))
        self.assertEqual(self.counted(), [(1, 4700), (1, 1000)])
        self.bring_back([(before.lines, 1)])
        self.assertEqual(self.balances(), (0, 10))
        self.bring_back([(meanwhile.lines, 1)], customer=self.survivor.partner_id)
        self.assertEqual(self.balances(), (0, 0))
        self.fold()
        self.assertEqual(self.counted(), [(0, 0), (0, 0)])
        self.ring(self.goods((self.mug, 1)))
        self.assertEqual(self.balances(), (10, 0))
        self.assertClean()
