from odoo import api, models
from odoo.tools import format_list

from .benefit_fields import LIMIT_FIELDS, WHEN_FIELDS


class FidelityBenefit(models.Model):
    """What a benefit gives, in a sentence that a shop owner would say."""

    _inherit = "fidelity.benefit"

    @api.depends(
        "kind", "points_mode", "points", "step_amount", "factor", "percent", "own", "amount", "rolling_mode", "rolling_use",
        "keep_cost", "valid_days", "bracket_ids.percent", "currency_id", "selector_id.name", *WHEN_FIELDS, *LIMIT_FIELDS,
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_display_name(self):
        for benefit in self:
            parts = [getattr(benefit, f"_say_{benefit.kind or 'points'}")()]
            if benefit.selector_id and benefit.kind != "discount":
                parts.append(self.env._("for %(products)s", products=benefit.selector_id.name))
            if benefit.selector_id and benefit.minimum_lines and benefit.kind in ("points", "cashback"):
                parts.append(self.env._("from %(amount)s of these on", amount=benefit._money(benefit.minimum_lines)))
            benefit.display_name = " · ".join([*parts, *benefit._say_when(), *benefit._say_limits()])

    def _say_points(self):
        points = self._points_words(self.points)
        if self.points_mode == "visit":
            return self.env._("%(points)s for each visit", points=points)
        if self.points_mode == "unit":
            return self.env._("%(points)s for each piece", points=points)
        step = self._money(self.step_amount)
        if self.points_mode == "proportional":
            return self.env._("%(points)s for %(step)s, in proportion", points=points, step=step)
        if self.points == 1:
            return self.env._("1 point for every full %(step)s", step=step)
        return self.env._("%(points)s points for every full %(step)s", points=self.points, step=step)

    def _points_words(self, points):
        return self.env._("1 point") if points == 1 else self.env._("%(points)s points", points=points)

    def _say_multiplier(self):
        if self.factor == 2:
            return self.env._("Double points")
        return self.env._("Points times %(factor)s", factor=self._decimal_text(self.factor))

    def _say_cashback(self):
        return self.env._("%(percent)s of what was paid, back as cashback", percent=self._percent_text(self.percent))

    def _say_discount(self):
        percent = self._percent_text(self.percent)
        products = self.selector_id.name
        if not self.own:
            return (
                self.env._("%(percent)s off %(products)s", percent=percent, products=products)
                if products
                else self.env._("%(percent)s off every product", percent=percent)
            )
        text = (
            self.env._("The member's own percentage off %(products)s", products=products)
            if products
            else self.env._("The member's own percentage off every product")
        )
        return self.env._("%(text)s, at least %(percent)s", text=text, percent=percent) if self.percent else text

    def _say_amount_off(self):
        return self.env._("%(amount)s off the receipt", amount=self._money(self.amount))

    def _say_rolling(self):
        steps = [
            self.env._("%(percent)s from %(amount)s on", percent=self._percent_text(b.percent), amount=self._money(b.from_amount))
            for b in self._sorted_brackets()
        ]
        steps = format_list(self.env, steps) or "…"
        if self.rolling_mode == "amount":
            text = self.env._(
                "Of what was paid, off the next purchase within %(days)s days: %(steps)s", days=self.valid_days, steps=steps
            )
        else:
            text = self.env._("Off the next purchase within %(days)s days: %(steps)s", days=self.valid_days, steps=steps)
        if self.rolling_use == "qualifying":
            text = self.env._("%(text)s · small purchases leave it", text=text)
        return self.env._("%(text)s · never below cost", text=text) if self.keep_cost else text

    def _money(self, amount):
        return self.currency_id.format(amount) if self.currency_id else str(amount)

    @api.model
    def _percent_text(self, percent):
        """A percentage as the user's language writes it, without superfluous zeros: ``7.5 %``."""
        return f"{self._decimal_text(percent)} %"

    @api.model
    def _decimal_text(self, number):
        lang = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US")
        text = f"{number:.2f}".rstrip("0").rstrip(".")
        return text.replace(".", lang.decimal_point or ".")
