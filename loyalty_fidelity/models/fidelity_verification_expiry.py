from odoo import models
from odoo.tools import SQL


class FidelityVerification(models.Model):
    """What is proved of expiry."""

    _inherit = "fidelity.verification"

    def _check_expiries(self, first, last):
        """What expired came out of lots, to the unit, and none of them could still be used; a new expiry changed no sum."""
        low, high = self._span("fidelity_ledger_entry", "id", "posting_id", first, last)
        query = SQL(
            """
            SELECT p.id, p.kind, p.op_key
              FROM (SELECT id, kind, op_key FROM fidelity_posting
                     WHERE kind IN ('expire', 'renew') AND id BETWEEN %(first)s AND %(last)s) p
         LEFT JOIN (SELECT e.posting_id, sum(e.quantity) AS moved, sum(e.quantity) FILTER (WHERE e.quantity < 0) AS taken,
                           sum(u.used) AS used, max(u.latest) AS latest
                      FROM fidelity_ledger_entry e
                 LEFT JOIN (SELECT x.entry_id, sum(x.quantity) AS used, max(l.expires_date) AS latest
                              FROM fidelity_lot_allocation x JOIN fidelity_lot l ON l.id = x.lot_id
                             WHERE x.entry_id BETWEEN %(low)s AND %(high)s GROUP BY x.entry_id) u ON u.entry_id = e.id
                     WHERE e.posting_id BETWEEN %(first)s AND %(last)s AND e.kind IN ('expire', 'renew')
                  GROUP BY e.posting_id) s ON s.posting_id = p.id
             WHERE s.posting_id IS NULL OR s.taken <> -s.used OR s.used IS NULL
                OR (p.kind = 'renew' AND s.moved <> 0)
                OR (p.kind = 'expire' AND (s.moved <> s.taken OR s.latest >= split_part(p.op_key, ':', 3)::date))
          ORDER BY p.id
            """,
            first=first,
            last=last,
            low=low,
            high=high,
        )
        return self._found(query, self._say_expiry)

    def _say_expiry(self, posting_id, kind, op_key):
        if kind == "renew":
            return self.env._(
                "Posting %(posting)s (%(key)s) gave points a new expiry and does not give back what it took.",
                posting=posting_id,
                key=op_key,
            )
        return self.env._(
            "Posting %(posting)s (%(key)s) took expired points that its lots did not have, or that could still be used.",
            posting=posting_id,
            key=op_key,
        )
