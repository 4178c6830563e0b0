from odoo import models


class FidelityAccount(models.Model):
    """Members are searched by their balance."""

    _inherit = "fidelity.account"

    _folded_balance_index = models.Index("(unit, folded_balance, id)")
