from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError


class FidelityHouseholdJoin(models.TransientModel):
    """A member shares the points of another one from now on. Joining twice joins once."""

    _name = "fidelity.household.join"
    _description = "Joining a household"

    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)
    member_id = fields.Many2one("fidelity.member", required=True, help="Who joins.")
    card_type_id = fields.Many2one(related="member_id.card_type_id")
    other_id = fields.Many2one(
        "fidelity.member",
        string="Shares the points of",
        required=True,
        domain="[('card_type_id', '=', card_type_id), ('state', '=', 'active'), ('id', '!=', member_id)]",
        help="A member of the household, or the first one of a new household.",
    )
    name = fields.Char(
        string="Household",
        compute="_compute_name",
        store=True,
        readonly=False,
        help="What the household is called, such as Family Bianchi. Empty: its members' names.",
    )
    reason = fields.Char(help="Why. It stays in the ledger with your name.")
    problem = fields.Char(compute="_compute_effect", help="Why this member cannot join.")
    effect = fields.Text(compute="_compute_effect", string="What will happen", help="What joining changes.")

    @api.depends("other_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.other_id.holder_id.name

    @api.depends("member_id", "other_id")
    def _compute_effect(self):
        for wizard in self:
            member, other = wizard.member_id, wizard.other_id
            wizard.problem = member._join_problem(other) if member and other else False
            wizard.effect = member._join_effect(other) if member and other and not wizard.problem else False

    def action_join(self):
        """Join."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can join members to a household. Ask yours."))
        (self.member_id | self.other_id).check_access("write")
        reason = (self.reason or "").strip() or self.env._("Joined a household")
        self.member_id._join(self.other_id, self.key, (self.name or "").strip(), reason)
        return {"type": "ir.actions.act_window_close"}
