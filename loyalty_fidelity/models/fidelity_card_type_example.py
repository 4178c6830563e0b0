from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import format_list

from ..rules import basket as kernel_basket
from ..rules import evaluate as kernel_evaluate
from ..rules import price as kernel_price
from ..rules import ruleset as kernel_ruleset
from ..rules.errors import RuleError
from .fidelity_card_type import RULE_FIELDS

EXAMPLE_MAJOR = 47
SEARCH_STEPS = 50


class FidelityCardType(models.Model):
    """The worked example: what the settings give to one customer, told in a sentence that follows them live."""

    _inherit = "fidelity.card.type"

    example = fields.Char(compute="_compute_example", help="What these settings give, in plain words.")

    @api.depends(*RULE_FIELDS)
    @api.depends_context("lang")
    def _compute_example(self):
        for card_type in self:
            try:
                ruleset = kernel_ruleset.parse(card_type._rule_payload())
                text = card_type._tell(ruleset, card_type._example_amount(ruleset))
                if any(benefit.when or benefit.selector for benefit in ruleset.benefits):
                    text = self.env._("Where everything applies: %(example)s", example=text)
                card_type.example = text
            except RuleError:
                card_type.example = self.env._("Complete the settings to see an example.")

    def _example_amount(self, ruleset):
        """An amount in minor units at which every benefit gives something, where there is one."""
        unit = 10**ruleset.currency_decimals
        reached = [benefit.minimum_receipt_minor for benefit in kernel_ruleset.of_kind(ruleset, "points", "cashback")]
        reached += [benefit.brackets[0].from_minor for benefit in kernel_ruleset.of_kind(ruleset, "rolling")]
        minimums = [getattr(benefit, "minimum_receipt_minor", 0) for benefit in ruleset.benefits]
        amount = max([EXAMPLE_MAJOR * unit, *minimums, *reached])
        # What earns is what is paid, after what the same card takes off: a few steps get there, or nothing does.
        for _step in range(SEARCH_STEPS):
            missing = max(reached, default=0) - self._price_after(ruleset, amount)
            if missing <= 0:
                break
            amount = -((-amount - missing) // unit) * unit
        return amount

    def _tell(self, ruleset, amount_minor):
        """What a customer who buys for an amount pays and gets.

        :param ruleset: parsed
        :param int amount_minor: what the goods cost before the card, in minor units
        """
        paid = self._price_after(ruleset, amount_minor)
        line = kernel_basket.Line("example", "sale", 1_000_000, paid, paid, tuple(ruleset.selectors))
        always = self._without_conditions(ruleset)
        outcome = kernel_evaluate.evaluate(always, kernel_basket.Basket(ruleset.currency, (line,), paid, 0))
        gains = self._tell_gains(ruleset, outcome)
        amounts = {"amount": self._minor_text(amount_minor), "paid": self._minor_text(paid)}
        if not ruleset.benefits:
            return self.env._("This card gives nothing yet. Add what it gives below.")
        if not gains:
            return self.env._("A customer who buys for %(amount)s pays %(paid)s.", **amounts)
        if paid == amount_minor:
            return self.env._("A customer who spends %(amount)s gets %(gains)s.", gains=gains, **amounts)
        return self.env._("A customer who buys for %(amount)s pays %(paid)s and gets %(gains)s.", gains=gains, **amounts)

    def _price_after(self, ruleset, amount_minor):
        """What goods of an amount, on one line, cost with the card."""
        ruleset = self._without_conditions(ruleset)
        before = (kernel_price.PriceLine("example", "sale", amount_minor, selectors=tuple(ruleset.selectors)),)
        discount = kernel_price.discounts(ruleset, before, None).get("example")
        left = amount_minor - (amount_minor * discount.discount_bps + 5000) // 10000 if discount else amount_minor
        after = (replace(before[0], total_minor=left),)
        return left - sum(effect.amount_minor for effect in kernel_price.amounts(ruleset, after, amount_minor, before=before))

    def _without_conditions(self, ruleset):
        """The rules when everything applies that is not bound to a first or nth purchase: the best day of an ordinary customer."""
        rare = [
            benefit for benefit in ruleset.benefits if benefit.when and (benefit.when.first_purchase or benefit.when.every_purchase)
        ]
        return replace(ruleset, benefits=tuple(replace(b, when=None) for b in ruleset.benefits if b not in rare))

    def _tell_gains(self, ruleset, outcome):
        gains = []
        if kernel_ruleset.of_kind(ruleset, "points"):
            gains.append(self.env._("%(points)s points", points=outcome.points))
        if kernel_ruleset.of_kind(ruleset, "cashback"):
            gains.append(self.env._("%(amount)s cashback", amount=self._minor_text(outcome.cashback_minor)))
        for benefit in kernel_ruleset.of_kind(ruleset, "rolling") if outcome.rolling_minor else ():
            gains.append(
                self.env._(
                    "%(amount)s off the next purchase within %(days)s days",
                    amount=self._minor_text(outcome.rolling_minor),
                    days=benefit.valid_days,
                )
            )
        for benefit in kernel_ruleset.of_kind(ruleset, "rolling") if outcome.rolling_bps else ():
            gains.append(
                self.env._(
                    "%(percent)s off the next purchase within %(days)s days",
                    percent=self.env["fidelity.benefit"]._percent_text(outcome.rolling_bps / 100),
                    days=benefit.valid_days,
                )
            )
        return format_list(self.env, gains)

    def _minor_text(self, amount_minor):
        """An amount in minor units as the user's language writes money of this card type."""
        return self.currency_id.format(amount_minor / 10**self.currency_id.decimal_places)
