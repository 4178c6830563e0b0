from odoo import api, fields, models


class BaseModuleUninstall(models.TransientModel):
    """Odoo's own question before uninstalling says what would be lost of the ledger, and how to keep a copy."""

    _inherit = "base.module.uninstall"

    fidelity_entry_count = fields.Integer(compute="_compute_fidelity_losses", help="Entries of the ledger that would be lost.")
    fidelity_loses_ledger = fields.Boolean(compute="_compute_fidelity_losses", help="The ledger would be lost.")
    fidelity_command = fields.Char(compute="_compute_fidelity_losses", help="What keeps a copy of the ledger.")

    @api.depends("module_ids")
    def _compute_fidelity_losses(self):
        for wizard in self:
            wizard.fidelity_loses_ledger = "loyalty_fidelity" in wizard._get_modules().mapped("name")
            entries = self.env["fidelity.ledger.entry"].sudo()
            wizard.fidelity_entry_count = wizard.fidelity_loses_ledger and entries.search_count([])
            wizard.fidelity_command = f"odoo fidelity_export -d {self.env.cr.dbname} --output loyalty.zip"
