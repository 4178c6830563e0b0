from odoo import api, fields, models


class FidelityHolder(models.Model):
    """Who owns accounts: one member, or a household of members of the same card type."""

    _name = "fidelity.holder"
    _description = "Account holder"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="card_type_id.company_id")
    member_ids = fields.One2many("fidelity.member", "holder_id", help="Whose cards use these accounts.")
    account_ids = fields.One2many("fidelity.account", "holder_id")

    @api.depends("member_ids.partner_id.name")
    def _compute_display_name(self):
        for holder in self:
            holder.display_name = ", ".join(holder.member_ids.mapped("display_name")) or self.env._("Nobody")
