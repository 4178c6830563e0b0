from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """What a contact agreed to, and the one gate that everything passes which writes to people or profiles them."""

    _inherit = "res.partner"

    fidelity_consent_ids = fields.One2many(
        "fidelity.consent",
        "partner_id",
        string="Answers",
        groups="loyalty_fidelity.group_fidelity_user",
        help="Everything the person ever answered, latest first.",
    )
    fidelity_consent_state_ids = fields.One2many(
        "fidelity.consent.state",
        "partner_id",
        string="Consents",
        groups="loyalty_fidelity.group_fidelity_user",
        help="What the person says to each purpose today.",
    )

    def _fidelity_may(self, purpose, channel=None, company=None):
        """Those of these contacts who may be treated so. Odoo's blacklists count too.

        Nothing may write to members or profile them without passing here, or by the same SQL
        (:meth:`~.fidelity_consent_purpose.FidelityConsentPurpose._allows_sql`).

        :param purpose: a purpose, or a use such as ``marketing``, of which the company's standard purpose is taken
        :param channel: ``email``, ``sms``, ``post``, ``phone``; with a purpose, its own by default
        :param company: who wants to; the current one by default
        """
        company = company or self.env.company
        if isinstance(purpose, str):
            purpose = self.env["fidelity.consent.purpose"]._standard(purpose, channel, company)
        if not purpose or not self:
            return self.browse()
        allows = purpose._allows_sql(SQL("p.id"), SQL("%s", purpose._is_required(company)))
        rows = self.env.execute_query(SQL("SELECT p.id FROM res_partner p WHERE p.id IN %s AND %s", tuple(self.ids), allows))
        allowed = {partner_id for (partner_id,) in rows}
        partners = self.filtered(lambda partner: partner.id in allowed)
        channel = channel or purpose.channel
        if channel == "email":
            return partners.filtered(lambda partner: not partner.is_blacklisted)
        if channel in ("sms", "phone"):
            return partners.filtered(lambda partner: not partner.phone_sanitized_blacklisted)
        return partners

    @api.model
    def _fidelity_may_domain(self, purpose, company=None):
        """A domain on contacts: those who may be treated so, blacklists aside."""
        required = SQL("%s", purpose._is_required(company or self.env.company))
        return Domain.custom(to_sql=lambda _model, alias, _query: purpose._allows_sql(SQL.identifier(alias, "id"), required))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fidelity_consent(self):
        answered = self.env["fidelity.consent"].sudo().search([("partner_id", "in", self.ids)], limit=1).partner_id
        if answered:
            raise UserError(
                self.env._(
                    "%(name)s has answered what he agrees to. Archive the contact instead; where the person asks to be "
                    "forgotten, an administrator erases the consents first.",
                    name=answered.display_name,
                )
            )

    def action_record_fidelity_consent(self):
        """Ask what this contact agrees to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What %(name)s agrees to", name=self.display_name),
            "res_model": "fidelity.consent.record",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.id},
        }
