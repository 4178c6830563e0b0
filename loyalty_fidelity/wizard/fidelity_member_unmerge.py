from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError


class FidelityMemberUnmerge(models.TransientModel):
    """Undoing a merge, with what it will do before it does it. Undoing twice undoes once."""

    _name = "fidelity.member.unmerge"
    _description = "Undoing of a merge"

    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)
    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, help="The membership that was merged.")
    survivor_id = fields.Many2one(related="member_id.merged_into_id", help="Who has its points and cards now.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        help="Whom the membership belongs to. Where the contacts were merged too, make one for the second person.",
    )
    reason = fields.Char(help="Why. It stays in the ledger with your name.")
    problem = fields.Char(compute="_compute_effect", help="Why it cannot be undone.")
    effect = fields.Text(compute="_compute_effect", string="What will happen", help="What undoing the merge changes.")

    @api.depends("member_id")
    def _compute_partner_id(self):
        for wizard in self:
            member = wizard.member_id
            wizard.partner_id = member.partner_id if member.partner_id != member.merged_into_id.partner_id else False

    @api.depends("member_id", "partner_id")
    def _compute_effect(self):
        for wizard in self:
            member = wizard.member_id._origin
            wizard.problem = member._unmerge_problem(wizard.partner_id._origin)
            wizard.effect = False if wizard.problem and member.state != "merged" else member._unmerge_effect()

    def action_unmerge(self):
        """Undo the merge, and show who is a member again."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can undo a merge. Ask yours."))
        self.member_id.check_access("write")
        reason = (self.reason or "").strip() or self.env._("Merge undone")
        self.member_id._unmerge(self.partner_id, self.key, reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "fidelity.member",
            "res_id": self.member_id.id,
            "view_mode": "form",
            "name": self.env._("Members"),
        }
