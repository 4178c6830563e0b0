from odoo import fields, models
from odoo.exceptions import UserError

MOST = 10_000


class FidelityCardIssue(models.TransientModel):
    """Make cards: some without member, to hand out later, or one for a member."""

    _name = "fidelity.card.issue"
    _description = "Issue of cards"

    card_type_id = fields.Many2one("fidelity.card.type", required=True)
    member_id = fields.Many2one("fidelity.member", domain="[('card_type_id', '=', card_type_id)]")
    medium = fields.Selection(
        [("barcode", "Barcode"), ("stripe", "Magnetic stripe"), ("chip", "Chip"), ("virtual", "Virtual")],
        required=True,
        default="barcode",
    )
    quantity = fields.Integer(required=True, default=1, help="How many, at most 10,000 at a time.")

    def action_issue(self):
        """Make the cards and show them."""
        self.ensure_one()
        if not 1 <= self.quantity <= MOST or (self.member_id and self.quantity != 1):
            raise UserError(self.env._("Enter from 1 to 10,000 cards; for a member, one."))
        vals = {"card_type_id": self.card_type_id.id, "medium": self.medium, "member_id": self.member_id.id}
        cards = self.env["fidelity.card"].create([dict(vals) for _index in range(self.quantity)])
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_card_action")
        action["domain"] = [("id", "in", cards.ids)]
        return action
