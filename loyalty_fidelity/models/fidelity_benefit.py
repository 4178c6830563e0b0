from odoo import api, fields, models

MAX_DAYS = 3660
MAX_POINTS = 1_000_000


class FidelityBenefit(models.Model):
    """One thing that a card type gives. Amounts are in the card type's currency.

    A benefit is a draft of configuration: tills and servers apply the ruleset compiled from it. When it applies and how
    much it gives at most is told in :mod:`fidelity_benefit_when` and :mod:`fidelity_benefit_limits`, what it says in
    :mod:`fidelity_benefit_words`, and what is refused in :mod:`fidelity_benefit_checks`.
    """

    _name = "fidelity.benefit"
    _description = "Benefit"
    _order = "card_type_id, sequence, id"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("points", "Points"),
            ("multiplier", "Points multiplier"),
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
    selector_id = fields.Many2one(
        "fidelity.selector",
        string="For which products",
        ondelete="restrict",
        index="btree_not_null",
        help="The products that count and get it. Empty: all products.",
    )
    points_mode = fields.Selection(
        [
            ("step", "For every full step of spending"),
            ("proportional", "In proportion to spending"),
            ("visit", "For each visit"),
            ("unit", "For each piece"),
        ],
        string="Points are given",
        required=True,
        default="step",
        help="Steps count only when full: 9.99 earns nothing of 1 point for every full 10.00, in proportion 5.00 earns half of 2.",
    )
    points = fields.Integer(default=1, help="Points for each full step of spending, for each visit or for each piece.")
    step_amount = fields.Monetary(
        string="For every full", default=10.0, help="The step: 1 point for every full 10.00 means 47.00 earns 4 points."
    )
    factor = fields.Float(
        string="Points times",
        digits=(5, 2),
        default=2.0,
        help="2 doubles the points. Of several that apply, the one that adds most counts, alone.",
    )
    percent = fields.Float(
        string="Percentage",
        digits=(5, 2),
        default=5.0,
        help="Of what was paid, for cashback; off the price of every product, for a discount.",
    )
    own = fields.Boolean(
        string="Member's own percentage",
        help="The percentage that a manager gave the member counts where it is larger. The percentage above may then be zero.",
    )
    amount = fields.Monetary(string="Amount off", default=5.0, help="What is taken off the receipt, at most what it comes to.")
    on_discounted = fields.Selection(
        [("stack", "Both discounts count"), ("best", "The larger one counts"), ("skip", "It gets no further discount")],
        string="Already discounted products",
        required=True,
        default="stack",
        help="What happens to a product that a person or a price list has already discounted.",
    )
    rolling_mode = fields.Selection(
        [("percent", "A percentage off"), ("amount", "An amount off")],
        string="The next purchase gets",
        required=True,
        default="percent",
        help="An amount off is the percentage of what was paid this time: 5 % of 47.00 leaves 2.35 for the next time.",
    )
    rolling_use = fields.Selection(
        [("next", "Every purchase leaves its own"), ("qualifying", "A purchase below the first bracket leaves the earlier one")],
        string="Small purchases",
        required=True,
        default="next",
        help="Whether a purchase that is too small takes away what the one before it left.",
    )
    keep_cost = fields.Boolean(
        string="Not below cost",
        help="No product is sold below its cost through this discount. A product without a cost has no limit.",
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

    def _sorted_brackets(self):
        return self.bracket_ids.sorted(lambda bracket: bracket.from_amount)

    # -- compiling -----------------------------------------------------------------------------------------------------

    def _rule_payload(self):
        """The benefit as the kernel reads it; amounts in minor units of the card type's currency."""
        self.ensure_one()
        common = {
            "key": self._key(),
            "kind": self.kind,
            "selector": self.selector_id._key() if self.selector_id else None,
            "when": self._when_payload(),
        }
        if self.kind != "multiplier":
            common["minimum_receipt_minor"] = self._minor(self.minimum_receipt)
        return {**common, **getattr(self, f"_payload_{self.kind}")()}

    def _key(self):
        return f"b{self._origin.id or self._ref_key()}"

    def _ref_key(self):
        """A number for a benefit that is not saved yet, different from those beside it: examples are made of it."""
        unsaved = self.card_type_id.benefit_ids.filtered(lambda benefit: not benefit._origin.id)
        return f"n{list(unsaved).index(self) if self in unsaved else 0}"

    def _minor(self, amount):
        return round(amount * 10**self.currency_id.decimal_places)

    def _payload_points(self):
        steps = self.points_mode in ("step", "proportional")
        return {
            "mode": self.points_mode,
            "points": self.points,
            "step_minor": self._minor(self.step_amount) if steps else 0,
            **self._lines_payload(),
            "cap_receipt": self.cap_points_receipt,
            "cap_day": self.cap_points_day,
            "cap_month": self.cap_points_month,
        }

    def _payload_multiplier(self):
        return {"factor_bps": round(self.factor * 10_000)}

    def _payload_cashback(self):
        return {
            "percent_bps": round(self.percent * 100),
            **self._lines_payload(),
            "cap_receipt": self._minor(self.cap_receipt),
            "cap_day": self._minor(self.cap_day),
            "cap_month": self._minor(self.cap_month),
        }

    def _payload_discount(self):
        return {
            "percent_bps": round(self.percent * 100),
            "own": self.own,
            "on_discounted": self.on_discounted,
            "cap_line_minor": self._minor(self.cap_line),
            "cap_receipt_minor": self._minor(self.cap_receipt),
            "cap_day_minor": self._minor(self.cap_day),
            "cap_month_minor": self._minor(self.cap_month),
        }

    def _payload_amount_off(self):
        return {"amount_minor": self._minor(self.amount)}

    def _payload_rolling(self):
        brackets = [
            {"from_minor": self._minor(b.from_amount), "percent_bps": round(b.percent * 100)} for b in self._sorted_brackets()
        ]
        return {
            "mode": self.rolling_mode,
            "brackets": brackets,
            "valid_days": self.valid_days,
            "use": self.rolling_use,
            "on_discounted": self.on_discounted if self.rolling_mode == "percent" else "stack",
            "keep_cost": self.keep_cost,
        }


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
