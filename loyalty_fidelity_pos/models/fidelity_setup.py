from odoo import api, fields, models


class FidelitySetup(models.Model):
    """The guided set-up also says which tills stand in the shop."""

    _inherit = "fidelity.setup"

    config_ids = fields.Many2many(
        "pos.config",
        string="Tills",
        domain="[('company_id', '=', company_id)]",
        groups="point_of_sale.group_pos_manager",
        help="The tills of this shop. They read the cards of every card type of the company.",
    )

    def _proposal(self, recipe):
        """The tills that stand in no shop yet."""
        values = super()._proposal(recipe)
        if self._may_place_tills():
            configs = self.env["pos.config"].search([("company_id", "=", self.company_id.id), ("fidelity_store_id", "=", False)])
            values["config_ids"] = [(6, 0, configs.ids)]
        return values

    @api.model
    def _may_place_tills(self):
        return self.env.user.has_group("point_of_sale.group_pos_manager")

    def _make_store(self):
        store = super()._make_store()
        if self._may_place_tills():
            self.config_ids.fidelity_store_id = store
        return store

    def _effects(self):
        effects = super()._effects()
        if self._may_place_tills() and self.config_ids:
            effects.append(self.env._("These tills stand in the shop: %(tills)s.", tills=", ".join(self.config_ids.mapped("name"))))
        return effects

    def _warnings(self):
        warnings = super()._warnings()
        configs = self.config_ids if self._may_place_tills() else self.env["pos.config"]
        moved = configs.filtered(lambda config: config.fidelity_store_id and config.fidelity_store_id != self.store_id)
        if moved:
            warnings.append(
                self.env._("These tills move here from another shop: %(tills)s.", tills=", ".join(moved.mapped("name")))
            )
        if self.env["pos.session"].sudo().search_count([("state", "!=", "closed")], limit=1):
            warnings.append(self.env._("Tills that are open now know the new card once they are opened or loaded again."))
        return warnings
