from odoo import api, fields, models


class FidelityRuleset(models.Model):
    """What a till loads of the rules: those in force and those to come of its card types, whole."""

    _name = "fidelity.ruleset"
    _inherit = ["fidelity.ruleset", "pos.load.mixin"]

    @api.model
    def _load_pos_data_search_read(self, data, config):
        """Rulesets are few and never change: all that matter are sent at each opening."""
        now = fields.Datetime.now()
        ids = []
        for card_type_id in self._loaded_card_types(data, config):
            timeline = self._timeline(card_type_id)
            in_force = self._in_force(card_type_id, now)
            ids += [ruleset_id for valid_from, ruleset_id, _fingerprint in timeline if valid_from > now]
            ids += [in_force[0]] if in_force else []
        # The card types were read with the user's rights; their rules follow them.
        return self._load_pos_data_read(self.sudo().browse(ids), config)

    @api.model
    def _loaded_card_types(self, data, config):
        """Ids of the card types that this till loads: those just loaded, else (a reload of the rules alone) searched."""
        if "fidelity.card.type" in data:
            return [row["id"] for row in data["fidelity.card.type"]]
        card_types = self.env["fidelity.card.type"]
        return card_types.search(card_types._load_pos_data_domain(data, config)).ids

    @api.model
    def _load_pos_data_fields(self, config):
        return ["card_type_id", "fingerprint", "valid_from", "payload", "benefit_labels"]

    def _unrelevant_records(self, config):
        return []
