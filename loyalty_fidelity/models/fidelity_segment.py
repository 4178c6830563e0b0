from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .fidelity_segment_condition import MATCHES
from .segment_facts import Facts

REFRESHES = [("hour", "Every hour"), ("day", "Every day"), ("never", "By the button alone")]


class FidelitySegment(models.Model):
    """A stored set of members, chosen by conditions that can be read and explained.

    Who is in it is kept in ``fidelity.segment.member`` as of the last refresh, so asking whether somebody is costs one
    index look-up; days in the conditions are counted from the day of the refresh. Only active memberships belong: those of
    the segment's company and of the companies above it, and those that all companies share; without a company, of all.

    ``target`` says what it is a set of; another target brings its own rows, conditions and memberships.
    """

    _name = "fidelity.segment"
    _description = "Segment"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, help="What you call them, such as Not seen for a season.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="An archived segment is not refreshed any more.")
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="Whose members are looked at. Empty: those of all companies of this database.",
    )
    target = fields.Selection(
        [("member", "Members")], string="Looks for", required=True, default="member", help="What it is a set of."
    )
    match = fields.Selection(MATCHES, required=True, default="all", help="Whether all conditions have to hold, or one of them.")
    condition_ids = fields.One2many(
        "fidelity.segment.condition", "segment_id", string="Conditions", copy=True, help="What is asked of a member."
    )
    refresh_every = fields.Selection(
        REFRESHES, string="Refresh", required=True, default="day", help="How often it is found out anew who belongs to it."
    )
    summary = fields.Char(string="In words", compute="_compute_summary", help="Whom it holds, as a sentence.")
    problem = fields.Char(compute="_compute_problem", help="What its conditions ask for that is not there any more.")
    is_profiling = fields.Boolean(
        string="Profiles", compute="_compute_is_profiling", help="It chooses people by what they buy or by their points."
    )
    member_count = fields.Integer(
        string="Members", readonly=True, copy=False, help="How many belonged to it when it was last refreshed."
    )
    entered_count = fields.Integer(string="Came", readonly=True, copy=False, help="How many the last refresh brought.")
    left_count = fields.Integer(string="Left", readonly=True, copy=False, help="How many the last refresh took away.")
    refreshed_at = fields.Datetime(string="Refreshed", readonly=True, copy=False, help="When it was last found out who belongs.")
    is_stale = fields.Boolean(
        string="Out of date",
        readonly=True,
        copy=False,
        default=True,
        help="Its conditions changed since it was last refreshed.",
    )
    preview_count = fields.Integer(string="Fits now", compute="_compute_preview", help="How many members meet the conditions.")
    preview_text = fields.Char(string="Preview", compute="_compute_preview", help="How many members meet the conditions.")
    sample_ids = fields.Many2many(
        "fidelity.member", string="Some of them", compute="_compute_preview", help="A few members who meet the conditions."
    )

    @api.depends("match", "condition_ids.summary", "target")
    @api.depends_context("lang")
    def _compute_summary(self):
        for segment in self:
            parts = [condition.summary or "" for condition in segment.condition_ids]
            if not parts:
                segment.summary = self.env._("All active members")
                continue
            glue = self.env._(" and ") if segment.match == "all" else self.env._(" or ")
            segment.summary = self.env._("Active members: %(conditions)s", conditions=glue.join(parts))

    @api.depends("condition_ids")
    @api.depends_context("lang")
    def _compute_problem(self):
        for segment in self:
            found = [archived[1] for condition in segment._conditions() if (archived := condition._archived())]
            segment.problem = bool(found) and self.env._("Archived, yet asked for: %(names)s.", names=", ".join(found))

    def _compute_is_profiling(self):
        for segment in self:
            segment.is_profiling = any(condition._is_behaviour() for condition in segment._conditions())

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments._changed()
        return segments

    def write(self, vals):
        if vals.get("active") is False:
            self._check_not_asked_for()
        res = super().write(vals)
        if {"match", "company_id", "target"} & vals.keys():
            self._changed()
        return res

    def _check_not_asked_for(self):
        asking = self.env["fidelity.segment.condition"].sudo().search([("other_segment_id", "in", self.ids)], limit=1)
        if asking and asking.within_segment_id not in self:
            raise UserError(
                self.env._(
                    "%(name)s is asked for by the segment %(other)s: change that one first.",
                    name=asking.other_segment_id.name,
                    other=asking.within_segment_id.name,
                )
            )

    def _conditions(self):
        """All conditions of these segments, those in groups too."""
        conditions = found = self.condition_ids
        while found := found.child_ids:
            conditions |= found
        return conditions

    def _asked_segments(self):
        """The segments that the conditions of these ask for."""
        domain = Domain("within_segment_id", "in", self.ids) & Domain("kind", "=", "segment")
        return self.env["fidelity.segment.condition"].search(domain).other_segment_id

    # -- asking the database ---------------------------------------------------------------------------------------

    def _clock(self):
        """The time zone of the segment's days: its company's, else the user's."""
        return pytz.timezone(self.company_id.sudo().partner_id.tz or self.env.context.get("tz") or self.env.user.tz or "UTC")

    def _facts(self, scope):
        """What takes the facts for members in a scope, as of today.

        :param scope: function of the SQL of a member's id to a condition
        """
        zone = self._clock()
        today = datetime.now(zone).date()

        def day_start(days):
            midnight = datetime.combine(today - timedelta(days=days), time())
            return zone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

        return Facts(self.env, scope, today, day_start)

    def _matching_sql(self, scope):
        """SQL of the ids of the members in a scope who meet the conditions now."""
        facts = self._facts(scope)
        parts = [condition._add_to(facts)[0] for condition in self.condition_ids]
        met = SQL(" AND " if self.match == "all" else " OR ").join(parts) if parts else SQL("TRUE")
        return SQL(
            "SELECT m.id FROM fidelity_member m JOIN res_partner p ON p.id = m.partner_id %s WHERE %s AND %s AND (%s)",
            facts.joins(),
            scope(SQL("m.id")),
            self._belongs_sql(),
            met,
        )

    def _belongs_sql(self):
        """SQL condition: the membership ``m`` is active, and the segment's company sees it."""
        if not self.company_id:
            return SQL("m.state = 'active'")
        companies = tuple(self.company_id.sudo().parent_ids.ids)
        return SQL("m.state = 'active' AND (m.company_id IS NULL OR m.company_id IN %s)", companies)

    def _sees(self, member):
        """Whether a membership is of the segment's companies."""
        companies = self.company_id.sudo().parent_ids
        return not self.company_id or not member.company_id or member.sudo().company_id in companies

    @api.model
    def _receipts_sql(self, scope, columns, condition):
        """SQL over the receipts on which members in a scope bought or gave something back; ``member_id`` comes first.

        Whose membership was merged into another one's has bought for that one.

        :param columns: SQL of what else is read, of the receipt ``r`` and of its member ``o``
        :param condition: SQL of which receipts
        """
        select = "SELECT %s AS member_id, %s FROM fidelity_receipt r JOIN fidelity_member o ON o.id = r.member_id WHERE %s AND %s"
        own = SQL("o.merged_into_id IS NULL AND %s", scope(SQL("r.member_id")))
        merged = scope(SQL("o.merged_into_id"))
        return SQL(
            "%s UNION ALL %s",
            SQL(select, SQL("r.member_id"), columns, own, condition),
            SQL(select, SQL("o.merged_into_id"), columns, merged, condition),
        )

    @api.model
    def _purchases_sql(self, scope, since):
        """SQL with ``last_at``, ``number`` and ``spent_minor`` (in his card type's currency) for each ``member_id``.

        :param since: a moment, or None for ever
        """
        lines = self._receipts_sql(
            scope,
            SQL("r.occurred_at, r.total_minor, r.currency_id, o.card_type_id"),
            SQL("r.occurred_at >= %s", since) if since else SQL("TRUE"),
        )
        return SQL(
            """
            SELECT x.member_id, max(x.occurred_at) FILTER (WHERE x.total_minor > 0) AS last_at,
                   count(*) FILTER (WHERE x.total_minor > 0) AS number,
                   sum(x.total_minor) FILTER (WHERE x.currency_id = ct.currency_id) AS spent_minor
              FROM (%s) x JOIN fidelity_card_type ct ON ct.id = x.card_type_id
          GROUP BY x.member_id
            """,
            lines,
        )

    # -- who belongs -----------------------------------------------------------------------------------------------

    def _contains(self, member):
        """Whether a member belonged to the segment when it was last refreshed: one look-up in an index."""
        self.ensure_one()
        query = SQL("SELECT 1 FROM fidelity_segment_member WHERE segment_id = %s AND member_id = %s", self.id, member.id)
        return bool(self.env.execute_query(query))

    @api.model
    def _of(self, member):
        """The segments that a member belonged to when they were last refreshed: one look-up in an index."""
        rows = self.env.execute_query(SQL("SELECT segment_id FROM fidelity_segment_member WHERE member_id = %s", member.id))
        return self.browse(segment_id for (segment_id,) in rows)

    def _explain(self, member):
        """Which conditions hold for a member now, and what he has.

        :return: list of dicts in the order of the conditions: ``depth`` in groups, ``holds``, ``asks`` in words and
            ``has`` in words, which may be empty
        """
        self.ensure_one()
        self.env.flush_all()
        facts = self._facts(lambda column: SQL("%s = %s", column, member.id))
        rows = list(self._walk(self.condition_ids, 0))
        columns = []
        for condition, _depth in rows:
            holds, value = condition._add_to(facts)
            columns += [holds, value or SQL("NULL")]
        if not rows:
            return []
        query = SQL(
            "SELECT %s FROM fidelity_member m JOIN res_partner p ON p.id = m.partner_id %s WHERE m.id = %s",
            SQL(", ").join(columns),
            facts.joins(),
            member.id,
        )
        values = self.env.execute_query(query)[0]
        clock = {"tz": str(self._clock())}
        return [
            {
                "depth": depth,
                "holds": values[2 * index],
                "asks": condition.summary,
                "has": condition.with_context(**clock)._value_words(values[2 * index + 1], facts.today),
            }
            for index, (condition, depth) in enumerate(rows)
        ]

    @api.model
    def _walk(self, conditions, depth):
        for condition in conditions:
            yield condition, depth
            if condition.kind == "group":
                yield from self._walk(condition.child_ids, depth + 1)
