from odoo import api, models


class FidelityCardType(models.Model):
    """What a till loads of a card type: a name and a colour. Rules travel as rulesets."""

    _name = "fidelity.card.type"
    _inherit = ["fidelity.card.type", "pos.load.mixin"]

    @api.model
    def _load_pos_data_domain(self, data, config):
        # An archived card type gives no new cards; those that are out work on, and the till shows what they give.
        in_use = self._in_use()
        return [
            ("company_id", "in", [*config.company_id.sudo().parent_ids.ids, False]),
            ("active", "in", [True, False]),
            "|", ("active", "=", True), ("id", "in", in_use),
        ]  # fmt: skip

    @api.model
    def _in_use(self):
        """Ids of the archived card types that still have cards: card types are few, and each is asked for one card."""
        archived = self.sudo().with_context(active_test=False).search([("active", "=", False)])
        cards = self.env["fidelity.card"].sudo()
        return [card_type.id for card_type in archived if cards.search_count([("card_type_id", "=", card_type.id)], limit=1)]

    @api.model
    def _load_pos_data_fields(self, config):
        cashback = ["cashback_spending", "cashback_spend_minimum", "cashback_payout", "cashback_payout_minimum"]
        return ["name", "color", "member_pricelist_id", "member_price_policy", *cashback]

    @api.model
    def _server_date_to_domain(self, domain):
        """Card types are few: a till that was open before gets all of them again, for their rules follow them."""
        return domain
