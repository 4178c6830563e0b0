from odoo import models
from odoo.exceptions import AccessError, UserError

from .fidelity_card_batch import PART


class FidelityCardBatch(models.Model):
    """What people do with a batch of cards: stop it, go on, give out, look, export and print."""

    _inherit = "fidelity.card.batch"

    def _check_may(self):
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager stops batches or goes on with them. Ask yours."))
        self.check_access("read")

    def action_stop(self):
        """Make no more; what is made stays."""
        self._check_may()
        self.sudo().filtered(lambda batch: batch.state == "running")._set({"state": "stopped"})

    def action_go_on(self):
        """Make the rest."""
        self._check_may()
        self.sudo().filtered(lambda batch: batch.state == "stopped")._set({"state": "running"})
        self._go_on_soon()

    def action_give_all_out(self):
        """Give every successor to the member of the card that it follows."""
        self.ensure_one()
        self._check_may()
        if self.kind != "reissue" or self.state != "done":
            raise UserError(self.env._("Only new cards that follow earlier ones, once all are made, are given out together."))
        batch = self.sudo()
        batch._set({"state": "giving"})
        if batch.quantity <= PART:
            while batch._give_some():
                pass
        else:
            batch._go_on_soon()

    def action_view_cards(self):
        """Open the cards of these batches."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_card_action")
        action["domain"] = [("batch_id", "in", self.ids)]
        return action

    def action_export(self):
        """Download the numbers for who prints or encodes the cards."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/loyalty_fidelity/card_batch/{self.id}/csv", "target": "download"}

    def action_print(self):
        """Ask how, then print the cards."""
        self.ensure_one()
        return self.env["fidelity.card.print"]._ask({"default_batch_id": self.id})
