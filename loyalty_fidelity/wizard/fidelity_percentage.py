from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class FidelityPercentage(models.TransientModel):
    """A manager gives a member a percentage of his own, or takes it away, and says why."""

    _name = "fidelity.percentage"
    _description = "Giving an own percentage"

    member_id = fields.Many2one("fidelity.member", required=True, help="Who gets it.")
    own_percentage = fields.Char(related="member_id.own_percentage", string="Now", help="What he has now.")
    percent = fields.Float(
        string="Percentage", digits=(5, 2), help="Counts where the card gives a discount in the member's own name. 0 takes it away."
    )
    until_date = fields.Date(string="Until", help="The last day on which it counts. Empty: for good.")
    reason = fields.Char(required=True, help="Why. It stays in the member's history with your name.")

    def action_give(self):
        """Give it."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can give a percentage. Ask yours."))
        self.member_id.check_access("read")
        if not 0 <= round(self.percent, 2) <= 100:
            raise UserError(self.env._("The percentage must be between 0 and 100; 0 takes it away."))
        if self.until_date and self.until_date < fields.Date.context_today(self):
            raise UserError(self.env._("Until: choose a day to come, or leave it empty."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays in the member's history."))
        if self.member_id.state == "merged":
            raise UserError(
                self.env._(
                    "%(name)s was merged into %(survivor)s: give it to %(survivor)s.",
                    name=self.member_id.display_name,
                    survivor=self.member_id._surviving().display_name,
                )
            )
        self.env["fidelity.member.percentage"].sudo()._append(
            [
                {
                    "member_id": self.member_id.id,
                    "percent_bps": round(self.percent * 100),
                    "until_date": self.until_date,
                    "reason": self.reason.strip(),
                    "given_at": fields.Datetime.now(),
                    "author_uid": self.env.uid,
                    "author_name": self.env.user.name,
                }
            ]
        )
        return {"type": "ir.actions.act_window_close"}
