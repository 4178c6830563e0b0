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
    _fidelity_claim_index = models.Index("(id) WHERE fidelity_claim IS NOT NULL OR fidelity_codes IS NOT NULL")

    @api.depends("fidelity_claim", "state")
    @api.depends_context("lang")
    def _compute_fidelity_result(self):
        concerned = self.filtered(lambda order: order.state != "draft" and order._fidelity_concerns())
        summaries = self.env["fidelity.receipt"]._summaries(self._name, concerned.ids)
        for order in self:
            summary = summaries.get(order._origin.id)
            if summary and (order.fidelity_claim or summary["member_name"]):
                result = order._fidelity_describe(summary)
            elif order in concerned and order.fidelity_claim:
                result = {"state": "pending"}
            else:
                result = None
            order.fidelity_result = json.dumps(result) if result else False

    def _fidelity_describe(self, summary):
        """What a printed receipt says of a posted one.

        :param dict summary: of ``fidelity.receipt._summaries``
        """
        outcome = self.env["fidelity.receipt"]._fields["outcome"]
        return {
            "state": "posted",
            "outcome": summary["outcome"],
            "message": dict(outcome._description_selection(self.env))[summary["outcome"]],
            "card_masked": card_number.mask(summary["number"]) if summary["number"] else "",
            "card_type": summary["card_type_name"] or "",
            "member": short_name(summary["member_name"]),
            "unit": self.env["fidelity.account"]._unit_word(summary["unit"]),
            "points": summary["points"],
            "balance": int(summary["balance"] or 0),
            "receipt_id": summary["receipt_id"],
            "currency": summary["currency"] or "",
            "cashback_minor": int(summary["cashback_minor"] or 0),
            "cashback_spent_minor": int(summary["cashback_spent_minor"] or 0),
            "cashback_balance_minor": None if summary["money_balance"] is None else int(summary["money_balance"]),
            "discount_minor": int(summary["discount_minor"] or 0),
            "base_minor": int(summary["base_minor"] or 0),
            "rolling": self._fidelity_left(summary),
        }

    @api.model
    def _fidelity_left(self, summary):
        """What a receipt leaves for the next purchase, or None."""
        bps, minor = summary["rolling_bps"] or 0, int(summary["rolling_minor"] or 0)
        if not bps and not minor:
            return None
        amount = {"minor": minor} if minor else {}
        return {"bps": bps, "until": fields.Date.to_string(summary["rolling_until"]), **amount}
