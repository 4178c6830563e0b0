from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCase

from .common import FigureCase


@tagged("post_install", "-at_install")
class TestMessageConsent(FigureCase, MailCase):
    """Nobody gets a message who has not agreed to it, and the sender reads how many that are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.make_user("bi_owner", "loyalty_fidelity.group_fidelity_manager", "mass_mailing.group_mass_mailing_user")
        cls.owner.email = "owner@example.com"
        cls.anna, cls.bruno, cls.chiara = cls.members
        for number, member in enumerate(cls.members):
            member.partner_id.write({"email": f"member{number}@example.com", "phone": f"+3933312345{number}0"})
        cls.everybody = cls.anna | cls.bruno | cls.chiara
        cls.env.company.write({"fidelity_marketing_consent": True, "fidelity_profiling_consent": False})

    def answer(self, member, code, agrees=True):
        purpose = self.env.ref(f"loyalty_fidelity.consent_purpose_{code}")
        self.env["fidelity.consent"].sudo()._record(member.partner_id, {purpose: agrees}, "paper")

    def message(self, medium="mail", members=None):
        members = (members or self.everybody).with_user(self.owner)
        action = members.action_write_mail() if medium == "mail" else members.action_write_sms()
        return self.env[action["res_model"]].with_user(self.owner).browse(action["res_id"])

    def recipients(self, message):
        mailing = self.env["mailing.mailing"].browse(message.action_write()["res_id"])
        return self.env["fidelity.member"].browse(mailing._get_recipients())

    def segment(self, *conditions):
        """A segment of these members alone."""
        ids = [Command.create(condition) for condition in conditions]
        segment = self.env["fidelity.segment"].create({"name": "Some", "condition_ids": ids})
        segment._refresh()
        return segment

    def test_who_has_not_agreed_is_left_out_and_counted_in_words(self):
        self.answer(self.anna, "marketing_email")
        self.answer(self.bruno, "marketing_sms")
        message = self.message()
        self.assertEqual((message.member_count, message.refused_count, message.reached_count), (3, 2, 1))
        self.assertEqual(message.consent_text, "2 of 3 have not agreed to Offers by e-mail.")
        self.assertEqual(self.recipients(message), self.anna)
        self.assertEqual(self.recipients(self.message("sms")), self.bruno)

    def test_blacklists_go_on_counting(self):
        for member in self.everybody:
            self.answer(member, "marketing_email")
        self.env["mail.blacklist"].create({"email": "member0@example.com"})
        message = self.message()
        self.assertEqual((message.blacklisted_count, message.refused_count, message.reached_count), (1, 0, 2))

    def test_a_company_that_asks_for_less_still_leaves_out_who_refused(self):
        self.env.company.fidelity_marketing_consent = False
        self.answer(self.anna, "marketing_email", False)
        message = self.message()
        self.assertEqual((message.refused_count, message.reached_count), (1, 2))
        self.assertEqual(self.recipients(message), self.bruno | self.chiara)

    def test_who_withdraws_before_it_is_sent_gets_nothing(self):
        for member in self.everybody:
            self.answer(member, "marketing_email")
        mailing = self.env["mailing.mailing"].browse(self.message().action_write()["res_id"])
        self.answer(self.anna, "marketing_email", False)
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        sent = set(self._new_mails.sudo().mailing_trace_ids.mapped("email"))
        self.assertEqual(sent, {"member1@example.com", "member2@example.com"})

    def test_a_mailing_made_without_our_screen_passes_the_gate_too(self):
        self.answer(self.anna, "marketing_email")
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Hello",
                "mailing_type": "mail",
                "mailing_model_id": self.env["ir.model"]._get_id("fidelity.member"),
                "mailing_domain": repr([("id", "in", self.everybody.ids)]),
            }
        )
        self.assertEqual(mailing._get_recipients(), self.anna.ids)
        self.assertEqual(mailing.total, 1)

    def test_nobody_agreed_is_said_with_the_way_out(self):
        with self.assertRaisesRegex(UserError, "3 of 3 have not agreed to Offers by e-mail. Record what they agree to"):
            self.message().action_write()

    def test_without_a_purpose_nobody_gets_anything(self):
        self.answer(self.anna, "marketing_email")
        self.env.ref("loyalty_fidelity.consent_purpose_marketing_email").active = False
        message = self.message()
        self.assertEqual(message.reached_count, 0)
        self.assertIn("Make a purpose for it first", message.consent_text)

    def test_the_purpose_has_to_be_of_the_way_the_message_comes(self):
        for member in self.everybody:
            self.answer(member, "marketing_sms")
        message = self.message()
        message.purpose_id = self.env.ref("loyalty_fidelity.consent_purpose_marketing_sms")
        with self.assertRaisesRegex(UserError, "Purpose: Offers by SMS"):
            message.action_write()

    def test_a_segment_is_written_to_as_it_is_when_it_is_sent(self):
        for member in self.everybody:
            self.answer(member, "marketing_email")
        self.adjust(self.anna, 100)
        self.adjust(self.bruno, 100)
        segment = self.segment({"kind": "balance", "number": 100})
        action = segment.with_user(self.owner).action_write_mail()
        message = self.env["fidelity.message"].with_user(self.owner).browse(action["res_id"])
        self.assertEqual(message.member_count, 2)
        mailing = self.env["mailing.mailing"].browse(message.action_write()["res_id"])
        self.assertEqual(mailing.fidelity_segment_id, segment)
        self.adjust(self.bruno, -100)
        segment._refresh()
        self.assertEqual(mailing._get_recipients(), self.anna.ids)

    def test_a_segment_that_profiles_needs_consent_to_that_where_demanded(self):
        """By points: only who agreed to be profiled, and it is said. By tier or place: everybody."""
        for member in self.everybody:
            self.answer(member, "marketing_email")
            self.adjust(member, 100)
        self.answer(self.bruno, "profiling")
        segment = self.segment({"kind": "balance", "number": 100})
        plain = self.segment({"kind": "card_type", "card_type_ids": [Command.set(self.everybody.card_type_id.ids)]})
        for demanded, reached in ((False, self.everybody), (True, self.bruno)):
            self.env.company.fidelity_profiling_consent = demanded
            message = self.env["fidelity.message"].with_user(self.owner).create({"medium": "mail", "segment_id": segment.id})
            self.assertEqual(message.reached_count, len(reached))
            self.assertEqual(self.recipients(message), reached)
        self.assertEqual(message.profiling_count, 2)
        self.assertEqual(message.consent_text, "2 of 3 have not agreed to be chosen by what they buy.")
        message = self.env["fidelity.message"].with_user(self.owner).create({"medium": "mail", "segment_id": plain.id})
        self.assertEqual(message.reached_count, message.member_count - message.missing_count - message.refused_count)
        self.assertEqual(message.profiling_count, 0)

    def test_purchases_of_a_segment_are_the_same_rolled_up_or_not(self):
        """Read from receipts, partly rolled up, and all rolled up."""
        self.sell_at_random(25)
        segments = [
            self.segment({"kind": "purchases", "number": 3}),
            self.segment({"kind": "spent", "amount": 200}),
            self.segment({"kind": "last_purchase", "days": 10, "direction": "before"}),
            self.segment({"kind": "never_bought"}),
        ]
        found = [self.env["fidelity.member"].search([("segment_ids", "in", segment.ids)]) for segment in segments]
        middle = self.env["fidelity.posting"].search([], limit=20)[-1].id
        for up_to in (middle, None):
            self.settle(up_to)
            self.roll_up()
            for segment, before in zip(segments, found, strict=True):
                segment._refresh()
                now = self.env["fidelity.member"].search([("segment_ids", "in", segment.ids)])
                self.assertEqual(now, before, segment.summary)
