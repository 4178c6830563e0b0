from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

KEEP_DAYS = 400
GC_BATCH = 50_000


class FidelitySegmentMember(models.Model):
    """A member belongs to a segment, since when. Written by the refresh alone; one row a segment and member."""

    _name = "fidelity.segment.member"
    _inherit = "fidelity.guarded"
    _description = "Member of a segment"
    _log_access = False
    _order = "id desc"

    segment_id = fields.Many2one("fidelity.segment", required=True, readonly=True, ondelete="cascade")
    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="cascade", index=True)
    since = fields.Datetime(required=True, readonly=True, help="When he came in.")

    _segment_member_unique = models.UniqueIndex("(segment_id, member_id)")

    @api.model
    def _refusal(self):
        return AccessError(self.env._("Who belongs to a segment follows from its conditions. Change those, then refresh."))


class FidelitySegmentEvent(models.Model):
    """A member came into a segment or left it. Written by the refresh alone, kept for a year and a month."""

    _name = "fidelity.segment.event"
    _inherit = "fidelity.guarded"
    _description = "Coming and leaving"
    _log_access = False
    _order = "id desc"

    segment_id = fields.Many2one("fidelity.segment", required=True, readonly=True, ondelete="cascade", help="Which segment.")
    member_id = fields.Many2one(
        "fidelity.member", required=True, readonly=True, ondelete="cascade", index=True, help="Who came or left."
    )
    kind = fields.Selection([("entered", "Came"), ("left", "Left")], required=True, readonly=True, help="What happened.")
    occurred_at = fields.Datetime(string="When", required=True, readonly=True, index=True, help="When it was found out.")

    _segment_index = models.Index("(segment_id, id)")

    @api.model
    def _refusal(self):
        return AccessError(self.env._("Who came and left is written by the refresh of a segment alone."))

    @api.autovacuum
    def _gc(self):
        """Forget what is older than :data:`KEEP_DAYS`, some at a time."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM fidelity_segment_event WHERE id IN"
                " (SELECT id FROM fidelity_segment_event WHERE occurred_at < %s ORDER BY occurred_at LIMIT %s)",
                fields.Datetime.now() - timedelta(days=KEEP_DAYS),
                GC_BATCH,
            )
        )
        return self.env.cr.rowcount, self.env.cr.rowcount == GC_BATCH


class FidelityMember(models.Model):
    """A member knows the segments that he belongs to."""

    _inherit = "fidelity.member"

    segment_member_ids = fields.One2many("fidelity.segment.member", "member_id")
    segment_ids = fields.Many2many(
        "fidelity.segment",
        string="Segments",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        help="The segments that he belonged to when they were last refreshed.",
    )

    @api.depends("segment_member_ids.segment_id")
    def _compute_segment_ids(self):
        for member in self:
            member.segment_ids = member.segment_member_ids.segment_id

    def _search_segment_ids(self, operator, value):
        if operator in ("any", "in", "=", "ilike", "like", "=like", "=ilike"):
            return [("segment_member_ids", "any", [("segment_id", operator, value)])]
        return NotImplemented
