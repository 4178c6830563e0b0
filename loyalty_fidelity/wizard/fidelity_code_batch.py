from odoo import fields, models
from odoo.exceptions import AccessError


class FidelityCodeBatch(models.TransientModel):
    """Make many codes of a list at once."""

    _name = "fidelity.code.batch"
    _description = "Making codes"

    list_id = fields.Many2one("fidelity.code.list", string="Code list", required=True, help="Whose terms they have.")
    worth_text = fields.Char(related="list_id.worth_text", help="What each is worth.")
    count = fields.Integer(string="How many", required=True, default=100, help="How many codes are made.")

    def action_make(self):
        """Make them, then show them."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can make codes. Ask yours."))
        self.list_id.check_access("write")
        self.list_id.sudo()._make(self.count)
        return self.list_id.action_view_codes()
