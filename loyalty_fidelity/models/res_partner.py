from odoo import api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """The customer's memberships, cards, points and tier, to see and to search."""

    _inherit = "res.partner"

    fidelity_member_ids = fields.One2many(
        "fidelity.member", "partner_id", string="Memberships", groups="loyalty_fidelity.group_fidelity_user"
    )
    fidelity_card_ids = fields.Many2many(
        "fidelity.card",
        string="Fidelity cards",
        compute="_compute_fidelity_card_ids",
        search="_search_fidelity_card_ids",
        groups="loyalty_fidelity.group_fidelity_user",
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

    @api.depends("fidelity_member_ids.card_ids")
    def _compute_fidelity_card_ids(self):
        for partner in self:
            partner.fidelity_card_ids = partner.fidelity_member_ids.card_ids

    def _search_fidelity_card_ids(self, operator, value):
        if operator in ("not any", "not in"):
            return NotImplemented
        return [("fidelity_member_ids", "any", [("card_ids", operator, value)])]

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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fidelity_member(self):
        members = self.env["fidelity.member"].sudo().search([("partner_id", "in", self.ids)], limit=1)
        if members:
            raise UserError(
                self.env._(
                    "%(name)s has a loyalty membership (%(type)s), whose points and receipts name the contact. "
                    "Archive the contact instead, or merge it with another one: the points go along.",
                    name=members.display_name,
                    type=members.card_type_id.name,
                )
            )

    def action_view_fidelity_members(self):
        """Open the memberships of these customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_member_action")
        action["domain"] = [("partner_id", "in", self.ids)]
        if len(self) == 1:
            action["context"] = {"default_partner_id": self.id}
        return action
