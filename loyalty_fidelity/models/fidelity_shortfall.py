from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..rules.arithmetic import mul_div_half_up
from .big_integer import BigInteger

MAX_POINTS_PER_UNIT = 1_000_000


class FidelityReceiptReversal(models.Model):
    """What of a return's points was not taken from the account, and why. ``points`` is what the rules take back, all of it."""

    _inherit = "fidelity.receipt.reversal"

    expired_points = BigInteger(readonly=True, help="Points that were not taken back, for they had expired.")
    forgiven_points = BigInteger(readonly=True, help="Points already spent that were forgiven.")
    deducted_points = BigInteger(readonly=True, help="Points already spent that are to be deducted from the refund.")
    deducted_minor = BigInteger(readonly=True, help="What is to be deducted from the refund for them, in minor units.")


class FidelityReceipt(models.Model):
    """Returns of points that are not there any more.

    What expired is not taken a second time: of a receipt's points, those that expired count first as taken back. What was
    spent follows the card type: the balance goes below zero (``debt``), the refund is to be less (``deduct``), or the
    points are forgiven (``forgive``); the last two are recorded, and flagged for the manager. An account that owes goes on
    owing: only what the balance of this moment does not cover is a shortfall.
    """

    _inherit = "fidelity.receipt"

    def _settle_points(self, points, earlier):
        """What of the points that a return of this receipt takes back is taken from the account.

        :param int points: what the rules take back, not positive
        :param earlier: the reversals of this receipt before it
        :return: dict of ``taken_points`` (not positive) and the columns of the reversal, None where nothing
        """
        columns = dict.fromkeys(("expired_points", "forgiven_points", "deducted_points", "deducted_minor"))
        if not points:
            return {"taken_points": 0, **columns}
        before = -sum(earlier.mapped("points"))
        settled = before - sum(earlier.mapped("expired_points"))
        taken = min(-points, max(0, before - points - self._expired_points() - settled))
        columns["expired_points"] = (-points - taken) or None
        policy = self.card_type_id.shortfall
        if taken and policy in ("deduct", "forgive"):
            missing = self._missing_points(taken)
            taken -= missing
            if missing and policy == "forgive":
                columns["forgiven_points"] = missing
            elif missing:
                unit = 10**self.card_type_id.currency_id.decimal_places
                value = mul_div_half_up(missing, unit, self.card_type_id.points_per_unit)
                columns.update(deducted_points=missing, deducted_minor=value)
        return {"taken_points": -taken, **columns}

    def _expired_points(self):
        """How many of the points that this receipt brought have expired, wherever they were then."""
        return int(
            self.env.execute_query(
                SQL(
                    """
                    WITH own AS (SELECT l.id FROM fidelity_ledger_entry e JOIN fidelity_lot l ON l.entry_id = e.id
                                   JOIN fidelity_account a ON a.id = e.account_id AND a.unit = 'points'
                                  WHERE e.posting_id = %s)
                    SELECT COALESCE(sum(x.quantity), 0)
                      FROM (SELECT id FROM own UNION SELECT m.id FROM fidelity_lot m JOIN own ON m.origin_lot_id = own.id) l
                      JOIN fidelity_lot_allocation x ON x.lot_id = l.id
                      JOIN fidelity_ledger_entry e ON e.id = x.entry_id AND e.kind = 'expire'
                    """,
                    self.posting_id.id,
                )
            )[0][0]
        )

    def _missing_points(self, quantity):
        """What the balance does not cover of a quantity that is to be taken back. Of two returns at once the second waits for
        the first, or is tried again."""
        account = self.env["fidelity.account"].sudo()._settling(self, "points")
        self.env["fidelity.posting"]._hold_account(account)
        return max(0, quantity - max(0, int(account._balances()[account.id])))

    @api.model
    def _pending_uses(self, account_id, quantity):
        """Take back without a receipt first what is not available yet, the latest first.

        :return: dicts with ``lot_id`` and ``quantity`` (positive); less than asked where less is pending
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT l.id, %s FROM fidelity_lot l WHERE l.account_id = %s AND l.available_date > %s ORDER BY l.id DESC",
                self.env["fidelity.lot"]._left_sql(SQL("l")),
                account_id,
                self.env["fidelity.expiry.policy"]._today(),
            )
        )
        uses = []
        for lot_id, left in rows:
            part = min(left, quantity)
            if part > 0:
                uses.append({"lot_id": lot_id, "quantity": part})
                quantity -= part
        return uses

    @api.model
    def _shortfall_flags(self, reversals):
        """What a manager should see of returns: a set of flags."""
        flags = {"forgiven_points": "points_forgiven", "deducted_points": "points_deducted"}
        return {flag for column, flag in flags.items() if any(reversal[column] for reversal in reversals)}


class FidelityCardType(models.Model):
    """What happens when goods come back whose points are spent."""

    _inherit = "fidelity.card.type"

    shortfall = fields.Selection(
        [
            ("debt", "The balance goes below zero"),
            ("deduct", "Their value is to be deducted from the refund"),
            ("forgive", "They are forgiven"),
        ],
        string="Returned points already spent",
        required=True,
        default="debt",
        help="Goods come back and their points are spent. What is forgiven or to be deducted is noted on the receipt for a manager.",
    )
    points_per_unit = fields.Integer(
        string="Points worth 1.00", help="So many missing points take 1.00 off the refund, in the card type's currency."
    )

    @api.constrains("shortfall", "points_per_unit")
    def _check_points_per_unit(self):
        for card_type in self:
            if card_type.shortfall == "deduct" and not 1 <= card_type.points_per_unit <= MAX_POINTS_PER_UNIT:
                raise ValidationError(
                    self.env._("%(name)s: enter how many points are worth 1.00, at least 1.", name=card_type.name)
                )
