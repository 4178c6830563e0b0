import json

from odoo import models
from odoo.tools import float_compare, float_round

from odoo.addons.loyalty_fidelity.models.effect_claim import parse_effect
from odoo.addons.loyalty_fidelity.models.fidelity_card_type_prices import LOWER
from odoo.addons.loyalty_fidelity.models.purchase import ShopPrice


class PosOrder(models.Model):
    """Member prices of an order: what the shop asks everybody for its lines, and what price list and policy of the member give.

    Both are computed anew from Odoo's price lists, at the order's moment; the price that was paid stands.
    """

    _inherit = "pos.order"

    def _fidelity_shop_prices(self, pricelist_id, policy):
        """Shop prices of the lines whose price nobody typed, as the loyalty core asks for them.

        :param pricelist_id: the member's price list; None: none
        :param policy: which price counts, see ``fidelity.card.type.member_price_policy``
        :return: dict line uuid → :class:`ShopPrice`
        """
        lines = self.lines.filtered(lambda line: line._fidelity_follows_pricelist())
        digits = self.env["decimal.precision"].precision_get("Product Price")
        pricelist = self.env["product.pricelist"].sudo().browse(pricelist_id)
        if pricelist and pricelist.currency_id != self.currency_id:
            pricelist = pricelist.browse()
        shop = self._fidelity_unit_prices(self.pricelist_id.sudo(), lines, digits)
        asked = dict(shop)
        if pricelist:
            for line, price in self._fidelity_unit_prices(pricelist, lines, digits).items():
                asked[line] = min(price, shop[line]) if policy == LOWER else price
        totals = self._fidelity_shop_totals(shop)
        return {
            line.uuid: ShopPrice(
                shop_minor=totals[line],
                agrees=float_compare(line.price_unit, asked[line], precision_digits=digits) == 0,
            )
            for line in lines
        }

    def _fidelity_unit_prices(self, pricelist, lines, digits):
        """What a price list asks for one unit of lines: dict line → price, rounded as prices are.

        One search finds the rules of all lines; without a price list it is the sales price.
        """
        date = self.date_order
        rules = (
            pricelist._get_applicable_rules(lines.product_id, date) if pricelist and lines else self.env["product.pricelist.item"]
        )
        prices = {}
        for line in lines:
            quantity = self._fidelity_priced_quantity(line)
            product = line.product_id.with_context(no_variant_attributes_price_extra=line.price_extra or 0.0)
            rule = next((rule for rule in rules if rule._is_applicable_for(product, quantity)), rules.browse())
            price = rule._compute_price(product, quantity, product.uom_id, date, currency=self.currency_id)
            prices[line] = float_round(price, precision_digits=digits)
        return prices

    def _fidelity_priced_quantity(self, line):
        """The quantity that a price list looks at: of goods tracked by lot, all of the order together, as at the till."""
        picking = self.config_id.picking_type_id
        if line.product_id.tracking == "lot" and (picking.use_create_lots or picking.use_existing_lots):
            return sum(other.qty for other in self.lines if other.product_id == line.product_id)
        return line.qty

    def _fidelity_shop_totals(self, shop):
        """Lines at the shop's prices with the discount that a person gave: dict line → tax included, in minor units."""
        effects = {line: self._fidelity_effect(line) for line in self.lines}
        priced = self.lines.filtered(lambda line: effects[line].get("kind") not in ("amount", "share"))
        manual = {line: effect["manual_bps"] / 100 for line, effect in effects.items() if effect.get("kind") == "percent"}
        return {line: total for line, (total, _untaxed) in self._fidelity_totals(priced, manual, shop).items()}


class PosOrderLine(models.Model):
    """What the till says of the member price of a line."""

    _inherit = "pos.order.line"

    def _fidelity_follows_pricelist(self):
        """Whether the unit price comes from a price list: nobody typed it, and it is part of no combo and of no return."""
        self.ensure_one()
        return (
            self.price_type == "original"
            and not self.combo_parent_id
            and not self.combo_line_ids
            and not self.refunded_orderline_id
            and parse_effect(self.fidelity_effect).get("kind") not in ("amount", "share")
        )

    def _fidelity_claims_member_price(self):
        """Whether the till says that the unit price is a member's."""
        self.ensure_one()
        try:
            claim = json.loads(self.fidelity_price) if self.fidelity_price else None
        except ValueError:
            return False
        return isinstance(claim, dict)
