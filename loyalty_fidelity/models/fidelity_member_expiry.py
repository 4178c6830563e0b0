from collections import defaultdict
from datetime import date, timedelta

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import SQL, format_date, formatLang

from .fidelity_account import COMPARISONS

SOON_DAYS = 30


class FidelityMember(models.Model):
    """What of a member's points expires when."""

    _inherit = "fidelity.member"

    expiry_table = fields.Html(
        string="What expires",
        compute="_compute_expiry",
        sanitize=False,
        help="His points by their last day, first what expires first.",
    )
    soon_points = fields.Integer(
        string="Expiring soon",
        compute="_compute_expiry",
        help="Points that expire within 30 days unless he uses them.",
    )
    soonest_date = fields.Date(
        string="Next expiry",
        compute="_compute_expiry",
        search="_search_soonest_date",
        help="The next day on which points of his expire unless he uses them.",
    )

    def _compute_expiry(self):
        today = self.env["fidelity.expiry.policy"]._today()
        for member, days in self._expiry_days().items():
            dated = {day: points for day, points in days if day and day >= today}
            member.soon_points = sum(points for day, points in dated.items() if day <= today + timedelta(days=SOON_DAYS))
            member.soonest_date = min(dated, default=False)
            member.expiry_table = member._expiry_html(days)

    def _expiry_days(self):
        """What is left of the points of these members by their last day.

        :return: dict member → list of (last day or None, points), first what expires first
        """
        accounts = self.sudo().holder_id.account_ids.filtered(lambda account: account.unit == "points")
        found = self.env["fidelity.lot"].sudo()._left_in(accounts)
        by_holder = {account.holder_id.id: found[account._origin.id] for account in accounts}
        result = {}
        for member in self:
            days = defaultdict(int)
            for lot in by_holder.get(member.sudo().holder_id.id, ()):
                days[lot.expires] += lot.left
            result[member] = sorted(days.items(), key=lambda item: (item[0] is None, item[0] or date.max))
        return result

    def _expiry_html(self, days):
        """The small table of what expires when; False where there is nothing."""
        rows = [
            Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>")
            % (format_date(self.env, day) if day else self.env._("Without a last day"), formatLang(self.env, points, digits=0))
            for day, points in days
        ]
        head = Markup("<tr><th>%s</th><th class='text-end'>%s</th></tr>") % (self.env._("Usable until"), self.env._("Points"))
        return bool(rows) and Markup("<table class='table table-sm mb-0'>%s%s</table>") % (head, Markup().join(rows))

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
