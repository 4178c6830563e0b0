from psycopg2.errors import QueryCanceled

from odoo import api, models
from odoo.tools import SQL, mute_logger

#: How long a count while editing may take, in milliseconds, and how many members it shows.
PATIENCE_MS = 4000
SAMPLE = 8


class FidelitySegment(models.Model):
    """While a segment is being edited: how many members it would hold, and some of them."""

    _inherit = "fidelity.segment"

    @api.depends("match", "company_id", "target", "condition_ids.summary", "condition_ids.negated")
    @api.depends_context("lang")
    def _compute_preview(self):
        members = self.env["fidelity.member"]
        for segment in self:
            if isinstance(segment.id, int):
                # Nobody is editing it: what was counted last is good enough, and costs nothing.
                segment.update({"preview_count": segment.member_count, "preview_text": False, "sample_ids": members})
                continue
            count, ids = segment._preview()
            if count is None:
                text = self.env._("Too many members to count while you edit. Save, then refresh.")
            elif count == 1:
                text = self.env._("1 member meets the conditions.")
            else:
                text = self.env._("%(count)s members meet the conditions.", count=count)
            segment.update({"preview_count": count or 0, "preview_text": text, "sample_ids": members.browse(ids)})

    def _preview(self):
        """Count who would belong, among those whom the user may see, as long as that is quick.

        :return: (how many or None when it takes too long, ids of some)
        """
        self.env["fidelity.member"].flush_model()
        self.env["res.partner"].flush_model()
        visible = self.env["fidelity.member"]._search([]).subselect()
        matching = self._matching_sql(lambda column: SQL("%s IS NOT NULL", column))
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL("SET LOCAL statement_timeout = %s", PATIENCE_MS))
                rows = self.env.execute_query(
                    SQL(
                        "WITH fits AS MATERIALIZED (SELECT x.id FROM (%s) x WHERE x.id IN %s)"
                        " SELECT (SELECT count(*) FROM fits), ARRAY(SELECT id FROM fits ORDER BY id LIMIT %s)",
                        matching,
                        visible,
                        SAMPLE,
                    )
                )
                self.env.cr.execute("SET LOCAL statement_timeout TO DEFAULT")
        except QueryCanceled:
            return None, []
        return rows[0]
