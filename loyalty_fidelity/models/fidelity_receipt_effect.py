from odoo import api, fields, models

from .big_integer import BigInteger

KINDS = [("discount", "Discount"), ("rolling", "Discount from the last purchase"), ("amount_off", "Amount off")]


class FidelityReceiptEffect(models.Model):
    """What one benefit took off the price of one line of a receipt.

    A return gives back with its goods what an amount off took from them: such an effect is negative. The effects of a
    line add up to what the line says: percentages to ``discount_minor``, amounts off to ``allocated_minor``.
    """

    _name = "fidelity.receipt.effect"
    _inherit = "fidelity.append.only"
    _description = "Effect on a price"
    _log_access = False
    _order = "receipt_id, line_id, id"

    receipt_id = fields.Many2one("fidelity.receipt", required=True, readonly=True, ondelete="restrict", index=True)
    line_id = fields.Many2one("fidelity.receipt.line", required=True, readonly=True, ondelete="restrict", index=True)
    benefit = fields.Char(required=True, readonly=True, help="The key of the benefit in the rules of the receipt.")
    kind = fields.Selection(KINDS, required=True, readonly=True, help="What kind of benefit it was.")
    percent_bps = fields.Integer(readonly=True, help="Its percentage, in hundredths of a percent.")
    amount_minor = BigInteger(required=True, readonly=True, help="What it took off, tax included, in minor units.")
    carrier_key = fields.Char(readonly=True, help="The key of the line that carries the amount, where one does.")
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    product_name = fields.Char(related="line_id.name", string="Product")
    percent = fields.Float(compute="_compute_display", string="Percentage", help="Its percentage.")
    amount = fields.Monetary(compute="_compute_display", string="Taken off", help="What it took off, tax included.")

    @api.depends("percent_bps", "amount_minor", "currency_id")
    def _compute_display(self):
        for effect in self:
            effect.percent = effect.percent_bps / 100
            effect.amount = effect.amount_minor / 10**effect.currency_id.decimal_places
