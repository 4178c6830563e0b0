from odoo import api, fields, models

from .big_integer import BigInteger


class FidelityReceiptLine(models.Model):
    """One line of a receipt, with its share of what counted and of the points."""

    _name = "fidelity.receipt.line"
    _inherit = "fidelity.append.only"
    _description = "Receipt line"
    _log_access = False
    _order = "receipt_id, sequence"

    receipt_id = fields.Many2one("fidelity.receipt", required=True, readonly=True, ondelete="restrict", index=True)
    sequence = fields.Integer(required=True, readonly=True)
    source_key = fields.Char(required=True, readonly=True, index=True, help="The key of the line in its channel.")
    original_line_id = fields.Many2one(
        "fidelity.receipt.line", readonly=True, ondelete="restrict", index="btree_not_null", help="What it gives back."
    )
    kind = fields.Selection(
        [
            ("sale", "Sale"),
            ("return_linked", "Return"),
            ("return_unlinked", "Return without its receipt"),
            ("excluded", "Does not count"),
            ("effect", "Loyalty discount"),
        ],
        required=True,
        readonly=True,
        help="How the line counts.",
    )
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    name = fields.Char(readonly=True, help="The product as the receipt names it.")
    quantity_micro = BigInteger(required=True, readonly=True, help="Quantity in millionths.")
    total_minor = BigInteger(required=True, readonly=True)
    untaxed_minor = BigInteger(required=True, readonly=True)
    points = BigInteger(readonly=True, help="Its share of the points earned.")
    cashback_minor = BigInteger(readonly=True, help="Its share of the cashback earned, in minor units.")
    manual_bps = fields.Integer(readonly=True, help="The discount a person gave, in hundredths of a percent.")
    card_bps = fields.Integer(readonly=True, help="The discount the card gave, in hundredths of a percent.")
    discount_minor = BigInteger(readonly=True, help="What the card's percentages took off, tax included, in minor units.")
    allocated_minor = BigInteger(
        readonly=True, help="What amounts off took from it, tax included, in minor units. Negative: given back with the goods."
    )
    allocated_untaxed_minor = BigInteger(readonly=True, help="Likewise without tax.")
    selectors = fields.Char(readonly=True, help="The selections of products that it was in when it was sold, as keys of the rules.")
    member_price_minor = BigInteger(
        readonly=True, help="What the member's price saved of the shop's, tax included, in minor units."
    )
    effect_ids = fields.One2many("fidelity.receipt.effect", "line_id", help="Which benefits changed its price.")
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    quantity = fields.Float(compute="_compute_display", help="Negative when it came back.")
    amount_total = fields.Monetary(string="Total", compute="_compute_display", help="After discount, tax included.")
    amount_net = fields.Monetary(string="Paid", compute="_compute_display", help="After what amounts off took from it as well.")
    amount_cashback = fields.Monetary(string="Cashback", compute="_compute_display", help="Its share of the cashback earned.")
    benefits_text = fields.Char(string="Why", compute="_compute_benefits_text", help="What loyalty did to its price.")

    @api.depends("quantity_micro", "total_minor", "allocated_minor", "cashback_minor")
    def _compute_display(self):
        for line in self:
            scale = 10**line.currency_id.decimal_places
            line.quantity = line.quantity_micro / 1_000_000
            line.amount_total = line.total_minor / scale
            line.amount_net = (0 if line.kind == "effect" else line.total_minor - line.allocated_minor) / scale
            line.amount_cashback = line.cashback_minor / scale

    @api.depends("effect_ids", "manual_bps")
    @api.depends_context("lang")
    def _compute_benefits_text(self):
        for line in self:
            # Percentages first, as they were applied.
            texts = line.effect_ids.sorted(lambda effect: (bool(effect.carrier_key), effect.id)).mapped("reason")
            if line.manual_bps:
                percent = self.env["fidelity.benefit"]._percent_text(line.manual_bps / 100)
                texts = [self.env._("%(percent)s by hand", percent=percent), *texts]
            line.benefits_text = " · ".join(texts) or False
