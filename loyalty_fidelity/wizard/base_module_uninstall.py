from odoo import api, fields, models

#: What the question counts of what would be lost.
LOST = ("fidelity.member", "fidelity.card", "fidelity.ledger.entry", "fidelity.receipt")


class BaseModuleUninstall(models.TransientModel):
    """Odoo's own question before uninstalling says what would be lost of the ledger, and how to keep a copy."""

    _inherit = "base.module.uninstall"

    fidelity_loses_ledger = fields.Boolean(compute="_compute_fidelity_losses", help="The ledger would be lost.")
    fidelity_command = fields.Char(compute="_compute_fidelity_losses", help="What keeps a copy of the ledger.")

    @api.depends("module_ids")
    def _compute_fidelity_losses(self):
        for wizard in self:
            wizard.fidelity_loses_ledger = "loyalty_fidelity" in wizard._get_modules().mapped("name")
            wizard.fidelity_command = f"odoo fidelity_export -d {self.env.cr.dbname} --output loyalty.zip"

    def _get_models(self):
        # Odoo's messaging lists models with messages only.
        return super()._get_models() | self.env["ir.model"].search([("model", "in", LOST)])
