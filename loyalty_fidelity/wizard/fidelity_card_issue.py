from odoo import fields, models
from odoo.exceptions import UserError


class FidelityCardIssue(models.TransientModel):
    """Make cards to hand out later, or give one to a member: a card in hand, or one with the next number."""

    _name = "fidelity.card.issue"
    _description = "Issue of cards"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, help="What kind of card.")
    member_id = fields.Many2one(
        "fidelity.member",
        domain="[('card_type_id', '=', card_type_id), ('state', '=', 'active')]",
        help="Who gets the card. Empty: the cards are kept, to be given out later.",
    )
    card_id = fields.Many2one(
        "fidelity.card",
        string="Card in hand",
        domain="[('card_type_id', '=', card_type_id), ('state', '=', 'draft'), ('member_id', '=', False)]",
        help="A card that nobody has: type or read its number. Empty: the next number is taken.",
    )
    medium = fields.Selection(
        [("barcode", "Barcode"), ("stripe", "Magnetic stripe"), ("chip", "Chip"), ("virtual", "Virtual")],
        required=True,
        default="barcode",
        help="How readers read it.",
    )
    quantity = fields.Integer(string="Cards", required=True, default=1, help="How many: up to 1,000,000, many in the background.")
    for_whom = fields.Selection(
        [("hand_out", "To be handed out"), ("members", "For all members without a card")],
        required=True,
        default="hand_out",
        help="Cards for members work at once; the others when they are given out.",
    )

    def action_issue(self):
        """Make the cards and show them; or give the card in hand to the member."""
        self.ensure_one()
        if self.card_id:
            return self._give_out()
        if self.member_id:
            if self.quantity != 1:
                raise UserError(self.env._("Cards: a member gets one at a time."))
            vals = {"card_type_id": self.card_type_id.id, "medium": self.medium, "member_id": self.member_id.id}
            self.env["fidelity.card"].create([vals])
            return {"type": "ir.actions.act_window_close"}
        batch = self.env["fidelity.card.batch"]._start(self.card_type_id, self.for_whom, self.quantity, self.medium)
        return batch.action_view_cards() if batch.state == "done" else batch.get_formview_action()

    def _give_out(self):
        if not self.member_id:
            raise UserError(self.env._("Choose who gets the card."))
        self.card_id.check_access("write")
        self.card_id._give_out(self.member_id)
        return {"type": "ir.actions.act_window_close"}
