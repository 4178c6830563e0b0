from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

LARGEST = 1_000_000_000


class FidelityAdjustment(models.TransientModel):
    """A manager's correction of a member's points, with its reason. Posting it twice posts once."""

    _name = "fidelity.adjustment"
    _description = "Adjustment of points"

    member_id = fields.Many2one("fidelity.member", required=True, help="Whose points are corrected.")
    balance = fields.Integer(related="member_id.balance", string="Balance now", help="The points before the correction.")
    quantity = fields.Integer(string="Points", required=True, help="Positive to give, negative to take.")
    balance_after = fields.Integer(
        compute="_compute_balance_after", string="Balance after", help="The points once the correction is posted."
    )
    reason = fields.Char(required=True, help="Why. It stays in the ledger with your name.")
    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)

    @api.depends("quantity", "member_id")
    def _compute_balance_after(self):
        for wizard in self:
            wizard.balance_after = wizard.balance + wizard.quantity

    def action_post(self):
        """Post the correction."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can adjust points. Ask yours."))
        self.member_id.check_access("read")
        if self.member_id.state == "merged":
            raise UserError(
                self.env._(
                    "%(name)s was merged into %(survivor)s: adjust the points of %(survivor)s.",
                    name=self.member_id.display_name,
                    survivor=self.member_id._surviving().display_name,
                )
            )
        if not self.quantity or abs(self.quantity) > LARGEST:
            raise UserError(self.env._("Enter how many points to give or, with a minus, to take."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays in the ledger."))
        posting = self.env["fidelity.posting"].sudo()
        if not posting._exists(f"adjust:{self.key}"):
            posting._post_adjustment(self.member_id.sudo(), self.quantity, self.reason.strip(), self.key)
        return {"type": "ir.actions.act_window_close"}
