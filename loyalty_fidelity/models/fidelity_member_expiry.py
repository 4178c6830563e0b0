from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .fidelity_account import COMPARISONS


class FidelityMember(models.Model):
    """What of a member's points expires when."""

    _inherit = "fidelity.member"

    expiry_line_ids = fields.One2many(
        "fidelity.member.expiry.line", "member_id", string="What expires", compute="_compute_expiry_lines",
        help="His points by their last day, first what expires first.",
    )  # fmt: skip
    soon_points = fields.Integer(
        string="Expiring soon",
        compute="_compute_expiry_lines",
        help="Points that expire within 30 days unless he uses them.",
    )
    soonest_date = fields.Date(
        string="Next expiry",
        compute="_compute_expiry_lines",
        search="_search_soonest_date",
        help="The next day on which points of his expire unless he uses them.",
    )

    def _compute_expiry_lines(self):
        lots = self.env["fidelity.lot"].sudo()
        accounts = self.sudo().holder_id.account_ids.filtered(lambda account: account.unit == "points")
        today = self.env["fidelity.expiry.policy"]._today()
        found = lots._left_in(accounts)
        by_holder = {account.holder_id: found[account.id] for account in accounts}
        lines = self.env["fidelity.member.expiry.line"]
        for member in self:
            days = {}
            for lot in by_holder.get(member.sudo().holder_id, []):
                days[lot.expires] = days.get(lot.expires, 0) + lot.left
            dated = sorted(day for day in days if day and day >= today)
            soon = [day for day in dated if day <= today + timedelta(days=30)]
            member.soon_points = sum(days[day] for day in soon)
            member.soonest_date = dated[0] if dated else False
            order = [*dated, *([None] if None in days else [])]
            member.expiry_line_ids = lines.union(
                *(lines.new({"member_id": member.id, "last_date": day or False, "points": days[day]}) for day in order)
            )

    def _search_soonest_date(self, operator, value):
        if operator not in COMPARISONS or operator in (">", ">="):
            return NotImplemented
        query = SQL(
            """(
            SELECT a.holder_id FROM fidelity_lot l JOIN fidelity_account a ON a.id = l.account_id
             WHERE l.expires_date >= %s AND l.expires_date %s %s AND a.unit = 'points' AND %s > 0)""",
            self.env["fidelity.expiry.policy"]._today(),
            SQL(operator),
            fields.Date.to_date(value),
            self.env["fidelity.lot"]._left_sql(SQL("l")),
        )
        return [("holder_id", "in", query)]


class FidelityMemberExpiryLine(models.TransientModel):
    """One line of the table of what expires when; made when it is shown, never kept."""

    _name = "fidelity.member.expiry.line"
    _description = "What expires of a member"

    member_id = fields.Many2one("fidelity.member", required=True, ondelete="cascade")
    last_date = fields.Date(string="Until", help="The last day on which they can be used. Empty: they do not expire on a day.")
    points = fields.Integer(help="How many points.")
    when = fields.Char(compute="_compute_when", help="The last day, or that there is none.")

    @api.depends("last_date")
    @api.depends_context("lang")
    def _compute_when(self):
        for line in self:
            line.when = format_date(self.env, line.last_date) if line.last_date else self.env._("Without a last day")
