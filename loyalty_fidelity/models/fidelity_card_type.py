from dataclasses import replace

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..rules import card_number
from ..rules import ruleset as kernel_ruleset
from ..rules.errors import RuleError
from .benefit_fields import LIMIT_FIELDS, WHEN_FIELDS
from .fidelity_selector import SELECTOR_FIELDS

#: Fields of a benefit that its rules are made of.
BENEFIT_FIELDS = (
    "kind", "sequence", "points_mode", "points", "step_amount", "factor", "percent", "own", "amount", "on_discounted",
    "rolling_mode", "rolling_use", "keep_cost", "valid_days", "minimum_receipt", "bracket_ids.from_amount", "bracket_ids.percent",
    *WHEN_FIELDS, *LIMIT_FIELDS, "selector_id", *(f"selector_id.{name}" for name in SELECTOR_FIELDS),
)  # fmt: skip
RULE_FIELDS = (
    "code", "number_prefix", "base", "customer_account_earns", "unlinked_return", "currency_id", "stacking",
    *(f"benefit_ids.{name}" for name in BENEFIT_FIELDS),
)  # fmt: skip


class FidelityCardType(models.Model):
    """What a kind of card gives: benefits, a number space, policies.

    Editing it changes nothing at the tills: they apply its published rulesets. Publishing compiles the next one,
    valid from a stated moment.
    """

    _name = "fidelity.card.type"
    _description = "Card type"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True, help="The name that customers read on the card.")
    code = fields.Char(required=True, copy=False, help="A short code for files and rulesets, such as gift-points.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archive a type that is no longer given out; its cards keep working.")
    color = fields.Integer(help="The colour of its cards in lists and at the till.")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="The company whose cards these are. Empty: all companies of this database share them.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="The currency of the amounts below. A sale in another currency earns nothing.",
    )
    number_prefix = fields.Char(
        required=True,
        copy=False,
        help="Every card number of this type starts with these digits (2 to 8). 045 to 049 are free for a company's own use.",
    )
    sequence_id = fields.Many2one(
        "ir.sequence", string="Number sequence", readonly=True, copy=False, ondelete="restrict", groups="base.group_system"
    )
    base = fields.Selection(
        [("total", "Tax included"), ("untaxed", "Without tax")],
        string="Count spending",
        required=True,
        default="total",
        help="Whether what was paid counts with or without tax.",
    )
    customer_account_earns = fields.Boolean(
        string="Sales on account earn",
        help="Count what the customer puts on his account. Off: only what is paid at the till earns.",
    )
    unlinked_return = fields.Selection(
        [("take_back", "Take back its points"), ("leave", "Leave the points")],
        string="Return without its receipt",
        required=True,
        default="take_back",
        help="Goods come back and no sale of them is found: take back the points that their value would earn, or leave them.",
    )
    stacking = fields.Selection(
        [
            ("stack", "All of them, one after the other"),
            ("best", "Only the one that saves most"),
            ("exclusive", "Only the first that saves anything"),
        ],
        string="Several discounts",
        required=True,
        default="stack",
        help="Which of the discounts, amounts off and discounts of the last purchase count, where several apply. "
        "Their order is that of the list.",
    )
    rolling_return = fields.Selection(
        [("debt", "He owes what it gave"), ("forgive", "Leave it to him")],
        string="Return after its discount was used",
        required=True,
        default="forgive",
        help="The goods that earned a discount on the next purchase come back after it was used: what it gave too much is owed on "
        "the cashback account and paid off by later cashback, or left to the customer.",
    )
    benefit_ids = fields.One2many("fidelity.benefit", "card_type_id", copy=True, help="What the card gives.")
    tier_ids = fields.One2many("fidelity.tier", "card_type_id", copy=True, help="Levels, lowest first.")
    ruleset_ids = fields.One2many("fidelity.ruleset", "card_type_id", help="What was published, latest first.")
    ruleset_id = fields.Many2one(
        "fidelity.ruleset", string="Rules in force", compute="_compute_ruleset_id", help="What tills and servers apply now."
    )
    has_changes = fields.Boolean(compute="_compute_has_changes", help="The settings differ from what was last published.")
    member_count = fields.Integer(string="Members", compute="_compute_counts", help="How many members hold such a card.")
    card_count = fields.Integer(string="Cards", compute="_compute_counts", help="How many cards were made.")

    _code_unique = models.Constraint("unique(code)", "Another card type has this code. Choose a different one.")

    @api.depends("ruleset_ids")
    def _compute_ruleset_id(self):
        now = fields.Datetime.now()
        for card_type in self:
            found = card_type._origin.id and self.env["fidelity.ruleset"]._in_force(card_type._origin.id, now)
            card_type.ruleset_id = found and found[0]

    @api.depends("ruleset_ids", *RULE_FIELDS)
    def _compute_has_changes(self):
        for card_type in self:
            last = card_type._origin.ruleset_ids.sorted("version")[-1:]
            payload = card_type._rule_payload()
            same = bool(last) and (last.fingerprint == kernel_ruleset.fingerprint(payload) or card_type._means(payload, last))
            card_type.has_changes = not same

    def _means(self, payload, ruleset):
        """Whether settings say what an earlier version published in its own schema."""
        try:
            settings = kernel_ruleset.parse(payload)
        except RuleError:
            return False
        published = self.env["fidelity.ruleset"]._parsed(ruleset.id)
        return published.schema != settings.schema and replace(published, schema=settings.schema) == settings

    def _compute_counts(self):
        of_these = [("card_type_id", "in", self.ids)]
        for model, name, domain in (
            ("fidelity.member", "member_count", [*of_these, ("state", "!=", "merged")]),
            ("fidelity.card", "card_count", of_these),
        ):
            counts = dict(self.env[model]._read_group(domain, ["card_type_id"], ["__count"]))
            for card_type in self:
                card_type[name] = counts.get(card_type, 0)

    @api.constrains("number_prefix")
    def _check_number_prefix(self):
        messages = {
            "prefix_malformed": self.env._("A card number prefix has 2 to 8 digits, such as 0490."),
            "prefix_reserved": self.env._(
                "This prefix is used for weights, prices, cashiers or coupons, or could be mistaken for them. "
                "045 to 049 are free for a company's own cards."
            ),
            "prefix_taken": self.env._(
                "This prefix overlaps the one of another card type, so a card could be read as either. Choose another."
            ),
        }
        for card_type in self:
            others = self.sudo().with_context(active_test=False).search([("id", "!=", card_type.id)])
            try:
                card_number.check_prefix(card_type.number_prefix or "", tuple(others.mapped("number_prefix")))
            except RuleError as error:
                raise ValidationError(messages.get(error.code, messages["prefix_malformed"])) from error

    @api.model_create_multi
    def create(self, vals_list):
        card_types = super().create(vals_list)
        for card_type in card_types.sudo():
            card_type.sequence_id = (
                self.env["ir.sequence"]
                .sudo()
                .create(
                    {
                        "name": f"Card numbers {card_type.code}",
                        "code": "fidelity.card",
                        "company_id": card_type.company_id.id,
                    }
                )
            )
        self.env.registry.clear_cache()
        return card_types

    def write(self, vals):
        if {"number_prefix", "number_length", "number_check", "number_order", "company_id"} & vals.keys():
            self._check_no_cards(vals)
        if "currency_id" in vals:
            self._check_no_money(vals["currency_id"])
        res = super().write(vals)
        if {"number_prefix", "number_length", "number_check"} & vals.keys():
            self.env.registry.clear_cache()
        return res

    def _check_no_cards(self, vals):
        for card_type in self:
            company_id = vals.get("company_id", card_type.company_id.id) or False
            prefix = vals.get("number_prefix", card_type.number_prefix)
            if company_id == card_type.company_id.id and prefix == card_type.number_prefix:
                continue
            of_type = [("card_type_id", "=", card_type.id)]
            used = self.env["fidelity.card"].sudo().search_count(of_type, limit=1)
            if company_id != card_type.company_id.id:
                used = used or self.env["fidelity.member"].sudo().search_count(of_type, limit=1)
            if used:
                raise ValidationError(
                    self.env._(
                        "%(name)s already has cards or members: its prefix and company stay. Make a new card type instead.",
                        name=card_type.name,
                    )
                )

    def _check_no_money(self, currency_id):
        """Money accounts are in the currency of their card type: it cannot change under them."""
        changed = self.filtered(lambda card_type: card_type.currency_id.id != currency_id)
        domain = [("unit", "=", "money"), ("holder_id.card_type_id", "in", changed.ids)]
        account = self.env["fidelity.account"].sudo().search(domain, limit=1)
        if account:
            raise ValidationError(
                self.env._(
                    "%(name)s has members with cashback in %(currency)s: its currency stays. Make a new card type instead.",
                    name=account.card_type_id.name,
                    currency=account.currency_id.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.ruleset_ids:
            raise ValidationError(self.env._("A published card type is archived, not deleted: receipts name its rules."))

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    def _rule_payload(self):
        """The settings as the kernel's ``ruleset.parse`` takes them."""
        self.ensure_one()
        return {
            "schema": kernel_ruleset.SCHEMA,
            "card_type": self.code or "",
            "currency": self.currency_id.name or "",
            "currency_decimals": self.currency_id.decimal_places,
            "number_prefix": self.number_prefix or "",
            "base": self.base,
            "customer_account_earns": self.customer_account_earns,
            "unlinked_return": self.unlinked_return,
            "stacking": self.stacking,
            "selectors": {selector._key(): selector._rule_payload() for selector in self.benefit_ids.selector_id},
            "benefits": [benefit._rule_payload() for benefit in self.benefit_ids.sorted(lambda b: (b.sequence, b._origin.id))],
        }

    def action_publish(self):
        """Ask from when the settings apply."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Publish %(name)s", name=self.name),
            "res_model": "fidelity.publication",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_type_id": self.id},
        }

    def _publish(self, valid_from=None):
        """Compile and publish the settings.

        :param datetime valid_from: UTC; now by default
        :return: the new ruleset
        """
        self.ensure_one()
        try:
            ruleset = self.env["fidelity.ruleset"]._publish(self, self._rule_payload(), valid_from or fields.Datetime.now())
        except RuleError as error:
            raise ValidationError(
                self.env._("These settings cannot be published (%(code)s). Check the amounts.", code=error.code)
            ) from error
        self.invalidate_recordset(["ruleset_ids", "ruleset_id", "has_changes"])
        return ruleset

    @api.model
    @tools.ormcache()
    def _number_prefixes(self):
        """The prefixes of every card type of this database, of all companies."""
        return tuple(scheme.prefix for scheme in self._schemes())

    @api.model
    @tools.ormcache()
    def _schemes(self):
        """The number schemes of every card type of this database, of all companies, for readers to recognise a card."""
        card_types = self.sudo().with_context(active_test=False).search([("number_prefix", "!=", False)], order="number_prefix, id")
        return tuple(card_type._scheme() for card_type in card_types)

    def action_view_members(self):
        """Open the members of this card type."""
        return self._action_of("loyalty_fidelity.fidelity_member_action")

    def action_view_cards(self):
        """Open the cards of this type."""
        return self._action_of("loyalty_fidelity.fidelity_card_action")

    def _action_of(self, xml_id):
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        action["domain"] = [("card_type_id", "in", self.ids)]
        action["context"] = {"default_card_type_id": self.id}
        return action
