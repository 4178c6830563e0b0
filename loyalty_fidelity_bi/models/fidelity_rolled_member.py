from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.big_integer import BigInteger

KEY = "(member_id)"


class FidelityRolledMember(models.Model):
    """What each member bought so far: how often, for how much in the currency of his card type, and when last.

    Lists of members are searched by it, so they are as old as the last roll-up; figures and balances are not.
    """

    _name = "fidelity.rolled.member"
    _inherit = "fidelity.rolled"
    _description = "Rolled-up members"
    _log_access = False

    _keys = ("member_id",)
    _key_sql = KEY
    _sums = ("purchase_count", "spent_minor")
    _latest = ("last_purchase_at",)

    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="cascade")
    purchase_count = BigInteger(required=True, readonly=True)
    spent_minor = BigInteger(required=True, readonly=True)
    last_purchase_at = fields.Datetime(readonly=True)

    _key_unique = models.UniqueIndex(KEY)
    _last_purchase_index = models.Index("(last_purchase_at, member_id)")
    _spent_index = models.Index("(spent_minor, member_id)")

    @api.model
    def _source_sql(self, condition):
        return SQL(
            """
            SELECT r.id, r.member_id, (r.total_minor > 0)::int AS purchase_count,
                   CASE WHEN r.currency_id = ct.currency_id THEN COALESCE(r.total_minor, 0) ELSE 0 END AS spent_minor,
                   CASE WHEN r.total_minor > 0 THEN r.occurred_at END AS last_purchase_at
              FROM fidelity_posting p
              JOIN fidelity_receipt r ON r.posting_id = p.id
              JOIN fidelity_member m ON m.id = r.member_id
              JOIN fidelity_card_type ct ON ct.id = m.card_type_id
             WHERE %s
            """,
            condition,
        )
