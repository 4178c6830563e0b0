from odoo import api, models


class FidelityCardType(models.Model):
    """What a till loads of a card type: a name and a colour. Rules travel as rulesets."""

    _name = "fidelity.card.type"
    _inherit = ["fidelity.card.type", "pos.load.mixin"]

    @api.model
    def _load_pos_data_domain(self, data, config):
        return [("company_id", "in", [*config.company_id.sudo().parent_ids.ids, False])]

    @api.model
    def _load_pos_data_fields(self, config):
        return ["name", "color"]

    @api.model
    def _server_date_to_domain(self, domain):
        """Card types are few: a till that was open before gets all of them again, for their rules follow them."""
        return domain
