from odoo import api, fields, models

from .fidelity_card_type_prices import LOWER, POLICIES


class FidelityTier(models.Model):
    """Prices of a tier: its price list takes the place of the card type's."""

    _inherit = "fidelity.tier"

    member_pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Price list",
        ondelete="restrict",
        domain="[('currency_id', '=', parent.currency_id), ('company_id', 'in', (parent.company_id, False))]",
        help="The price list that members of this tier pay by, instead of the card type's. Empty: the card type's.",
    )
    member_price_policy = fields.Selection(
        POLICIES,
        string="What they pay",
        required=True,
        default=LOWER,
        help="Which price counts for this tier's own price list where the shop's price and the member's differ.",
    )

    @api.constrains("member_pricelist_id", "card_type_id")
    def _check_member_pricelist(self):
        for tier in self:
            tier.card_type_id._check_pricelist(tier.member_pricelist_id)
