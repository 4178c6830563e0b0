from datetime import timedelta, timezone

import pytz

from odoo import api, models
from odoo.tools import SQL

from ..rules.ruleset import of_kind


class FidelityReceipt(models.Model):
    """The rolling discount: what a purchase leaves for the next one. Derived from receipts, stored on no member."""

    _inherit = "fidelity.receipt"

    @api.model
    def _rolling_sql(self, member, moment):
        """SQL of what a member's last purchase left, or none: a row of ``rolling_bps``, ``rolling_minor`` (where it is an
        amount), ``rolling_until`` and ``receipt_id``.

        Purchases of who was merged into him are his. A purchase that left nothing at all, or no longer does since goods of it
        came back, leaves the one before it standing.

        :param SQL member: the member's id
        :param datetime moment: UTC, naive; later purchases do not count
        """
        return SQL(
            """
            SELECT r.rolling_bps, r.rolling_minor, r.rolling_until, r.id AS receipt_id
              FROM (SELECT %(member)s AS id UNION ALL SELECT id FROM fidelity_member WHERE merged_into_id = %(member)s) w
        CROSS JOIN LATERAL (SELECT x.id, COALESCE(v.rolling_bps, x.rolling_bps) AS rolling_bps,
                                   CASE WHEN v.back THEN v.rolling_minor ELSE x.rolling_minor END AS rolling_minor,
                                   x.rolling_until, x.occurred_at
                              FROM fidelity_receipt x
                         LEFT JOIN LATERAL (SELECT y.rolling_bps, y.rolling_minor, TRUE AS back FROM fidelity_receipt_reversal y
                                             WHERE y.original_id = x.id ORDER BY y.sequence DESC LIMIT 1) v ON TRUE
                             WHERE x.member_id = w.id AND x.rolling_bps IS NOT NULL AND x.occurred_at <= %(moment)s
                               AND (v.back IS NULL OR v.rolling_bps IS NOT NULL)
                          ORDER BY x.occurred_at DESC, x.id DESC LIMIT 1) r
          ORDER BY r.occurred_at DESC, r.id DESC LIMIT 1
            """,
            member=member,
            moment=moment,
        )

    @api.model
    def _rolling_at(self, card, moment, tz):
        """The rolling discount of a card at a moment.

        :param dict card: row of ``fidelity.card._identify`` for that moment
        :param datetime moment: UTC, naive
        :param str tz: whose calendar counts; UTC's without one
        :return: (hundredths of a percent, minor units of an amount off); zero without one, or when it is past
        """
        if not card["rolling_until"] or card["rolling_until"] < self._local(moment, tz).date():
            return 0, 0
        return card["rolling_bps"] or 0, int(card["rolling_minor"] or 0)

    @api.model
    def _prepare_rolling(self, ruleset, outcome, card, occurred_at, prices):
        """What the receipt leaves to the next purchase, until when, and whose discount it used itself.

        A purchase that leaves the earlier one standing leaves nothing; but an amount is used once.
        """
        benefits = of_kind(ruleset, "rolling") if outcome else ()
        if not benefits:
            return {}
        (benefit,) = benefits
        used = any(effect["benefit"] == benefit.key for price in prices.values() for effect in price.effects)
        columns = {"rolling_receipt_id": card["rolling_receipt_id"]} if used else {}
        bps, minor = outcome.rolling_bps, outcome.rolling_minor
        if bps is None and minor is None:
            if not used or benefit.mode == "percent":
                return columns
            minor = 0
        until = self._local(occurred_at, card["store_tz"]).date() + timedelta(days=benefit.valid_days)
        return {**columns, "rolling_bps": bps or 0, "rolling_minor": minor, "rolling_until": until}

    @api.model
    def _day_of(self, moment, store):
        """The day of a moment in a store; UTC's without one.

        :param datetime moment: UTC, naive
        """
        return self._local(moment, store.tz).date()

    @api.model
    def _local(self, moment, tz):
        """A moment by a clock.

        :param datetime moment: UTC, naive
        :param str tz: a time zone; UTC without one
        """
        return moment.replace(tzinfo=timezone.utc).astimezone(pytz.timezone(tz or "UTC"))
