from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class FidelityMember(models.Model):
    """A member's consents are those of the person: all his memberships have them, and no household shares them."""

    _inherit = "fidelity.member"

    consent_ids = fields.One2many(related="partner_id.fidelity_consent_ids", string="Answers")
    consent_state_ids = fields.One2many(related="partner_id.fidelity_consent_state_ids", string="Consents")

    @api.model
    def _allows_sql(self, purpose, member):
        """SQL condition: the member may be treated so. Of a membership that companies share, the current one counts.

        :param purpose: one purpose, or none: then nobody may
        :param member: SQL alias of the member's row
        """
        if not purpose:
            return SQL("FALSE")
        self.flush_model(["company_id", "partner_id"])
        # A database has a handful of companies.
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        requiring = companies.filtered(purpose._is_required)
        if len(requiring) in (0, len(companies)):
            required = SQL("TRUE" if requiring else "FALSE")
        else:
            required = SQL("(COALESCE(%s.company_id, %s) IN %s)", member, self.env.company.id, tuple(requiring.ids))
        return purpose._allows_sql(SQL("%s.partner_id", member), required)

    @api.model
    def _allows_domain(self, purpose):
        """A domain on members: those who may be treated so, blacklists aside."""
        return Domain.custom(to_sql=lambda _model, alias, _query: self._allows_sql(purpose, SQL.identifier(alias)))

    @api.model
    def _profiling_sql(self, segment, member):
        """SQL condition: the member may be chosen by a segment: by one that profiles only with consent to that.

        :param segment: one segment, or none
        :param member: SQL alias of the member's row
        """
        if not segment.sudo().is_profiling:
            return SQL("TRUE")
        purpose = self.env["fidelity.consent.purpose"]._standard("profiling")
        if not purpose and not self.env.company.sudo().fidelity_profiling_consent:
            return SQL("TRUE")
        return self._allows_sql(purpose, member)

    @api.model
    def _profiling_domain(self, segment):
        """A domain on members: those who may be chosen by a segment."""
        return Domain.custom(to_sql=lambda _model, alias, _query: self._profiling_sql(segment, SQL.identifier(alias)))

    def action_record_consent(self):
        """Ask what the customer agrees to."""
        self.ensure_one()
        return self.partner_id.action_record_fidelity_consent()
