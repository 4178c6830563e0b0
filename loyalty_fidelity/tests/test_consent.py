import hashlib
from datetime import datetime, timedelta
from uuid import uuid4

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from .consent_common import ConsentCase


@tagged("post_install", "-at_install")
class TestConsent(ConsentCase):
    """What a person agreed to is kept as it was answered, and the latest answer counts."""

    def test_an_answer_keeps_text_language_time_way_and_who_recorded_it(self):
        self.env["res.lang"]._activate_lang("it_IT")
        text = self.email.text_id
        text.with_context(lang="it_IT").body = "Voglio ricevere offerte."
        self.partner.lang = "it_IT"
        record = self.answer(self.partner, self.email, True, way="till", source_ref="Till 3")
        self.assertEqual((record.state, record.text_id, record.lang), ("given", text, "it_IT"))
        self.assertEqual(record.text_digest, hashlib.sha256(b"Voglio ricevere offerte.").hexdigest())
        self.assertEqual((record.way, record.source_ref, record.author_name), ("till", "Till 3", self.env.user.name))
        self.assertTrue(record.occurred_at and record.recorded_at)
        self.assertFalse(record.until_date)

    def test_the_latest_answer_counts_by_when_it_was_given(self):
        """A form that is recorded late does not undo what was withdrawn after it was signed."""
        now = datetime.now().replace(microsecond=0)
        self.answer(self.partner, self.email, False, occurred_at=now - timedelta(days=2))
        self.answer(self.partner, self.email, True, occurred_at=now - timedelta(days=9))
        self.assertEqual(self.state(self.partner, self.email), "withdrawn")
        self.answer(self.partner, self.email, True)
        self.assertEqual(self.state(self.partner, self.email), "given")
        self.assertEqual(len(self.partner.fidelity_consent_ids), 3, "nothing is written over")

    def test_sent_twice_it_is_recorded_once(self):
        key = str(uuid4())
        first = self.answer(self.partner, self.email, True, key=key)
        self.assertEqual(self.answer(self.partner, self.email, True, key=key), first)
        self.assertEqual(len(self.partner.fidelity_consent_ids), 1)

    def test_the_future_is_refused(self):
        with self.assertRaisesRegex(UserError, "Answered: the moment lies in the future"):
            self.answer(self.partner, self.email, True, occurred_at=datetime.now() + timedelta(days=1))

    def test_what_lasts_for_a_time_ends_by_itself(self):
        """On the last day it counts, the day after it does not, and nothing is written in between."""
        self.email.valid_months = 6
        with freeze_time("2026-01-31 12:00:00"):
            record = self.answer(self.partner, self.email, True)
            self.assertEqual(str(record.until_date), "2026-07-31")
        self.email.valid_months = 1
        for day, state, may in (("2026-07-31 10:00:00", "given", True), ("2026-08-01 10:00:00", "expired", False)):
            with freeze_time(day):
                self.env.invalidate_all()
                self.assertEqual(self.state(self.partner, self.email), state)
                self.assertEqual(bool(self.partner._fidelity_may(self.email)), may)

    def test_the_database_refuses_change_and_deletion(self):
        record = self.answer(self.partner, self.email, True)
        other = self.make_member(self.card_type, "Marco Rossi").partner_id
        self.env.flush_all()
        self.refused_by_database("UPDATE fidelity_consent SET state = 'withdrawn' WHERE id = %s", record.id)
        self.refused_by_database("UPDATE fidelity_consent SET partner_id = %s WHERE id = %s", other.id, record.id)
        self.refused_by_database("DELETE FROM fidelity_consent WHERE id = %s", record.id)
        self.refused_by_database("TRUNCATE fidelity_consent CASCADE")

    def test_what_lets_one_person_go_lets_nobody_else_go(self):
        """The setting of an erasure or a merge opens the guard for one contact, and for no other change."""
        record = self.answer(self.partner, self.email, True)
        other = self.make_member(self.card_type, "Marco Rossi").partner_id
        self.env.flush_all()
        consents = self.env["fidelity.consent"]
        consents._allow("fidelity.consent_erase", other.id)
        self.refused_by_database("DELETE FROM fidelity_consent WHERE id = %s", record.id)
        consents._allow("fidelity.consent_erase", None)
        consents._allow("fidelity.consent_move", other.id)
        self.refused_by_database("UPDATE fidelity_consent SET partner_id = %s, way = 'web' WHERE id = %s", other.id, record.id)
        consents._allow("fidelity.consent_move", None)

    def test_nobody_writes_by_the_orm(self):
        record = self.answer(self.partner, self.email, True)
        for call in (lambda: record.sudo().write({"state": "withdrawn"}), lambda: record.sudo().unlink()):
            with self.assertRaisesRegex(AccessError, "Record another answer"):
                call()
        with self.assertRaises(AccessError):
            self.env["fidelity.consent"].sudo().create({"partner_id": self.partner.id, "purpose_id": self.email.id})

    def test_guards_are_proved_with_the_ledgers(self):
        """A verification says when somebody switched the guard off."""
        self.env.cr.execute("ALTER TABLE fidelity_consent DISABLE TRIGGER fidelity_consent_append_only")
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertIn("fidelity_consent_append_only", verification.findings)

    def test_a_household_shares_points_and_no_consent(self):
        marco = self.make_member(self.card_type, "Marco Rossi")
        marco._join(self.member, str(uuid4()))
        self.answer(self.partner, self.email, True)
        self.assertEqual(self.state(self.partner, self.email), "given")
        self.assertFalse(marco.consent_state_ids)
        self.assertFalse(marco.partner_id._fidelity_may(self.email))

    def test_a_new_card_changes_no_consent(self):
        self.answer(self.partner, self.email, True)
        self.card._replace("worn")
        self.assertEqual(self.member.consent_state_ids.mapped("state"), ["given"])

    def test_a_contact_who_answered_is_not_deleted(self):
        partner = self.env["res.partner"].create({"name": "Prospect"})
        self.answer(partner, self.email, True)
        with self.assertRaisesRegex(UserError, "an administrator erases the consents first"):
            partner.unlink()


@tagged("post_install", "-at_install")
class TestConsentGate(ConsentCase):
    """Nobody is written to or profiled without consent, where the company says so; never who refused."""

    def setUp(self):
        super().setUp()
        self.env.company.write({"fidelity_marketing_consent": True, "fidelity_profiling_consent": False})
        self.partner.write({"email": "anna@example.com", "phone": "+393331234567"})

    def test_offers_need_consent_for_their_own_channel(self):
        self.assertFalse(self.partner._fidelity_may("marketing", "email"))
        self.answer(self.partner, self.email, True)
        self.assertEqual(self.partner._fidelity_may("marketing", "email"), self.partner)
        self.assertFalse(self.partner._fidelity_may("marketing", "sms"))
        self.answer(self.partner, self.email, False)
        self.assertFalse(self.partner._fidelity_may("marketing", "email"))

    def test_a_company_may_ask_for_less_but_a_refusal_always_counts(self):
        self.env.company.fidelity_marketing_consent = False
        self.assertTrue(self.partner._fidelity_may("marketing", "email"))
        self.answer(self.partner, self.email, False)
        self.assertFalse(self.partner._fidelity_may("marketing", "email"))

    def test_profiling_is_free_until_the_company_demands_it(self):
        self.assertTrue(self.partner._fidelity_may("profiling"))
        self.env.company.fidelity_profiling_consent = True
        self.assertFalse(self.partner._fidelity_may("profiling"))
        self.answer(self.partner, self.profiling, True)
        self.assertTrue(self.partner._fidelity_may("profiling"))

    def test_partners_always_need_it(self):
        self.assertFalse(self.partner._fidelity_may("partners"))

    def test_blacklists_count_too(self):
        self.answer(self.partner, self.email, True)
        self.answer(self.partner, self.sms, True)
        self.env["mail.blacklist"].create({"email": "anna@example.com"})
        self.env["phone.blacklist"].create({"number": "+393331234567"})
        self.assertFalse(self.partner._fidelity_may("marketing", "email"))
        self.assertFalse(self.partner._fidelity_may("marketing", "sms"))

    def test_a_purpose_that_nobody_asks_for_allows_nothing(self):
        self.email.active = False
        self.answer(self.partner, self.email, True)
        self.assertFalse(self.partner._fidelity_may("marketing", "email"))

    def test_consent_to_one_company_is_not_to_another(self):
        """A purpose of its own company counts there alone."""
        other = self.env["res.company"].create({"name": "Other shops"})
        own = self.env["fidelity.consent.purpose"].create(
            {
                "name": "Other's offers",
                "code": "other",
                "use": "marketing",
                "channel": "email",
                "company_id": other.id,
                "sequence": 1,
            }
        )
        self.assertEqual(own._standard("marketing", "email", other), own)
        self.assertEqual(own._standard("marketing", "email", self.env.company), self.email)
        self.answer(self.partner, self.email, True)
        self.assertFalse(self.partner._fidelity_may("marketing", "email", other))

    def test_contacts_and_members_are_searched_by_consent_in_one_statement(self):
        marco = self.make_member(self.card_type, "Marco Rossi")
        self.answer(marco.partner_id, self.email, True)
        both = [("id", "in", (self.member | marco).ids)]
        members = self.env["fidelity.member"]
        self.assertEqual(members.search(members._allows_domain(self.email) & Domain(both)), marco)
        found = self.env["res.partner"].search(self.env["res.partner"]._fidelity_may_domain(self.email))
        self.assertEqual(found & (self.partner | marco.partner_id), marco.partner_id)

    def test_each_members_company_decides_what_it_needs(self):
        """A company that asks for less does not open the gate to another one's members."""
        lax = self.env["res.company"].create({"name": "Lax shops", "fidelity_marketing_consent": False})
        theirs = self.make_member(self.make_card_type("Theirs", "0480", company=lax), "Elena")
        shared_type = self.make_card_type("Shared", "0481")
        shared_type.company_id = False
        shared = self.make_member(shared_type, "Fabio")
        everybody = self.member | theirs | shared
        for company, expected in ((self.env.company, theirs), (lax, theirs | shared)):
            members = self.env["fidelity.member"].with_company(company).sudo()
            found = members.search(members._allows_domain(self.email) & Domain("id", "in", everybody.ids))
            self.assertEqual(found, expected, company.name)
        self.assertFalse(members.search(members._allows_domain(self.email.browse())), "no purpose, no message")

    def test_the_gate_asks_once_however_many(self):
        partners = self.partner | self.make_member(self.card_type, "Marco Rossi").partner_id
        partners._fidelity_may(self.email)
        self.partner._fidelity_may(self.profiling)
        before = self.env.cr.sql_log_count
        self.partner._fidelity_may(self.profiling)
        one = self.env.cr.sql_log_count - before
        before = self.env.cr.sql_log_count
        partners._fidelity_may(self.profiling)
        self.assertEqual(self.env.cr.sql_log_count - before, one)


@tagged("post_install", "-at_install")
class TestConsentTexts(ConsentCase):
    """A wording that somebody answered stays as he read it."""

    def test_versions_count_up_and_are_in_use_from_their_moment(self):
        text = self.email.text_id
        later = text.copy({"valid_from": datetime.now() + timedelta(days=3), "body": "New words"})
        self.assertEqual((text.version, later.version), (1, 2))
        self.assertEqual(self.email.text_id, text)
        with freeze_time(datetime.now() + timedelta(days=4)):
            self.env.invalidate_all()
            self.assertEqual(self.email.text_id, later)

    def test_what_was_answered_cannot_be_reworded_in_any_language(self):
        self.env["res.lang"]._activate_lang("it_IT")
        text = self.email.text_id
        text.body = "Still a draft"
        self.answer(self.partner, self.email, True)
        self.env.invalidate_all()
        self.assertTrue(text.is_used)
        for call in (
            lambda: text.write({"body": "Other words"}),
            lambda: text.with_context(lang="it_IT").write({"body": "Altre parole"}),
            lambda: text.update_field_translations("body", {"it_IT": "Altre parole"}),
            lambda: text.write({"valid_from": "2030-01-01"}),
            lambda: text.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "Make a new version|Crea invece una nuova versione"):
                call()

    def test_a_new_version_has_all_languages_of_the_old_one(self):
        self.env["res.lang"]._activate_lang("it_IT")
        text = self.email.text_id
        text.with_context(lang="it_IT").body = "Parole"
        self.answer(self.partner, self.email, True)
        action = text.action_new_version()
        fresh = self.env["fidelity.consent.text"].browse(action["res_id"])
        self.assertEqual((fresh.version, fresh._in("it_IT"), fresh._in("en_US")), (2, "Parole", text._in("en_US")))
        fresh.body = "May be changed"

    def test_a_purpose_keeps_its_meaning_once_answered(self):
        self.answer(self.partner, self.email, True)
        for vals in ({"channel": "sms"}, {"use": "other"}, {"company_id": self.env.company.id}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "Archive it and make another purpose"):
                self.email.write(vals)
        with self.assertRaisesRegex(UserError, "archive it instead"):
            self.email.unlink()

    def test_wrong_purposes_are_refused_with_the_field_named(self):
        create = self.env["fidelity.consent.purpose"].create
        with self.assertRaisesRegex(ValidationError, "Channel:"):
            create({"name": "X", "code": "x", "use": "marketing"})
        for months in (-1, 601):
            with self.assertRaisesRegex(ValidationError, r"Lasts \(months\):"):
                create({"name": "X", "code": f"x{months}", "valid_months": months})
