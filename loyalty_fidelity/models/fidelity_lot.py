from odoo import api, fields, models
from odoo.tools import SQL

from .big_integer import BigInteger


class FidelityLot(models.Model):
    """Points that came in together, with their expiry. Used oldest expiry first; a reversal takes from the very lot."""

    _name = "fidelity.lot"
    _inherit = "fidelity.append.only"
    _description = "Lot of points"
    _log_access = False
    _order = "id desc"

    entry_id = fields.Many2one("fidelity.ledger.entry", required=True, readonly=True, ondelete="restrict", index=True)
    account_id = fields.Many2one("fidelity.account", required=True, readonly=True, ondelete="restrict", index=True)
    quantity = BigInteger(required=True, readonly=True, help="What came in.")
    expires_date = fields.Date(readonly=True, help="The last day it can be used. Empty: it does not expire.")
    origin_lot_id = fields.Many2one(
        "fidelity.lot",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The lot that it was part of before it was moved here from another account.",
    )
    allocation_ids = fields.One2many("fidelity.lot.allocation", "lot_id")

    _positive = models.Constraint("CHECK (quantity > 0)", "A lot holds something.")

    @api.model
    def _left_sql(self, lot):
        """SQL of what is left of a lot.

        :param lot: SQL alias of the lot's row
        """
        return SQL(
            "(%(lot)s.quantity - COALESCE((SELECT sum(x.quantity) FROM fidelity_lot_allocation x"
            " WHERE x.lot_id = %(lot)s.id), 0))::bigint",
            lot=lot,
        )

    @api.model
    def _of_posting(self, posting, account):
        """What a posting brought in and what became of it: its lots in an account, also those moved there since.

        :return: lots, oldest first
        """
        domain = ["|", ("entry_id.posting_id", "=", posting.id), ("origin_lot_id.entry_id.posting_id", "=", posting.id)]
        return self.search([("account_id", "=", account.id), *domain], order="id")

    @api.model
    def _oldest_first(self, account, quantity):
        """Take ``quantity`` from what is left in an account's lots, first what expires first.

        :return: dicts with ``lot_id`` and ``quantity`` (positive); together less than asked where the lots hold less
        """
        if quantity <= 0:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.id, l.quantity - COALESCE((SELECT sum(x.quantity) FROM fidelity_lot_allocation x
                                                     WHERE x.lot_id = l.id), 0) AS remaining
                  FROM fidelity_lot l
                 WHERE l.account_id = %s
              ORDER BY l.expires_date NULLS LAST, l.id
                """,
                account.id,
            )
        )
        uses = []
        for lot_id, remaining in rows:
            used = min(quantity, int(remaining))
            if used > 0:
                uses.append({"lot_id": lot_id, "quantity": used})
                quantity -= used
        return uses


class FidelityLotAllocation(models.Model):
    """What an entry used of a lot."""

    _name = "fidelity.lot.allocation"
    _inherit = "fidelity.append.only"
    _description = "Use of a lot"
    _log_access = False

    lot_id = fields.Many2one("fidelity.lot", required=True, readonly=True, ondelete="restrict", index=True)
    entry_id = fields.Many2one("fidelity.ledger.entry", required=True, readonly=True, ondelete="restrict", index=True)
    quantity = BigInteger(required=True, readonly=True, help="What was used of the lot; negative: given back.")

    _not_zero = models.Constraint("CHECK (quantity <> 0)", "A use takes something, or gives it back.")
