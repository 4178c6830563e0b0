from odoo import api, fields, models


class ResPartner(models.Model):
    """The customer's memberships, cards, points and tier, to see and to search."""

    _inherit = "res.partner"

    fidelity_member_ids = fields.One2many(
        "fidelity.member", "partner_id", string="Memberships", groups="loyalty_fidelity.group_fidelity_user"
    )
    fidelity_card_ids = fields.One2many(
        related="fidelity_member_ids.card_ids", string="Fidelity cards", groups="loyalty_fidelity.group_fidelity_user"
    )
    fidelity_tier_ids = fields.Many2many(
        "fidelity.tier",
        string="Fidelity tiers",
        compute="_compute_fidelity_tier_ids",
        search="_search_fidelity_tier_ids",
        groups="loyalty_fidelity.group_fidelity_user",
    )
    fidelity_balance = fields.Integer(
        string="Fidelity points",
        compute="_compute_fidelity_balance",
        search="_search_fidelity_balance",
        groups="loyalty_fidelity.group_fidelity_user",
        help="The points of all his memberships together.",
    )

    @api.depends("fidelity_member_ids.tier_id")
    def _compute_fidelity_tier_ids(self):
        for partner in self:
            partner.fidelity_tier_ids = partner.fidelity_member_ids.tier_id

    def _search_fidelity_tier_ids(self, operator, value):
        if operator in ("any", "not any"):
            return [("fidelity_member_ids", operator, [("tier_id", "any", value)])]
        return [("fidelity_member_ids.tier_id", operator, value)]

    def _compute_fidelity_balance(self):
        for partner in self:
            partner.fidelity_balance = sum(partner.fidelity_member_ids.mapped("balance"))

    def _search_fidelity_balance(self, operator, value):
        return [("fidelity_member_ids.balance", operator, value)]

    def action_view_fidelity_members(self):
        """Open the memberships of these customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_member_action")
        action["domain"] = [("partner_id", "in", self.ids)]
        if len(self) == 1:
            action["context"] = {"default_partner_id": self.id}
        return action
