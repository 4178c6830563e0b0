from odoo import fields, models

MEDALS = [("bronze", "Bronze"), ("silver", "Silver"), ("gold", "Gold"), ("platinum", "Platinum")]


class FidelityTier(models.Model):
    """A level of a card type, lowest sequence first. A member starts at the lowest one."""

    _name = "fidelity.tier"
    _description = "Tier"
    _order = "card_type_id, sequence, id"

    name = fields.Char(required=True, translate=True, help="The name that customers see, such as Gold.")
    card_type_id = fields.Many2one("fidelity.card.type", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10, help="Lower comes first; new members start at the first tier.")
    medal = fields.Selection(MEDALS, required=True, default="bronze", help="The medal shown at the till and in lists.")
