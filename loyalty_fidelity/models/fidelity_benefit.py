from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FidelityBenefit(models.Model):
    """One thing that a card type gives. Amounts are in the card type's currency.

    A benefit is a draft of configuration: tills and servers apply the ruleset compiled from it.
    """

    _name = "fidelity.benefit"
    _description = "Benefit"
    _order = "card_type_id, sequence, id"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection([("points", "Points")], required=True, default="points", help="What the card gives.")
    currency_id = fields.Many2one(related="card_type_id.currency_id")
    points = fields.Integer(string="Points per step", default=1, help="Points for each full step of spending.")
    step_amount = fields.Monetary(
        string="For every full", default=10.0, help="The step: 1 point for every full 10.00 means 47.00 earns 4 points."
    )
    minimum_receipt = fields.Monetary(
        string="From a receipt of", help="What the customer paid must reach this for the receipt to earn. Zero: always."
    )

    @api.depends("kind", "points", "step_amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for benefit in self:
            benefit.display_name = self.env._(
                "%(points)s points for every full %(step)s",
                points=benefit.points,
                step=benefit.currency_id.format(benefit.step_amount) if benefit.currency_id else benefit.step_amount,
            )

    @api.constrains("points", "step_amount", "minimum_receipt")
    def _check_amounts(self):
        for benefit in self:
            if benefit.points <= 0:
                raise ValidationError(self.env._("A step must give at least one point. Enter 1 or more."))
            if benefit.currency_id.compare_amounts(benefit.step_amount, 0) <= 0:
                raise ValidationError(self.env._("The step must be an amount above zero, such as 10.00."))
            if benefit.minimum_receipt < 0:
                raise ValidationError(self.env._("The minimum receipt cannot be negative. Enter 0 for no minimum."))

    def _rule_payload(self):
        """The benefit as the kernel reads it; amounts in minor units of the card type's currency."""
        self.ensure_one()
        scale = 10**self.currency_id.decimal_places
        return {
            "key": f"b{self._origin.id or 0}",
            "kind": self.kind,
            "points": self.points,
            "step_minor": round(self.step_amount * scale),
            "minimum_receipt_minor": round(self.minimum_receipt * scale),
        }
