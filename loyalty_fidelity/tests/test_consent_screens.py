import base64
import hashlib
from datetime import datetime, timedelta

from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .consent_common import ConsentCase

DOT = base64.b64encode(b"\x89PNG\r\n\x1a\n signed")


@tagged("post_install", "-at_install")
class TestConsentScreens(ConsentCase):
    """Recording, withdrawing, merging and erasing as people do it, and who may."""

    def record(self, user, answers, **values):
        form = Form(self.env["fidelity.consent.record"].with_user(user).with_context(default_partner_id=self.partner.id))
        for name, value in values.items():
            form[name] = value
        for index in range(len(form.line_ids)):
            with form.line_ids.edit(index) as line:
                if line.purpose_id in answers:
                    if answers[line.purpose_id] == "given":
                        line.agrees = True
                    else:
                        line.agrees = True
                        line.refuses = True
                        self.assertFalse(line.agrees, "one excludes the other")
        wizard = form.save()
        wizard.action_record()
        return wizard

    def test_several_purposes_each_by_itself(self):
        wizard = self.record(self.user, {self.email: "given", self.sms: "withdrawn"}, way="till", source_ref="Till 1")
        self.assertEqual(
            (self.state(self.partner, self.email), self.state(self.partner, self.sms), self.state(self.partner, self.profiling)),
            ("given", "withdrawn", False),
        )
        self.assertEqual(set(self.partner.fidelity_consent_ids.mapped("author_name")), {self.user.name})
        wizard.action_record()
        self.assertEqual(len(self.partner.fidelity_consent_ids), 2, "pressed twice, recorded once")

    def test_the_texts_are_those_of_the_language_chosen(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.email.text_id.with_context(lang="it_IT").body = "Parole"
        form = Form(self.env["fidelity.consent.record"].with_user(self.user).with_context(default_partner_id=self.partner.id))
        form.lang = "it_IT"
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.purpose_id, line.body, line.now_text), (self.email, "Parole", "Not asked yet"))

    def test_nothing_answered_is_said(self):
        with self.assertRaisesRegex(UserError, "Nothing is answered yet"):
            self.record(self.user, {})

    def test_both_answers_at_once_are_refused(self):
        wizard = self.env["fidelity.consent.record"].create(
            {
                "partner_id": self.partner.id,
                "line_ids": [(0, 0, {"purpose_id": self.email.id, "agrees": True, "refuses": True})],
            }
        )
        with self.assertRaisesRegex(UserError, "Offers by e-mail: tick either"):
            wizard.action_record()

    def test_agreeing_needs_a_text(self):
        self.env["fidelity.consent.purpose"].create({"name": "Untold", "code": "untold"})
        untold = self.env["fidelity.consent.purpose"].search([("code", "=", "untold")])
        with self.assertRaisesRegex(UserError, "Untold: there is no text"):
            self.record(self.user, {untold: "given"})

    def test_evidence_is_kept_for_the_manager(self):
        self.record(self.user, {self.email: "given"}, signature=DOT)
        record = self.partner.fidelity_consent_ids
        self.assertTrue(record.with_user(self.user).has_evidence)
        with self.assertRaises(AccessError):
            record.with_user(self.user).read(["signature"])
        self.assertEqual(record.with_user(self.manager).signature, DOT)
        self.assertEqual(record.evidence_digest, hashlib.sha256(DOT).hexdigest())

    def test_withdrawal_takes_one_click(self):
        self.answer(self.partner, self.email, True)
        row = self.partner.with_user(self.user).fidelity_consent_state_ids
        row.action_withdraw()
        self.assertEqual(self.state(self.partner, self.email), "withdrawn")
        self.assertEqual(self.partner.fidelity_consent_ids[0].author_uid, self.user.id)
        with self.assertRaisesRegex(UserError, "already"):
            self.partner.with_user(self.user).fidelity_consent_state_ids.action_withdraw()

    def test_a_user_records_and_deletes_nothing_and_a_stranger_sees_nothing(self):
        record = self.answer(self.partner, self.email, True)
        with self.assertRaises(AccessError):
            record.with_user(self.user).unlink()
        stranger = self.make_user("consent_stranger")
        for model in ("fidelity.consent", "fidelity.consent.state", "fidelity.consent.purpose", "fidelity.consent.record"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])
        with self.assertRaises(AccessError):
            self.email.with_user(self.user).name = "Mine"
        self.email.with_user(self.manager).name = "E-mail"

    def test_another_companys_answers_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other shops"})
        purpose = self.env["fidelity.consent.purpose"].create({"name": "Theirs", "code": "theirs", "company_id": other.id})
        record = self.answer(self.partner, purpose, True)
        self.assertFalse(record.with_user(self.manager).search([("id", "=", record.id)]))
        self.assertFalse(self.partner.with_user(self.manager).fidelity_consent_state_ids)

    def merge_contacts(self, *others):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge([self.partner.id, *(partner.id for partner in others)], self.partner)
        self.env.invalidate_all()

    def test_merged_contacts_keep_both_histories_and_a_refusal_wins(self):
        """Also an older refusal, and the record says whose it was and why it counts; anew he may agree."""
        now = datetime.now().replace(microsecond=0)
        twin = self.env["res.partner"].create({"name": "A. Bianchi"})
        self.answer(twin, self.email, False, occurred_at=now - timedelta(days=30))
        self.answer(twin, self.sms, True, occurred_at=now - timedelta(days=30))
        self.answer(self.partner, self.email, True, occurred_at=now - timedelta(days=3))
        self.answer(self.partner, self.profiling, True, occurred_at=now - timedelta(days=3))
        number = twin.id
        self.merge_contacts(twin)
        self.assertEqual(
            [self.state(self.partner, purpose) for purpose in (self.email, self.sms, self.profiling)],
            ["withdrawn", "given", "given"],
        )
        self.assertEqual(len(self.partner.fidelity_consent_ids), 5)
        last = self.partner.fidelity_consent_ids[0]
        self.assertEqual(last.way, "merge")
        self.assertIn(f"A. Bianchi (contact {number}) had refused", last.note)
        self.answer(self.partner, self.email, True)
        self.assertEqual(self.state(self.partner, self.email), "given")

    def test_a_refusal_that_is_the_latest_anyway_needs_no_record_of_its_own(self):
        twin = self.env["res.partner"].create({"name": "A. Bianchi"})
        self.answer(self.partner, self.email, True, occurred_at=datetime(2026, 1, 1))
        self.answer(twin, self.email, False, occurred_at=datetime(2026, 2, 1))
        self.merge_contacts(twin)
        self.assertEqual(self.state(self.partner, self.email), "withdrawn")
        self.assertEqual(len(self.partner.fidelity_consent_ids), 2)

    def test_an_administrator_erases_and_it_is_logged_without_the_name(self):
        self.record(self.user, {self.email: "given", self.sms: "given"}, signature=DOT)
        other = self.make_member(self.card_type, "Marco Rossi").partner_id
        kept = self.answer(other, self.email, True)
        admin = self.make_user("consent_admin", "base.group_system", "loyalty_fidelity.group_fidelity_manager")
        wizard = self.env["fidelity.consent.erase"].with_user(admin).create({"partner_id": self.partner.id, "reason": "Request 7"})
        self.assertEqual(wizard.record_count, 2)
        wizard.action_erase()
        self.assertFalse(self.partner.fidelity_consent_ids)
        files = [("res_model", "=", "fidelity.consent"), ("res_field", "!=", False), ("res_id", "!=", kept.id)]
        self.assertFalse(self.env["ir.attachment"].sudo().search(files))
        self.assertTrue(kept.exists())
        log = self.env["fidelity.consent.erasure"].search([], limit=1)
        self.assertEqual((log.partner_number, log.record_count, log.reason), (self.partner.id, 2, "Request 7"))
        self.assertEqual((log.author_uid, len(log.digest)), (admin.id, 64))
        self.refused_by_database("DELETE FROM fidelity_consent_erasure WHERE id = %s", log.id)
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute("DELETE FROM fidelity_consent WHERE id = %s", [kept.id])

    def test_nobody_else_erases(self):
        self.answer(self.partner, self.email, True)
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                self.env["fidelity.consent.erase"].with_user(user).create({"partner_id": self.partner.id, "reason": "x"})
            with self.assertRaisesRegex(AccessError, "administrator"):
                self.env["fidelity.consent.erasure"].with_user(user)._erase(self.partner, "x")
        for partner, reason, message in (
            (self.partner, " ", "Reason"),
            (self.env["res.partner"].create({"name": "Z"}), "x", "nothing"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self.env["fidelity.consent.erasure"]._erase(partner, reason)
