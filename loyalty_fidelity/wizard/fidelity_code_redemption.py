from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.fidelity_code_use import Occasion


class FidelityCodeRedemption(models.TransientModel):
    """Take a code that a customer brings. Taking it twice takes it once."""

    _name = "fidelity.code.redemption"
    _description = "Taking a code"

    raw = fields.Char(string="Code", required=True, help="Read the bars, or type the characters below them.")
    member_id = fields.Many2one("fidelity.member", help="Who brings it. Needed for points, gifts and personal codes.")
    store_id = fields.Many2one(
        "fidelity.store",
        string="Taken in",
        default=lambda self: self.env["fidelity.redemption"]._own_store(),
        help="The store that takes it.",
    )
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    receipt_amount = fields.Monetary(string="Receipt of", help="What the receipt comes to, before the code.")
    source_ref = fields.Char(string="Receipt", help="The number of that receipt.")
    finding = fields.Char(string="It gives", compute="_compute_finding", help="What the code gives, or why it cannot be used.")
    is_usable = fields.Boolean(compute="_compute_finding", help="The code can be used.")
    key = fields.Char(
        required=True, readonly=True, default=lambda self: str(uuid4()), copy=False, help="What makes this use unique."
    )

    @api.depends("raw", "member_id", "store_id", "receipt_amount")
    def _compute_finding(self):
        for wizard in self:
            if not wizard.raw:
                wizard.finding, wizard.is_usable = False, False
                continue
            code = self.env["fidelity.code"].sudo()._look_up(wizard.raw)
            problem = code._problem(
                Occasion(wizard._company(), wizard.member_id.sudo(), wizard.store_id.sudo(), wizard._receipt_minor())
            )
            wizard.is_usable = not problem
            wizard.finding = code._refusal(problem) if problem else code.worth_text

    def _company(self):
        return (self.store_id.company_id or self.env.company).sudo()

    def _receipt_minor(self):
        return round(self.receipt_amount * 10**self.currency_id.decimal_places)

    def action_use(self):
        """Use it, and say what it gives."""
        self.ensure_one()
        if not self.raw:
            raise UserError(self.env._("Read or type the code."))
        use = self.env["fidelity.code"]._fidelity_redeem(
            self.raw, self.key, self.member_id, self.store_id, self._receipt_minor(), self.source_ref
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Code used"),
                "message": use.code_id.worth_text,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
