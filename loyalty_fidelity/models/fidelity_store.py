from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get


class FidelityStore(models.Model):
    """A shop, or a web shop, with its time zone, manager and staff.

    Record rules follow it: a loyalty user or a store manager sees the stores he belongs to, and their receipts.
    """

    _name = "fidelity.store"
    _description = "Store"
    _order = "sequence, name"

    name = fields.Char(required=True, help="The name that customers know the store by.")
    code = fields.Char(required=True, help="A short code, printed in lists and files.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archive a store that is closed; its history stays.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, help="The company that runs it."
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Days, weeks and birthdays in this store follow this clock.",
    )
    manager_id = fields.Many2one("res.users", help="Who is told of promotions and of what needs a decision.")
    user_ids = fields.Many2many("res.users", string="Staff", help="Users who work here. They see this store and its receipts.")
    receipt_ids = fields.One2many("fidelity.receipt", "store_id")
    member_ids = fields.One2many("fidelity.member", "store_id")

    _code_company_unique = models.Constraint(
        "unique(code, company_id)", "Another store of this company has this code. Choose a different one."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for store in self:
            store.display_name = f"[{store.code}] {store.name}" if store.code else store.name

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        stores = self.sudo()
        posting = self.env["fidelity.posting"].sudo().search([("store_id", "in", self.ids)], limit=1)
        if posting or stores.receipt_ids or stores.member_ids:
            raise UserError(
                self.env._(
                    "%(name)s has members or receipts. Archive the store instead: its history stays.",
                    name=(posting.store_id or stores[:1]).display_name,
                )
            )

    def action_view_receipts(self):
        """Open the receipts of these stores."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_receipt_action")
        action["domain"] = [("store_id", "in", self.ids)]
        return action
