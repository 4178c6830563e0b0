from odoo import models


class FidelitySelector(models.Model):
    """Benefits use selectors."""

    _inherit = "fidelity.selector"

    def _used_by(self):
        benefits = self.env["fidelity.benefit"].search([("selector_id", "in", self.ids)])
        return [*super()._used_by(), *sorted(set(benefits.card_type_id.mapped("name")))]
