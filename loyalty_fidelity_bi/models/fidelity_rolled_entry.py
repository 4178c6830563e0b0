from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.big_integer import BigInteger

KEY = "(day, hour, company_id, kind, unit, card_type_id, COALESCE(store_id, 0))"


class FidelityRolledEntry(models.Model):
    """Movements of accounts by day, hour, store, card type, company, kind and unit."""

    _name = "fidelity.rolled.entry"
    _inherit = "fidelity.rolled"
    _description = "Rolled-up entries"
    _log_access = False

    _keys = ("day", "hour", "store_id", "card_type_id", "company_id", "kind", "unit")
    _key_sql = KEY
    _sums = ("entry_count", "quantity_in", "quantity_out")

    day = fields.Date(required=True, readonly=True)
    hour = fields.Integer(required=True, readonly=True)
    store_id = fields.Many2one("fidelity.store", readonly=True, ondelete="restrict", index="btree_not_null")
    card_type_id = fields.Many2one("fidelity.card.type", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    kind = fields.Char(required=True, readonly=True)
    unit = fields.Char(required=True, readonly=True)
    entry_count = BigInteger(required=True, readonly=True)
    quantity_in = BigInteger(required=True, readonly=True)
    quantity_out = BigInteger(required=True, readonly=True)

    _key_unique = models.UniqueIndex(KEY)

    @api.model
    def _source_sql(self, condition):
        return SQL(
            """
            SELECT e.id, clock.local_at::date AS day, extract(hour FROM clock.local_at)::int AS hour, p.store_id,
                   h.card_type_id, p.company_id, e.kind, a.unit, 1 AS entry_count,
                   GREATEST(e.quantity, 0) AS quantity_in, GREATEST(-e.quantity, 0) AS quantity_out
              FROM fidelity_ledger_entry e
              JOIN fidelity_posting posting ON posting.id = e.posting_id
        CROSS JOIN LATERAL (SELECT e.posting_id AS id, posting.store_id, posting.company_id, posting.occurred_at) p
              JOIN fidelity_account a ON a.id = e.account_id
              JOIN fidelity_holder h ON h.id = a.holder_id
              %s
             WHERE %s
            """,
            self._clock_joins(),
            condition,
        )
