from odoo import fields, models


class FidelityCardState(models.TransientModel):
    """Why a card is blocked, lost, replaced or works again."""

    _name = "fidelity.card.state"
    _description = "Change of a card's state"

    card_ids = fields.Many2many("fidelity.card", string="Cards", required=True, readonly=True, help="The cards that change.")
    state = fields.Selection(
        [("active", "Works again"), ("blocked", "Blocked"), ("lost", "Lost"), ("replaced", "Replaced")],
        string="From now on",
        required=True,
        help="Only an active card earns and spends. The member's points stay as they are.",
    )
    reason = fields.Char(help="Why. Staff see it when the card is read.")
    new_card_id = fields.Many2one(
        "fidelity.card",
        string="New card",
        domain="[('state', '=', 'draft'), ('member_id', '=', False)]",
        help="A card that nobody has. Empty: the next number is taken.",
    )

    def action_apply(self):
        """Change the state."""
        self.ensure_one()
        self.card_ids.check_access("write")
        if self.state == "replaced":
            for card in self.card_ids:
                card._replace(self.reason, self.new_card_id)
        else:
            self.card_ids._set_state(self.state, self.reason)
        return {"type": "ir.actions.act_window_close"}
