from odoo import api, models


class PosMakePayment(models.TransientModel):
    """Paying in the back office: a return whose quantities were edited gives back the right part of amounts off."""

    _inherit = "pos.make.payment"

    @api.model
    def default_get(self, fields):
        order = self.env["pos.order"].browse(self.env.context.get("active_id") or ())
        order.exists().filtered(lambda order: order.state == "draft")._fidelity_settle_all()
        return super().default_get(fields)
