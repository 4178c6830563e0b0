from odoo import api, models


class ProductProduct(models.Model):
    """A till also loads the tags of a variant, for what a card gives on some products only."""

    _inherit = "product.product"

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "additional_product_tag_ids"]
