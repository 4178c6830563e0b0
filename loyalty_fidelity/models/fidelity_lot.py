from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import lots as kernel
from .big_integer import BigInteger


class FidelityLot(models.Model):
    """Points that came in together, with their expiry. Used oldest expiry first; a reversal takes from the very lot.

    What is left of a lot is its quantity minus its allocations; it is never negative. Expiry, first day and inactivity are
    those of the policy that was in force when the points came in; another expiry means another lot
    (:class:`fidelity.expiry.change`).
    """

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
    available_date = fields.Date(readonly=True, help="The first day it can be used. Empty: at once.")
    inactive_months = fields.Integer(
        string="Months without a purchase", readonly=True, help="It expires when nothing was bought for so many months."
    )
    allocation_ids = fields.One2many("fidelity.lot.allocation", "lot_id")

    # What expires on a day, account by account; what waits; what follows purchases. Lots of none of these are in none.
    _expires_index = models.Index("(expires_date, account_id) WHERE expires_date IS NOT NULL")
    _available_index = models.Index("(account_id, available_date) WHERE available_date IS NOT NULL")
    _inactive_index = models.Index("(account_id) WHERE inactive_months IS NOT NULL")
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
    def _left_in(self, accounts):
        """What is left in the lots of accounts, as the kernel takes it.

        :return: dict account id → list of :class:`..rules.lots.Lot`
        """
        found = {account_id: [] for account_id in accounts._origin.ids}
        rows = found and self.env.execute_query(
            SQL(
                """
                SELECT l.account_id, l.id, %(left)s, %(held)s, l.expires_date, l.available_date
                  FROM fidelity_lot l WHERE l.account_id IN %(accounts)s
                """,
                left=self._left_sql(SQL("l")),
                held=self.env["fidelity.hold"]._held_sql(SQL("l")),
                accounts=tuple(found),
            )
        )
        for account_id, key, left, held, *days in rows or ():
            if left > 0:
                # A return may take from what was set aside: there is less to hold then.
                found[account_id].append(kernel.Lot(key, left, min(left, held), *days))
        return found

    @api.model
    def _left_sql(self, lot):
        """SQL of what is left of the lot row ``lot``."""
        return SQL(
            "(%(l)s.quantity - COALESCE((SELECT sum(x.quantity) FROM fidelity_lot_allocation x WHERE x.lot_id = %(l)s.id), 0))::bigint",
            l=lot,
        )

    @api.model
    def _spend(self, account, quantity):
        """The uses of lots that spending a quantity makes. Callers hold the account and know its balance.

        :param int quantity: positive
        :return: dicts with ``lot_id`` and ``quantity`` (positive), together ``quantity``
        :raise RuleError: ``short``
        """
        balance = account._balances()[account.id]
        today = self.env["fidelity.expiry.policy"]._today()
        parts = kernel.take(self._left_in(account)[account.id], balance, quantity, today)
        return [{"lot_id": key, "quantity": part} for key, part in parts.items()]

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
