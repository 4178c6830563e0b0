from odoo import api, models
from odoo.tools import SQL


class FidelitySegment(models.Model):
    """Segments read what members ever bought from the rolled-up figures, and live for what is younger."""

    _inherit = "fidelity.segment"

    @api.model
    def _purchases_sql(self, scope, since):
        if since:
            return super()._purchases_sql(scope, since)
        rolled = self.env["fidelity.rolled.member"]
        watermark = self.env["fidelity.rollup"]._watermark()
        return SQL(
            """
            SELECT x.member_id, max(x.last_purchase_at) AS last_at, sum(x.purchase_count)::bigint AS number,
                   sum(x.spent_minor)::bigint AS spent_minor
              FROM (SELECT f.member_id, f.last_purchase_at, f.purchase_count, f.spent_minor FROM fidelity_rolled_member f
                     WHERE %s
                 UNION ALL
                    SELECT y.member_id, y.last_purchase_at, y.purchase_count, y.spent_minor FROM (%s) y WHERE %s) x
          GROUP BY x.member_id
            """,
            scope(SQL("f.member_id")),
            rolled._source_sql(SQL("p.id > %s", watermark)),
            scope(SQL("y.member_id")),
        )
