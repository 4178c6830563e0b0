from odoo import models
from odoo.tools import SQL


class FidelityStore(models.Model):
    """Days and hours of a store's figures follow its clock."""

    _inherit = "fidelity.store"

    def write(self, vals):
        moved = self.filtered(lambda store: store.tz != vals["tz"]) if "tz" in vals else self.browse()
        res = super().write(vals)
        if moved:
            moved.flush_recordset(["tz"])
            self.env["fidelity.rollup"].sudo()._redo(lambda alias: SQL("%s.store_id IN %s", alias, tuple(moved.ids)))
        return res
