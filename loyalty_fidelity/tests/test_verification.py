import hashlib

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.models import fidelity_verification

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

    def test_altered_use_of_a_lot_is_found(self):
        use = self.env["fidelity.lot.allocation"].sudo().search([("entry_id.account_id", "=", self.account.id)])
        self.assertEqual(use.quantity, 30)
        posting = use.entry_id.posting_id
        self.tamper(f"UPDATE fidelity_lot_allocation SET quantity = 20 WHERE id = {use.id}", "fidelity_lot_allocation")
        self.assertFinds(f"Posting {posting.id} ({posting.op_key})")

    def test_altered_expiry_of_a_lot_is_found(self):
        self.tamper(f"UPDATE fidelity_lot SET expires_date = '2030-01-01' WHERE account_id = {self.account.id}", "fidelity_lot")
        self.assertFinds(f"Posting {self.posting.id}")

    def test_altered_origin_of_a_lot_is_found(self):
        self.tamper(f"UPDATE fidelity_lot SET origin_lot_id = id WHERE account_id = {self.account.id}", "fidelity_lot")
        self.assertFinds(f"Posting {self.posting.id}")

    def test_a_posting_of_the_first_version_stays_proved(self):
        key, posting = self.env["fidelity.posting"]._ledger_key(), self.posting
        moments = [moment.strftime("%Y-%m-%dT%H:%M:%S") for moment in (posting.occurred_at, posting.posted_at)]
        head = "|".join((posting.op_key, "adjust", *moments, str(posting.company_id.id), "", "0", posting.reason))
        inner = hashlib.sha256(f"{key}|{head}|1:{self.account.id}:adjust:100".encode()).hexdigest()
        digest = hashlib.sha256(f"{key}|{inner}".encode()).hexdigest()
        statement = f"UPDATE fidelity_posting SET digest_version = NULL, digest = '{digest}' WHERE id = {posting.id}"
        self.tamper(statement, "fidelity_posting")
        self.assertNotIn("Posting", self.verify().findings)

    def test_every_finding_is_counted_and_few_are_written(self):
        self.patch(fidelity_verification, "FINDINGS_KEPT", 1)
        self.tamper("UPDATE fidelity_posting SET reason = 'gift'", "fidelity_posting")
        verification = self.verify()
        self.assertGreaterEqual(verification.finding_count, 2)
        self.assertEqual(len(verification.findings.splitlines()), 1)

    def test_in_many_steps_it_finds_the_same(self):
        self.patch(fidelity_verification, "STEP", 1)
        self.tamper(f"UPDATE fidelity_posting SET reason = 'gift' WHERE id = {self.posting.id}", "fidelity_posting")
        done = []
        self.env.invalidate_all()
        verification = self.env["fidelity.verification"].sudo()._verify(done.append)
        self.assertEqual(verification.findings.count("was altered after it was posted"), 1)
        self.assertEqual(verification.findings.count("is missing or switched off"), verification.finding_count - 1)
        self.assertEqual(done, sorted(done))
        self.assertLess(done[-1], 100)
        self.assertEqual(verification.progress, 100)

    def test_a_big_ledger_is_proved_by_the_job(self):
        self.patch(fidelity_verification, "AT_ONCE", 0)
        manager = self.make_user("fid-manager", "loyalty_fidelity.group_fidelity_manager")
        verifications = self.env["fidelity.verification"]
        job = self.env.ref("loyalty_fidelity.ir_cron_verify")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])
        action = verifications.with_user(manager).action_verify()
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)]), before)
        self.assertEqual(verifications.with_user(manager).action_verify()["res_id"], action["res_id"])
        verification = verifications.browse(action["res_id"])
        self.assertEqual(verification.state, "running")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        verification.invalidate_recordset()
        self.assertEqual((verification.state, verification.progress), ("clean", 100))
        self.assertEqual(verification.verified_by, manager.name)

    def test_only_a_manager_verifies(self):
        user = self.make_user("fid-user", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaises(AccessError):
            self.env["fidelity.verification"].with_user(user).action_verify()
        manager = self.make_user("fid-manager", "loyalty_fidelity.group_fidelity_manager")
        action = self.env["fidelity.verification"].with_user(manager).action_verify()
        self.assertEqual(self.env["fidelity.verification"].browse(action["res_id"]).state, "clean")
