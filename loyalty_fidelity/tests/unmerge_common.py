from uuid import uuid4

from .common import FidelityCase


class UnmergeCase(FidelityCase):
    """Anna has 120 points, Marco has 30; what merging and undoing it needs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marco = cls.make_member(cls.card_type, name="Marco Rossi")
        cls.plastic = cls.marco.card_ids

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 120)
        self.adjust(self.marco, 30)

    def merge(self, *members, survivor=None):
        members = self.env["fidelity.member"].union(*members)
        wizard = self.env["fidelity.member.merge"].create(
            {"member_ids": [(6, 0, members.ids)], "survivor_id": (survivor or self.member).id}
        )
        wizard.action_merge()

    def join(self, member, other):
        self.env["fidelity.household.join"].create({"member_id": member.id, "other_id": other.id}).action_join()

    def wizard(self, member=None, **vals):
        return self.env["fidelity.member.unmerge"].create({"member_id": (member or self.marco).id, **vals})

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def balances(self, *members):
        self.env.invalidate_all()
        return tuple(member.balance for member in members or (self.member, self.marco))

    def post_late(self, member, quantity):
        """What a sale posts to the account of a member who was merged at that very moment, and the sweep that follows."""
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": self.points_account(member).id, "kind": "adjust", "quantity": quantity, "uses": []}
        posting = {"op_key": f"adjust:{uuid4()}", "kind": "adjust", "occurred_at": now, "posted_at": now}
        posting["company_id"] = self.env.company.id
        self.env["fidelity.posting"]._insert(posting, [entry])
        member.holder_id.sudo()._bring_after()
        self.env.invalidate_all()

    def points_account(self, member):
        return member.holder_id.account_ids.filtered(lambda account: account.unit == "points")

    def forget_history(self, cards):
        """Cards as they were given out before they had a history."""
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE fidelity_card_event DISABLE TRIGGER USER")
        self.env.cr.execute("DELETE FROM fidelity_card_event WHERE card_id = ANY (%s)", (cards.ids,))
        self.env.cr.execute("ALTER TABLE fidelity_card_event ENABLE TRIGGER USER")
        self.env.invalidate_all()
