from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class FidelityStore(models.Model):
    """Days and hours of a store's figures follow its clock."""

    _inherit = "fidelity.store"

    @api.constrains("tz")
    def _check_tz(self):
        """The database computes the days, so it has to know the clock."""
        zones = set(self.mapped("tz"))
        known = {
            zone for (zone,) in self.env.execute_query(SQL("SELECT name FROM pg_timezone_names WHERE name IN %s", tuple(zones)))
        }
        for zone in zones - known:
            raise ValidationError(
                self.env._("The database does not know the time zone %(zone)s. Choose the city nearest to the store.", zone=zone)
            )

    def write(self, vals):
        moved = self.filtered(lambda store: store.tz != vals["tz"]) if "tz" in vals else self.browse()
        res = super().write(vals)
        if moved:
            moved.flush_recordset(["tz"])
            self.env["fidelity.rollup"].sudo()._redo(lambda alias: SQL("%s.store_id IN %s", alias, tuple(moved.ids)))
        return res
