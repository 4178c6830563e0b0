from odoo import api, fields, models

from .big_integer import BigInteger

KINDS = [
    ("discount", "Discount"),
    ("rolling", "Discount from the last purchase"),
    ("amount_off", "Amount off"),
    ("member_price", "Member price"),
    ("cashback", "Paid with cashback"),
    ("code", "Code"),
]


class FidelityReceiptEffect(models.Model):
    """What one benefit took off the price of one line of a receipt.

    A return gives back with its goods what an amount off took from them: such an effect is negative. The effects of a
    line add up to what the line says: percentages to ``discount_minor``, amounts off to ``allocated_minor``, the member's
    price to ``member_price_minor``.
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
    reason = fields.Char(string="Why", compute="_compute_reason", help="What the benefit gave.")
    amount = fields.Monetary(compute="_compute_display", string="Taken off", help="What it took off, tax included.")

    @api.depends("amount_minor", "currency_id")
    def _compute_display(self):
        for effect in self:
            effect.amount = effect.amount_minor / 10**effect.currency_id.decimal_places

    @api.depends("kind", "percent_bps", "amount", "carrier_key")
    @api.depends_context("lang")
    def _compute_reason(self):
        _ = self.env._
        for effect in self:
            percent = self.env["fidelity.benefit"]._percent_text((effect.percent_bps or 0) / 100)
            amount = effect.currency_id.format(abs(effect.amount))
            if effect.kind == "cashback":
                given = _("%(amount)s of cashback given back", amount=amount)
                effect.reason = given if effect.amount_minor < 0 else _("%(amount)s paid with cashback", amount=amount)
            elif effect.kind == "code":
                given = _("%(amount)s of the code given back", amount=amount)
                effect.reason = given if effect.amount_minor < 0 else _("%(amount)s by the code", amount=amount)
            elif effect.carrier_key and effect.amount_minor < 0:
                effect.reason = _("%(amount)s of the amount off given back", amount=amount)
            elif effect.carrier_key and effect.kind == "rolling":
                effect.reason = _("%(amount)s from the last purchase", amount=amount)
            elif effect.carrier_key and effect.kind == "discount":
                effect.reason = _("%(amount)s by the card", amount=amount)
            elif effect.kind == "discount":
                effect.reason = _("%(percent)s by the card", percent=percent)
            elif effect.kind == "rolling":
                effect.reason = _("%(percent)s from the last purchase", percent=percent)
            elif effect.kind == "member_price":
                effect.reason = _("%(amount)s by the member price", amount=amount)
            else:
                effect.reason = _("%(amount)s of the amount off", amount=amount)
