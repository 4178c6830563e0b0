from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    """The clock of what happens in no store is the company's."""

    _inherit = "res.partner"

    def write(self, vals):
        moved = self.filtered(lambda partner: partner.tz != vals["tz"]) if "tz" in vals else self.browse()
        companies = moved and self.env["res.company"].sudo().search([("partner_id", "in", moved.ids)])
        res = super().write(vals)
        if companies:
            moved.flush_recordset(["tz"])
            self.env["fidelity.rollup"].sudo()._redo(
                lambda alias: SQL("%(a)s.store_id IS NULL AND %(a)s.company_id IN %(ids)s", a=alias, ids=tuple(companies.ids))
            )
        return res
