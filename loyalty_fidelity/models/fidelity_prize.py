from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_POINTS = 1_000_000_000
MAX_COUNT = 1_000_000_000
MAX_PICKUP_DAYS = 3650

KINDS = [
    ("product", "Product"),
    ("sample", "Sample or gift"),
    ("service", "Service"),
    ("voucher", "Gift voucher"),
    ("experience", "Experience"),
]


class FidelityPrize(models.Model):
    """What points buy. Giving one is a posting; the prize itself is configuration and may be edited freely.

    Invariants: a prize costs at least one point; one that was ever given is archived, not deleted, for postings name it.
    Who may have it, and whether there is any left, is in :mod:`fidelity_prize_availability`.
    """

    _name = "fidelity.prize"
    _description = "Prize"
    _inherit = ["image.mixin"]
    _order = "card_type_id, points, sequence, id"

    image_1920 = fields.Image(help="What the customer sees of it, at the till and in lists.")
    name = fields.Char(required=True, translate=True, help="The name that customers read, such as Coffee mug.")
    card_type_id = fields.Many2one(
        "fidelity.card.type",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["fidelity.card.type"].search([], limit=1),
        help="Whose points buy it.",
    )
    company_id = fields.Many2one(related="card_type_id.company_id", store=True, index=True)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="sample",
        help="A product is an article of your own; a gift voucher makes a code that takes an amount off, or gives something, later.",
    )
    points = fields.Integer(required=True, default=100, help="What it costs.")
    currency_id = fields.Many2one(related="card_type_id.currency_id")
    money_part = fields.Monetary(string="And money", help="What the customer pays besides the points. Zero: points alone.")
    product_id = fields.Many2one(
        "product.product", ondelete="restrict", index="btree_not_null", help="The article that is handed over, where it is one."
    )
    tag_ids = fields.Many2many("fidelity.prize.tag", string="Tags", help="To find and group prizes: for children, summer, new.")
    description = fields.Text(translate=True, help="What the customer gets, where the name does not say it all.")
    sequence = fields.Integer(default=10, help="Lower comes first in the catalogue.")
    active = fields.Boolean(default=True, help="Archive a prize that is no longer given; what was given stays.")
    from_date = fields.Date(string="Given from", help="The first day it is given. Empty: at once.")
    to_date = fields.Date(string="Given until", help="The last day it is given. Empty: without end.")
    given_count = fields.Integer(string="Given", compute="_compute_given_count", help="How often it was given and kept.")

    _points_positive = models.Constraint("CHECK (points > 0)", "A prize costs at least one point.")

    def _compute_given_count(self):
        counts = self._taken_counts()
        for prize in self:
            prize.given_count = counts.get(prize.id, 0)

    @api.constrains("points")
    def _check_points(self):
        for prize in self:
            if not 1 <= prize.points <= MAX_POINTS:
                raise ValidationError(self.env._("%(prize)s: enter what it costs, at least 1 point.", prize=prize.name))

    @api.constrains("kind", "product_id", "active")
    def _check_product(self):
        for prize in self.filtered("active"):
            if prize.kind == "product" and not prize.product_id:
                raise ValidationError(
                    self.env._(
                        "%(prize)s: fill in Product, the article that is handed over, or choose another kind.", prize=prize.name
                    )
                )
            if prize.kind == "product" and not prize.product_id.active:
                raise ValidationError(
                    self.env._(
                        "%(prize)s: Product %(product)s is archived. Choose another product, or archive the prize too.",
                        prize=prize.name,
                        product=prize.product_id.display_name,
                    )
                )

    @api.constrains("money_part")
    def _check_money_part(self):
        for prize in self:
            if prize.currency_id.compare_amounts(prize.money_part, 0.0) < 0:
                raise ValidationError(self.env._("%(prize)s: And money cannot be below zero.", prize=prize.name))

    @api.constrains("from_date", "to_date")
    def _check_dates(self):
        for prize in self:
            if prize.from_date and prize.to_date and prize.to_date < prize.from_date:
                raise ValidationError(self.env._("%(prize)s: the last day comes after the first.", prize=prize.name))

    @api.onchange("product_id")
    def _onchange_product_id(self):
        for prize in self.filtered("product_id"):
            prize.name = prize.name or prize.product_id.name
            prize.image_1920 = prize.image_1920 or prize.product_id.image_1920

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        if self.env["fidelity.posting"].sudo().search_count([("prize_id", "in", self.ids)], limit=1):
            raise ValidationError(self.env._("A prize that was given is archived, not deleted: the ledger names it."))

    @api.model
    def _given_domain(self, card_type, today):
        """The prizes of a card type that are given on a day, to anybody, somewhere."""
        return [
            ("card_type_id", "=", card_type.id),
            "|",
            ("from_date", "=", False),
            ("from_date", "<=", today),
            "|",
            ("to_date", "=", False),
            ("to_date", ">=", today),
        ]

    def action_view_given(self):
        """Open the postings that gave these prizes."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_posting_action")
        action["domain"] = [("prize_id", "in", self.ids)]
        return action
