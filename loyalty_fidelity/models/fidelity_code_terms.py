from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .fidelity_prize import MAX_COUNT, MAX_POINTS

#: What a code can be worth that takes something off a price.
OFF = ("amount", "percent")
WORTH = [("amount", "An amount off"), ("percent", "A percentage off"), ("points", "Points"), ("gift", "A gift")]


class FidelityCodeTerms(models.AbstractModel):
    """What a code is worth and how often it can be used. A list has these terms, and each of its codes its own copy, as made."""

    _name = "fidelity.code.terms"
    _description = "Terms of a code"

    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id, help="The currency of its amounts."
    )
    worth = fields.Selection(WORTH, required=True, default="amount", help="What whoever brings the code gets.")
    worth_amount = fields.Monetary(string="Amount", help="What it takes off.")
    worth_percent = fields.Float(string="Percentage", digits=(5, 2), help="What it takes off a receipt, in percent.")
    worth_selector_id = fields.Many2one(
        "fidelity.selector",
        string="Of which products",
        ondelete="restrict",
        index="btree_not_null",
        help="What it takes off, it takes off these alone. Empty: off everything.",
    )
    worth_points = fields.Integer(string="Points", help="The points that are added.")
    worth_prize_id = fields.Many2one("fidelity.prize", string="Gift", ondelete="restrict", help="What is handed over.")
    minimum_receipt = fields.Monetary(string="From a receipt of", help="Smaller receipts do not take the code. Zero: any receipt.")
    uses_max = fields.Integer(string="Uses", required=True, default=1, help="How often one code can be used.")
    worth_text = fields.Char(string="Gives", compute="_compute_worth_text", help="What it is worth, as one says it.")

    @api.depends(
        "worth", "worth_amount", "worth_percent", "worth_selector_id.name", "worth_points", "worth_prize_id.name", "currency_id"
    )
    @api.depends_context("lang")
    def _compute_worth_text(self):
        _ = self.env._
        for terms in self:
            if terms.worth in OFF:
                terms.worth_text = terms._off_text()
            elif terms.worth == "points":
                terms.worth_text = _("%(points)s points", points=terms.worth_points)
            else:
                terms.worth_text = terms.worth_prize_id.name or ""

    def _off_text(self):
        """What it takes off, as one says it."""
        off = self.currency_id.format(self.worth_amount)
        if self.worth == "percent":
            off = self.env["fidelity.benefit"]._percent_text(self.worth_percent)
        if self.worth_selector_id:
            return self.env._("%(off)s off %(products)s", off=off, products=self.worth_selector_id.name)
        return self.env._("%(off)s off", off=off)

    @api.constrains("worth", "worth_amount", "worth_percent", "worth_points", "worth_prize_id", "minimum_receipt", "uses_max")
    def _check_worth(self):
        _ = self.env._
        for terms in self:
            if terms.worth == "amount" and terms.currency_id.compare_amounts(terms.worth_amount, 0.0) <= 0:
                raise ValidationError(_("Amount says what the code takes off, above zero."))
            if terms.worth == "percent" and not 0.01 <= terms.worth_percent <= 100.0:
                raise ValidationError(_("Percentage is between 0.01 and 100."))
            if terms.worth == "points" and not 1 <= terms.worth_points <= MAX_POINTS:
                raise ValidationError(_("Points says how many points the code adds, at least 1."))
            if terms.worth == "gift" and not terms.worth_prize_id:
                raise ValidationError(_("Gift says which prize is handed over. Choose one."))
            if terms.currency_id.compare_amounts(terms.minimum_receipt, 0.0) < 0:
                raise ValidationError(_("From a receipt of cannot be below zero."))
            if not 1 <= terms.uses_max <= MAX_COUNT:
                raise ValidationError(_("Uses says how often one code can be used, at least once."))

    def _terms_vals(self):
        """These terms as values of another record."""
        self.ensure_one()
        return {
            "currency_id": self.currency_id.id,
            "worth": self.worth,
            "worth_amount": self.worth_amount,
            "worth_percent": self.worth_percent,
            "worth_selector_id": self.worth in OFF and self.worth_selector_id.id,
            "worth_points": self.worth_points,
            "worth_prize_id": self.worth_prize_id.id,
            "minimum_receipt": self.minimum_receipt,
            "uses_max": self.uses_max,
        }
