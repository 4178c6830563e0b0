from odoo import api, fields, models
from odoo.exceptions import ValidationError

LOWER = "lower"
POLICIES = [
    (LOWER, "The lower of the shop's and the member's price"),
    ("always", "The member's price, also where the shop's is lower"),
]
PRICES_HELP = (
    "The price list whose prices members pay. It holds the exceptions: a product without a rule in it keeps the shop's price. "
    "Tills read price lists when they are opened."
)


class FidelityCardType(models.Model):
    """Member prices: the price list that the members of a card type pay by, and which price counts.

    A price list is edited in Odoo's own screen and applies as Odoo's price lists do, without being published; what it
    saved is kept on the receipt.
    """

    _inherit = "fidelity.card.type"

    member_pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Price list",
        ondelete="restrict",
        domain="[('currency_id', '=', currency_id), ('company_id', 'in', (company_id, False))]",
        help=PRICES_HELP,
    )
    member_price_policy = fields.Selection(
        POLICIES,
        string="What they pay",
        required=True,
        default=LOWER,
        help="Which price counts where the shop's price and the member's differ. A price typed by hand stands.",
    )
    member_prices_text = fields.Char(
        string="In words", compute="_compute_member_prices_text", help="What the settings of member prices mean at the till."
    )

    @api.depends("member_pricelist_id", "member_price_policy", "tier_ids.member_pricelist_id", "tier_ids.name")
    @api.depends_context("lang")
    def _compute_member_prices_text(self):
        _ = self.env._
        for card_type in self:
            name = card_type.member_pricelist_id.name
            tiers = ", ".join(tier.name for tier in card_type.tier_ids if tier.member_pricelist_id and tier.name)
            if not name:
                text = _("Members pay the shop's prices.")
            elif card_type.member_price_policy == LOWER:
                text = _("Members pay the price of %(pricelist)s where it is lower than the shop's.", pricelist=name)
            else:
                text = _("Members pay the price of %(pricelist)s, also where the shop's is lower.", pricelist=name)
            if tiers:
                text = _("%(sentence)s These tiers have prices of their own: %(tiers)s.", sentence=text, tiers=tiers)
            card_type.member_prices_text = text

    @api.constrains("member_pricelist_id", "currency_id", "company_id")
    def _check_member_pricelist(self):
        for card_type in self:
            card_type._check_pricelist(card_type.member_pricelist_id)
            for tier in card_type.tier_ids:
                card_type._check_pricelist(tier.member_pricelist_id)

    def _check_pricelist(self, pricelist):
        """Refuse a price list that no till of this card type could use."""
        self.ensure_one()
        pricelist = pricelist.sudo()
        if pricelist and pricelist.currency_id != self.currency_id:
            raise ValidationError(
                self.env._(
                    "Price list %(pricelist)s is in %(currency)s and %(name)s in %(own)s. Choose one in %(own)s.",
                    pricelist=pricelist.name,
                    currency=pricelist.currency_id.name,
                    name=self.name,
                    own=self.currency_id.name,
                )
            )
        if pricelist.company_id and pricelist.company_id != self.company_id:
            raise ValidationError(
                self.env._(
                    "Price list %(pricelist)s belongs to %(company)s, which is not the company of %(name)s. Choose another one.",
                    pricelist=pricelist.name,
                    company=pricelist.company_id.name,
                    name=self.name,
                )
            )

    def _member_pricelists(self):
        """The price lists of these card types and of their tiers, with all that their rules are based on."""
        card_types = self.sudo()
        found = card_types.member_pricelist_id | card_types.tier_ids.member_pricelist_id
        found = found.filtered("active")
        while bases := found.item_ids.filtered(lambda item: item.base == "pricelist").base_pricelist_id - found:
            found |= bases
        return found

    def action_open_member_prices(self):
        """Open the price list in Odoo's own screen."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Member prices of %(name)s", name=self.name),
            "res_model": "product.pricelist",
            "view_mode": "form",
            "res_id": self.member_pricelist_id.id,
        }
