from odoo import api, models

from ..rules import ruleset as kernel_ruleset
from ..rules.errors import RuleError

#: Purchases of the worked example, in units of the currency (hundreds where it has no cents).
PURCHASES = {"points": (47, 125), "prizes": (47, 125), "cashback": (12.5, 47)}
LIVE = (
    "recipe", "name", "currency_id", "points", "step_amount", "minimum_receipt", "percent", "valid_days", "try_amount",
    "number_prefix", "bracket_ids", "bracket_ids.from_amount", "bracket_ids.percent", "prize_ids", "prize_ids.name",
    "prize_ids.points",
)  # fmt: skip


class FidelitySetup(models.Model):
    """The worked example: what the settings give, in plain words, by the very rules that will apply."""

    _inherit = "fidelity.setup"

    @api.depends(*LIVE)
    @api.depends_context("lang")
    def _compute_example(self):
        for setup in self:
            values = setup._example_values()
            setup.example = self.env["ir.qweb"]._render("loyalty_fidelity.setup_example", values) if values else False

    def _example_values(self):
        """What the example shows.

        :return: dict with ``problem`` (a sentence, or nothing), ``headline``, ``rows`` (dicts with ``spends``, ``gets``, ``then``,
            ``note``, ``own``), ``prizes`` (dicts with ``name``, ``points``, ``spending``, ``visits``); None without a recipe
        """
        if not self.recipe:
            return None
        values = {"problem": False, "headline": "", "rows": [], "prizes": [], "recipe": self.recipe, "days": self.valid_days}
        problems = [problem for name, problem in self._problems("gives") if name != "name"]
        if problems:
            return {**values, "problem": problems[0]}
        card_type = self.env["fidelity.card.type"].new(self._card_type_vals())
        try:
            rules = kernel_ruleset.parse(card_type._rule_payload())
            values["rows"] = self._example_rows(card_type, rules)
        except RuleError:
            return {**values, "problem": self.env._("These settings do not fit together. Check the amounts.")}
        values["headline"] = getattr(self, f"_headline_{self.recipe}")(card_type, values["rows"])
        if self.recipe == "prizes":
            values["prizes"] = self._example_prizes(values["rows"])
        return values

    def _example_amounts(self):
        """The purchases of the example, the one that is too small first where there is one.

        :return: amounts of the currency
        """
        unit = 1 if self.currency_id.decimal_places else 100
        smallest = self.currency_id.rounding
        if self.recipe == "rolling":
            starts = self.bracket_ids.sorted("from_amount").mapped("from_amount")
            amounts = [max(start, self.minimum_receipt) for start in starts]
            threshold = starts[0]
        else:
            threshold = max(self.minimum_receipt, self.step_amount if self.recipe != "cashback" else 0)
            amounts = [max(amount * unit, threshold) for amount in PURCHASES[self.recipe]]
            if amounts[0] == amounts[1]:
                amounts[1] = amounts[0] * 2.5
        too_small = [threshold - smallest] if threshold > smallest else []
        amounts = sorted({self.currency_id.round(amount) for amount in (*too_small, *amounts)})
        return [amount for amount in amounts if amount > 0]

    def _example_rows(self, card_type, rules):
        rows = [self._example_row(card_type, rules, amount) for amount in self._example_amounts()]
        if self.try_amount > 0:
            rows.append({**self._example_row(card_type, rules, self.try_amount), "own": True})
        return rows

    def _example_row(self, card_type, rules, amount):
        """One purchase: what it gives, and for a discount on the next purchase, what the same basket costs then."""
        line = {"name": "", "quantity": 1, "price_unit": amount, "discount": 0}
        result = card_type._simulate([line], rolling_bps=0)
        gains = card_type._simulation_gains(rules, result)
        nothing = not (result["points"] or result["cashback_minor"] or result["next_bps"])
        row = {
            "amount": amount,
            "spends": self.currency_id.format(amount),
            "gets": gains[0] if gains and not nothing else self.env._("nothing"),
            "then": "",
            "note": result["benefits"][0]["why"] if nothing and self.recipe != "rolling" else "",
            "nothing": nothing,
            "own": False,
            "result": result,
        }
        if self.recipe == "rolling":
            again = card_type._simulate([line], rolling_bps=result["next_bps"])
            row["again"] = again
            row["gets"] = card_type._percent_text(result["next_bps"]) if result["next_bps"] else row["gets"]
            row["then"] = self.env._(
                "%(paid)s instead of %(before)s",
                paid=card_type._minor_text(again["after_minor"]),
                before=card_type._minor_text(again["before_minor"]),
            )
            if again["after_minor"] == again["before_minor"]:
                row["then"] = card_type._minor_text(again["after_minor"])
        return row

    # -- one sentence a recipe -----------------------------------------------------------------------------------------

    def _headline_points(self, card_type, rows):
        row = self._telling(rows)
        points = card_type._points_text(row["result"]["points"])
        return self.env._("A customer who spends %(amount)s gets %(points)s.", amount=row["spends"], points=points)

    def _headline_prizes(self, card_type, rows):
        row = self._telling(rows)
        prize = self.prize_ids.sorted("points")[:1]
        per_visit = row["result"]["points"]
        if not per_visit:
            return self._headline_points(card_type, rows)
        visits = -(-prize.points // per_visit)
        gets = self._headline_points(card_type, rows)
        if visits == 1:
            return self.env._("%(gets)s That is enough for the first prize: %(prize)s.", gets=gets, prize=prize.name)
        return self.env._(
            "%(gets)s After %(visits)s such purchases the first prize is his: %(prize)s.",
            gets=gets,
            visits=visits,
            prize=prize.name,
        )

    def _headline_cashback(self, card_type, rows):
        row = self._telling(rows)
        return self.env._(
            "A customer who pays %(amount)s gets %(back)s back on the account.",
            amount=row["spends"],
            back=card_type._minor_text(row["result"]["cashback_minor"]),
        )

    def _headline_rolling(self, card_type, rows):
        row = self._telling(rows)
        again = row["again"]
        return self.env._(
            "A customer who spends %(amount)s and comes back within %(days)s days pays %(percent)s less: %(paid)s instead of "
            "%(before)s.",
            amount=row["spends"],
            days=self.valid_days,
            percent=card_type._percent_text(row["result"]["next_bps"] or 0),
            paid=card_type._minor_text(again["after_minor"]),
            before=card_type._minor_text(again["before_minor"]),
        )

    def _telling(self, rows):
        """The purchase that tells most: the first one that gives something."""
        return next((row for row in rows if not row["nothing"]), rows[-1])

    def _example_prizes(self, rows):
        """What each prize takes, from the first purchase on: spending in full steps, and visits like the headline's."""
        per_visit = self._telling(rows)["result"]["points"]
        return [
            {
                "name": prize.name,
                "points": prize.points,
                "spending": self.currency_id.format(-(-prize.points // self.points) * self.step_amount),
                "visits": -(-prize.points // per_visit) if per_visit else 0,
            }
            for prize in self.prize_ids.sorted("points")
        ]
