from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError


class FidelityHouseholdLeave(models.TransientModel):
    """A member has points of his own again, with a stated share of the household's. Leaving twice leaves once."""

    _name = "fidelity.household.leave"
    _description = "Leaving a household"

    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)
    member_id = fields.Many2one("fidelity.member", required=True, help="Who leaves.")
    currency_id = fields.Many2one(related="member_id.card_type_id.currency_id")
    settlement = fields.Selection(
        [("nothing", "Nothing"), ("equal", "An equal part"), ("amount", "What I enter")],
        string="Takes along",
        required=True,
        default="nothing",
        help="What goes along: nothing, what each of the household would get of what is not set aside, or what you enter.",
    )
    points = fields.Integer(
        string="Share of the points",
        compute="_compute_shares",
        store=True,
        readonly=False,
        help="How many of the household's points go along.",
    )
    money = fields.Monetary(
        string="Share of the cashback",
        compute="_compute_shares",
        store=True,
        readonly=False,
        help="How much of the household's cashback goes along.",
    )
    has_money = fields.Boolean(compute="_compute_effect", help="Whether the household has cashback.")
    reason = fields.Char(help="Why. It stays in the ledger with your name.")
    effect = fields.Text(compute="_compute_effect", string="What will happen", help="What leaving changes.")

    @api.depends("member_id", "settlement")
    def _compute_shares(self):
        for wizard in self:
            if wizard.settlement == "amount":
                # What stands there is where one begins.
                wizard.points, wizard.money = wizard.points, wizard.money
                continue
            parts = wizard.member_id.sudo()._equal_part() if wizard.settlement == "equal" else {}
            wizard.points = parts.get("points", 0)
            wizard.money = parts.get("money", 0) / 10**wizard.currency_id.decimal_places

    def _shares(self):
        """His share of each unit, in points and in minor units."""
        scale = 10**self.currency_id.decimal_places if self.currency_id else 1
        return {"points": self.points, "money": round(self.money * scale)}

    @api.depends("member_id", "points", "money")
    def _compute_effect(self):
        for wizard in self:
            wizard.has_money = any(account.unit == "money" for account in wizard.member_id.holder_id.account_ids)
            wizard.effect = wizard.member_id and wizard.member_id._leave_effect(wizard._shares())

    def action_leave(self):
        """Leave."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can take members out of a household. Ask yours."))
        self.member_id.check_access("write")
        reason = (self.reason or "").strip() or self.env._("Left the household")
        self.member_id._leave(self.key, self._shares(), reason)
        return {"type": "ir.actions.act_window_close"}
