from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FidelityStore(models.Model):
    """A store and the warehouse that its prizes come from."""

    _inherit = "fidelity.store"

    warehouse_id = fields.Many2one(
        "stock.warehouse",
        domain="[('company_id', '=', company_id)]",
        index="btree_not_null",
        help="Where prizes are taken from. Empty: the first warehouse of the company.",
    )

    @api.constrains("warehouse_id", "company_id")
    def _check_warehouse(self):
        for store in self.sudo():
            if store.warehouse_id and store.warehouse_id.company_id != store.company_id:
                raise ValidationError(
                    self.env._(
                        "%(store)s: Warehouse %(warehouse)s is of another company. Choose one of %(company)s.",
                        store=store.display_name,
                        warehouse=store.warehouse_id.name,
                        company=store.company_id.name,
                    )
                )

    def _fidelity_warehouse(self):
        """The warehouse of this store; empty where its company has none."""
        self.ensure_one()
        own = self.sudo().warehouse_id
        return own or self.env["stock.warehouse"].sudo().search([("company_id", "=", self.company_id.id)], limit=1)
