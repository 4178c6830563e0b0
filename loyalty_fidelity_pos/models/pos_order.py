import json

from odoo import api, fields, models

from odoo.addons.loyalty_fidelity.models.fidelity_member import short_name
from odoo.addons.loyalty_fidelity.rules import card_number


class PosOrder(models.Model):
    """What the till knows of the card travels on the order; what the server made of it comes back beside it."""

    _inherit = "pos.order"

    fidelity_claim = fields.Char(
        copy=False, readonly=True, help="What the till knew of the card: evidence for the receipt, never the truth."
    )
    fidelity_result = fields.Char(
        compute="_compute_fidelity_result", compute_sudo=True, help="What the server made of it, for the printed receipt."
    )
    fidelity_receipt_ids = fields.One2many(
        "fidelity.receipt",
        "source_id",
        domain=[("source_model", "=", "pos.order")],
        string="Loyalty receipt",
        groups="loyalty_fidelity.group_fidelity_user",
    )

    # The sweep looks for paid orders with a card and no receipt; most orders have no card.
    _fidelity_claim_index = models.Index("(id) WHERE fidelity_claim IS NOT NULL")

    @api.depends("fidelity_claim", "state")
    def _compute_fidelity_result(self):
        concerned = self.filtered(lambda order: order.state != "draft" and order._fidelity_concerns())
        receipts = self.env["fidelity.receipt"]._of(concerned) if concerned else self.env["fidelity.receipt"]
        by_order = {receipt.source_id: receipt for receipt in receipts}
        for order in self:
            receipt = by_order.get(order._origin.id)
            if receipt:
                result = order._fidelity_describe(receipt)
            elif order in concerned and order.fidelity_claim:
                result = {"state": "pending"}
            else:
                result = None
            order.fidelity_result = json.dumps(result) if result else False

    def _fidelity_describe(self, receipt):
        """What a printed receipt says of a posted one."""
        member = receipt.member_id
        return {
            "state": "posted",
            "outcome": receipt.outcome,
            "message": dict(receipt._fields["outcome"]._description_selection(self.env))[receipt.outcome],
            "card_masked": card_number.mask(receipt.card_id.number) if receipt.card_id else "",
            "card_type": receipt.card_type_id.name or "",
            "member": short_name(member.partner_id.name),
            "unit": "points",
            "points": receipt.points,
            "balance": member.balance if member else 0,
            "receipt_id": receipt.id,
        }
