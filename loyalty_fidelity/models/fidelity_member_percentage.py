from odoo import api, fields, models
from odoo.tools import SQL, format_date

MAX_BPS = 10_000


class FidelityMemberPercentage(models.Model):
    """A member's own percentage, as a manager gave it from a moment on. The last one given counts, until its day.

    Nothing is changed or deleted: another percentage, or none, is given after it.
    """

    _name = "fidelity.member.percentage"
    _inherit = "fidelity.append.only"
    _description = "Own percentage of a member"
    _log_access = False
    _order = "id desc"

    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="restrict", help="Whose it is.")
    percent_bps = fields.Integer(required=True, readonly=True, help="In hundredths of a percent; zero: none any more.")
    percent_text = fields.Char(string="Percentage", compute="_compute_percent_text", help="What he gets.")
    until_date = fields.Date(string="Until", readonly=True, help="The last day on which it counts. Empty: for good.")
    reason = fields.Char(required=True, readonly=True, help="Why he gets it.")
    given_at = fields.Datetime(string="Since", required=True, readonly=True, help="From when on it counts.")
    author_uid = fields.Integer(readonly=True)
    author_name = fields.Char(string="Given by", readonly=True, help="Who gave it.")

    _member_index = models.Index("(member_id, id)")
    _percent_possible = models.Constraint(
        f"CHECK (percent_bps BETWEEN 0 AND {MAX_BPS})", "The percentage must be between 0 and 100."
    )

    @api.depends("percent_bps")
    @api.depends_context("lang")
    def _compute_percent_text(self):
        for row in self:
            row.percent_text = self.env["fidelity.benefit"]._percent_text(row.percent_bps / 100)

    @api.depends("percent_bps", "until_date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row._say()

    def _say(self):
        if not self.percent_bps:
            return self.env._("none")
        if not self.until_date:
            return self.percent_text
        return self.env._("%(percent)s until %(date)s", percent=self.percent_text, date=format_date(self.env, self.until_date))

    @api.model
    def _last_sql(self, member, moment):
        """SQL of the percentage that was given to a member last: a row of ``percent_bps`` and ``until_date``, or none.

        :param SQL member: the member's id
        :param datetime moment: UTC, naive; what was given later does not count
        """
        return SQL(
            "SELECT percent_bps, until_date FROM fidelity_member_percentage"
            " WHERE member_id = %s AND given_at <= %s ORDER BY id DESC LIMIT 1",
            member,
            moment,
        )


class FidelityMember(models.Model):
    """A member's own percentage: read by all, given by a manager, with its history."""

    _inherit = "fidelity.member"

    percentage_ids = fields.One2many(
        "fidelity.member.percentage", "member_id", string="Own percentages", help="All that were given."
    )
    own_percentage = fields.Char(
        compute="_compute_own_percentage", help="The discount in his own name, where the card gives one. Given by a manager."
    )

    @api.depends("percentage_ids")
    @api.depends_context("lang")
    def _compute_own_percentage(self):
        today = fields.Date.context_today(self)
        for member in self:
            last = member.percentage_ids.sorted("id")[-1:]
            valid = last.percent_bps and (not last.until_date or last.until_date >= today)
            member.own_percentage = last._say() if valid else False

    def action_give_percentage(self):
        """Ask for a percentage of his own, until when and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Own percentage of %(name)s", name=self.display_name),
            "res_model": "fidelity.percentage",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }
