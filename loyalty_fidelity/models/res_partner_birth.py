from odoo import api, fields, models, tools


class ResPartner(models.Model):
    """A customer's birthday, searched by month and day."""

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
