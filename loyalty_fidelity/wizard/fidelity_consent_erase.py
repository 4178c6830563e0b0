from odoo import api, fields, models


class FidelityConsentErase(models.TransientModel):
    """Erases all that a person answered, because he asks to be forgotten. An administrator does it, and it is logged."""

    _name = "fidelity.consent.erase"
    _description = "Erasing of consents"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, help="Whose answers are erased.")
    record_count = fields.Integer(
        string="Answers", compute="_compute_record_count", help="How many are erased, with their evidence."
    )
    reason = fields.Char(required=True, help="Why. It stays in the log with your name, so do not name the person in it.")

    @api.depends("partner_id")
    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = self.env["fidelity.consent"].sudo().search_count([("partner_id", "=", wizard.partner_id.id)])

    def action_erase(self):
        """Erase the answers and show the log."""
        self.ensure_one()
        self.env["fidelity.consent.erasure"]._erase(self.partner_id, self.reason)
        return self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_consent_erasure_action")
