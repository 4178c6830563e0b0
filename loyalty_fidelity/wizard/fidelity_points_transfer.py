from uuid import uuid4

from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class FidelityPointsTransfer(models.TransientModel):
    """Give points of one member to another, within the card type's limits. Giving them twice gives them once."""

    _name = "fidelity.points.transfer"
    _description = "Giving points to another member"

    member_id = fields.Many2one("fidelity.member", required=True, help="Who gives.")
    card_type_id = fields.Many2one(related="member_id.card_type_id")
    available_points = fields.Integer(related="member_id.available_points", help="What can be given.")
    limit_points = fields.Integer(related="card_type_id.transfer_max_points", string="At most", help="The limit of one transfer.")
    other_id = fields.Many2one(
        "fidelity.member",
        string="To",
        domain="[('card_type_id', '=', card_type_id), ('id', '!=', member_id), ('state', '=', 'active')]",
        help="Who gets them: a member of the same card type.",
    )
    quantity = fields.Integer(string="Points", help="How many points. They expire when they would have.")
    reason = fields.Char(required=True, help="Why. It stays in the ledger with your name.")
    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)

    def action_give(self):
        """Move the points."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can give points of a member to another. Ask yours."))
        (self.member_id | self.other_id).check_access("write")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays in the ledger."))
        self.env["fidelity.posting"].sudo()._post_points_transfer(
            self.member_id.sudo(), self.other_id.sudo(), self.quantity, self.reason.strip(), self.key
        )
        return {"type": "ir.actions.act_window_close"}
