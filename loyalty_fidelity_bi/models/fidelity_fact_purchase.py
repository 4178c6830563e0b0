from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.fidelity_receipt import OUTCOMES


class FidelityFactPurchase(models.Model):
    """Receipts of sales and returns with a card, by day, hour, store, card type, card entry and outcome."""

    _name = "fidelity.fact.purchase"
    _inherit = "fidelity.fact"
    _description = "Sales with card"
    _auto = False
    _log_access = False
    _rolled = "fidelity.rolled.purchase"
    _opens_with_amounts = True
    _depends = {"fidelity.store": ["tz"]}

    hour = fields.Selection(lambda self: self._hours(), readonly=True, help="The hour, by the clock of the store.")
    card_entry = fields.Selection(
        lambda self: self.env["fidelity.receipt"]._fields["entry"]._description_selection(self.env),
        readonly=True,
        help="How the card was entered at the till.",
    )
    outcome = fields.Selection(OUTCOMES, readonly=True, help="What came of the receipt.")
    receipt_count = fields.Integer(string="Receipts", readonly=True, help="Sales and returns with a card.")
    return_count = fields.Integer(string="Return receipts", readonly=True, help="Receipts that gave more back than they sold.")
    line_count = fields.Integer(string="Lines", readonly=True, help="Lines sold and given back.")
    quantity = fields.Float(readonly=True, help="Articles sold less articles given back.")
    amount_total = fields.Monetary(string="Spent with card", readonly=True, help="Tax included, less what was given back.")
    amount_base = fields.Monetary(string="Counted for points", readonly=True, help="What earned points.")
    amount_returned = fields.Monetary(string="Given back", readonly=True, help="Worth of the goods that came back, tax included.")
    amount_discount = fields.Monetary(string="Discount given", readonly=True, help="What cards took off prices, tax included.")
    amount_cashback = fields.Monetary(string="Cashback", readonly=True, help="Cashback given less taken back.")
    points = fields.Integer(readonly=True, help="Earned less taken back.")

    @api.model
    def _shape_sql(self, rows):
        return SQL(
            """
            SELECT f.id, f.day, lpad(f.hour::text, 2, '0') AS hour, extract(isodow FROM f.day)::text AS weekday, f.store_id,
                   f.card_type_id, f.company_id, f.currency_id, f.card_entry, f.outcome, f.receipt_count, f.return_count,
                   f.line_count, f.quantity_micro / 1000000::numeric AS quantity, %s AS amount_total, %s AS amount_base,
                   %s AS amount_returned, %s AS amount_discount, %s AS amount_cashback, f.points
              FROM (%s) f
              JOIN res_currency cur ON cur.id = f.currency_id
            """,
            self._money("total_minor"),
            self._money("base_minor"),
            self._money("returned_minor"),
            self._money("discount_minor"),
            self._money("cashback_minor"),
            rows,
        )
