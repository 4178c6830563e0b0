from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

MANY = 1_000_000


class FidelityExport(models.TransientModel):
    """Asks before the ledger is downloaded, and says what will be in the file."""

    _name = "fidelity.export"
    _description = "Export of the ledger to a file"

    entry_count = fields.Integer(
        string="Entries", compute="_compute_content", help="Movements that go into the file; counted up to a million."
    )
    member_count = fields.Integer(string="Members", compute="_compute_content", help="Memberships that go into the file.")
    last_seal = fields.Char(compute="_compute_content", help="The end of the chain: it proves everything before it.")
    sealed = fields.Char(string="Sealed on", compute="_compute_content", help="When that seal was made.")
    is_large = fields.Boolean(compute="_compute_content", help="More than a million entries: the command is the better way.")
    command = fields.Char(compute="_compute_content", help="What the administrator types on the server.")

    @api.depends_context("lang", "tz")
    def _compute_content(self):
        self.env["fidelity.ledger.export"]._check_may_export()
        count = SQL("SELECT (SELECT count(*) FROM (SELECT 1 FROM fidelity_ledger_entry LIMIT %s) e)", MANY + 1)
        entries = self.env.execute_query(count)[0][0]
        seal = self.env["fidelity.ledger.seal"].sudo().search([], order="last_posting_id desc", limit=1)
        for wizard in self:
            wizard.entry_count = min(entries, MANY)
            wizard.is_large = entries > MANY
            wizard.member_count = self.env["fidelity.member"].sudo().with_context(active_test=False).search_count([])
            wizard.last_seal = seal.seal
            wizard.sealed = seal and format_datetime(self.env, seal.sealed_at)
            wizard.command = f"odoo fidelity_export -d {self.env.cr.dbname} --output loyalty.zip"

    def action_download(self):
        """Download the zip."""
        self.env["fidelity.ledger.export"]._check_may_export()
        return {"type": "ir.actions.act_url", "url": "/loyalty_fidelity/export", "target": "self"}
