from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

ADDRESSES = {"mail": ("email_normalized", "mail_blacklist", "email"), "sms": ("phone_sanitized", "phone_blacklist", "number")}


class FidelityMessage(models.TransientModel):
    """Before a message to many members is written: how many it reaches, and why not the others."""

    _name = "fidelity.message"
    _description = "Message to members"

    medium = fields.Selection([("mail", "E-mail"), ("sms", "SMS")], required=True, default="mail", help="How it is sent.")
    member_domain = fields.Char(required=True, default="[]", help="Whom it goes to, as a domain.")
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
    shared_count = fields.Integer(
        string="Share an address", compute="_compute_counts", help="Another member with the same address gets the message."
    )
    reached_count = fields.Integer(string="Messages", compute="_compute_counts", help="How many messages will be sent.")

    @api.depends("medium", "member_domain", "one_per_address")
    def _compute_counts(self):
        for message in self:
            message.update(message._counts())

    def _members_domain(self):
        """Whom the message goes to: those chosen whose membership is active."""
        return Domain(literal_eval(self.member_domain)) & Domain("state", "=", "active")

    def _counts(self):
        """How many members are chosen, and how many of them are left out for which reason; everybody is counted once."""
        members = self.env["fidelity.member"]
        chosen = members.search_count(literal_eval(self.member_domain))
        address, blacklist, column = ADDRESSES[self.medium]
        self.env["res.partner"].flush_model([address])
        self.env[blacklist.replace("_", ".")].flush_model([column, "active"])
        active, missing, blacklisted, addresses = self.env.execute_query(
            SQL(
                """
                SELECT count(*), count(*) FILTER (WHERE p.%(address)s IS NULL),
                       count(*) FILTER (WHERE b.id IS NOT NULL),
                       count(DISTINCT p.%(address)s) FILTER (WHERE b.id IS NULL)
                  FROM fidelity_member m
                  JOIN res_partner p ON p.id = m.partner_id
             LEFT JOIN %(blacklist)s b ON b.%(column)s = p.%(address)s AND b.active
                 WHERE m.id IN %(members)s
                """,
                address=SQL.identifier(address),
                blacklist=SQL.identifier(blacklist),
                column=SQL.identifier(column),
                members=members._search(self._members_domain()).subselect(),
            )
        )[0]
        reachable = active - missing - blacklisted
        reached = addresses if self.one_per_address else reachable
        return {
            "member_count": chosen,
            "closed_count": chosen - active,
            "missing_count": missing,
            "blacklisted_count": blacklisted,
            "shared_count": reachable - reached,
            "reached_count": reached,
        }

    def action_write(self):
        """Make the mailing with its ready-made text and open it."""
        self.ensure_one()
        if not self.env["mailing.mailing"].has_access("create"):
            raise AccessError(
                self.env._("Messages to many members need the right Email Marketing: User. Ask your administrator for it.")
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
