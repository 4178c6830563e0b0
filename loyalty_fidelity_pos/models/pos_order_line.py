from odoo import api, fields, models
from odoo.exceptions import AccessError


class PosOrderLine(models.Model):
    """What loyalty did to the price of a line, as the till says it."""

    _inherit = "pos.order.line"

    fidelity_effect = fields.Char(
        copy=False,
        readonly=True,
        help="What loyalty did to the price of this line, as the till says it: evidence for the receipt, never the truth.",
    )

    fidelity_price = fields.Char(
        copy=False,
        readonly=True,
        help="The shop's price of a line sold at a member's price, as the till says it: evidence for the receipt, never the truth.",
    )

    fidelity_prize = fields.Char(
        copy=False, readonly=True, help="Which prize this line is, as the till says it: evidence, never the truth."
    )

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "fidelity_effect", "fidelity_price", "fidelity_prize"]

    def write(self, vals):
        for name in {"fidelity_effect", "fidelity_price", "fidelity_prize"} & vals.keys():
            for line in self:
                changes = (line[name] or False) != (vals[name] or False)
                if changes and line.order_id.state != "draft":
                    raise AccessError(
                        self.env._("Order %(name)s is paid: its discounts cannot be changed any more.", name=line.order_id.name)
                    )
        return super().write(vals)
