from odoo.tests import tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestAccount(FidelityCase):
    """Folding moves a shortcut forward and changes no balance."""

    def fold(self):
        """Fold all entries of this transaction: here nobody else writes, so nothing needs to be waited for."""
        horizon = self.env["fidelity.ledger.horizon"]
        horizon._advance()
        self.env.cr.execute("SELECT max(id) FROM fidelity_ledger_entry")
        last = self.env.cr.fetchone()[0]
        while horizon._fold_up_to(last):
            pass
        self.env.invalidate_all()

    def test_folding_keeps_balances(self):
        marco = self.make_member(self.card_type, name="Marco Rossi")
        self.adjust(self.member, 100)
        self.adjust(marco, 7)
        self.fold()
        self.assertEqual((self.account.folded_balance, self.account.balance), (100, 100))
        self.adjust(self.member, -40)
        self.assertEqual((self.account.folded_balance, self.account.balance, marco.balance), (100, 60, 7))
        self.fold()
        self.fold()
        self.assertEqual((self.account.folded_balance, self.account.balance, marco.balance), (60, 60, 7))
        self.assertEqual(self.env["fidelity.verification"].sudo()._verify().state, "clean")

    def test_horizon_is_not_passed_while_its_transactions_run(self):
        """This very transaction still runs: the job must not fold what it wrote."""
        self.adjust(self.member, 100)
        horizon = self.env["fidelity.ledger.horizon"]
        for _run in range(3):
            horizon._advance()
            self.env.cr.execute("UPDATE fidelity_ledger_horizon SET noted_at = noted_at - interval '1 hour'")
        self.env.cr.execute("SELECT transaction = pg_current_xact_id()::text::bigint FROM fidelity_ledger_horizon")
        self.assertTrue(self.env.cr.fetchone()[0], "the second step is taken, the third is awaited")
        self.assertIsNone(horizon._passed())

    def test_horizon_from_another_cluster_starts_over(self):
        """After a restore the transaction numbers are lower: the horizon is noted anew, nothing is folded."""
        horizon = self.env["fidelity.ledger.horizon"]
        horizon._advance()
        self.env.cr.execute("UPDATE fidelity_ledger_horizon SET transaction = 4000000000000000")
        self.assertIsNone(horizon._passed())
        horizon._advance()
        self.env.cr.execute("SELECT transaction FROM fidelity_ledger_horizon")
        self.assertIsNone(self.env.cr.fetchone()[0])

    def test_opening_again_keeps_the_account(self):
        self.assertEqual(self.env["fidelity.account"].sudo()._open(self.member.holder_id), self.account)
