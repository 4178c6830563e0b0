from itertools import pairwise

from odoo import models
from odoo.exceptions import ValidationError

from ..rules import card_number
from ..rules.errors import RuleError
from .fidelity_setup import SETTINGS

MAX_DAYS = 3660
MAX_POINTS = 1_000_000
MOST_CARDS = 10_000


class FidelitySetup(models.Model):
    """What a set-up asks of its settings: each problem is named with its field and a way out."""

    _inherit = "fidelity.setup"

    def _raise_problem(self, problems):
        """Refuse the first problem, with the name of its field.

        :param problems: pairs (name of a field, sentence)
        :raise ValidationError: there is one
        """
        for name, sentence in problems:
            label = self.fields_get([name], ["string"])[name]["string"]
            raise ValidationError(self.env._("%(field)s: %(problem)s", field=label, problem=sentence))

    def _problems(self, *steps):
        """What is wrong with the settings of some steps.

        :return: list of pairs (name of a field, sentence)
        """
        self.ensure_one()
        names = []
        if "gives" in steps:
            names += ["name", *SETTINGS.get(self.recipe, ())]
        if "shop" in steps:
            names += ["number_prefix", "card_count", "store_name"]
        found = []
        for name in names:
            problem = getattr(self, f"_problem_{name}")()
            if problem:
                found.append((name, problem))
        return found

    def _problem_name(self):
        return not (self.name or "").strip() and self.env._("Give the card the name that customers will read.")

    def _problem_points(self):
        return not 1 <= self.points <= MAX_POINTS and self.env._("Enter a number of points from 1 to 1,000,000.")

    def _problem_step_amount(self):
        return self.currency_id.compare_amounts(self.step_amount, 0) <= 0 and self.env._(
            "Enter an amount above zero, such as %(amount)s.", amount=self.currency_id.format(10)
        )

    def _problem_minimum_receipt(self):
        return self.minimum_receipt < 0 and self.env._("Enter zero, or the amount from which a receipt counts.")

    def _problem_percent(self):
        return not 0.01 <= round(self.percent, 2) <= 100 and self.env._("Enter a percentage between 0.01 and 100.")

    def _problem_valid_days(self):
        return not 1 <= self.valid_days <= MAX_DAYS and self.env._("Enter from 1 to 3660 days.")

    def _problem_bracket_ids(self):
        brackets = self.bracket_ids.sorted("from_amount")
        if not brackets:
            return self.env._("Add a line, such as 5 %% for who spends at least %(amount)s.", amount=self.currency_id.format(50))
        if any(not 0.01 <= round(bracket.percent, 2) <= 100 for bracket in brackets):
            return self.env._("Each percentage is between 0.01 and 100.")
        if any(bracket.from_amount < 0 for bracket in brackets):
            return self.env._("Each amount is zero or above.")
        for lower, higher in pairwise(brackets):
            if self.currency_id.compare_amounts(lower.from_amount, higher.from_amount) == 0:
                return self.env._("Two lines start at the same amount. Remove one of them.")
            if lower.percent > higher.percent:
                return self.env._("Who spends more cannot get less. Let the percentages rise with the amounts.")
        return False

    def _problem_prize_ids(self):
        if not self.prize_ids:
            return self.env._("Add at least one prize.")
        if any(not (prize.name or "").strip() for prize in self.prize_ids):
            return self.env._("Give each prize a name.")
        wrong = self.prize_ids.filtered(lambda prize: not 1 <= prize.points <= MAX_POINTS)[:1]
        return wrong and self.env._("%(prize)s costs from 1 to 1,000,000 points.", prize=wrong.name)

    def _problem_number_prefix(self):
        messages = {
            "prefix_malformed": self.env._("Enter 2 to 8 digits, such as %(prefix)s.", prefix=self._free_prefix()),
            "prefix_reserved": self.env._(
                "Barcodes of scales, prices, cashiers or coupons start like this. Take %(prefix)s.", prefix=self._free_prefix()
            ),
            "prefix_taken": self.env._("Another card type's numbers start like this. Take %(prefix)s.", prefix=self._free_prefix()),
        }
        try:
            card_number.check_prefix(self.number_prefix or "", self._taken_prefixes())
        except RuleError as error:
            return messages.get(error.code, messages["prefix_malformed"])
        return False

    def _problem_card_count(self):
        return not 0 <= self.card_count <= MOST_CARDS and self.env._("Make from 0 to 10,000 cards at a time.")

    def _problem_store_name(self):
        return not self.store_id and not (self.store_name or "").strip() and self.env._("Choose the shop, or name a new one.")

    def _taken_prefixes(self):
        return self.env["fidelity.card.type"]._number_prefixes()

    def _free_prefix(self):
        """A prefix for a company's own use that no card type has yet."""
        taken = self._taken_prefixes()
        for digits in (3, 4, 5):
            for number in range(49 * 10 ** (digits - 2), 50 * 10 ** (digits - 2)):
                try:
                    card_number.check_prefix(f"0{number}", taken)
                except RuleError:
                    continue
                return f"0{number}"
        return ""
