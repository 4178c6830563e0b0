from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import day as kernel_day
from ..rules import tier as kernel_tier
from .big_integer import BigInteger

#: Members that are looked at in one transaction.
CHUNK = 20_000
ATTEMPTS = 5


class FidelityTierRun(models.Model):
    """One night's look at the tiers of all members.

    It goes through the members by number, in committed chunks. Stopped, it goes on where it was; looked at twice, nobody
    changes twice, for the rules say so and a change is only made from the tier that they saw. SQL finds the few whose
    tier may change; what becomes of them ``rules/tier.py`` says.
    """

    _name = "fidelity.tier.run"
    _inherit = "fidelity.guarded"
    _description = "Night of the tiers"
    _log_access = False
    _order = "day desc"
    _rec_name = "day"

    day = fields.Date(required=True, readonly=True, help="The day whose tiers were found.")
    state = fields.Selection(
        [("running", "At work"), ("done", "Done")], required=True, readonly=True, help="Whether all members were looked at."
    )
    position = BigInteger(required=True, readonly=True, help="Members up to this number were looked at.")
    rose = fields.Integer(readonly=True, help="How many members rose.")
    fell = fields.Integer(readonly=True, help="How many members fell.")
    started_at = fields.Datetime(string="Started", required=True, readonly=True, help="When it began.")
    ended_at = fields.Datetime(string="Ended", readonly=True, help="When it ended.")

    _day_unique = models.Constraint("unique(day)", "The tiers of this day are being found already.")

    @api.model
    def _today(self):
        """The day whose tiers are found: the server's, in UTC."""
        return fields.Date.to_string(fields.Date.today())

    @api.model
    def _cron_run(self):
        """Find the tiers of today, or go on with a night that was stopped, in committed chunks."""
        progress = self.env["fidelity.tier.progress"]
        while self._retrying(progress._fold_next)[0]:
            self.env["ir.cron"]._commit_progress(1)
        self._retrying(progress._bring_after)
        run = self._retrying(lambda: self._running() or self._begin(self._today()))
        self.env["ir.cron"]._commit_progress(remaining=1)
        while run and self._retrying(run._advance):
            if not self.env["ir.cron"]._commit_progress(1, remaining=1):
                return
        self.env["ir.cron"]._commit_progress(1, remaining=0)

    @api.model
    def _retrying(self, work):
        """Do one transaction's work, anew where somebody else was in its way."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return work()
            except (SerializationFailure, UniqueViolation):
                self.env.cr.rollback()
                self.env.invalidate_all()
                if attempt == ATTEMPTS:
                    raise

    @api.model
    def _running(self):
        """The night that is not over yet, if any."""
        return self.search([("state", "=", "running")], limit=1)

    @api.model
    def _begin(self, day):
        """Begin a night; of a day that is over already, none.

        :param str day: ISO
        """
        if self.search_count([("day", ">=", day)], limit=1):
            return self.browse()
        values = {"day": day, "state": "running", "position": 0, "rose": 0, "fell": 0}
        return self._append([{**values, "started_at": fields.Datetime.now()}])

    def _advance(self, chunk=None):
        """Look at the next members.

        :param int chunk: how many; :data:`CHUNK` by default

        :return: whether there may be more
        """
        self.ensure_one()
        # Of two at work on one night the second fails to serialise here, and goes on behind the first.
        position, state, day = self.env.execute_query(
            SQL("UPDATE fidelity_tier_run SET position = position WHERE id = %s RETURNING position, state, day", self.id)
        )[0]
        if state == "done":
            return False
        last = self.env.execute_query(
            SQL(
                "SELECT max(id) FROM (SELECT id FROM fidelity_member WHERE id > %s ORDER BY id LIMIT %s) m",
                position,
                chunk or CHUNK,
            )
        )[0][0]
        if last is None:
            changes = SQL("state = 'done', ended_at = now() AT TIME ZONE 'UTC'")
        else:
            rose, fell = self._evaluate(day.isoformat(), SQL("m.id > %s AND m.id <= %s", position, last), (position, last))
            changes = SQL("position = %s, rose = rose + %s, fell = fell + %s", last, rose, fell)
        self.env.cr.execute(SQL("UPDATE fidelity_tier_run SET %s WHERE id = %s", changes, self.id))
        self.invalidate_recordset()
        return last is not None

    # -- members ---------------------------------------------------------------------------------------------------

    @api.model
    def _evaluate(self, day, condition, ids=None):
        """Find the tiers of some members and change those that are others.

        :param str day: ISO
        :param SQL condition: on the row ``m`` of a member
        :param ids: their numbers are above the first and up to the second
        :return: how many rose and how many fell
        """
        rose = fell = 0
        card_types = self.env["fidelity.card.type"].sudo().with_context(active_test=False)
        for card_type in card_types.search([("tier_measure", "!=", "hand"), ("tier_ids", "!=", False)]):
            ladder = card_type._ladder()
            tier_ids = {level.key: int(level.key) for level in ladder.levels}
            rows = []
            for found in self._candidates(card_type, ladder, tier_ids, day, condition, ids):
                place = self._place(ladder, found, day)
                if place.change:
                    why = "downgraded" if place.change == "downgraded" else "qualified"
                    if place.change == "start" and place.level == ladder.levels[0].key:
                        # Everybody begins there: nothing to note.
                        why = None
                    rows.append(
                        {
                            "member_id": found["id"],
                            "from_id": found["tier_id"],
                            "to_id": tier_ids[place.level],
                            "since": place.since,
                            "landed": place.landed,
                            "why": why,
                        }
                    )
            up, down = self.env["fidelity.tier.change"]._apply(rows, day)
            rose, fell = rose + up, fell + down
        up, down = self._end_promises(day, condition)
        return rose + up, fell + down

    @api.model
    def _end_promises(self, day, condition):
        """Where tiers are given by hand, whose time is over goes back to the first tier."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT m.id AS member_id, m.tier_id AS from_id,
                       (SELECT t.id FROM fidelity_tier t WHERE t.card_type_id = m.card_type_id ORDER BY t.sequence, t.id LIMIT 1)
                           AS to_id
                  FROM fidelity_member m JOIN fidelity_card_type ct ON ct.id = m.card_type_id AND ct.tier_measure = 'hand'
                 WHERE m.tier_floor_until < %s AND m.tier_floor_id = m.tier_id AND m.state = 'active' AND %s
                """,
                day,
                condition,
            )
        )
        rows = [{**row, "since": day, "landed": False, "why": "ended"} for row in rows if row["to_id"] != row["from_id"]]
        return self.env["fidelity.tier.change"]._apply(rows, day)

    @api.model
    def _evaluate_members(self, members):
        """Find the tiers of these members today."""
        return self._evaluate(self._today(), SQL("m.id = ANY(%s)", members.ids))

    @api.model
    def _of_member(self, member, day):
        """The ladder of a member and what counts for him; None where tiers are given by hand, or he is not active.

        :return: (ladder, dict of :meth:`_candidates`)
        """
        ladder = member.card_type_id._ladder()
        if not ladder:
            return None
        tier_ids = {level.key: int(level.key) for level in ladder.levels}
        condition = SQL("m.id = %s", member._origin.id)
        found = self._candidates(member.card_type_id, ladder, tier_ids, day, condition, everybody=True)
        return (ladder, found[0]) if found else None

    @api.model
    def _place(self, ladder, found, day):
        """What the rules say of a member.

        :param dict found: of :meth:`_candidates`
        """
        return kernel_tier.place(ladder, found["enrolled"], found["days"] or {}, day, self._holding(found))

    @api.model
    def _holding(self, found):
        return kernel_tier.Holding(found["level"], found["since"], bool(found["tier_landed"]), found["floor"], found["floor_until"])

    @api.model
    def _candidates(self, card_type, ladder, tier_ids, day, condition, ids=None, everybody=False):
        """Members whose tier may change, with what counts for it; all others keep theirs.

        One statement, bounded by the members that are asked for and by the days that still matter.

        :param dict tier_ids: key of a level → id of its tier, for those that exist
        :param bool everybody: also those whose tier cannot change
        :return: dicts with ``id``, ``tier_id``, ``level``, ``since``, ``enrolled``, ``tier_landed``, ``floor``, ``floor_until``
            and ``days`` (ISO date → what counts)
        """
        self.env["fidelity.member"].flush_model()
        self.env.cr.execute("SET LOCAL jit = off")
        value = self.env["fidelity.tier.progress"]._value_sql(ladder.measure, SQL("p"))
        keys = {tier_id: key for key, tier_id in tier_ids.items()}
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH l AS (SELECT * FROM %(levels)s),
                     m AS (SELECT m.id, m.tier_id, COALESCE(m.tier_since, m.enrolled_date) AS since, m.enrolled_date, m.tier_landed,
                                  m.tier_floor_id, m.tier_floor_until, l.next_entry, l.stay, l.grace_day, %(bounds)s
                             FROM fidelity_member m LEFT JOIN l ON l.tier_id = m.tier_id
                            WHERE m.card_type_id = %(card_type)s AND m.state = 'active' AND %(condition)s),
                     f AS (SELECT m.id,
                                  COALESCE(sum(%(value)s) FILTER (WHERE p.day >= m.a0), 0) AS running,
                                  COALESCE(sum(%(value)s) FILTER (WHERE p.day >= m.a1 AND p.day < m.a0), 0) AS before,
                                  COALESCE(sum(%(value)s) FILTER (WHERE p.day >= m.g0 AND p.day <= m.grace_day), 0) AS graced,
                                  COALESCE(sum(%(value)s) FILTER (WHERE p.day >= m.g1 AND p.day < m.g0), 0) AS graced_before
                             FROM m LEFT JOIN fidelity_tier_progress p
                               ON p.member_id = m.id AND p.day <= %(day)s AND p.day >= %(oldest)s AND %(range)s
                         GROUP BY m.id),
                     c AS (SELECT m.* FROM m JOIN f ON f.id = m.id
                            WHERE %(everybody)s OR m.stay IS NULL OR GREATEST(f.running, f.before) >= m.next_entry
                               OR (m.tier_floor_until >= %(day)s AND m.tier_floor_id <> m.tier_id)
                               OR (GREATEST(f.running, f.before) < m.stay
                                   AND (GREATEST(f.graced, f.graced_before) < m.stay OR m.since > m.grace_day)))
                SELECT c.id, c.tier_id, c.since::text, c.enrolled_date::text AS enrolled, c.tier_landed, c.tier_floor_id,
                       c.tier_floor_until::text AS floor_until,
                       (SELECT jsonb_object_agg(p.day, %(value)s) FROM fidelity_tier_progress p
                         WHERE p.member_id = c.id AND p.day <= %(day)s AND p.day >= LEAST(c.a1, c.g1, c.a0)) AS days
                  FROM c
                """,
                levels=self._levels_sql(ladder, tier_ids, day),
                bounds=self._bounds_sql(ladder, day),
                oldest=self._oldest_sql(ladder, day),
                range=SQL("p.member_id > %s AND p.member_id <= %s", *ids) if ids else SQL("TRUE"),
                value=value,
                card_type=card_type.id,
                condition=condition,
                day=day,
                everybody=everybody,
            )
        )
        for row in rows:
            row["level"], row["floor"] = keys.get(row["tier_id"]), keys.get(row["tier_floor_id"])
        return rows

    @api.model
    def _levels_sql(self, ladder, tier_ids, day):
        """The levels as a table, with what is needed for the next one, to stay, and the day that grace looks back to."""
        rows = []
        for at, level in enumerate(ladder.levels):
            if level.key in tier_ids:
                following = ladder.levels[at + 1].entry if at + 1 < len(ladder.levels) else None
                grace_day = kernel_day.months_later(kernel_day.number(day), -level.grace_months)
                rows.append(
                    {
                        "tier_id": tier_ids[level.key],
                        "next_entry": following,
                        "stay": level.stay if at else -(2**62),
                        "grace_day": kernel_day.text(grace_day),
                    }
                )
        types = {"tier_id": "int", "next_entry": "bigint", "stay": "bigint", "grace_day": "date"}
        return self.env["fidelity.posting"]._recordset_sql(types, rows)

    @api.model
    def _bounds_sql(self, ladder, day):
        """SQL of the first days of the period that runs and of the one before: today, and on the day that grace looks back to."""
        today, graced = SQL("%s::date", day), SQL("COALESCE(l.grace_day, %s::date)", day)
        if ladder.period == "rolling":
            window = SQL("(%s::date - make_interval(months => %s))::date + 1", day, ladder.months)
            back = SQL("(%s - make_interval(months => %s))::date + 1", graced, ladder.months)
            return SQL("%s AS a0, %s AS a1, %s AS g0, %s AS g1", window, window, back, back)
        parts = []
        for name, at in (("a", today), ("g", graced)):
            if ladder.period == "calendar":
                start = SQL("date_trunc('year', %s)::date", at)
                parts.append(SQL("%s AS %s, (%s - interval '1 year')::date AS %s", start, SQL(f"{name}0"), start, SQL(f"{name}1")))
                continue
            years = SQL("(extract(year FROM %s) - extract(year FROM m.enrolled_date))::int", at)
            begun = SQL("(m.enrolled_date + make_interval(years => %s))::date <= %s", years, at)
            for back, column in ((0, f"{name}0"), (1, f"{name}1")):
                parts.append(
                    SQL(
                        "(m.enrolled_date + make_interval(years => %s - %s - CASE WHEN %s THEN 0 ELSE 1 END))::date AS %s",
                        years,
                        back,
                        begun,
                        SQL(column),
                    )
                )
        return SQL(", ").join(parts)

    @api.model
    def _oldest_sql(self, ladder, day):
        """A day before which nothing matters to anybody, for the index."""
        grace = max(level.grace_months for level in ladder.levels)
        months = ladder.months if ladder.period == "rolling" else 36
        return SQL("%s::date", kernel_day.text(kernel_day.months_later(kernel_day.number(day), -grace - months - 1)))
