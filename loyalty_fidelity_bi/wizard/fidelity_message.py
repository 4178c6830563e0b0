from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

ADDRESSES = {"mail": ("email_normalized", "mail_blacklist", "email"), "sms": ("phone_sanitized", "phone_blacklist", "number")}
CHANNELS = {"mail": "email", "sms": "sms"}


class FidelityMessage(models.TransientModel):
    """Before a message to many members is written: how many it reaches, and why not the others.

    Who has not agreed is left out, here and once more when it is sent (:meth:`mailing.mailing._get_recipients_domain`).
    """

    _name = "fidelity.message"
    _description = "Message to members"

    medium = fields.Selection([("mail", "E-mail"), ("sms", "SMS")], required=True, default="mail", help="How it is sent.")
    member_domain = fields.Char(required=True, default="[]", help="Whom it goes to, as a domain.")
    segment_id = fields.Many2one("fidelity.segment", help="Whom it goes to: who belongs to the segment when it is sent.")
    purpose_id = fields.Many2one(
        "fidelity.consent.purpose",
        compute="_compute_purpose_id",
        store=True,
        readonly=False,
        help="What members must have agreed to, to get this message.",
    )
    one_per_address = fields.Boolean(
        string="One message per address",
        default=True,
        help="A household, or a customer with two kinds of card, gets one message: for the membership that is oldest.",
    )
    member_count = fields.Integer(string="Members chosen", compute="_compute_counts", help="How many members you chose.")
    closed_count = fields.Integer(string="Closed memberships", compute="_compute_counts", help="They get no message.")
    missing_count = fields.Integer(
        string="Without address", compute="_compute_counts", help="No e-mail address or number is known."
    )
    blacklisted_count = fields.Integer(
        string="Do not want messages", compute="_compute_counts", help="They unsubscribed, or are on the blacklist."
    )
    refused_count = fields.Integer(
        string="Have not agreed", compute="_compute_counts", help="They did not agree to this purpose, or withdrew."
    )
    profiling_count = fields.Integer(
        string="Not to be profiled",
        compute="_compute_counts",
        help="The segment chooses by what people buy or by their points, and they did not agree to that.",
    )
    consent_text = fields.Char(
        string="Consent", compute="_compute_counts", help="How many are left out because they did not agree."
    )
    shared_count = fields.Integer(
        string="Share an address", compute="_compute_counts", help="Another member with the same address gets the message."
    )
    reached_count = fields.Integer(string="Messages", compute="_compute_counts", help="How many messages will be sent.")

    @api.depends("medium")
    def _compute_purpose_id(self):
        for message in self:
            message.purpose_id = self.env["fidelity.consent.purpose"]._standard("marketing", CHANNELS[message.medium])

    @api.depends("medium", "member_domain", "one_per_address", "segment_id", "purpose_id")
    @api.depends_context("lang")
    def _compute_counts(self):
        for message in self:
            message.update(message._counts())

    def _chosen_domain(self):
        """Whom the user chose: a segment, or members of a list."""
        if self.segment_id:
            return Domain("segment_ids", "in", self.segment_id._origin.ids)
        return Domain(literal_eval(self.member_domain))

    def _members_domain(self):
        """Whom the message goes to: those chosen whose membership is active."""
        return self._chosen_domain() & Domain("state", "=", "active")

    def _counts(self):
        """How many members are chosen, and how many of them are left out for which reason; everybody is counted once."""
        members = self.env["fidelity.member"]
        chosen = members.search_count(self._chosen_domain())
        address, blacklist, column = ADDRESSES[self.medium]
        self.env["res.partner"].flush_model([address])
        self.env[blacklist.replace("_", ".")].flush_model([column, "active"])
        active, missing, blacklisted, refused, unprofiled, reachable, addresses = self.env.execute_query(
            SQL(
                """
                SELECT count(*), count(*) FILTER (WHERE why = 'missing'), count(*) FILTER (WHERE why = 'blacklisted'),
                       count(*) FILTER (WHERE why = 'refused'), count(*) FILTER (WHERE why = 'profiling'),
                       count(*) FILTER (WHERE why IS NULL), count(DISTINCT address) FILTER (WHERE why IS NULL)
                  FROM (SELECT p.%(address)s AS address,
                               CASE WHEN p.%(address)s IS NULL THEN 'missing' WHEN b.id IS NOT NULL THEN 'blacklisted'
                                    WHEN NOT %(agreed)s THEN 'refused' WHEN NOT %(profiled)s THEN 'profiling' END AS why
                          FROM fidelity_member m
                          JOIN res_partner p ON p.id = m.partner_id
                     LEFT JOIN %(blacklist)s b ON b.%(column)s = p.%(address)s AND b.active
                         WHERE m.id IN %(members)s) x
                """,
                address=SQL.identifier(address),
                blacklist=SQL.identifier(blacklist),
                column=SQL.identifier(column),
                agreed=members._allows_sql(self.purpose_id, SQL("m")),
                profiled=members._profiling_sql(self.segment_id, SQL("m")),
                members=members._search(self._members_domain()).subselect(),
            )
        )[0]
        reached = addresses if self.one_per_address else reachable
        return {
            "member_count": chosen,
            "closed_count": chosen - active,
            "missing_count": missing,
            "blacklisted_count": blacklisted,
            "refused_count": refused,
            "profiling_count": unprofiled,
            "consent_text": self._consent_text(active, refused, unprofiled),
            "shared_count": reachable - reached,
            "reached_count": reached,
        }

    def _consent_text(self, active, refused, unprofiled):
        """Who is left out for want of consent, in words; False where nobody is."""
        _ = self.env._
        if not self.purpose_id:
            return _("You ask nobody whether messages may come this way, so nobody gets one. Make a purpose for it first.")
        said = []
        if refused:
            said.append(
                _(
                    "%(count)s of %(all)s have not agreed to %(purpose)s.",
                    count=refused,
                    all=active,
                    purpose=self.purpose_id.name,
                )
            )
        if unprofiled:
            said.append(_("%(count)s of %(all)s have not agreed to be chosen by what they buy.", count=unprofiled, all=active))
        return " ".join(said)

    def _action_open(self):
        """Show this message, to be prepared."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send an SMS") if self.medium == "sms" else self.env._("Send an e-mail"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_write(self):
        """Make the mailing with its ready-made text and open it."""
        self.ensure_one()
        if not self.env["mailing.mailing"].has_access("create"):
            raise AccessError(
                self.env._("Messages to many members need the right Email Marketing: User. Ask your administrator for it.")
            )
        if self.purpose_id.channel != CHANNELS[self.medium]:
            raise UserError(
                self.env._(
                    "Purpose: %(name)s is not for messages that come this way. Choose another one.",
                    name=self.purpose_id.name or self.env._("none"),
                )
            )
        if not self.reached_count and self.consent_text:
            raise UserError(
                self.env._(
                    "Nobody of those you chose can be reached this way. %(consent)s Record what they agree to on the member.",
                    consent=self.consent_text,
                )
            )
        if not self.reached_count:
            raise UserError(self.env._("Nobody of those you chose can be reached this way. Choose others, or the other way."))
        mailing = self.env["mailing.mailing"].create(self._prepare_mailing_vals())
        form = (
            "mass_mailing_sms.mailing_mailing_view_form_sms" if self.medium == "sms" else "mass_mailing.view_mail_mass_mailing_form"
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "mailing.mailing",
            "res_id": mailing.id,
            "views": [(self.env.ref(form).id, "form")],
            "target": "current",
        }

    def _prepare_mailing_vals(self):
        vals = {
            "mailing_type": self.medium,
            "mailing_model_id": self.env["ir.model"]._get_id("fidelity.member"),
            "mailing_domain": repr(list(self._members_domain())),
            "fidelity_one_per_address": self.one_per_address,
            "fidelity_purpose_id": self.purpose_id.id,
            "fidelity_segment_id": self.segment_id.id,
            "fidelity_company_id": self.env.company.id,
            "user_id": self.env.uid,
        }
        if self.medium == "sms":
            template = self.env.ref("loyalty_fidelity_bi.sms_template_balance")
            return {
                **vals,
                "subject": template.name,
                "sms_template_id": template.id,
                "body_plaintext": template.body,
                "sms_allow_unsubscribe": True,
            }
        template = self.env.ref("loyalty_fidelity_bi.mail_template_balance").sudo()
        return {
            **vals,
            "subject": template.subject,
            "body_arch": template.body_html,
            "body_html": template.body_html,
            "reply_to_mode": "new",
        }
