from odoo import api, fields, models
from odoo.tools import SQL


class FidelityFactProduct(models.Model):
    """Goods sold and given back with a card, by day, store, card type, product and its present category."""

    _name = "fidelity.fact.product"
    _inherit = "fidelity.fact"
    _description = "Goods sold with card"
    _auto = False
    _log_access = False
    _rolled = "fidelity.rolled.product"
    _opens_with_amounts = True
    _depends = {"fidelity.store": ["tz"], "product.product": ["product_tmpl_id"], "product.template": ["categ_id"]}

    product_id = fields.Many2one("product.product", readonly=True, help="What was sold or given back.")
    categ_id = fields.Many2one("product.category", string="Product category", readonly=True, help="Where the product belongs now.")
    line_count = fields.Integer(string="Lines", readonly=True, help="Lines sold and given back.")
    quantity = fields.Float(readonly=True, help="Sold less given back.")
    amount_total = fields.Monetary(string="Spent with card", readonly=True, help="Tax included, less what was given back.")
    amount_untaxed = fields.Monetary(string="Spent without tax", readonly=True, help="Less what was given back.")
    amount_returned = fields.Monetary(string="Given back", readonly=True, help="Worth of the goods that came back, tax included.")
    points = fields.Integer(string="Points earned", readonly=True, help="What these goods earned when they were sold.")

    @api.model
    def _shape_sql(self, rows):
        return SQL(
            """
            SELECT f.id, f.day, extract(isodow FROM f.day)::text AS weekday, f.store_id, f.card_type_id, f.company_id,
                   f.currency_id, f.product_id, template.categ_id, f.line_count,
                   f.quantity_micro / 1000000::numeric AS quantity, %s AS amount_total, %s AS amount_untaxed,
                   %s AS amount_returned, f.points
              FROM (%s) f
              JOIN res_currency cur ON cur.id = f.currency_id
         LEFT JOIN product_product product ON product.id = f.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """,
            self._money("total_minor"),
            self._money("untaxed_minor"),
            self._money("returned_minor"),
            rows,
        )
