from odoo import fields, models


class FidelityStore(models.Model):
    """The tills of a store."""

    _inherit = "fidelity.store"

    config_ids = fields.One2many("pos.config", "fidelity_store_id", string="Tills", help="The points of sale of this store.")
