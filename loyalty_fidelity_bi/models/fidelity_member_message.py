from odoo import api, models
from odoo.tools import SQL


class FidelityMember(models.Model):
    """Members can be written to by mass mailings: by e-mail and SMS, with their name and balance in the text."""

    _name = "fidelity.member"
    _inherit = ["fidelity.member", "mail.thread"]
    _mailing_enabled = True

    @api.model_create_multi
    def create(self, vals_list):
        """Enrolling follows nobody and logs nothing: the ledger is the history."""
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        return super(FidelityMember, quiet).create(vals_list).with_env(self.env)

    def _set(self, vals):
        res = super()._set(vals)
        if vals.get("merged_into_id"):
            self.flush_recordset(["merged_into_id"])
            self.env["fidelity.rolled.member"].sudo()._merge(self, self.browse(vals["merged_into_id"]))
        return res

    def _unmerge(self, *args, **kwargs):
        survivor = self.sudo().merged_into_id
        res = super()._unmerge(*args, **kwargs)
        if survivor and survivor != self.sudo().merged_into_id:
            self.env["fidelity.rolled.member"].sudo()._recount(self | survivor)
        return res

    def mail_allowed_qweb_expressions(self):
        """What a message may say of its recipient without the right to write templates."""
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.balance",
            "object.expiring_points",
            "object.next_expiry_date",
            "object.card_type_id.name",
            "object.store_id.name",
            "object.tier_id.name",
            "object.partner_id.name",
        )

    @api.model
    def _mailing_get_default_domain(self, mailing):
        return [("state", "=", "active")]

    def action_write_mail(self):
        """Prepare an e-mail to these members, or to all of the list when all of it was chosen."""
        return self._action_write("mail")

    def action_write_sms(self):
        """Prepare a text message to these members, or to all of the list when all of it was chosen."""
        return self._action_write("sms")

    def _action_write(self, medium):
        message = self.env["fidelity.message"].create({"medium": medium, "member_domain": repr(self._chosen_domain())})
        return message._action_open()

    def _chosen_domain(self):
        """Whom the list's selection means.

        The client hands over at most so many ids; where the whole list was chosen and is longer, its domain counts.
        """
        domain = self.env.context.get("active_domain")
        limit = int(self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", 20000))
        if domain and len(self) >= limit:
            return domain
        return [("id", "in", self.ids)]

    @api.model
    def _first_of_each_address(self, ids, medium):
        """Of several memberships with one address only the first; those without an address stay.

        :param ids: ids of memberships
        :param medium: ``mail`` or ``sms``
        :return: ids, sorted
        """
        if not ids:
            return []
        self.env["res.partner"].flush_model(["email_normalized", "phone_sanitized"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (COALESCE(p.%(address)s, m.id::text)) m.id
                  FROM fidelity_member m JOIN res_partner p ON p.id = m.partner_id
                 WHERE m.id IN %(ids)s
              ORDER BY COALESCE(p.%(address)s, m.id::text), m.id
                """,
                address=SQL("phone_sanitized" if medium == "sms" else "email_normalized"),
                ids=tuple(ids),
            )
        )
        return sorted(member_id for (member_id,) in rows)
