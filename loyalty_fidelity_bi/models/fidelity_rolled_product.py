from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.big_integer import BigInteger

KEY = "(day, company_id, currency_id, COALESCE(store_id, 0), COALESCE(card_type_id, 0), COALESCE(product_id, 0))"


class FidelityRolledProduct(models.Model):
    """Goods on receipts by day, store, card type, company, currency and product.

    Amounts are net of what amounts off the receipt took from the line.
    The product is kept and not its category, so that figures follow a product that moves to another category.
    """

    _name = "fidelity.rolled.product"
    _inherit = "fidelity.rolled"
    _description = "Rolled-up goods"
    _log_access = False

    _keys = ("day", "store_id", "card_type_id", "company_id", "currency_id", "product_id")
    _key_sql = KEY
    _sums = ("line_count", "quantity_micro", "total_minor", "untaxed_minor", "returned_minor", "points")

    day = fields.Date(required=True, readonly=True)
    store_id = fields.Many2one("fidelity.store", readonly=True, ondelete="restrict", index="btree_not_null")
    card_type_id = fields.Many2one("fidelity.card.type", readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    line_count = BigInteger(required=True, readonly=True)
    quantity_micro = BigInteger(required=True, readonly=True)
    total_minor = BigInteger(required=True, readonly=True)
    untaxed_minor = BigInteger(required=True, readonly=True)
    returned_minor = BigInteger(required=True, readonly=True)
    points = BigInteger(required=True, readonly=True)

    _key_unique = models.UniqueIndex(KEY)

    @api.model
    def _source_sql(self, condition):
        return SQL(
            """
            SELECT l.id, clock.local_at::date AS day, r.store_id, r.card_type_id, r.company_id, r.currency_id, l.product_id,
                   1 AS line_count, l.quantity_micro, net.total_minor,
                   l.untaxed_minor - COALESCE(l.allocated_untaxed_minor, 0) AS untaxed_minor,
                   CASE WHEN l.kind = 'sale' THEN 0 ELSE -net.total_minor END AS returned_minor, COALESCE(l.points, 0) AS points
              FROM fidelity_receipt r
        CROSS JOIN LATERAL (SELECT r.posting_id AS id, r.store_id, r.company_id, r.occurred_at) p
              JOIN fidelity_receipt_line l ON l.receipt_id = r.id AND l.kind IN ('sale', 'return_linked', 'return_unlinked')
CROSS JOIN LATERAL (SELECT l.total_minor - COALESCE(l.allocated_minor, 0) AS total_minor) net
              %s
             WHERE %s
            """,
            self._clock_joins(),
            condition,
        )
