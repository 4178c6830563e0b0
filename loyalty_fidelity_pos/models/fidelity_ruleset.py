from odoo import api, fields, models


class FidelityRuleset(models.Model):
    """What a till loads of the rules: those in force and those to come of its card types, whole."""

    _name = "fidelity.ruleset"
    _inherit = ["fidelity.ruleset", "pos.load.mixin"]

    @api.model
    def _load_pos_data_search_read(self, data, config):
        """Rulesets are few and never change: all that matter are sent at each opening."""
        card_types = self.env["fidelity.card.type"]
        card_types = card_types.search(card_types._load_pos_data_domain(data, config))
        now = fields.Datetime.now()
        ids = []
        for card_type in card_types:
            timeline = self._timeline(card_type.id)
            in_force = self._in_force(card_type.id, now)
            ids += [ruleset_id for valid_from, ruleset_id, _fingerprint in timeline if valid_from > now]
            ids += [in_force[0]] if in_force else []
        return self._load_pos_data_read(self.browse(ids), config)

    @api.model
    def _load_pos_data_fields(self, config):
        return ["card_type_id", "fingerprint", "valid_from", "payload"]

    def _unrelevant_records(self, config):
        return []
