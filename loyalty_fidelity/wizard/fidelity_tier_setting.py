from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..models.fidelity_member_tier import MANAGER
from ..rules import tier as kernel_tier

LONGEST_YEARS = 10


class FidelityTierSetting(models.TransientModel):
    """A manager gives a member a tier by hand, with a reason and an end, or lets the rules decide again."""

    _name = "fidelity.tier.setting"
    _description = "Tier by hand"

    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, help="Whose tier is set.")
    card_type_id = fields.Many2one(related="member_id.card_type_id")
    present_id = fields.Many2one(related="member_id.tier_id", string="Tier now")
    floor_until = fields.Date(related="member_id.tier_floor_until")
    tier_id = fields.Many2one(
        "fidelity.tier",
        string="New tier",
        domain="[('card_type_id', '=', card_type_id)]",
        help="He has it at once, and may still rise above it.",
    )
    until = fields.Date(
        default=lambda self: fields.Date.add(fields.Date.today(), years=1),
        help="The last day of the promise. From the next on the rules decide again.",
    )
    reason = fields.Char(help="Why. It stays in his history with your name.")
    effect = fields.Text(compute="_compute_effect", help="What will happen.")

    @api.depends("tier_id", "until")
    def _compute_effect(self):
        _ = self.env._
        for wizard in self:
            wizard.effect = False
            if wizard.tier_id and wizard.until:
                names = {"name": wizard.member_id.display_name, "tier": wizard.tier_id.name}
                date = format_date(self.env, wizard.until)
                wizard.effect = _("%(name)s becomes %(tier)s at once and stays it at least until %(date)s.", date=date, **names)

    def action_set(self):
        """Give the tier."""
        self._check_allowed()
        member, tier, today = self.member_id, self.tier_id, fields.Date.today()
        if not tier:
            raise UserError(self.env._("Choose the new tier."))
        if not self.until or not today <= self.until <= fields.Date.add(today, years=LONGEST_YEARS):
            raise UserError(self.env._("Until must be a day from today on, at most %(years)s years ahead.", years=LONGEST_YEARS))
        self._check_lasts()
        before = member.tier_id
        member.sudo()._set({"tier_id": tier.id})
        member._check_tier_of_card_type()
        member._note_tier(before, "hand", self.until, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}

    def action_release(self):
        """Let the rules decide again, at once."""
        self._check_allowed()
        member = self.member_id
        if not member.tier_floor_until:
            raise UserError(self.env._("%(name)s has his tier by the rules already.", name=member.display_name))
        member._note_tier(member.tier_id, "released", None, self.reason.strip())
        self.env["fidelity.tier.run"].sudo()._evaluate_members(member)
        return {"type": "ir.actions.act_window_close"}

    def _check_allowed(self):
        self.ensure_one()
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a loyalty manager can set a tier. Ask yours."))
        self.member_id.check_access("write")
        if self.member_id.state != "active":
            raise UserError(
                self.env._("The membership of %(name)s is not active: its tier stays.", name=self.member_id.display_name)
            )
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays in the history."))

    def _check_lasts(self):
        """A tier below the one that he reaches by himself would last until the next night only."""
        run = self.env["fidelity.tier.run"].sudo()
        day = run._today()
        found = run._of_member(self.member_id, day)
        if found:
            ladder, row = found
            place = kernel_tier.place(
                ladder, row["enrolled"], row["days"] or {}, day, kernel_tier.Holding(str(self.tier_id.id), day)
            )
            deserved = self.env["fidelity.tier"].browse(int(place.level))
            if place.change == "qualified":
                raise UserError(
                    self.env._(
                        "By what he bought %(name)s is %(tier)s: a lower tier would last until tonight. "
                        "To keep him from its benefits close the membership.",
                        name=self.member_id.display_name,
                        tier=deserved.name,
                    )
                )
