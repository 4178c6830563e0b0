from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestVerification(FidelityCase):
    """Verify proves every balance, and finds what only DDL could have altered."""

    def setUp(self):
        super().setUp()
        self.posting = self.adjust(self.member, 100, "welcome")
        self.adjust(self.member, -30, "mistake")

    def verify(self):
        self.env.invalidate_all()
        return self.env["fidelity.verification"].sudo()._verify()

    def tamper(self, statement, *tables):
        """Alter the ledger as somebody with the right to change tables could."""
        for table in tables:
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.env.cr.execute(statement)
        for table in tables:
            self.env.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def assertFinds(self, text):
        verification = self.verify()
        self.assertEqual(verification.state, "wrong")
        self.assertIn(text, verification.findings)

    def test_untouched_ledger_is_proved(self):
        verification = self.verify()
        self.assertEqual((verification.state, verification.finding_count), ("clean", 0))
        self.assertGreaterEqual(verification.entry_count, 2)

    def test_altered_entry_is_found(self):
        entry = self.posting.entry_ids
        self.tamper(f"UPDATE fidelity_ledger_entry SET quantity = 1000 WHERE id = {entry.id}", "fidelity_ledger_entry")
        self.assertFinds(f"Posting {self.posting.id}")

    def test_altered_reason_is_found(self):
        self.tamper(f"UPDATE fidelity_posting SET reason = 'gift' WHERE id = {self.posting.id}", "fidelity_posting")
        self.assertFinds(f"Posting {self.posting.id}")

    def test_added_entry_is_found(self):
        self.env.cr.execute(
            "INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)"
            f" VALUES ({self.posting.id}, 2, {self.account.id}, 'adjust', 500, now())"
        )
        self.assertFinds(f"Posting {self.posting.id}")

    def test_invented_posting_is_found(self):
        self.env.cr.execute(
            "INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, digest)"
            f" VALUES ('adjust:forged', 'adjust', now(), now(), {self.env.company.id}, 'x') RETURNING id"
        )
        self.assertFinds(f"Posting {self.env.cr.fetchone()[0]}")

    def test_folded_balance_written_by_hand_is_found(self):
        self.env.cr.execute(f"UPDATE fidelity_account SET folded_balance = 9999 WHERE id = {self.account.id}")
        self.assertFinds(f"Account {self.account.id}")

    def test_missing_or_disabled_guard_is_found(self):
        self.env.cr.execute("ALTER TABLE fidelity_ledger_entry DISABLE TRIGGER fidelity_ledger_entry_append_only")
        self.assertFinds("fidelity_ledger_entry_append_only")

    def test_removed_posting_is_found_once_sealed(self):
        self.env.cr.execute("SELECT max(id) FROM fidelity_posting")
        last = self.env.cr.fetchone()[0]
        while self.env["fidelity.ledger.seal"].sudo()._seal_up_to(last):
            pass
        self.assertEqual(self.verify().state, "clean")
        tables = ("fidelity_posting", "fidelity_ledger_entry", "fidelity_lot", "fidelity_lot_allocation")
        self.tamper(
            f"""
            DELETE FROM fidelity_lot_allocation;
            DELETE FROM fidelity_lot WHERE entry_id IN (SELECT id FROM fidelity_ledger_entry WHERE posting_id = {self.posting.id});
            DELETE FROM fidelity_ledger_entry WHERE posting_id = {self.posting.id};
            DELETE FROM fidelity_posting WHERE id = {self.posting.id}
            """,
            *tables,
        )
        self.assertFinds("not those that were sealed")

    def test_only_a_manager_verifies(self):
        user = self.make_user("fid-user", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaises(AccessError):
            self.env["fidelity.verification"].with_user(user).action_verify()
        manager = self.make_user("fid-manager", "loyalty_fidelity.group_fidelity_manager")
        action = self.env["fidelity.verification"].with_user(manager).action_verify()
        self.assertEqual(self.env["fidelity.verification"].browse(action["res_id"]).state, "clean")
