from odoo import fields, models

from .big_integer import BigInteger


class FidelityReceiptReversal(models.Model):
    """What one return took back of one earlier receipt.

    ``sequence`` counts the returns of the earlier receipt and is unique for it: of two returns that are posted
    at once, both of which saw the same earlier ones, only one can be written; the other posts later, knowing more.
    """

    _name = "fidelity.receipt.reversal"
    _inherit = "fidelity.append.only"
    _description = "Reversal of a receipt"
    _log_access = False

    receipt_id = fields.Many2one(
        "fidelity.receipt", required=True, readonly=True, ondelete="restrict", index=True, help="The return."
    )
    original_id = fields.Many2one(
        "fidelity.receipt", required=True, readonly=True, ondelete="restrict", help="The receipt given back."
    )
    sequence = fields.Integer(required=True, readonly=True, help="Which return of that receipt, from 1.")
    points = BigInteger(required=True, readonly=True, help="What was taken back, negative.")
    base_minor = BigInteger(readonly=True, help="What was taken back of the amount that counted, in minor units, negative.")
    cashback_minor = BigInteger(readonly=True, help="What was taken back of the cashback, in minor units, negative.")
    rolling_bps = fields.Integer(readonly=True, help="The discount that the receipt leaves from now on.")
    rolling_minor = BigInteger(readonly=True, help="The amount off that the receipt leaves from now on, in minor units.")

    _sequence_unique = models.Constraint("unique(original_id, sequence)", "Another return of this receipt came first.")
