from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..wizard import fidelity_health_checks as checks
from .common import FidelityCase


class HealthBuilder:
    """Looks at the health page. Mix it into a case with an environment."""

    def lines(self, code, user=None):
        """The lines of one subject, as a user sees them."""
        model = self.env["fidelity.health"].with_user(user or self.env.user)
        self.env.flush_all()
        self.env.invalidate_all()
        action = model.action_open()
        health = model.browse(action["res_id"])
        return health.line_ids.filtered(lambda line: line.code == code)

    def assertLine(self, code, state, finding, advice=""):
        """One line of a subject is in a state and says this."""
        line = self.lines(code)
        self.assertEqual((line.state, bool(line.advice)), (state, state != "ok"), line.mapped("finding"))
        self.assertRegex(line.finding, finding)
        self.assertIn(advice, line.advice or "")
        return line

    def ago(self, **delta):
        return fields.Datetime.now() - timedelta(**delta)


@tagged("post_install", "-at_install")
class TestHealth(HealthBuilder, FidelityCase):
    """Each subject in order, then not: the line says what is and what to do, and its button leads there."""

    def waiting(self, **vals):
        defaults = {"op_key": "x:1", "source_model": "res.partner", "source_id": 0, "source_ref": "Order 1"}
        return self.env["fidelity.outbox"].create({**defaults, **vals})

    def test_outbox(self):
        """Nothing waits; something waits; it waits long; it is stuck; trying again empties it."""
        self.assertLine("outbox", "ok", "Every paid sale is posted")
        row = self.waiting()
        self.assertLine("outbox", "ok", "Waiting: 1, of which stuck: 0")
        self.env.cr.execute("UPDATE fidelity_outbox SET create_date = %s WHERE id = %s", [self.ago(hours=1), row.id])
        self.assertLine("outbox", "look", "Waiting: 1", "Read the error of the oldest")
        self.env.cr.execute("UPDATE fidelity_outbox SET create_date = %s WHERE id = %s", [self.ago(days=2), row.id])
        self.assertLine("outbox", "act", "Waiting: 1")
        row.state = "stuck"
        line = self.assertLine("outbox", "act", "of which stuck: 1")
        action = line.action_go()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), row)
        self.assertEqual(line.action_mend()["res_model"], "fidelity.health")
        self.assertLine("outbox", "ok", "Every paid sale is posted")

    def test_verification(self):
        """Never, clean, too old, wrong; verifying now mends the age."""
        self.env.cr.execute("DELETE FROM fidelity_verification")
        self.adjust(self.member, 5)
        line = self.assertLine("verification", "look", "never verified", "Verify it now")
        line.action_mend()
        line = self.assertLine("verification", "ok", "Proved on")
        found = self.env["fidelity.verification"].browse(line.action_go()["res_id"])
        self.assertEqual(found.state, "clean")
        for days, state in ((3, "look"), (8, "act")):
            self.env.cr.execute("UPDATE fidelity_verification SET verified_at = %s", [self.ago(days=days)])
            self.assertLine("verification", state, "Proved on", "see below why the nightly job did not run")
        self.env.cr.execute("UPDATE fidelity_verification SET state = 'wrong', finding_count = 3")
        self.assertLine("verification", "act", "Not proved on .*; findings: 3", "Keep a backup")

    def test_jobs(self):
        """Every job of ours has a line: in order, late, failing, failing for long, switched off."""
        job = self.env.ref("loyalty_fidelity.ir_cron_settle")
        ours = self.env["ir.model.data"].search([("module", "=like", "loyalty_fidelity%"), ("model", "=", "ir.cron")])
        self.assertEqual(set(self.lines("job").mapped("res_id")), set(ours.mapped("res_id")))

        def state(**vals):
            self.env["ir.cron"].browse(job.id).write(
                {"active": True, "failure_count": 0, "nextcall": fields.Datetime.now(), "lastcall": self.ago(minutes=5), **vals}
            )
            line = self.lines("job").filtered(lambda line: line.res_id == job.id)
            self.assertEqual(bool(line.advice), line.state != "ok")
            return line.state, line.finding, line.advice or ""

        self.assertEqual(state()[0], "ok")
        self.assertRegex(state(lastcall=False)[1], "Not run yet")
        late = state(nextcall=self.ago(hours=3))
        self.assertEqual((late[0], "max_cron_threads" in late[2]), ("act", True))
        self.assertEqual(state(failure_count=1, first_failure_date=self.ago(hours=1))[0], "look")
        failing = state(failure_count=4, first_failure_date=self.ago(hours=1))
        self.assertRegex(failing[1], "Failures since .*: 4")
        self.assertEqual((failing[0], "server's log" in failing[2]), ("act", True))
        off = state(active=False)
        self.assertEqual((off[0], off[1]), ("act", "Switched off."))

    def test_settling(self):
        """Folded and sealed; a little behind; far behind."""
        self.adjust(self.member, 5)
        self.assertLine("settling", "ok", "Folded and sealed up to|Everything posted")
        with patch.object(checks, "SETTLED_LATE", timedelta(days=-1)):
            self.assertLine("settling", "look", "Folded and sealed up to", "transaction")
        with patch.object(checks, "SETTLED_TOO_LATE", timedelta(days=-1)):
            self.assertLine("settling", "act", "Folded and sealed up to", "transaction")
        self.settle()
        self.assertLine("settling", "ok", "Everything posted is folded and sealed")

    def test_guards(self):
        """A guard is dropped: act; restoring it brings it back."""
        self.assertLine("guards", "ok", "refuses every change")
        self.env.cr.execute("DROP TRIGGER fidelity_posting_append_only ON fidelity_posting")
        line = self.assertLine("guards", "act", "Missing or switched off: 1", "restore them, then verify")
        line.action_mend()
        self.assertLine("guards", "ok", "refuses every change")

    def test_numbers(self):
        """A short number space runs out."""
        self.assertLine("numbers", "ok", "has numbers left")
        short = self.make_card_type("Short", prefix="04712345")
        self.env["fidelity.card"].create({"card_type_id": short.id})
        for used, state in ((9000, "look"), (9950, "act")):
            short.sudo().sequence_id.number_next_actual = used
            line = self.assertLine("numbers", state, f"Short has used {used // 100} %", "new card type")
            self.assertEqual(line.action_go()["res_id"], short.id)

    def test_rules(self):
        """Settings change; publishing puts it in order; a type that was never published gives nothing."""
        self.assertLine("rules", "ok", "as they are")
        self.card_type.customer_account_earns = True
        line = self.assertLine("rules", "look", "Gift Points differ", "Publish them")
        self.assertEqual(line.action_go()["res_id"], self.card_type.id)
        self.card_type._publish()
        self.assertLine("rules", "ok", "as they are")
        draft = self.make_card_type("Draft", prefix="0495", publish=False)
        self.env["fidelity.card"].create({"card_type_id": draft.id})
        self.assertLine("rules", "act", "Draft gives nothing", "publish")

    def test_clocks(self):
        """The middle value of a till's receipts decides, so that one late sale does not."""
        for skews, state, finding in (
            ((3,), "ok", "agree on the time"),
            ((4, 90_000, -2), "ok", "agree"),
            ((400, 500, 300, 450), "look", "Till 7 is 5 minutes behind"),
            ((-4000,) * 9, "act", "Till 7 is 67 minutes ahead"),
        ):
            for skew in skews:
                self.receipt_with(skew)
            line = self.assertLine("clocks", state, finding, "Set its clock" if state != "ok" else "")
        self.assertIn(("till_id", "=", 7), line.action_go()["domain"])

    def receipt_with(self, skew):
        """A receipt of till 7 whose clock differed by ``skew`` seconds."""
        self.env.cr.execute(
            """
            WITH p AS (INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, digest)
                       VALUES (gen_random_uuid(), 'receipt', now(), %(now)s, %(company)s, '-') RETURNING id)
            INSERT INTO fidelity_receipt (posting_id, company_id, currency_id, source_model, source_id, occurred_at, posted_at,
                                          till_id, till_name, clock_skew_s, outcome)
            SELECT id, %(company)s, %(currency)s, 'test', id, now(), %(now)s, 7, 'Till 7', %(skew)s, 'earned' FROM p
            """,
            {
                "company": self.env.company.id,
                "currency": self.env.company.currency_id.id,
                "skew": skew,
                "now": fields.Datetime.now(),
            },
        )

    def settle(self):
        """Fold and seal everything, as the job does once nobody can add below."""
        posting_id = self.env["fidelity.posting"].search([], limit=1).id
        entry_id = self.env["fidelity.ledger.entry"].search([], limit=1).id
        horizon = self.env["fidelity.ledger.horizon"]
        horizon._advance()
        while horizon._fold_up_to(entry_id):
            pass
        while self.env["fidelity.ledger.seal"]._seal_up_to(posting_id):
            pass

    def test_worst_line_decides(self):
        """The page is as bad as its worst line, and says when it looked."""
        self.env.cr.execute("DROP TRIGGER fidelity_posting_append_only ON fidelity_posting")
        health = self.env["fidelity.health"].browse(self.env["fidelity.health"].action_open()["res_id"])
        self.assertEqual(health.state, "act")
        self.assertTrue(health.checked_at)

    def test_store_manager_sees_it_without_what_he_may_not_do(self):
        """He reads the lines; he is offered neither verifying nor the jobs; others are refused."""
        manager = self.make_user("health_store_manager", "loyalty_fidelity.group_fidelity_store_manager")
        line = self.lines("verification", manager)
        self.assertEqual((line.can_open, line.can_mend), (False, False))
        self.assertFalse(any(self.lines("job", manager).mapped("can_open")))
        with self.assertRaises(AccessError):
            self.lines("guards", manager).action_mend()
        with self.assertRaisesRegex(AccessError, "Ask yours"):
            self.lines("outbox", self.make_user("health_user", "loyalty_fidelity.group_fidelity_user"))

    def test_store_manager_counts_his_own_sales(self):
        """What waits in another store is not his."""
        manager = self.make_user("health_other", "loyalty_fidelity.group_fidelity_store_manager")
        self.waiting(state="stuck", store_id=self.store.id, company_id=self.env.company.id)
        self.assertEqual(self.lines("outbox", manager).state, "ok")
        self.store.user_ids = manager
        self.assertEqual(self.lines("outbox", manager).state, "act")
