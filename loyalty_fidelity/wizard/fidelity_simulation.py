from odoo import api, fields, models

from ..rules.errors import RuleError

EXAMPLE_PRICE = 47


class FidelitySimulation(models.TransientModel):
    """Trying a basket: what it would cost and earn. It creates nothing."""

    _name = "fidelity.simulation"
    _description = "Trying a basket"

    card_type_id = fields.Many2one(
        "fidelity.card.type",
        required=True,
        default=lambda self: self.env["fidelity.card.type"].search([], limit=1),
        help="Which kind of card the customer shows.",
    )
    currency_id = fields.Many2one(related="card_type_id.currency_id")
    rules_from = fields.Selection(
        [
            ("draft", "The settings as they are now"),
            ("moment", "The rules at a moment"),
            ("version", "A published version"),
        ],
        string="Which rules",
        required=True,
        default="draft",
        help="Settings that are not published yet can be tried as well.",
    )
    moment = fields.Datetime(default=fields.Datetime.now, help="The rules in force at that moment, and the discount of that day.")
    ruleset_id = fields.Many2one(
        "fidelity.ruleset", string="Version", domain="[('card_type_id', '=', card_type_id)]", help="The version to try."
    )
    member_id = fields.Many2one(
        "fidelity.member",
        domain="[('card_type_id', '=', card_type_id)]",
        help="His points, and the discount that his last purchase left. Empty: a customer who comes for the first time.",
    )
    happens_at = fields.Datetime(
        string="Day and hour",
        default=fields.Datetime.now,
        help="When the purchase is made: some things are for some days and hours.",
    )
    store_id = fields.Many2one("fidelity.store", help="Where it is made, by whose clock. Empty: the member's own store.")
    tier_id = fields.Many2one(
        "fidelity.tier", domain="[('card_type_id', '=', card_type_id)]", help="As if he had this tier. Empty: his own."
    )
    tag_ids = fields.Many2many("res.partner.category", string="Customer tags", help="As if he had these tags. Empty: his own.")
    own_percent = fields.Float(
        string="Own percentage", digits=(5, 2), help="As if he had this percentage of his own. 0: the one that he has."
    )
    on_birthday = fields.Boolean(string="It is his birthday", help="As if it were.")
    nth_purchase = fields.Integer(string="His nth purchase", help="As if it were this one, 1 for the first. 0: the one that it is.")
    line_ids = fields.One2many(
        "fidelity.simulation.line",
        "simulation_id",
        string="Basket",
        default=lambda self: [(0, 0, {"name": self.env._("Purchase"), "price_unit": EXAMPLE_PRICE})],
        help="What the customer buys, or gives back.",
    )
    result = fields.Html(compute="_compute_result", sanitize=False, help="What the basket would cost and earn.")

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Try a basket")

    @api.onchange("card_type_id")
    def _onchange_card_type_id(self):
        for simulation in self:
            if simulation.member_id.card_type_id != simulation.card_type_id:
                simulation.member_id = False
            if simulation.ruleset_id.card_type_id != simulation.card_type_id:
                simulation.ruleset_id = False

    @api.depends(
        "card_type_id", "rules_from", "moment", "ruleset_id", "member_id", "happens_at", "store_id", "tier_id", "tag_ids",
        "own_percent", "on_birthday", "nth_purchase", "line_ids", "line_ids.product_id", "line_ids.name",
        "line_ids.quantity", "line_ids.price_unit", "line_ids.discount",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_result(self):
        for simulation in self:
            values = simulation._result_values()
            simulation.result = self.env["ir.qweb"]._render("loyalty_fidelity.simulation_result", values)

    def _result_values(self):
        """What the screen shows: ``problem``, or ``result`` of ``fidelity.card.type._simulate`` and texts."""
        card_type = self.card_type_id
        lines = self.line_ids.filtered("quantity")
        if not card_type:
            return {"problem": self.env._("Choose a card type.")}
        if not lines:
            return {"problem": self.env._("Add a product or an amount to the basket.")}
        wrong = lines.filtered(lambda line: not 0 <= line.discount <= 100)[:1]
        if wrong:
            return {"problem": self.env._("%(product)s: a discount lies between 0 and 100 %%.", product=wrong._label())}
        ruleset, problem = self._chosen_ruleset()
        if problem:
            return {"problem": problem}
        try:
            result = card_type._simulate(
                [line._values() for line in lines],
                ruleset=ruleset,
                member=self.member_id,
                moment=self.moment if self.rules_from == "moment" else self.happens_at or None,
                store=self.store_id._origin or None,
                changes=self._changes(),
            )
        except RuleError:
            return {"problem": self.env._("The settings of %(name)s are not complete yet.", name=card_type.name)}
        balance = self.member_id.balance if self.member_id else 0
        points = result["points"] + result["unlinked_points"]
        return {
            "problem": False,
            "result": result,
            "text": card_type._minor_text,
            "percent": card_type._percent_text,
            "member": self.member_id,
            "balance": balance,
            "balance_after": balance + points,
            "points": points,
            "cashback": result["cashback_minor"] + result["unlinked_cashback"],
        }

    def _changes(self):
        """What is otherwise than it is for this member now, as fields of the kernel's ``Situation``."""
        changes = {
            "tier_id": self.tier_id._origin.id,
            "tag_ids": tuple(sorted(self.tag_ids._origin.ids)),
            "own_bps": max(0, min(10_000, round(self.own_percent * 100))),
            "purchases": max(0, self.nth_purchase - 1),
        }
        given = {"tier_id": self.tier_id, "tag_ids": self.tag_ids, "own_bps": self.own_percent, "purchases": self.nth_purchase > 0}
        changes = {name: value for name, value in changes.items() if given[name]}
        return {**changes, "birthday_days": 0} if self.on_birthday else changes

    def _chosen_ruleset(self):
        """The rules to try.

        :return: (ruleset or None for the settings as they are, problem or None)
        """
        if self.rules_from == "version":
            return self.ruleset_id, None if self.ruleset_id else self.env._("Choose a version.")
        if self.rules_from == "moment":
            found = self.env["fidelity.ruleset"]._in_force(self.card_type_id.id, self.moment or fields.Datetime.now())
            if not found:
                return None, self.env._("Nothing was published by then: the card gave nothing.")
            return self.env["fidelity.ruleset"].browse(found[0]), None
        return None, None


class FidelitySimulationLine(models.TransientModel):
    """A line of the basket that is tried."""

    _name = "fidelity.simulation.line"
    _description = "Line of a tried basket"

    simulation_id = fields.Many2one("fidelity.simulation", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    product_id = fields.Many2one("product.product", help="A product, with its taxes. Empty: a plain amount.")
    name = fields.Char(string="Or an amount for", help="What it is, where it is no product.")
    quantity = fields.Float(default=1.0, digits="Product Unit", help="Negative: it comes back.")
    price_unit = fields.Monetary(string="Price", help="For one, as your price list says.")
    discount = fields.Float(string="Discount (%)", digits=(5, 2), help="What you take off by hand.")

    @api.onchange("product_id")
    def _onchange_product_id(self):
        for line in self.filtered("product_id"):
            product, currency = line.product_id, line.currency_id
            line.name = product.display_name
            line.price_unit = product.currency_id._convert(
                product.lst_price, currency or product.currency_id, self.env.company, fields.Date.context_today(line)
            )

    def _label(self):
        return self.product_id.display_name or self.name or self.env._("Amount")

    def _values(self):
        """The line as ``fidelity.card.type._simulate`` takes it."""
        return {
            "name": self._label(),
            "product_id": self.product_id.id,
            "quantity": self.quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
        }


class FidelityCardType(models.Model):
    """Trying a basket from the card type."""

    _inherit = "fidelity.card.type"

    def action_try(self):
        """Try a basket with this card type, published or not."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_simulation_action")
        action["context"] = {"default_card_type_id": self.id}
        return action
