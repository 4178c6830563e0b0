from odoo import models


class FidelityLot(models.Model):
    """Members are searched by what expires."""

    _inherit = "fidelity.lot"

    _expires_index = models.Index("(expires_date, account_id) WHERE expires_date IS NOT NULL")
