from datetime import timezone

import pytz

from odoo import api, models
from odoo.tools import SQL


class FidelityReceipt(models.Model):
    """The rolling discount: what a purchase leaves for the next one. Derived from receipts, stored on no member."""

    _inherit = "fidelity.receipt"

    @api.model
    def _rolling_sql(self, member, moment):
        """SQL of what a member's last purchase left: a row of ``rolling_bps`` and ``rolling_until``, or none.

        Purchases of who was merged into him are his.

        :param SQL member: the member's id
        :param datetime moment: UTC, naive; later purchases do not count
        """
        return SQL(
            """
            SELECT COALESCE((SELECT v.rolling_bps FROM fidelity_receipt_reversal v
                              WHERE v.original_id = r.id ORDER BY v.sequence DESC LIMIT 1), r.rolling_bps) AS rolling_bps,
                   r.rolling_until
              FROM (SELECT %(member)s AS id UNION ALL SELECT id FROM fidelity_member WHERE merged_into_id = %(member)s) w
        CROSS JOIN LATERAL (SELECT x.id, x.rolling_bps, x.rolling_until, x.occurred_at FROM fidelity_receipt x
                             WHERE x.member_id = w.id AND x.rolling_bps IS NOT NULL AND x.occurred_at <= %(moment)s
                          ORDER BY x.occurred_at DESC, x.id DESC LIMIT 1) r
          ORDER BY r.occurred_at DESC, r.id DESC LIMIT 1
            """,
            member=member,
            moment=moment,
        )

    @api.model
    def _rolling_at(self, card, moment, store):
        """The rolling discount of a card at a moment.

        :param dict card: row of ``fidelity.card._identify`` for that moment
        :param datetime moment: UTC, naive
        :param store: whose calendar counts; UTC's without one
        :return: hundredths of a percent; zero without one, or when it is past
        """
        if not card["rolling_bps"] or not card["rolling_until"] or card["rolling_until"] < self._day_of(moment, store):
            return 0
        return card["rolling_bps"]

    @api.model
    def _day_of(self, moment, store):
        """The day of a moment in a store.

        :param datetime moment: UTC, naive
        """
        return moment.replace(tzinfo=timezone.utc).astimezone(pytz.timezone(store.tz or "UTC")).date()
