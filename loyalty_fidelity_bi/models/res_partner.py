from odoo import api, fields, models, tools
from odoo.tools import SQL


class ResPartner(models.Model):
    """A customer's birthday; and the clock of what happens in no store, which is the company's."""

    _inherit = "res.partner"

    fidelity_birth_date = fields.Date(
        string="Birth date",
        groups="loyalty_fidelity.group_fidelity_user,base.group_partner_manager",
        help="For birthday messages. Ask only if you use it.",
    )
    fidelity_birthday = fields.Integer(
        string="Birthday (month and day)",
        compute="_compute_fidelity_birthday",
        store=True,
        index="btree_not_null",
        aggregator=None,
        groups="loyalty_fidelity.group_fidelity_user,base.group_partner_manager",
        help="Month × 100 + day, such as 1231 for 31 December.",
    )

    def _auto_init(self):
        # With a million contacts, none of which has a birth date yet, there is nothing to compute one by one.
        if not tools.sql.column_exists(self.env.cr, self._table, "fidelity_birthday"):
            tools.sql.create_column(self.env.cr, self._table, "fidelity_birthday", "int4")
        return super()._auto_init()

    @api.depends("fidelity_birth_date")
    def _compute_fidelity_birthday(self):
        for partner in self:
            date = partner.fidelity_birth_date
            partner.fidelity_birthday = date.month * 100 + date.day if date else False

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
