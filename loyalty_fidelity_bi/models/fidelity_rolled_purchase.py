from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.big_integer import BigInteger

KEY = "(day, hour, company_id, currency_id, outcome, COALESCE(store_id, 0), COALESCE(card_type_id, 0), COALESCE(card_entry, ''))"


class FidelityRolledPurchase(models.Model):
    """Receipts by day, hour, store, card type, company, currency, card entry and outcome."""

    _name = "fidelity.rolled.purchase"
    _inherit = "fidelity.rolled"
    _description = "Rolled-up receipts"
    _log_access = False

    _keys = ("day", "hour", "store_id", "card_type_id", "company_id", "currency_id", "card_entry", "outcome")
    _key_sql = KEY
    _sums = (
        "receipt_count",
        "return_count",
        "line_count",
        "quantity_micro",
        "total_minor",
        "base_minor",
        "returned_minor",
        "discount_minor",
        "cashback_minor",
        "points",
    )

    day = fields.Date(required=True, readonly=True)
    hour = fields.Integer(required=True, readonly=True)
    store_id = fields.Many2one("fidelity.store", readonly=True, ondelete="restrict", index="btree_not_null")
    card_type_id = fields.Many2one("fidelity.card.type", readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    card_entry = fields.Char(readonly=True)
    outcome = fields.Char(required=True, readonly=True)
    receipt_count = BigInteger(required=True, readonly=True)
    return_count = BigInteger(required=True, readonly=True)
    line_count = BigInteger(required=True, readonly=True)
    quantity_micro = BigInteger(required=True, readonly=True)
    total_minor = BigInteger(required=True, readonly=True)
    base_minor = BigInteger(required=True, readonly=True)
    returned_minor = BigInteger(required=True, readonly=True)
    discount_minor = BigInteger(required=True, readonly=True)
    cashback_minor = BigInteger(required=True, readonly=True)
    points = BigInteger(required=True, readonly=True)

    _key_unique = models.UniqueIndex(KEY)

    @api.model
    def _source_sql(self, condition):
        return SQL(
            """
            SELECT r.id, clock.local_at::date AS day, extract(hour FROM clock.local_at)::int AS hour, r.store_id,
                   r.card_type_id, r.company_id, r.currency_id, r.entry AS card_entry, r.outcome,
                   1 AS receipt_count, (r.total_minor < 0)::int AS return_count,
                   COALESCE(line.line_count, 0) AS line_count, COALESCE(line.quantity_micro, 0) AS quantity_micro,
                   COALESCE(r.total_minor, 0) AS total_minor, COALESCE(r.base_minor, 0) AS base_minor,
                   COALESCE(line.returned_minor, 0) AS returned_minor, COALESCE(r.discount_minor, 0) AS discount_minor,
                   COALESCE(r.cashback_minor, 0) AS cashback_minor, COALESCE(r.points, 0) AS points
              FROM fidelity_receipt r
        CROSS JOIN LATERAL (SELECT r.posting_id AS id, r.store_id, r.company_id, r.occurred_at) p
              %s
         LEFT JOIN LATERAL (SELECT count(*) AS line_count, sum(l.quantity_micro) AS quantity_micro,
                                   -sum(l.total_minor - COALESCE(l.allocated_minor, 0)) FILTER (WHERE l.kind <> 'sale')
                                       AS returned_minor
                              FROM fidelity_receipt_line l
                             WHERE l.receipt_id = r.id AND l.kind IN ('sale', 'return_linked', 'return_unlinked')) line ON TRUE
             WHERE %s
            """,
            self._clock_joins(),
            condition,
        )
