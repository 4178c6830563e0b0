from itertools import pairwise

from odoo import api, models
from odoo.exceptions import ValidationError

from .fidelity_benefit import MAX_DAYS, MAX_POINTS


class FidelityBenefit(models.Model):
    """What a benefit cannot be: refused when it is saved, with the field named."""

    _inherit = "fidelity.benefit"

    @api.constrains(
        "kind", "points_mode", "points", "step_amount", "factor", "minimum_receipt", "percent", "own", "amount", "valid_days",
        "bracket_ids",
    )  # fmt: skip
    def _check_amounts(self):
        for benefit in self:
            getattr(benefit, f"_check_{benefit.kind}")()
            if benefit.minimum_receipt < 0:
                raise ValidationError(self.env._("The minimum receipt cannot be negative. Enter 0 for no minimum."))

    @api.constrains("selector_id", "card_type_id")
    def _check_selector(self):
        for benefit in self.filtered("selector_id"):
            selector, company = benefit.selector_id, benefit.card_type_id.company_id
            owner = selector.sudo().company_id
            if company and owner and owner not in company.parent_ids:
                raise ValidationError(
                    self.env._("%(name)s: these products are of another company than the card.", name=selector.name)
                )
            selector._check_hits()

    def _check_points(self):
        if not 0 < self.points <= MAX_POINTS:
            raise ValidationError(
                self.env._("A step must give at least one point. Enter 1 or more.")
                if self.points <= 0
                else self.env._("Points: enter at most %(most)s.", most=MAX_POINTS)
            )
        if self.points_mode in ("step", "proportional") and self.currency_id.compare_amounts(self.step_amount, 0) <= 0:
            raise ValidationError(self.env._("The step must be an amount above zero, such as 10.00."))

    def _check_multiplier(self):
        if not 1 < round(self.factor, 2) <= 100:
            raise ValidationError(self.env._("Points times: enter more than 1 and at most 100, such as 2 for double points."))

    def _check_cashback(self):
        self._check_percent(self.percent)

    def _check_discount(self):
        if not (self.own and self.percent == 0):
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
