from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import SQL

from .big_integer import BigInteger

#: Members looked at in one step: a second or two of work, and what its hashes hold in memory.
BATCH = 50_000
#: With more members than this the button leaves the work to the job: a page should answer within some seconds.
AT_ONCE = 200_000
HOURS = {"hour": 1, "day": 24}


class FidelitySegment(models.Model):
    """Finding out anew who belongs: in steps over ranges of members, each in one statement that the job commits.

    A refresh that is stopped goes on where it was. Whoever comes or leaves is noted as an event in the step that finds it,
    and :meth:`_fidelity_on_enter` and :meth:`_fidelity_on_leave` hear of it in the same transaction.
    """

    _inherit = "fidelity.segment"

    refresh_member_id = BigInteger(readonly=True, copy=False, help="The member up to whom the refresh under way has come.")
    refresh_entered = fields.Integer(readonly=True, copy=False)
    refresh_left = fields.Integer(readonly=True, copy=False)

    def _changed(self):
        """The conditions changed: begin anew, soon."""
        if self:
            self.write({"is_stale": True, "refresh_member_id": False})
            self._refresh_soon()

    @api.model
    def _refresh_soon(self):
        cron = self.env.ref("loyalty_fidelity.ir_cron_segments", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    def action_refresh(self):
        """Find out now who belongs to these segments; among very many members, in the background."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_store_manager"):
            raise AccessError(
                self.env._("Only a store manager or a loyalty manager can refresh a segment. It is done every night.")
            )
        self.check_access("read")
        last = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM fidelity_member"))[0][0]
        segments = self.sudo()._with_asked().filtered("active")
        if last > AT_ONCE:
            segments.write({"is_stale": True, "refresh_member_id": False})
            self._refresh_soon()
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {"type": "info", "message": self.env._("There are many members: it is done in the background.")},
            }
        for segment in segments._in_order():
            segment.write({"refresh_member_id": False})
            segment._refresh()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _refresh(self):
        """Find out who belongs, in this transaction."""
        while self._refresh_next():
            pass

    @api.model
    def _cron_refresh(self):
        """Refresh what is due, each after the segments that it asks for; commit every step."""
        due = self._due()._in_order()
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for segment in due:
            try:
                while segment._refresh_next():
                    if not self.env["ir.cron"]._commit_progress():
                        return
            except LockError:
                # Somebody else is at it, or edits it: next time.
                continue
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def _due(self):
        """Segments whose refresh is under way, or whose time has come."""
        now = fields.Datetime.now()
        # A company has some dozens of segments.
        return self.search([]).filtered(lambda segment: segment._is_due(now))  # pylint: disable=no-search-all

    def _is_due(self, now):
        if self.is_stale or self.refresh_member_id:
            return True
        hours = HOURS.get(self.refresh_every)
        # A few minutes early rather than an hour late.
        return bool(hours) and self.refreshed_at <= now - timedelta(hours=hours, minutes=-5)

    def _with_asked(self):
        """These segments and those that they ask for, however many lie between."""
        found = asked = self
        while asked := asked._asked_segments() - found:
            found |= asked
        return found

    def _in_order(self):
        """These segments, each after those that it asks for."""
        ordered, waiting = self.browse(), self
        while waiting:
            # Cycles are refused when they are saved.
            ready = self.browse(segment.id for segment in waiting if not segment._asked_segments() & waiting) or waiting
            ordered |= ready
            waiting -= ready
        return ordered

    def _refresh_next(self, batch=BATCH):
        """Look at the next members. The segment is locked meanwhile.

        :param int batch: how many members
        :return: whether there are more
        :raise LockError: somebody else holds the segment
        """
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.env.flush_all()
        start = self.refresh_member_id or 0
        end = self.env.execute_query(
            SQL("SELECT max(id) FROM (SELECT id FROM fidelity_member WHERE id > %s ORDER BY id LIMIT %s) x", start, batch)
        )[0][0]
        if end is None:
            self._end_refresh()
            return False
        entered, left = self._refresh_between(start + 1, end)
        begun = {} if start else {"refresh_entered": 0, "refresh_left": 0}
        self.write(begun)
        self.write(
            {
                "refresh_member_id": end,
                "refresh_entered": self.refresh_entered + len(entered),
                "refresh_left": self.refresh_left + len(left),
            }
        )
        first = self.with_context(fidelity_first_refresh=not self.refreshed_at)
        members = first.env["fidelity.member"]
        if entered:
            first._fidelity_on_enter(members.browse(entered))
        if left:
            first._fidelity_on_leave(members.browse(left))
        return True

    def _refresh_between(self, first, last):
        """Find out who belongs among the members from one number to another, and note who came and left.

        The full join compares both sets by hash or in order, however few rows the planner expects of either.

        :return: (ids of who came, ids of who left)
        """

        def scope(column):
            return SQL("%s BETWEEN %s AND %s", column, first, last)

        rows = self.env.execute_query(
            SQL(
                """
                WITH fits AS MATERIALIZED (%(matching)s),
                     had AS MATERIALIZED (SELECT s.member_id FROM fidelity_segment_member s
                                           WHERE s.segment_id = %(segment)s AND %(scope)s),
                     moved AS MATERIALIZED (SELECT fits.id AS came_id, had.member_id AS left_id
                                              FROM fits FULL JOIN had ON had.member_id = fits.id
                                             WHERE fits.id IS NULL OR had.member_id IS NULL),
                     gone AS (DELETE FROM fidelity_segment_member s USING moved
                               WHERE s.segment_id = %(segment)s AND s.member_id = moved.left_id
                           RETURNING s.member_id),
                     come AS (INSERT INTO fidelity_segment_member (segment_id, member_id, since)
                              SELECT %(segment)s, came_id, %(now)s FROM moved WHERE came_id IS NOT NULL
                           RETURNING member_id),
                     noted AS (INSERT INTO fidelity_segment_event (segment_id, member_id, kind, occurred_at)
                               SELECT %(segment)s, member_id, 'entered', %(now)s FROM come
                            UNION ALL SELECT %(segment)s, member_id, 'left', %(now)s FROM gone)
                SELECT ARRAY(SELECT member_id FROM come), ARRAY(SELECT member_id FROM gone)
                """,
                matching=self._matching_sql(scope),
                scope=scope(SQL("s.member_id")),
                segment=self.id,
                now=fields.Datetime.now(),
            )
        )
        self.env["fidelity.segment.member"].invalidate_model()
        self.env["fidelity.segment.event"].invalidate_model()
        return rows[0]

    def _end_refresh(self):
        count = self.env.execute_query(SQL("SELECT count(*) FROM fidelity_segment_member WHERE segment_id = %s", self.id))[0][0]
        self.write(
            {
                "refresh_member_id": False,
                "is_stale": False,
                "refreshed_at": fields.Datetime.now(),
                "member_count": count,
                "entered_count": self.refresh_entered,
                "left_count": self.refresh_left,
            }
        )

    def _fidelity_on_enter(self, members):
        """Members came into this segment just now; what grants them something extends this.

        It runs in the transaction of the refresh, for at most :data:`BATCH` members at a time. Whoever belongs already when
        the segment is made comes with ``fidelity_first_refresh`` in the context.

        :param members: those who came
        """

    def _fidelity_on_leave(self, members):
        """Members left this segment just now; as :meth:`_fidelity_on_enter`.

        :param members: those who left
        """

    def action_view_members(self):
        """Open who belongs to the segment."""
        self.ensure_one()
        if not self.refreshed_at:
            raise UserError(self.env._("%(name)s was not refreshed yet: press Refresh first.", name=self.name))
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_member_action")
        return {**action, "name": self.name, "domain": [("segment_ids", "in", self.ids)], "context": {}}

    def action_view_events(self):
        """Open who came and left."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_segment_event_action")
        return {**action, "domain": [("segment_id", "=", self.id)]}

    def action_explain(self):
        """Ask for which member, then say which conditions hold."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why is somebody in %(name)s?", name=self.name),
            "res_model": "fidelity.segment.explanation",
            "view_mode": "form",
            "target": "new",
            "context": {"default_segment_id": self.id},
        }
