from odoo import api, fields, models
from odoo.exceptions import UserError


class FidelityCardReissue(models.TransientModel):
    """New cards for all members whose cards expire: made now, given out later, the old ones stop then."""

    _name = "fidelity.card.reissue"
    _description = "Reissue of cards"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, help="Cards of which kind.")
    expiring_date = fields.Date(string="That expire until", required=True, help="Cards valid until this day at the latest.")
    replace_date = fields.Date(
        string="The old ones stop on",
        help="Where the new card is given out. Empty: when the new card is used for the first time, or on their last day.",
    )
    medium = fields.Selection(
        [("barcode", "Barcode"), ("stripe", "Magnetic stripe"), ("chip", "Chip"), ("virtual", "Virtual")],
        required=True,
        default="barcode",
        help="How readers read the new ones.",
    )
    count = fields.Integer(compute="_compute_count", string="Cards", help="How many cards will be made.")

    @api.depends("card_type_id", "expiring_date")
    def _compute_count(self):
        Batch = self.env["fidelity.card.batch"]
        for wizard in self:
            wizard.count = 0
            if wizard.card_type_id and wizard.expiring_date:
                values = {"card_type_id": wizard.card_type_id.id, "kind": "reissue", "expiring_date": wizard.expiring_date}
                wizard.count = Batch.new(values)._count_wanted()

    def action_reissue(self):
        """Make the new cards and show their batch."""
        self.ensure_one()
        if self.replace_date and self.replace_date < fields.Date.context_today(self):
            raise UserError(self.env._("The old ones stop on: choose today or a later day."))
        batch = self.env["fidelity.card.batch"]._start(
            self.card_type_id, "reissue", medium=self.medium, expiring_date=self.expiring_date, replace_date=self.replace_date
        )
        return batch.get_formview_action()
