from odoo import fields, models
from odoo.exceptions import UserError


class FidelityPublication(models.TransientModel):
    """From when the settings of a card type apply."""

    _name = "fidelity.publication"
    _description = "Publication of a card type"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, readonly=True)
    example = fields.Char(related="card_type_id.example")
    valid_from = fields.Datetime(
        string="Apply from", required=True, default=fields.Datetime.now, help="Sales from this moment on follow these settings."
    )

    def action_publish(self):
        """Publish."""
        self.ensure_one()
        self.card_type_id.check_access("write")
        last = self.card_type_id.ruleset_ids.sorted("version")[-1:]
        if last and self.valid_from < last.valid_from:
            raise UserError(
                self.env._(
                    "Version %(version)s applies from %(date)s. Choose a later moment: the past is not rewritten.",
                    version=last.version,
                    date=fields.Datetime.context_timestamp(self, last.valid_from).strftime("%Y-%m-%d %H:%M"),
                )
            )
        self.card_type_id.sudo()._publish(self.valid_from)
        return {"type": "ir.actions.act_window_close"}
