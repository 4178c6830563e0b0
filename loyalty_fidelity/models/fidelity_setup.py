from odoo import api, fields, models
from odoo.exceptions import AccessError

RECIPES = [
    ("points", "Supermarket points"),
    ("rolling", "Discount on the next purchase"),
    ("prizes", "Prize collection"),
    ("cashback", "Cashback"),
]
STEPS = [
    ("recipe", "Choose"),
    ("gives", "What it gives"),
    ("shop", "Cards and shop"),
    ("check", "Check"),
    ("done", "Ready"),
]
#: Which settings a recipe has.
SETTINGS = {
    "points": ("points", "step_amount", "minimum_receipt"),
    "rolling": ("bracket_ids", "valid_days", "minimum_receipt"),
    "prizes": ("points", "step_amount", "minimum_receipt", "prize_ids"),
    "cashback": ("percent", "minimum_receipt"),
}


class FidelitySetup(models.Model):
    """The guided set-up of a card type: a few settings of a recipe, with a worked example, until the last button.

    Invariants: nothing but this record exists before ``action_create``; it can be left and come back to, for each user and
    company has one set-up under way; one that is done makes nothing again.
    """

    _name = "fidelity.setup"
    _description = "Guided set-up"
    _order = "id desc"

    step = fields.Selection(STEPS, required=True, readonly=True, default="recipe", copy=False, help="Where you are.")
    recipe = fields.Selection(RECIPES, readonly=True, help="What kind of card it is.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, help="The company whose cards these are."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="The currency of your prices. A sale in another currency gives nothing.",
    )
    name = fields.Char(string="Name of the card", help="The name that customers read on the card.")
    color = fields.Integer(help="The colour of its cards in lists and at the till.")
    points = fields.Integer(default=1, help="How many points for every full step of spending.")
    step_amount = fields.Monetary(string="For every full", default=10.0, help="1 point for every full 10.00: 47.00 gives 4 points.")
    minimum_receipt = fields.Monetary(
        string="Smallest receipt", help="A receipt below this gives nothing. Zero: every receipt counts."
    )
    percent = fields.Float(string="Back on the account (%)", digits=(5, 2), default=5.0, help="The part of what was paid.")
    valid_days = fields.Integer(
        string="Days to come back", default=60, help="The discount is there for a purchase within so many days."
    )
    bracket_ids = fields.One2many("fidelity.setup.bracket", "setup_id", string="Steps", help="Who spends more gets more off.")
    prize_ids = fields.One2many("fidelity.setup.prize", "setup_id", string="Prizes", help="What points buy.")
    try_amount = fields.Monetary(string="Try an amount", help="Any amount, to see what it gives. It changes no setting.")
    number_prefix = fields.Char(
        string="Card numbers start with",
        help="Digits that no other barcode in the shop starts with. The proposal is free; keep it if you are not sure.",
    )
    card_count = fields.Integer(
        string="Cards to make now", default=100, help="Numbered cards, ready to print or order. Zero: make them later."
    )
    store_id = fields.Many2one("fidelity.store", string="Shop", help="The shop that starts with this card.")
    store_name = fields.Char(string="Name of the shop", help="The shop is made with this name.")
    example = fields.Html(compute="_compute_example", sanitize=False, help="What these settings give, in plain words.")
    summary = fields.Html(compute="_compute_summary", sanitize=False, help="What the last button does.")
    card_type_id = fields.Many2one("fidelity.card.type", readonly=True, copy=False, ondelete="set null", help="What was made.")

    @api.depends("name", "recipe")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for setup in self:
            setup.display_name = setup.recipe and setup.name or self.env._("Guided set-up")

    # -- opening -------------------------------------------------------------------------------------------------------

    @api.model
    def _action_start(self):
        """What Loyalty opens on: the set-up for a manager while nothing is published, else the members."""
        manager = self.env.user.has_group("loyalty_fidelity.group_fidelity_manager")
        if manager and not self.env["fidelity.ruleset"].search_count([], limit=1):
            return self._action_open()
        return self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_member_action")

    @api.model
    def _action_open(self):
        """The set-up that this user has under way, or a new one."""
        domain = [("step", "!=", "done"), ("create_uid", "=", self.env.uid), ("company_id", "=", self.env.company.id)]
        setup = self.search(domain, limit=1) or self.create({})
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_setup_page_action")
        return {**action, "res_id": setup.id}

    # -- steps ---------------------------------------------------------------------------------------------------------

    def action_choose(self):
        """Take the recipe that the button names, with its proposals, and go on."""
        self.ensure_one()
        recipe = self.env.context.get("fidelity_recipe")
        if recipe in SETTINGS and recipe != self.recipe and self.step != "done":
            self.write(self._proposal(recipe))
        if self.recipe and self.step == "recipe":
            self.step = "gives"
        return True

    def action_back(self):
        """One step back; nothing is lost."""
        self.ensure_one()
        names = [name for name, _label in STEPS]
        if self.step not in ("recipe", "done"):
            self.step = names[names.index(self.step) - 1]
        return True

    def action_continue(self):
        """One step on, once what this step asks makes sense."""
        self.ensure_one()
        names = [name for name, _label in STEPS]
        if self.step in ("gives", "shop"):
            self._raise_problem(self._problems(self.step))
            self.step = names[names.index(self.step) + 1]
        return True

    def action_again(self):
        """Set another card type up."""
        return self._action_open()

    def action_discard(self):
        """Forget this set-up: nothing was made."""
        self.ensure_one()
        if self.step == "done":
            raise AccessError(self.env._("This set-up is done. Archive the card type to stop giving it out."))
        self.unlink()
        return self._action_open()

    # -- proposals -----------------------------------------------------------------------------------------------------

    def _proposal(self, recipe):
        """Sensible settings of a recipe, as values to write."""
        unit = 1 if self.currency_id.decimal_places else 100
        names = {
            "points": self.env._("Points card"),
            "rolling": self.env._("Customer card"),
            "prizes": self.env._("Collector card"),
            "cashback": self.env._("Cashback card"),
        }
        brackets = ((50, 5.0), (100, 10.0), (200, 15.0)) if recipe == "rolling" else ()
        prizes = (
            ((self.env._("Coffee mug"), 20), (self.env._("Beach towel"), 50), (self.env._("Gift basket"), 100))
            if recipe == "prizes"
            else ()
        )
        store = self.store_id or self.env["fidelity.store"].search([("company_id", "=", self.company_id.id)], limit=1)
        return {
            "recipe": recipe,
            "name": names[recipe],
            "points": 1,
            "step_amount": 10 * unit,
            "minimum_receipt": 0,
            "percent": 5.0,
            "valid_days": 60,
            "number_prefix": self.number_prefix or self._free_prefix(),
            "store_id": store.id,
            "store_name": self.store_name or self.company_id.name,
            "bracket_ids": [(5,), *((0, 0, {"from_amount": amount * unit, "percent": percent}) for amount, percent in brackets)],
            "prize_ids": [(5,), *((0, 0, {"name": name, "points": points}) for name, points in prizes)],
        }


class FidelitySetupBracket(models.Model):
    """A step of the discount on the next purchase."""

    _name = "fidelity.setup.bracket"
    _description = "Step of a discount in the guided set-up"
    _order = "from_amount, id"

    setup_id = fields.Many2one("fidelity.setup", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="setup_id.currency_id")
    from_amount = fields.Monetary(string="Who spends at least", help="What this purchase must reach.")
    percent = fields.Float(string="Gets off the next time (%)", digits=(5, 2), default=5.0, help="Off the next purchase.")


class FidelitySetupPrize(models.Model):
    """A prize that the set-up makes."""

    _name = "fidelity.setup.prize"
    _description = "Prize in the guided set-up"
    _order = "points, id"

    setup_id = fields.Many2one("fidelity.setup", required=True, ondelete="cascade", index=True)
    name = fields.Char(string="Prize", help="The name that customers read.")
    points = fields.Integer(string="Costs (points)", default=50, help="How many points it costs.")
