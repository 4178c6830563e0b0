from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.tests.common import FidelityCase
from odoo.addons.mail.tests.common import MailCase


@tagged("post_install", "-at_install")
class TestMessages(FidelityCase, MailCase):
    """A message to chosen members says each one's own name and points, once an address, and not to who does not want it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.make_user("bi_owner", "loyalty_fidelity.group_fidelity_manager", "mass_mailing.group_mass_mailing_user")
        cls.owner.email = "owner@example.com"
        cls.other_type = cls.make_card_type("Trade", "0491")
        people = {
            "anna": ("Anna Bianchi", "anna@example.com", "+393331234567"),
            "bruno": ("Bruno Conti", "bruno@example.com", "+393331234568"),
            "wife": ("Carla Conti", "Bruno@Example.com", "+393331234568"),
            "gone": ("Dario Neri", "dario@example.com", "+393331234569"),
            "mute": ("Elena Rossi", False, False),
        }
        cls.people = {}
        for index, (key, (name, email, phone)) in enumerate(people.items()):
            cls.people[key] = cls.make_member(cls.card_type, name)
            cls.people[key].partner_id.write({"email": email, "phone": phone, "country_id": cls.env.ref("base.it").id})
            cls.adjust(cls, cls.people[key], 10 + index)
        partner = cls.people["anna"].partner_id
        cls.people["anna_trade"] = cls.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": cls.other_type.id})
        cls.people["closed"] = cls.make_member(cls.card_type, "Fabio Verdi", state="closed")
        cls.people["closed"].partner_id.email = "fabio@example.com"
        cls.env["mail.blacklist"].create({"email": "dario@example.com"})
        cls.env["phone.blacklist"].create({"number": "+393331234569"})
        for partner in cls.env["res.partner"].browse([member.partner_id.id for member in cls.people.values()]):
            cls.answer(partner, "marketing_email", True)
            cls.answer(partner, "marketing_sms", True)
        cls.chosen = cls.env["fidelity.member"].browse([member.id for member in cls.people.values()])

    @classmethod
    def answer(cls, partner, code, agrees):
        purpose = cls.env.ref(f"loyalty_fidelity.consent_purpose_{code}")
        cls.env["fidelity.consent"].sudo()._record(partner, {purpose: agrees}, "paper")

    def prepare(self, medium, members=None):
        members = (self.chosen if members is None else members).with_user(self.owner)
        action = members.action_write_mail() if medium == "mail" else members.action_write_sms()
        return self.env[action["res_model"]].with_user(self.owner).browse(action["res_id"])

    def mailing(self, medium, members=None):
        action = self.prepare(medium, members).action_write()
        return self.env["mailing.mailing"].with_user(self.owner).browse(action["res_id"])

    def counts(self, message):
        return (
            message.member_count,
            message.closed_count,
            message.missing_count,
            message.blacklisted_count,
            message.shared_count,
            message.reached_count,
        )

    def test_everybody_who_is_left_out_is_counted_and_said(self):
        """Closed, without address, blacklisted, sharing an address: each once, and the rest is reached."""
        for medium in ("mail", "sms"):
            message = self.prepare(medium)
            self.assertEqual(self.counts(message), (7, 1, 1, 1, 2, 2), medium)
            message.one_per_address = False
            self.assertEqual(self.counts(message), (7, 1, 1, 1, 0, 4), medium)

    def test_each_mail_says_the_recipients_own_points(self):
        """What is queued: subject and body of each, nothing to who is blacklisted, one an address."""
        mailing = self.mailing("mail")
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        mails = self._new_mails.sudo()
        said = {mail.mailing_trace_ids.email: (mail.subject, mail.body_html) for mail in mails}
        self.assertEqual(set(said), {"anna@example.com", "bruno@example.com"})
        self.assertEqual(len(mails), 2)
        for email, name, points in (("anna@example.com", "Anna Bianchi", 10), ("bruno@example.com", "Bruno Conti", 11)):
            subject, body = said[email]
            self.assertEqual(subject, f"{name}, you have {points} points")
            self.assertIn(name, body)
            self.assertRegex(body, rf">\s*{points}\s*points")
            self.assertIn("Gift Points", body)
            self.assertNotIn("t-out", body)

    def test_who_got_no_mail_has_a_reason(self):
        """Traces say why: blacklisted, or no address."""
        mailing = self.mailing("mail")
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        traces = self.env["mailing.trace"].sudo().search([("mass_mailing_id", "=", mailing.id)])
        reasons = {self.env["fidelity.member"].browse(trace.res_id): trace.failure_type for trace in traces}
        self.assertEqual(reasons[self.people["gone"]], "mail_bl")
        self.assertEqual(reasons[self.people["mute"]], "mail_email_missing")
        self.assertNotIn(self.people["closed"], reasons)
        self.assertNotIn(self.people["wife"], reasons)

    def test_sending_twice_writes_to_nobody_again(self):
        """The mailing remembers whom it reached."""
        mailing = self.mailing("mail")
        with self.mock_mail_gateway():
            mailing.action_send_mail()
            self.assertEqual(len(self._new_mails), 2)
            with self.assertRaisesRegex(UserError, "no recipients"):
                mailing.action_send_mail()

    def test_each_sms_says_the_recipients_own_points(self):
        """Text messages wait in the queue, one a number, with the way to stop them."""
        mailing = self.mailing("sms")
        self.assertEqual(mailing.mailing_type, "sms")
        before = self.env["sms.sms"].sudo().search([])
        mailing.action_send_mail()
        texts = {sms.number: sms.body for sms in self.env["sms.sms"].sudo().search([]) - before if sms.state == "outgoing"}
        self.assertEqual(set(texts), {"+393331234567", "+393331234568"})
        self.assertIn("Anna Bianchi, your card has 10 points.", texts["+393331234567"])
        self.assertIn("Bruno Conti, your card has 11 points.", texts["+393331234568"])
        self.assertIn("/sms/", texts["+393331234567"])

    def test_the_balance_is_that_of_the_moment_of_sending(self):
        mailing = self.mailing("mail", self.people["anna"])
        self.adjust(self.people["anna"], 5)
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        self.assertEqual(self._new_mails.sudo().subject, "Anna Bianchi, you have 15 points")

    def test_a_whole_list_is_kept_as_what_it_was_searched_by(self):
        """The client hands over so many ids at most; beyond that the list's own search goes into the mailing."""
        self.env["ir.config_parameter"].sudo().set_param("web.active_ids_limit", "2")
        domain = [("balance", ">=", 10), ("id", "in", self.chosen.ids)]
        members = self.chosen[:2].with_context(active_domain=domain)
        mailing = self.mailing("mail", members)
        self.assertIn("balance", mailing.mailing_domain)
        self.assertEqual(len(mailing._get_recipients()), 4)

    def test_nobody_reached_is_said(self):
        with self.assertRaisesRegex(UserError, "Nobody of those you chose can be reached"):
            self.prepare("mail", self.people["mute"]).action_write()

    def test_messages_to_many_need_the_right(self):
        """A loyalty manager without Email Marketing is told what he lacks."""
        manager = self.make_user("bi_manager", "loyalty_fidelity.group_fidelity_manager")
        action = self.chosen.with_user(manager).action_write_mail()
        message = self.env["fidelity.message"].with_user(manager).browse(action["res_id"])
        with self.assertRaisesRegex(AccessError, "Email Marketing"):
            message.action_write()

    def test_enrolling_logs_and_follows_nothing(self):
        """A membership can be written to and has no chatter of its own."""
        member = self.make_member(self.card_type, "Quiet")
        self.assertFalse(member.message_ids)
        self.assertFalse(member.message_follower_ids)
