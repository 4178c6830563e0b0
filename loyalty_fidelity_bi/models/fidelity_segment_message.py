from odoo import models


class FidelitySegment(models.Model):
    """A message is written to a whole segment."""

    _inherit = "fidelity.segment"

    def action_write_mail(self):
        """Prepare an e-mail to who belongs to this segment."""
        return self._action_write("mail")

    def action_write_sms(self):
        """Prepare a text message to who belongs to this segment."""
        return self._action_write("sms")

    def _action_write(self, medium):
        self.ensure_one()
        message = self.env["fidelity.message"].create({"medium": medium, "segment_id": self.id})
        return message._action_open()
