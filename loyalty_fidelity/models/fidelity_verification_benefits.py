import json

from odoo import models
from odoo.tools import SQL

from ..rules import ruleset as kernel
from ..rules.errors import RuleError


class FidelityVerification(models.Model):
    """Checks of what benefits did to prices, and of the rules that receipts name."""

    _inherit = "fidelity.verification"

    def _check_effects(self, first, last):
        """Effects on prices add up to what their lines say, and lines to what their receipt says was taken off."""
        low, high = self._span("fidelity_receipt_line", "id", "receipt_id", first, last)
        query = SQL(
            """
            SELECT r.source_ref, r.id FROM fidelity_receipt r
              JOIN (SELECT l.receipt_id,
                           sum(COALESCE(l.discount_minor, 0) + COALESCE(l.allocated_minor, 0)
                               + COALESCE(l.member_price_minor, 0)) AS taken,
                           bool_or(COALESCE(l.discount_minor, 0) <> COALESCE(e.percent, 0)
                                   OR COALESCE(l.member_price_minor, 0) <> COALESCE(e.price, 0)
                                   OR COALESCE(l.allocated_minor, 0) <> COALESCE(e.amount, 0)) AS apart
                      FROM fidelity_receipt_line l
                 LEFT JOIN (SELECT line_id,
                                   sum(amount_minor) FILTER (WHERE carrier_key IS NULL AND kind <> 'member_price') AS percent,
                                   sum(amount_minor) FILTER (WHERE kind = 'member_price') AS price,
                                   sum(amount_minor) FILTER (WHERE carrier_key IS NOT NULL) AS amount
                              FROM fidelity_receipt_effect WHERE line_id BETWEEN %(low)s AND %(high)s
                          GROUP BY line_id) e ON e.line_id = l.id
                     WHERE l.id BETWEEN %(low)s AND %(high)s AND l.receipt_id BETWEEN %(first)s AND %(last)s
                  GROUP BY l.receipt_id) s ON s.receipt_id = r.id
             WHERE r.id BETWEEN %(first)s AND %(last)s AND (s.apart OR s.taken <> COALESCE(r.discount_minor, 0))
          ORDER BY r.id
            """,
            first=first,
            last=last,
            low=low,
            high=high,
        )
        return self._found(
            query,
            lambda name, receipt_id: self.env._(
                "Receipt %(name)s (number %(number)s): what its benefits took off is not what its lines say.",
                name=name,
                number=receipt_id,
            ),
        )

    def _check_rulesets(self, _first, _last):
        """Rules are those that were published."""
        wrong = []
        # Rulesets are few: one a publication.
        for ruleset in self.env["fidelity.ruleset"].search([]):  # pylint: disable=no-search-all
            if self._altered(ruleset):
                wrong.append(
                    self.env._("The rules number %(number)s are not those that were published: restore them.", number=ruleset.id)
                )
        return len(wrong), wrong

    def _check_receipt_rules(self, first, last):
        """The rules that receipts name are there."""
        query = SQL(
            """
            SELECT DISTINCT r.ruleset_id FROM fidelity_receipt r
             WHERE r.id BETWEEN %s AND %s AND r.ruleset_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM fidelity_ruleset s WHERE s.id = r.ruleset_id)
          ORDER BY 1
            """,
            first,
            last,
        )
        return self._found(
            query,
            lambda number: self.env._(
                "The rules number %(number)s, which receipts name, are gone: restore that row from a backup.", number=number
            ),
        )

    def _altered(self, ruleset):
        try:
            return kernel.fingerprint(json.loads(ruleset.payload)) != ruleset.fingerprint
        except (ValueError, RuleError):
            return True
