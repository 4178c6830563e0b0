from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

MAX_DAYS = 3660


class FidelityBenefit(models.Model):
    """One thing that a card type gives. Amounts are in the card type's currency.

    A benefit is a draft of configuration: tills and servers apply the ruleset compiled from it.
    """

    _name = "fidelity.benefit"
    _description = "Benefit"
    _order = "card_type_id, sequence, id"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("points", "Points"),
            ("cashback", "Cashback"),
            ("discount", "Discount"),
            ("amount_off", "Amount off"),
            ("rolling", "Discount on the next purchase"),
        ],
        required=True,
        default="points",
        help="What the card gives.",
    )
    currency_id = fields.Many2one(related="card_type_id.currency_id")
    points = fields.Integer(string="Points per step", default=1, help="Points for each full step of spending.")
    step_amount = fields.Monetary(
        string="For every full", default=10.0, help="The step: 1 point for every full 10.00 means 47.00 earns 4 points."
    )
    percent = fields.Float(
        string="Percentage",
        digits=(5, 2),
        default=5.0,
        help="Of what was paid, for cashback; off the price of every product, for a discount.",
    )
    amount = fields.Monetary(string="Amount off", default=5.0, help="What is taken off the receipt, at most what it comes to.")
    on_discounted = fields.Selection(
        [("stack", "Both discounts count"), ("best", "The larger one counts"), ("skip", "It gets no further discount")],
        string="Already discounted products",
        required=True,
        default="stack",
        help="What happens to a product that a person or a price list has already discounted.",
    )
    valid_days = fields.Integer(string="To be used within", default=60, help="For how many days the next purchase gets it.")
    bracket_ids = fields.One2many(
        "fidelity.benefit.bracket", "benefit_id", copy=True, string="Brackets", help="Who spends more gets more off the next time."
    )
    minimum_receipt = fields.Monetary(
        string="From a receipt of",
        help="Below this it gives nothing. Points and cashback look at what was paid, discounts at the prices before the card. "
        "Zero: always.",
    )

    @api.depends("kind", "points", "step_amount", "percent", "amount", "valid_days", "bracket_ids.percent", "currency_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for benefit in self:
            benefit.display_name = getattr(benefit, f"_say_{benefit.kind or 'points'}")()

    def _say_points(self):
        if self.points == 1:
            return self.env._("1 point for every full %(step)s", step=self._money(self.step_amount))
        return self.env._("%(points)s points for every full %(step)s", points=self.points, step=self._money(self.step_amount))

    def _say_cashback(self):
        return self.env._("%(percent)s of what was paid, back as cashback", percent=self._percent_text(self.percent))

    def _say_discount(self):
        return self.env._("%(percent)s off every product", percent=self._percent_text(self.percent))

    def _say_amount_off(self):
        return self.env._("%(amount)s off the receipt", amount=self._money(self.amount))

    def _say_rolling(self):
        steps = [
            self.env._("%(percent)s from %(amount)s on", percent=self._percent_text(b.percent), amount=self._money(b.from_amount))
            for b in self._sorted_brackets()
        ]
        return self.env._(
            "Off the next purchase within %(days)s days: %(steps)s", days=self.valid_days, steps=format_list(self.env, steps) or "…"
        )

    def _money(self, amount):
        return self.currency_id.format(amount) if self.currency_id else str(amount)

    @api.model
    def _percent_text(self, percent):
        """A percentage as the user's language writes it, without superfluous zeros: ``7.5 %``."""
        lang = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US")
        number = f"{percent:.2f}".rstrip("0").rstrip(".")
        return f"{number.replace('.', lang.decimal_point or '.')} %"

    def _sorted_brackets(self):
        return self.bracket_ids.sorted(lambda bracket: bracket.from_amount)

    # -- checks --------------------------------------------------------------------------------------------------------

    @api.constrains("kind", "points", "step_amount", "minimum_receipt", "percent", "amount", "valid_days", "bracket_ids")
    def _check_amounts(self):
        for benefit in self:
            getattr(benefit, f"_check_{benefit.kind}")()
            if benefit.minimum_receipt < 0:
                raise ValidationError(self.env._("The minimum receipt cannot be negative. Enter 0 for no minimum."))

    def _check_points(self):
        if self.points <= 0:
            raise ValidationError(self.env._("A step must give at least one point. Enter 1 or more."))
        if self.currency_id.compare_amounts(self.step_amount, 0) <= 0:
            raise ValidationError(self.env._("The step must be an amount above zero, such as 10.00."))

    def _check_cashback(self):
        self._check_percent(self.percent)

    def _check_discount(self):
        self._check_percent(self.percent)

    def _check_amount_off(self):
        if self.currency_id.compare_amounts(self.amount, 0) <= 0:
            raise ValidationError(self.env._("The amount off must be above zero, such as 5.00."))

    def _check_rolling(self):
        brackets = self._sorted_brackets()
        if not brackets:
            raise ValidationError(self.env._("A discount on the next purchase needs a bracket, such as 5 % from 50.00 on."))
        for bracket in brackets:
            self._check_percent(bracket.percent)
            if bracket.from_amount < 0:
                raise ValidationError(self.env._("A bracket starts at zero or above."))
        for lower, higher in pairwise(brackets):
            if self.currency_id.compare_amounts(lower.from_amount, higher.from_amount) == 0:
                raise ValidationError(self.env._("Two brackets start at the same amount. Remove one of them."))
            if lower.percent > higher.percent:
                raise ValidationError(self.env._("Who spends more cannot get less: let the percentages rise with the brackets."))
        if not 1 <= self.valid_days <= MAX_DAYS:
            raise ValidationError(self.env._("The next purchase needs between 1 and %(days)s days.", days=MAX_DAYS))
        others = self.card_type_id.benefit_ids.filtered(lambda benefit: benefit.kind == "rolling") - self
        if others:
            raise ValidationError(
                self.env._("A card type gives one discount on the next purchase. Add brackets to the one that is there.")
            )

    def _check_percent(self, percent):
        if not 0.01 <= round(percent, 2) <= 100:
            raise ValidationError(self.env._("The percentage must be between 0.01 and 100."))

    # -- compiling -----------------------------------------------------------------------------------------------------

    def _rule_payload(self):
        """The benefit as the kernel reads it; amounts in minor units of the card type's currency."""
        self.ensure_one()
        return {
            "key": self._key(),
            "kind": self.kind,
            "minimum_receipt_minor": self._minor(self.minimum_receipt),
            **getattr(self, f"_payload_{self.kind}")(),
        }

    def _key(self):
        return f"b{self._origin.id or self._ref_key()}"

    def _ref_key(self):
        """A number for a benefit that is not saved yet, different from those beside it: examples are made of it."""
        unsaved = self.card_type_id.benefit_ids.filtered(lambda benefit: not benefit._origin.id)
        return f"n{list(unsaved).index(self) if self in unsaved else 0}"

    def _minor(self, amount):
        return round(amount * 10**self.currency_id.decimal_places)

    def _payload_points(self):
        return {"points": self.points, "step_minor": self._minor(self.step_amount)}

    def _payload_cashback(self):
        return {"percent_bps": round(self.percent * 100)}

    def _payload_discount(self):
        return {"percent_bps": round(self.percent * 100), "on_discounted": self.on_discounted}

    def _payload_amount_off(self):
        return {"amount_minor": self._minor(self.amount)}

    def _payload_rolling(self):
        brackets = [
            {"from_minor": self._minor(b.from_amount), "percent_bps": round(b.percent * 100)} for b in self._sorted_brackets()
        ]
        return {"brackets": brackets, "valid_days": self.valid_days, "on_discounted": self.on_discounted}


class FidelityBenefitBracket(models.Model):
    """From an amount on, the percentage that the next purchase gets."""

    _name = "fidelity.benefit.bracket"
    _description = "Bracket of a discount on the next purchase"
    _order = "benefit_id, from_amount, id"

    benefit_id = fields.Many2one("fidelity.benefit", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="benefit_id.currency_id")
    from_amount = fields.Monetary(string="Who spends from", help="What was paid must reach this.")
    percent = fields.Float(string="Gets off the next time (%)", digits=(5, 2), default=5.0, help="Off the next purchase.")

    @api.depends("from_amount", "percent")
    @api.depends_context("lang")
    def _compute_display_name(self):
        benefits = self.env["fidelity.benefit"]
        for bracket in self:
            bracket.display_name = self.env._(
                "%(percent)s from %(amount)s on",
                percent=benefits._percent_text(bracket.percent),
                amount=bracket.benefit_id._money(bracket.from_amount),
            )

    @api.constrains("from_amount", "percent")
    def _check_brackets(self):
        self.benefit_id._check_amounts()
