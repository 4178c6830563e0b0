from odoo import api, fields, models

from .big_integer import BigInteger

KINDS = [("earn", "Earned"), ("reverse", "Taken back"), ("adjust", "Adjusted"), ("transfer", "Moved"), ("spend", "Cashback spent")]


class FidelityLedgerEntry(models.Model):
    """One signed movement of one account. The balance of an account is the sum of its entries."""

    _name = "fidelity.ledger.entry"
    _inherit = "fidelity.append.only"
    _description = "Ledger entry"
    _log_access = False
    _order = "id desc"

    posting_id = fields.Many2one(
        "fidelity.posting", required=True, readonly=True, ondelete="restrict", help="The operation it belongs to."
    )
    sequence = fields.Integer(required=True, readonly=True, help="Its place within the posting, from 1.")
    account_id = fields.Many2one("fidelity.account", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True, readonly=True, help="Why the account moved.")
    quantity = BigInteger(required=True, readonly=True, help="Signed: what came in or went out, points or minor units of money.")
    unit = fields.Selection(related="account_id.unit", help="What moved.")
    movement = fields.Char(compute="_compute_movement", help="What came in or went out, as one says it.")
    occurred_at = fields.Datetime(required=True, readonly=True, help="When it happened.")
    holder_id = fields.Many2one(related="account_id.holder_id", help="Whose account moved.")
    member_id = fields.Many2one(related="posting_id.member_id")
    company_id = fields.Many2one(related="posting_id.company_id")
    store_id = fields.Many2one(related="posting_id.store_id", help="Where it happened.")
    reason = fields.Char(related="posting_id.reason")
    author_name = fields.Char(related="posting_id.author_name")
    source_ref = fields.Char(related="posting_id.source_ref")
    op_key = fields.Char(related="posting_id.op_key")

    _account_index = models.Index("(account_id, id) INCLUDE (quantity)")
    _not_zero = models.Constraint("CHECK (quantity <> 0)", "An entry moves something.")
    _sequence_unique = models.Constraint("unique(posting_id, sequence)", "An entry has its own place in its posting.")

    @api.depends("quantity", "account_id")
    @api.depends_context("lang")
    def _compute_movement(self):
        for entry in self:
            text = entry.account_id._quantity_text(entry.quantity)
            entry.movement = f"+{text}" if entry.quantity > 0 else text

    @api.depends_context("lang")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = self.env._("Entry %(number)s", number=entry.id)
