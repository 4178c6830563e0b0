from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class FidelityMemberMerge(models.TransientModel):
    """Merging memberships of one person, with what it will do before it does it. Merging twice merges once."""

    _name = "fidelity.member.merge"
    _description = "Merge of members"

    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)
    member_ids = fields.Many2many("fidelity.member", string="Members", required=True, help="Which memberships become one.")
    survivor_id = fields.Many2one(
        "fidelity.member",
        string="Who stays",
        compute="_compute_survivor_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', member_ids)]",
        help="The membership that has everything afterwards. The others stay visible as merged.",
    )
    card_type_id = fields.Many2one("fidelity.card.type", compute="_compute_card_type_id", help="The card type of the first one.")
    reason = fields.Char(help="Why. It stays in the ledger with your name.")
    problem = fields.Char(compute="_compute_effect", help="Why they cannot be merged.")
    effect = fields.Text(compute="_compute_effect", string="What will happen", help="What merging them changes.")

    @api.model
    def default_get(self, fields):
        res = super().default_get(fields)
        if "member_ids" in fields and self.env.context.get("active_model") == "fidelity.member":
            res.setdefault("member_ids", [(6, 0, self.env.context.get("active_ids", []))])
        return res

    @api.depends("member_ids")
    def _compute_survivor_id(self):
        for wizard in self:
            if wizard.survivor_id not in wizard.member_ids:
                wizard.survivor_id = wizard.member_ids._origin._merge_survivor()

    @api.depends("member_ids")
    def _compute_card_type_id(self):
        for wizard in self:
            wizard.card_type_id = wizard.member_ids[:1].card_type_id

    @api.depends("member_ids", "survivor_id")
    def _compute_effect(self):
        for wizard in self:
            members, survivor = wizard.member_ids._origin, wizard.survivor_id._origin
            wizard.problem = members._merge_problem()
            wizard.effect = members._merge_effect(survivor) if survivor and not wizard.problem else False

    def action_merge(self):
        """Merge, and show who stays."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can merge members. Ask yours."))
        self.member_ids.check_access("write")
        survivor = self.survivor_id
        if not survivor or survivor not in self.member_ids:
            raise UserError(self.env._("Say which membership stays."))
        reason = (self.reason or "").strip() or self.env._("Members merged")
        (self.member_ids - survivor)._merge_into(survivor, self.key, reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "fidelity.member",
            "res_id": survivor.id,
            "view_mode": "form",
            "name": self.env._("Members"),
        }
